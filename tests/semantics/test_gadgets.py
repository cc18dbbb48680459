"""Small networks on which the order of a sum, underflow or overflow decides the label."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from onnx_models import model, node, saved, stored
from semantics_tools import sequential_outputs
from strategies import dataset

from memcert.errors import UsageError
from memcert.exact.outputs import Evaluator
from memcert.interop.import_options import ImportOptions
from memcert.interop.models import read_model
from memcert.semantics.judge import NAMES, Judge
from memcert.semantics.models import read_program
from memcert.semantics.precision import FLOAT32, FLOAT64
from memcert.semantics.rules import Rule

HOLDS, UNSURE, FAILS = 1, 0, -1
ROW = [1, 1, 1]
LAST = [stored("v", [[1 / 512, -1 / 512]]), stored("c", [-0.5, 1.5])]
TAIL = [node("Relu", ["h"], ["r"]), node("Gemm", ["r", "v", "c"], ["y"])]


def _program(proto: Any, folder: Path, rule: str) -> tuple[Any, Any]:
    path = saved(proto, folder)
    found = read_model(path, rule, ImportOptions())
    return read_program(path, found.model, ImportOptions()), found.network


def _states(proto: Any, folder: Path, row: list[Any], label: int, rule: str) -> dict[str, int]:
    program, network = _program(proto, folder, rule)
    rows = dataset([row], [label])
    states = Judge(program, Evaluator(network, rows), Rule(rule), NAMES)(rows, [label], 0).states
    return dict(zip(NAMES, states[:, 0].tolist(), strict=True))


def _bias_last() -> Any:
    weights = [stored("w", [[1e17], [-1e17], [0]]), stored("b", [1e3]), *LAST]
    return model([node("Gemm", ["x", "w", "b"], ["h"]), *TAIL], weights, 3)


def _bias_first() -> Any:
    # The same function at the row: what was the bias is the first product.
    weights = [stored("w", [[1e3], [1e17], [-1e17]]), *LAST]
    return model([node("Gemm", ["x", "w"], ["h"]), *TAIL], weights, 3)


def test_with_the_bias_last_the_large_products_cancel_and_the_label_is_right(tmp_path: Path) -> None:
    program, _ = _program(_bias_last(), tmp_path, "argmax")
    exact = [Fraction(1000, 512) - Fraction(1, 2), Fraction(3, 2) - Fraction(1000, 512)]
    assert sequential_outputs(program, ROW, FLOAT32) == exact  # 1.453125, -0.453125
    assert sequential_outputs(program, ROW, FLOAT64) == exact


def test_with_it_first_float32_loses_it_and_takes_the_other_label(tmp_path: Path) -> None:
    program, _ = _program(_bias_first(), tmp_path, "argmax")
    assert sequential_outputs(program, ROW, FLOAT32) == [Fraction(-1, 2), Fraction(3, 2)]
    # In float64 1e3 + 1e17 is a multiple of 16, which does not flip the label.
    found = sequential_outputs(program, ROW, FLOAT64)
    assert found[0] is not None and found[1] is not None
    assert found[0] > found[1]


@pytest.mark.parametrize("proto", [_bias_last, _bias_first])
def test_any_order_says_of_both_that_float32_may_differ_and_float64_does_not(
    proto: Any, tmp_path: Path
) -> None:
    states = _states(proto(), tmp_path, ROW, 0, "argmax")
    assert (states["any-order"], states["any-order-float64"]) == (UNSURE, HOLDS)


def test_with_1e20_float64_flips_too(tmp_path: Path) -> None:
    weights = [stored("w", [[1e3], [1e20], [-1e20]], "f8"), *[stored("v", [[1 / 512, -1 / 512]], "f8")]]
    weights.append(stored("c", [-0.5, 1.5], "f8"))
    proto = model([node("Gemm", ["x", "w"], ["h"]), *TAIL], weights, 3)
    states = _states(proto, tmp_path, ROW, 0, "argmax")
    assert (states["float64"], states["any-order-float64"]) == (FAILS, UNSURE)


def _underflow() -> Any:
    nodes = [
        node("MatMul", ["x", "w"], ["h"]),
        node("MatMul", ["h", "v"], ["g"]),
        node("MatMul", ["g", "v"], ["k"]),
        node("Add", ["k", "c"], ["y"]),
    ]
    return model(nodes, [stored("w", [[1e-30]]), stored("v", [[1e38]]), stored("c", [-1.0])], 1)


def test_a_product_that_underflows_is_lost_in_float32_and_any_order_knows_it(tmp_path: Path) -> None:
    # 1e-30 * 1e-30 * 1e38 * 1e38 - 1: about 1e16 - 1 exactly, and -1 where the first product is 0.
    row = [Fraction(1, 10**30)]
    program, _ = _program(_underflow(), tmp_path, "sign")
    assert sequential_outputs(program, row, FLOAT32) == [-1]
    states = _states(_underflow(), tmp_path, row, 1, "sign")
    assert states == {"float32": FAILS, "float64": HOLDS, "any-order": UNSURE, "any-order-float64": HOLDS}


def test_a_sum_that_may_overflow_on_the_way_may_differ(tmp_path: Path) -> None:
    # 3e38 + 3e38 - 3e38 is finite, and infinite if the first two are added first.
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[3e38], [3e38], [-3e38]])], 3)
    program, _ = _program(proto, tmp_path, "sign")
    assert sequential_outputs(program, ROW, FLOAT32) == [None]
    states = _states(proto, tmp_path, ROW, 1, "sign")
    # An infinity has the sign of the exact sum here, and counts as it compares.
    assert states["float32"] == HOLDS
    assert states["any-order"] == UNSURE
    assert states["any-order-float64"] == HOLDS


def test_zero_weights_count_for_nothing(tmp_path: Path) -> None:
    # A thousand zero weights beside one: one product, no addition, and so no rounding of 3 * 1.
    weights = [[0.0]] * 999 + [[1.0]]
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", weights)], 1000)
    row = [7] * 999 + [3]
    program, network = _program(proto, tmp_path, "equal")
    rows = dataset([row], [3])
    judge = Judge(program, Evaluator(network, rows), Rule("within", Fraction(1, 10**6)), ["any-order"])
    assert judge(rows, [3], 0).states.tolist() == [[HOLDS]]  # with n = 1,000 the error would be 1.8e-4


def test_what_goes_into_a_softmax_is_judged_and_said(tmp_path: Path) -> None:
    nodes = [node("Gemm", ["x", "w"], ["z"]), node("Softmax", ["z"], ["y"], axis=1)]
    proto = model(nodes, [stored("w", [[1, 0], [0, 1]])], 2)
    program, _ = _program(proto, tmp_path, "argmax")
    assert program.notes == ("judged on what goes into the last nodes: Softmax 'n_y'",)
    assert sequential_outputs(program, [2, 5], FLOAT32) == [2, 5]


def test_the_formula_is_rounded_step_by_step_as_it_is_printed(tmp_path: Path) -> None:
    proto = model([node("Identity", ["x"], ["y"])], [], 1)
    path = saved(proto, tmp_path)
    third = {}
    for text in ("x/3", "x*(1/3)"):
        options = ImportOptions(preprocess=text)
        found = read_model(path, None, options)
        third[text] = sequential_outputs(read_program(path, found.model, options), [5], FLOAT32)
    # 5/3 rounded once, and 5 times the rounded 1/3.
    assert third["x/3"] == [Fraction(13981013, 1 << 23)]
    assert third["x*(1/3)"] == [Fraction(13981014, 1 << 23)]


def test_a_model_file_that_changes_between_the_verdicts_and_the_semantics_is_not_judged(
    tmp_path: Path,
) -> None:
    path = saved(_bias_last(), tmp_path)
    found = read_model(path, "argmax", ImportOptions())
    saved(model([node("Relu", ["x"], ["y"])], [], 3), tmp_path)
    with pytest.raises(UsageError, match=r"'model\.onnx': changed while it was read"):
        read_program(path, found.model, ImportOptions())
