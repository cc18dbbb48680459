"""The batch is the first dimension, of open or fixed size; what is computed from shapes is constant."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, outputs, saved, stored
from program_evaluator import exact_outputs
from strategies import dataset

from memcert.errors import UnsupportedError
from memcert.interop.import_options import ImportOptions
from memcert.interop.onnx_model import read_onnx
from memcert.kernel.certificate import Model
from memcert.semantics.models import read_program
from memcert.semantics.precision import FLOAT32, FLOAT64
from memcert.semantics.rows import rounded
from memcert.semantics.sequential import Sequential


def whole(name: str, values: Any) -> Any:
    return stored(name, values, "i8")


def view(*steps: Any) -> list[Any]:
    """Return nodes of x.view(x.size(0), ...), as exporters write it; `steps` make the shape `s` of `n`."""
    return [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"]),
        node("Unsqueeze", ["n", "axis"], ["row"]),
        *steps,
        node("Reshape", ["x", "s"], ["y"]),
    ]


WEIGHTS = [whole("zero", 0), whole("axis", [0]), whole("rest", [-1]), whole("two", [2])]


@pytest.mark.parametrize("batch", ["N", 1, 4])
def test_a_view_of_the_batchs_size_keeps_the_batch(batch: int | str, tmp_path: Path) -> None:
    nodes = view(node("Concat", ["row", "rest"], ["s"], axis=0))
    proto = model(nodes, WEIGHTS, (2, 2), batch=batch)
    assert outputs(proto, [1, 2, 3, 4], tmp_path) == [1, 2, 3, 4]


def test_arithmetic_of_the_batchs_size_is_looked_at_for_one_and_for_two(tmp_path: Path) -> None:
    product = node("Mul", ["row", "two"], ["twice"])
    half = node("Div", ["twice", "two"], ["again"])
    keeps = view(product, half, node("Concat", ["again", "rest"], ["s"], axis=0))
    assert outputs(model(keeps, WEIGHTS, (2, 2)), [1, 2, 3, 4], tmp_path) == [1, 2, 3, 4]
    mixes = view(product, node("Concat", ["twice", "rest"], ["s"], axis=0))
    with pytest.raises(UnsupportedError, match=r"the shape \[2, -1\] does not keep the batch"):
        read_onnx(saved(model(mixes, WEIGHTS, (2, 2)), tmp_path), None)


@pytest.mark.parametrize("shape", [[1, -1], [1, 4]])
@pytest.mark.parametrize(("batch", "reads"), [(1, True), ("N", False)])
def test_a_reshape_to_one_row_is_right_for_a_batch_of_one_alone(
    batch: int | str, shape: list[int], *, reads: bool, tmp_path: Path
) -> None:
    proto = model([node("Reshape", ["x", "s"], ["y"])], [whole("s", shape)], (2, 2), batch=batch)
    if reads:
        assert outputs(proto, [1, 2, 3, 4], tmp_path) == [1, 2, 3, 4]
    else:
        with pytest.raises(UnsupportedError, match=r"does not keep the batch.*--input-shape 1"):
            read_onnx(saved(proto, tmp_path), None)


def test_a_reshape_to_one_row_of_a_fixed_batch_of_three_is_refused(tmp_path: Path) -> None:
    proto = model([node("Reshape", ["x", "s"], ["y"])], [whole("s", [1, -1])], (2, 2), batch=3)
    with pytest.raises(UnsupportedError, match="does not keep the batch"):
        read_onnx(saved(proto, tmp_path), None)


def test_a_batch_that_the_file_fixes_may_be_named_in_shapes(tmp_path: Path) -> None:
    proto = model([node("Reshape", ["x", "s"], ["y"])], [whole("s", [5, 4])], (2, 2), batch=5)
    assert outputs(proto, [1, 2, 3, 4], tmp_path) == [1, 2, 3, 4]


def test_a_constant_with_a_row_for_each_sample_is_taken_where_all_rows_are_equal(tmp_path: Path) -> None:
    add = [node("Add", ["x", "w"], ["y"])]
    same = model(add, [stored("w", [[1, 2]] * 3)], 2, batch=3)
    assert outputs(same, [0, 0], tmp_path) == [1, 2]
    with pytest.raises(UnsupportedError, match=r"a constant of shape \[3, 2\] mixes the batch"):
        read_onnx(saved(model(add, [stored("w", [[1, 2], [1, 2], [1, 3]])], 2, batch=3), tmp_path), None)
    for count in (2, 3):
        with pytest.raises(UnsupportedError, match=rf"a constant of shape \[{count}, 2\] mixes the batch"):
            read_onnx(saved(model(add, [stored("w", [[1, 2]] * count)], 2), tmp_path), None)


def test_a_constant_made_for_the_open_batch_joins_each_sample(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("ConstantOfShape", ["shape"], ["zeros"]),
        node("Add", ["zeros", "one"], ["ones"]),
        node("Concat", ["x", "ones"], ["y"], axis=1),
    ]
    assert outputs(model(nodes, [stored("one", [1.0])], 2), [7, 8], tmp_path) == [7, 8, 1, 1]


@pytest.mark.parametrize("batch", ["N", 3])
def test_a_constant_of_one_row_does_not_join_several_samples(batch: int | str, tmp_path: Path) -> None:
    nodes = [node("Concat", ["x", "c"], ["y"], axis=1)]
    weights = [stored("c", [[5.0]])]
    assert outputs(model(nodes, weights, 2, batch=1), [7, 8], tmp_path) == [7, 8, 5]
    with pytest.raises(UnsupportedError, match=r"a constant of shape \[1, 1\] does not have the batch"):
        read_onnx(saved(model(nodes, weights, 2, batch=batch), tmp_path), None)


def test_a_value_that_depends_on_the_size_of_an_open_batch_is_refused(tmp_path: Path) -> None:
    nodes = [
        node("Size", ["x"], ["size"]),
        node("Cast", ["size"], ["f"], to=1),
        node("Add", ["x", "f"], ["y"]),
    ]
    with pytest.raises(UnsupportedError, match="a constant that depends on the size of the batch"):
        read_onnx(saved(model(nodes, [], 2), tmp_path), None)
    assert outputs(model(nodes, [], 2, batch=3), [0, 1], tmp_path) == [6, 7]
    bounds = [node("Gather", ["shape", "zero"], ["n"]), node("Pad", ["x", "pads", "f"], ["y"])]
    nodes = [node("Shape", ["x"], ["shape"]), *bounds[:1], node("Cast", ["n"], ["f"], to=1), *bounds[1:]]
    with pytest.raises(UnsupportedError, match="input 2 depends on the size of the batch"):
        read_onnx(saved(model(nodes, [whole("pads", [0, 1, 0, 0]), *WEIGHTS], 2), tmp_path), None)


def test_a_slice_up_to_the_batchs_size_is_the_whole_batch(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Slice", ["x", "start", "shape"], ["y"]),
    ]
    assert outputs(model(nodes, [whole("start", [0, 0])], 2), [1, 2], tmp_path) == [1, 2]


def test_an_expand_to_the_batchs_size_keeps_the_batch(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Expand", ["token", "shape"], ["tokens"]),
        node("Sub", ["x", "tokens"], ["y"]),
    ]
    assert outputs(model(nodes, [stored("token", [[1.0, 2.0]])], 2), [5, 5], tmp_path) == [4, 3]


def test_shape_takes_a_part_and_counts_from_the_end(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["s"], start=-2, end=-1),
        node("Cast", ["s"], ["f"], to=1),
        node("Add", ["x", "f"], ["y"]),
    ]
    assert outputs(model(nodes, [], (3, 2)), np.zeros(6, dtype=int).tolist(), tmp_path) == [3] * 6


def test_a_flatten_at_the_front_is_right_for_a_fixed_batch_of_one_alone(tmp_path: Path) -> None:
    flat = [node("Flatten", ["x"], ["y"], axis=0)]
    assert outputs(model(flat, [], 2, batch=1), [1, 2], tmp_path) == [1, 2]
    for batch in ("N", 3):
        with pytest.raises(UnsupportedError, match=r"joins the batch|mixes the batch"):
            read_onnx(saved(model(flat, [], 2, batch=batch), tmp_path), None)


NUMBERS = [stored("w", [[1.0, 2.0]]), stored("v", [[1.0], [2.0]]), *WEIGHTS[:2], whole("all", [0, 1, 2])]
ALONE: dict[str, tuple[list[Any], list[int]]] = {
    "a sum over everything": ([node("ReduceSum", ["x"], ["y"], keepdims=0)], [10]),
    "a sum over everything, kept": ([node("ReduceSum", ["x", "all"], ["y"])], [10]),
    "an extreme over everything": ([node("ReduceMax", ["x"], ["y"], keepdims=0)], [4]),
    "a mean over the batch": ([node("ReduceMean", ["x"], ["y"], axes=[0], keepdims=0)], [1, 2, 3, 4]),
    "the first of the batch": ([node("Gather", ["x", "zero"], ["y"])], [1, 2, 3, 4]),
    "a squeezed batch": ([node("Squeeze", ["x", "axis"], ["y"])], [1, 2, 3, 4]),
    "a moved batch": ([node("Transpose", ["x"], ["y"])], [1, 3, 2, 4]),
    "samples joined": ([node("Concat", ["x", "x"], ["y"], axis=0)], [1, 2, 3, 4, 1, 2, 3, 4]),
    "rows as samples": (
        [node("Squeeze", ["x", "axis"], ["m"]), node("MatMul", ["m", "v"], ["y"])],
        [5, 11],
    ),
    "a weight on the left": (
        [node("Squeeze", ["x", "axis"], ["m"]), node("MatMul", ["w", "m"], ["y"])],
        [7, 10],
    ),
    "a transposed first factor": (
        [node("Squeeze", ["x", "axis"], ["m"]), node("Gemm", ["m", "v"], ["y"], transA=1)],
        [7, 10],
    ),
    "a constant first factor": (
        [node("Squeeze", ["x", "axis"], ["m"]), node("Gemm", ["w", "m"], ["y"], transB=1, alpha=2.0)],
        [10, 22],
    ),
    "a constant with more rows": (
        [node("Squeeze", ["x", "axis"], ["m"]), node("Add", ["m", "v"], ["y"])],
        [2, 3, 5, 6],
    ),
    "padded": ([node("Pad", ["x", "pads"], ["y"])], [1, 2, 3, 4, 0, 0, 0, 0]),
    "repeated": ([node("Tile", ["x", "twice"], ["y"])], [1, 2, 3, 4, 1, 2, 3, 4]),
    "spread": ([node("Expand", ["x", "spread"], ["y"])], [1, 2, 3, 4, 1, 2, 3, 4]),
}
NUMBERS += [whole("pads", [0, 0, 0, 1, 0, 0]), whole("twice", [2, 1, 1]), whole("spread", [2, 2, 2])]


@pytest.mark.parametrize("name", ALONE)
def test_where_the_batch_is_one_a_dimension_is_like_any_other(name: str, tmp_path: Path) -> None:
    nodes, expected = ALONE[name]
    assert outputs(model(nodes, NUMBERS, (2, 2), batch=1), [1, 2, 3, 4], tmp_path) == expected
    asked = model(nodes, NUMBERS, (2, 2))
    assert outputs(asked, [1, 2, 3, 4], tmp_path, input_shape=(1, None, None)) == expected
    for batch in ("N", 3):
        way = "--input-shape 1,.. reads the model for a batch of one" if batch == "N" else "batch"
        with pytest.raises(UnsupportedError, match=way) as caught:
            read_onnx(saved(model(nodes, NUMBERS, (2, 2), batch=batch), tmp_path), None)
        assert ("--input-shape" in str(caught.value)) == (batch == "N")


def test_a_softmax_over_a_list_of_classes_without_a_batch_is_dropped(tmp_path: Path) -> None:
    nodes = [node("Squeeze", ["x"], ["z"]), node("Softmax", ["z"], ["p"], axis=0)]
    last = node("ArgMax", ["p"], ["y"], axis=0, keepdims=0)
    assert outputs(model([*nodes, last], [], 3, batch=1), [1, 3, 2], tmp_path, "argmax") == [1, 3, 2]
    lists = model([node("Softmax", ["x"], ["y"], axis=0)], [], 3, batch=1)
    with pytest.raises(UnsupportedError, match="expected the class axis"):
        read_onnx(saved(lists, tmp_path), "argmax")


def test_semantics_of_a_value_without_a_batch_are_refused(tmp_path: Path) -> None:
    options, empty = ImportOptions(), Model("m", "ONNX, opset 17", (), 1, {}, ())
    nodes = [node("Transpose", ["x"], ["m"], perm=[2, 0, 1]), node("ReduceSum", ["m"], ["y"], keepdims=0)]
    moved = model(nodes, [], (2, 2), batch=1)
    assert outputs(moved, [1, 2, 3, 4], tmp_path) == [10]
    way = r"--semantics: operator 'ReduceSum'.*export the model so, or ask without --semantics"
    with pytest.raises(UnsupportedError, match=way):
        read_program(saved(moved, tmp_path), empty, options)
    gemm = model([node("Gemm", ["x", "w"], ["y"], transA=1)], [stored("w", [[1.0]])], 1, batch=1)
    assert outputs(gemm, [5], tmp_path) == [5]
    with pytest.raises(UnsupportedError, match=r"--semantics: operator 'Gemm'.*transA"):
        read_program(saved(gemm, tmp_path), empty, options)


MOVED: dict[str, tuple[list[Any], list[int]]] = {
    # relu((x' + c)) for x = (1, 2, 3), c = (-2, 0, -2) down the column.
    "elementwise on a column": (
        [
            node("Transpose", ["x"], ["m"]),
            node("Add", ["m", "column"], ["a"]),
            node("Relu", ["a"], ["y"]),
        ],
        [0, 2, 1],
    ),
    "a product of a list": ([node("Squeeze", ["x"], ["m"]), node("MatMul", ["m", "w"], ["y"])], [7, 2]),
    # Each number times (1, 2).
    "a product of a column": (
        [node("Transpose", ["x"], ["m"]), node("MatMul", ["m", "row"], ["y"])],
        [1, 2, 2, 4, 3, 6],
    ),
    "a move and back": (
        [
            node("Transpose", ["x"], ["m"]),
            node("Reshape", ["m", "shape"], ["b"]),
            node("Gemm", ["b", "w"], ["y"]),
        ],
        [7, 2],
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_semantics_follow_a_batch_of_one_that_moves(name: str, tmp_path: Path) -> None:
    nodes, expected = MOVED[name]
    weights = [
        stored("column", [[-2.0], [0.0], [-2.0]]),
        stored("w", [[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]]),
        stored("row", [[1.0, 2.0]]),
        whole("shape", [1, 3]),
    ]
    proto = model(nodes, weights, 3, batch=1)
    path = saved(proto, tmp_path)
    program = read_program(path, Model("m", "ONNX, opset 17", (), 1, {}, ()), ImportOptions())
    for precision in (FLOAT32, FLOAT64):
        found = Sequential(program, precision)(rounded(dataset([[1, 2, 3]], [0]), precision))[0]
        assert [int(value) for value in found] == expected
    point = [Fraction(1), Fraction(2), Fraction(3)]
    assert exact_outputs(program, point) == outputs(proto, [1, 2, 3], tmp_path) == expected
