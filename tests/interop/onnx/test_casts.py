"""Casts: nothing on the way of the data changes a value; constants are rounded as IEEE 754 says."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, onnx, outputs, saved, stored

from memcert.datasets.whole_rows import WholeRows
from memcert.errors import UnsupportedError, UsageError
from memcert.interop.onnx_model import read_onnx
from memcert.interop.preprocessing import affine

SINGLE, UINT8, INT32, INT64, BOOL, HALF, DOUBLE, BRAIN = 1, 2, 6, 7, 9, 10, 11, 16
WIDER = (
    *((HALF, SINGLE), (HALF, DOUBLE), (SINGLE, DOUBLE), (BRAIN, SINGLE), (BRAIN, DOUBLE), (SINGLE, SINGLE)),
    *((UINT8, HALF), (UINT8, SINGLE), (UINT8, BRAIN), (INT32, DOUBLE), (UINT8, INT32), (INT32, INT64)),
)
CHANGING = (
    *((SINGLE, HALF), (DOUBLE, SINGLE), (HALF, BRAIN), (BRAIN, HALF), (SINGLE, INT64), (INT32, SINGLE)),
    *((INT64, DOUBLE), (INT32, UINT8), (SINGLE, BOOL), (UINT8, BOOL)),
)


def typed(kind: int, to: int) -> Any:
    """Return a model that casts an input of one type to another."""
    proto = model([node("Cast", ["x"], ["y"], to=to)], [], 1)
    proto.graph.input[0].type.tensor_type.elem_type = kind
    return proto


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        (HALF, SINGLE),
        (HALF, DOUBLE),
        (SINGLE, DOUBLE),
        (BRAIN, SINGLE),
        (BRAIN, DOUBLE),
        (SINGLE, SINGLE),
        (UINT8, HALF),
        (UINT8, SINGLE),
        (UINT8, BRAIN),
        (INT32, DOUBLE),
        (UINT8, INT32),
        (INT32, INT64),
    ],
)
def test_a_type_that_holds_every_value_of_the_first_changes_nothing(
    kind: int, to: int, tmp_path: Path
) -> None:
    assert outputs(typed(kind, to), [7], tmp_path) == [7]


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        (SINGLE, HALF),
        (DOUBLE, SINGLE),
        (HALF, BRAIN),
        (BRAIN, HALF),
        (SINGLE, INT64),
        (INT32, SINGLE),
        (INT64, DOUBLE),
        (INT32, UINT8),
        (SINGLE, BOOL),
        (UINT8, BOOL),
    ],
)
def test_another_type_may_change_values_and_is_refused(kind: int, to: int, tmp_path: Path) -> None:
    with pytest.raises(
        UnsupportedError, match=rf"from element type {kind} \(\w+\) to {to} \(\w+\) may change values"
    ):
        read_onnx(saved(typed(kind, to), tmp_path), None)


def test_long_integers_as_input_are_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(
        UnsupportedError, match=r"7 \(int64\) to 1 \(float32\) .*; export the model with inputs of floats"
    ):
        read_onnx(saved(typed(INT64, SINGLE), tmp_path), None)


def test_a_model_of_integers_says_so_and_does_no_arithmetic_with_them(tmp_path: Path) -> None:
    found = read_onnx(saved(typed(UINT8, SINGLE), tmp_path), None)
    assert found.model.notes[0].startswith("the model takes integers from 0 to 255;")
    assert found.takes == WholeRows("uint8", 0, 255, [(1, 0)])
    doubled = read_onnx(saved(typed(UINT8, SINGLE), tmp_path), None, preprocess=affine("2*x - 3"))
    assert doubled.takes == WholeRows("uint8", 0, 255, [(2, -3)])
    with pytest.raises(UsageError, match="--preprocess: input 'x' takes integers"):
        read_onnx(saved(typed(UINT8, SINGLE), tmp_path), None, preprocess=affine("x/255"))
    proto = model([node("Add", ["x", "x"], ["y"])], [], 1)
    proto.graph.input[0].type.tensor_type.elem_type = UINT8
    with pytest.raises(UnsupportedError, match="arithmetic of integers that depend on the model's input"):
        read_onnx(saved(proto, tmp_path), None)


def test_two_element_types_in_one_node_are_read_exactly_and_told(tmp_path: Path) -> None:
    nodes = [node("Mul", ["x", "w"], ["m"]), node("Add", ["m", "b"], ["y"])]
    weights = [stored("w", [0.1], "f8"), stored("b", [1.0], "f4")]
    path = saved(model(nodes, weights, 1), tmp_path)
    expected = (
        "operator 'Mul', node 'n_m', opset 17: 1 (float32) and 11 (float64): inputs of two element types, "
        "where ONNX wants one; the exact numbers are the same, but runtimes refuse such a file"
    )
    assert read_onnx(path, None).model.notes == (expected,)
    assert outputs(model(nodes, weights, 1), [2], tmp_path) == [2 * Fraction(0.1) + 1]
    alike = [stored("w", [0.1], "f4"), stored("b", [1.0], "f4")]
    assert read_onnx(saved(model(nodes, alike, 1), tmp_path), None).model.notes == ()


def constant(values: Any, kind: str, to: int, folder: Path) -> Any:
    """Return what a constant becomes by a cast, as the oracle of the sum with 0."""
    nodes = [node("Cast", ["c"], ["k"], to=to), node("Cast", ["k"], ["d"], to=DOUBLE)]
    nodes += [node("Cast", ["x"], ["z"], to=DOUBLE), node("Add", ["z", "d"], ["y"])]
    array = np.asarray(values, dtype=kind)
    return outputs(model(nodes, [stored("c", array, kind)], len(array)), [0] * len(array), folder)


def test_constants_round_to_nearest_ties_to_even(tmp_path: Path) -> None:
    values = [0.1, 1 + 2.0**-24, 1 + 3 * 2.0**-24, -(2.0**-149) * 1.5, 2.0**-150, 2.0**-151, 16777217.0]
    expected = [Fraction(float(np.float32(v))) for v in values]
    assert constant(values, "f8", SINGLE, tmp_path) == expected
    assert expected[1:3] == [1, 1 + Fraction(2, 1 << 23)]
    assert constant([16777217], "i8", SINGLE, tmp_path) == [16777216]
    assert constant([2049, 65504], "i8", HALF, tmp_path) == [2048, 65504]
    assert constant([-2.7, 2.7], "f4", INT64, tmp_path) == [-2, 2]
    assert constant([-2.7, 0.0], "f4", BOOL, tmp_path) == [1, 0]
    assert constant([1, 0], "bool", SINGLE, tmp_path) == [1, 0]


@pytest.mark.parametrize(
    ("value", "kind", "to", "reason"),
    [
        (65520.0, "f4", HALF, "65520 rounds to infinity in element type 10"),
        (1e300, "f8", SINGLE, "rounds to infinity in element type 1"),
        (300, "i8", UINT8, "300 does not fit element type 2"),
        (-1, "i8", UINT8, "-1 does not fit element type 2"),
        (1, "i8", 8, "to element type 8"),
    ],
)
def test_a_constant_that_does_not_fit_is_refused(
    value: Any, kind: str, to: int, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        constant([value], kind, to, tmp_path)


def test_cast_like_takes_the_type_of_its_second_input(tmp_path: Path) -> None:
    nodes = [node("CastLike", ["x", "w"], ["y"])]
    assert outputs(model(nodes, [stored("w", [1.0], "f8")], 1), [3], tmp_path) == [3]
    with pytest.raises(
        UnsupportedError,
        match=r"from element type 1 \(float32\) to 10 \(float16\) may change values; export the model in one",
    ):
        read_onnx(saved(model(nodes, [stored("w", [1.0], "f2")], 1), tmp_path), None)
    assert onnx.TensorProto.FLOAT16 == HALF
