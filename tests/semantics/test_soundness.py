"""Where a bound is easily too small: joined sums, scaled products, subnormal numbers, constants, no order."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx_models import model, node, stored
from semantics_tools import program_of, sequential_outputs
from strategies import dataset

from memcert.errors import UnsupportedError
from memcert.semantics.any_order import AnyOrder
from memcert.semantics.bounds import DOUBLES, Bound
from memcert.semantics.precision import FLOAT32, FLOAT64, Precision
from memcert.semantics.program import Program
from memcert.semantics.rows import enclosed
from memcert.semantics.second_stage import all_finite, target_errors

UNIT = Fraction(1, 2**24)


def _bound(program: Program, row: list[Any], precision: Precision = FLOAT32) -> tuple[Bound, bool, Any]:
    engine = AnyOrder(program, precision)
    bound, overflows, kept = engine.run(enclosed(dataset([row], [0]), precision), keep=True)
    second = None
    if all_finite(kept):
        second = target_errors(engine, kept, np.eye(bound.center.shape[1]))[0]
    return bound, bool(overflows[0]), second


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("operator", ["Add", "Sub", "Sum"])
def test_a_sum_may_start_from_what_is_added_to_it_later(operator: str, moved: bool, tmp_path: Path) -> None:
    # 1 plus a hundred products of three quarters of what 1 can take: started from 1, each of them is lost.
    small = Fraction(3, 4) * UNIT
    weights = np.full((100, 1), -1.0 if operator == "Sub" else 1.0)
    nodes = [
        node("Slice", ["x", "zero", "hundred", "one"], ["a"]),
        node("Slice", ["x", "hundred", "end", "one"], ["r"]),
        node("MatMul", ["a", "w"], ["m"]),
        node("Unsqueeze", ["m", "one"], ["u"]),
        node("Unsqueeze", ["r", "one"], ["v"]),
        node(operator, ["v", "u"] if moved else ["r", "m"], ["y"]),
    ]
    integers = {"zero": [0], "one": [1], "hundred": [100], "end": [101]}
    constants = [stored("w", weights), *(stored(k, v, "i8") for k, v in integers.items())]
    program = program_of(model(nodes, constants, 101), tmp_path)
    bound, overflows, second = _bound(program, [small] * 100 + [1])
    lost = 100 * small
    assert not overflows
    assert lost <= Fraction(float(bound.error[0, 0])) < 2 * lost
    assert lost <= Fraction(float(second)) < 2 * lost


def test_a_small_alpha_does_not_hide_that_the_sum_before_it_overflows(tmp_path: Path) -> None:
    nodes = [node("Gemm", ["x", "w"], ["y"], alpha=2.0**-30)]
    program = program_of(model(nodes, [stored("w", [[3e38], [3e38]])], 2), tmp_path)
    assert sequential_outputs(program, [1, 1], FLOAT32) == [None]
    assert _bound(program, [1, 1])[1]
    assert not _bound(program, [1, 1], FLOAT64)[1]


def test_half_the_smallest_float64_is_not_taken_for_nothing(tmp_path: Path) -> None:
    assert DOUBLES.eta > 0
    # 2^-537 3/4 twice multiplied is 9/16 of 2^-1074, which float64 takes for 2^-1074.
    tiny = 0.75 * 2.0**-537
    program = program_of(
        model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[tiny]], "f8")], 1), tmp_path
    )
    exact = Fraction(tiny) ** 2
    (found,) = sequential_outputs(program, [Fraction(tiny)], FLOAT64)
    bound, _, second = _bound(program, [Fraction(tiny)], FLOAT64)
    assert found == Fraction(1, 2**1074)
    off = abs(Fraction(found) - exact)
    assert off <= Fraction(float(bound.error[0, 0]))
    assert off <= Fraction(float(second))
    assert abs(exact - Fraction(float(bound.center[0, 0]))) <= Fraction(float(bound.radius[0, 0]))


def test_a_weight_that_float32_takes_for_0_is_an_error_and_no_product(tmp_path: Path) -> None:
    program = program_of(
        model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1e-60]], "f8")], 1), tmp_path
    )
    assert sequential_outputs(program, [1], FLOAT32) == [0]
    assert Fraction(float(_bound(program, [1])[0].error[0, 0])) >= Fraction(1e-60)


@pytest.mark.parametrize("text", ["(1/3)*x", "x*(1/3)", "2*x/6"])
def test_a_constant_that_is_computed_first_stands_on_either_side(text: str, tmp_path: Path) -> None:
    program = program_of(model([node("Identity", ["x"], ["y"])], [], 1), tmp_path, text)
    row = [Fraction(1, 10)]
    (found,) = sequential_outputs(program, row, FLOAT32)
    bound, _, second = _bound(program, row)
    off = abs(Fraction(found or 0) - Fraction(1, 30))
    assert 0 < off <= Fraction(float(bound.error[0, 0]))
    assert off <= Fraction(float(second)) < 6 * UNIT / 30


def test_a_zero_that_is_scaled_is_no_term(tmp_path: Path) -> None:
    weights = stored("w", np.ones((1000, 1)))
    program = program_of(model([node("MatMul", ["x", "w"], ["y"])], [weights], 1000), tmp_path, "x/255")
    bound, _, _ = _bound(program, [255] + [0] * 999)
    assert Fraction(float(bound.error[0, 0])) < 8 * UNIT


def _constants(operator: str, *values: float) -> Any:
    nodes = [node(operator, [f"c{k}" for k in range(len(values))], ["k"]), node("Mul", ["x", "k"], ["y"])]
    return model(nodes, [stored(f"c{k}", [v]) for k, v in enumerate(values)], 1)


def test_constants_that_floats_compute_with_a_rounding_are_refused_and_others_are_not(tmp_path: Path) -> None:
    with pytest.raises(
        UnsupportedError, match=r"operator 'Add', node 'n_k'.*it computes constants in floats"
    ):
        program_of(_constants("Add", 1.0, 2.0**-40), tmp_path)
    with pytest.raises(
        UnsupportedError, match=r"operator 'Sum', node 'n_k'.*it computes constants in floats"
    ):
        # The exact sum is one of the terms, and floats, which add in order, find 0.
        program_of(_constants("Sum", 1e30, 3.0, -1e30), tmp_path)
    program = program_of(_constants("Sub", 1.0, 0.25), tmp_path)
    assert sequential_outputs(program, [4], FLOAT32) == [3]


def test_the_shape_of_the_data_is_a_constant(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["n"]),
        node("Unsqueeze", ["n", "axis"], ["u"]),
        node("Concat", ["u", "rest"], ["t"], axis=0),
        node("Reshape", ["x", "t"], ["y"]),
    ]
    stored_ones = [stored("zero", 0, "i8"), stored("axis", [0], "i8"), stored("rest", [-1], "i8")]
    program = program_of(model(nodes, stored_ones, (2, 2)), tmp_path)
    assert sequential_outputs(program, [1, 2, 3, 4], FLOAT32) == [1, 2, 3, 4]


def test_batch_normalization_may_be_folded_by_a_runtime(tmp_path: Path) -> None:
    # (x - mean) is 0; folded, x a and mean a are each rounded: 1/3 of ten million, away from each other.
    stored_parts = [stored(k, [v]) for k, v in (("s", 1.0), ("b", 0.0), ("m", 1e7), ("v", 9.0))]
    nodes = [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], epsilon=0.0)]
    program = program_of(model(nodes, stored_parts, 1), tmp_path)
    assert sequential_outputs(program, [10**7], FLOAT32) == [0]
    bound, _, second = _bound(program, [10**7])
    assert float(bound.error[0, 0]) > 0.1
    assert float(second) > 0.1


@pytest.mark.parametrize(
    ("operator", "attributes"), [("Relu", {}), ("Abs", {}), ("LeakyRelu", {"alpha": -3.0}), ("Neg", {})]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_sign_that_is_not_sure_is_counted_in_the_second_stage(
    operator: str, attributes: dict[str, float], sign: int, tmp_path: Path
) -> None:
    # 1/3 less the float32 nearest to it is not 0, and float32 finds 0.
    third = Fraction(11184811, 2**25)
    nodes = [node("MatMul", ["x", "w"], ["h"]), node(operator, ["h"], ["y"], **attributes)]
    program = program_of(model(nodes, [stored("w", [[sign], [-sign]])], 2), tmp_path)
    row = [Fraction(1, 3), third]
    assert sequential_outputs(program, row, FLOAT32) == [0]
    exact = sign * (Fraction(1, 3) - third)
    slope = {"Relu": 0, "Abs": -1, "LeakyRelu": -3, "Neg": -1}[operator] if exact < 0 else 1
    value = Fraction(-exact if operator == "Neg" else slope * exact)
    bound, _, second = _bound(program, row)
    assert abs(value) <= Fraction(float(second)) <= 2 * Fraction(float(bound.error[0, 0]))
