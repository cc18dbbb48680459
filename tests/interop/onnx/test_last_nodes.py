"""Last nodes: dropped where they change no decision, with what that means for ties; else refused."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, outputs, saved, stored

from memcert.errors import UnsupportedError, UsageError
from memcert.interop.onnx_model import read_onnx


def one(operator: str, shape: Any, opset: int, **attributes: Any) -> Any:
    return model([node(operator, ["x"], ["y"], **attributes)], [], shape, opset=opset)


@pytest.mark.parametrize(
    ("operator", "shape", "opset", "attributes"),
    [
        ("Softmax", 3, 7, {}),
        ("Softmax", 3, 12, {"axis": 1}),
        ("Softmax", 3, 13, {}),
        ("LogSoftmax", 3, 17, {"axis": -1}),
        ("Softmax", (3, 1, 1), 12, {}),
        ("Softmax", (1, 3), 12, {"axis": 1}),
        ("Softmax", (3, 1), 13, {"axis": 1}),
        ("ArgMax", (3, 1), 13, {"axis": 1}),
        ("ArgMax", 3, 12, {"axis": 1, "select_last_index": 1, "keepdims": 0}),
    ],
)
def test_a_last_node_over_the_classes_is_dropped(
    operator: str, shape: Any, opset: int, attributes: Any, tmp_path: Path
) -> None:
    proto = one(operator, shape, opset, **attributes)
    assert outputs(proto, [1, -1, 2], tmp_path, "argmax") == [1, -1, 2]
    note = read_onnx(saved(proto, tmp_path), "argmax").model.notes[-1]
    told = f"dropped, as they change no decision of argmax: {operator} 'n_y'; a tie fails"
    soft = f", and {operator} in floating point may tie where these outputs do not"
    assert note == (told if operator == "ArgMax" else told + soft)


@pytest.mark.parametrize(
    ("operator", "shape", "opset", "attributes"),
    [
        ("Softmax", (3, 1), 13, {}),
        ("Softmax", (2, 2), 12, {}),
        ("Softmax", 3, 12, {"axis": 0}),
        ("Softmax", (2, 2), 13, {}),
        ("ArgMax", 3, 13, {}),
        ("ArgMax", (2, 2), 13, {"axis": 1}),
    ],
)
def test_another_axis_than_that_of_the_classes_is_refused(
    operator: str, shape: Any, opset: int, attributes: Any, tmp_path: Path
) -> None:
    with pytest.raises(
        UnsupportedError, match=f"'{operator}'.*opset {opset}: axis .* expected the class axis"
    ):
        read_onnx(saved(one(operator, shape, opset, **attributes), tmp_path), "argmax")


def test_marked_values_may_be_moved_and_nothing_else(tmp_path: Path) -> None:
    nodes = [
        node("Softmax", ["x"], ["p"], axis=1),
        node("Flatten", ["p"], ["f"]),
        node("Identity", ["f"], ["i"]),
        node("ArgMax", ["i"], ["k"], axis=1),
        node("Squeeze", ["k", "one"], ["s"]),
        node("Cast", ["s"], ["y"], to=6),
    ]
    assert outputs(model(nodes, [stored("one", [1], "i8")], (3, 1)), [1, 2, 3], tmp_path, "argmax") == [
        1,
        2,
        3,
    ]
    nodes = [node("Softmax", ["x"], ["p"]), node("Mul", ["p", "w"], ["y"])]
    reason = (
        "'Mul', node 'n_y', opset 17: it reads what Softmax 'n_p' makes; Softmax is exact only as the last"
    )
    with pytest.raises(UnsupportedError, match=reason):
        read_onnx(saved(model(nodes, [stored("w", [1, -1])], 2), tmp_path), "argmax")


@pytest.mark.parametrize(("to", "holds"), [(9, False), (3, True), (7, True), (1, True), (8, False)])
def test_an_index_is_cast_only_to_a_type_that_holds_it(to: int, *, holds: bool, tmp_path: Path) -> None:
    proto = model([node("ArgMax", ["x"], ["k"], axis=1), node("Cast", ["k"], ["y"], to=to)], [], 3)
    if holds:
        assert outputs(proto, [1, 3, 2], tmp_path, "argmax") == [1, 3, 2]
        return
    with pytest.raises(UnsupportedError, match=r"'Cast'.*does not hold the index of each class"):
        read_onnx(saved(proto, tmp_path), "argmax")


def test_values_beside_the_dropped_node_are_not_marked(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], ["r"]), node("Softmax", ["r"], ["p"]), node("Neg", ["r"], ["y"])]
    assert outputs(model(nodes, [], 2), [1, -1], tmp_path) == [-1, 0]


@pytest.mark.parametrize("rule", ["within", "equal", "sign", None])
def test_softmax_is_for_argmax_alone(rule: str | None, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"rule.*'Softmax', node 'n_y' is exact only as the last node"):
        read_onnx(saved(one("Softmax", 2, 17), tmp_path), rule)


def binary(*last: Any, swapped: bool = False) -> Any:
    """Return a binary classifier as skl2onnx writes it: 1 - p and p of one sigmoid."""
    pair = ["p", "q"] if swapped else ["q", "p"]
    nodes = [node("Sigmoid", ["x"], ["p"]), node("Sub", ["one", "p"], ["q"])]
    nodes.append(node("Concat", pair, ["y" if not last else "c"], axis=1))
    return model([*nodes, *last], [stored("one", [1.0])], 1)


def test_a_sigmoid_is_dropped_for_sign_alone_or_beside_one_minus_it(tmp_path: Path) -> None:
    single = one("Sigmoid", 1, 17)
    indexed = binary(node("ArgMax", ["c"], ["y"], axis=1))
    for proto in (single, binary(), indexed):
        assert outputs(proto, [-3], tmp_path, "sign") == [-3]
    assert outputs(binary(swapped=True), [-3], tmp_path, "sign") == [3]
    notes = read_onnx(saved(indexed, tmp_path), "sign").model.notes[-1]
    assert "sign: ArgMax 'n_y', Concat 'n_c', Sub 'n_q', Sigmoid 'n_p'; the probability is above 1/2" in notes
    assert "1/2 itself fails" in notes


def test_a_binary_network_for_argmax_is_refused_with_the_way_out(tmp_path: Path) -> None:
    for proto in (binary(), binary(node("ArgMax", ["c"], ["y"], axis=1))):
        with pytest.raises(UnsupportedError, match=r"rule argmax: .*--rule sign asks whether p > 1/2"):
            read_onnx(saved(proto, tmp_path), "argmax")
    with pytest.raises(UsageError, match=r"rule argmax: expected two outputs or more, the model has 1.*sign"):
        read_onnx(saved(one("Sigmoid", 1, 17), tmp_path), "argmax")


def test_sigmoids_of_several_outputs_keep_their_order(tmp_path: Path) -> None:
    assert outputs(one("Sigmoid", 3, 17), [1, 2, 3], tmp_path, "argmax") == [1, 2, 3]


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Sigmoid", ["x"], ["p"]), node("Sub", ["two", "p"], ["y"])],
        [node("Sigmoid", ["x"], ["p"]), node("Sub", ["ones", "p"], ["y"])],
        [node("Sigmoid", ["x"], ["p"]), node("Concat", ["p", "p"], ["y"], axis=1)],
        [node("Sigmoid", ["x"], ["p"]), node("Concat", ["p", "x"], ["y"], axis=1)],
        [node("Sigmoid", ["x"], ["p"]), node("Sigmoid", ["p"], ["y"])],
    ],
)
def test_what_is_not_one_minus_a_probability_is_refused(nodes: list[Any], tmp_path: Path) -> None:
    with pytest.raises(
        UnsupportedError, match=r"it reads what Sigmoid 'n_p' makes|not 1 - p and p of one value"
    ):
        weights = [stored("two", [2.0]), stored("ones", [1.0, 1.0])]
        read_onnx(saved(model(nodes, weights, 1), tmp_path), "sign")
