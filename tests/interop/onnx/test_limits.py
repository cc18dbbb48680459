"""Files that ask for more than there is: each ends at a stated limit, at once, without recursion."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, onnx, outputs, saved, stored

from memcert.errors import MemcertError, UndecidedError, UnsupportedError
from memcert.interop import forms, lowering
from memcert.interop.onnx_model import read_onnx
from memcert.interop.refusals import ModelError


def whole(name: str, values: Any) -> Any:
    return stored(name, values, "i8")


HUGE = 100_000_000_000
BOMBS: list[tuple[str, list[Any], list[Any], str]] = [
    ("ConstantOfShape", ["w"], [whole("w", [HUGE])], "more than 4,194,304 elements"),
    ("ConstantOfShape", ["w"], [whole("w", [2**40, 2**40])], "more than 4,194,304 elements"),
    ("Expand", ["x", "w"], [whole("w", [1, HUGE, 2])], "puts a dimension before the batch"),
    ("Expand", ["v", "w"], [whole("w", [HUGE, 1]), stored("v", [1.0])], "more than 4,194,304 elements"),
    ("Tile", ["x", "w"], [whole("w", [1, HUGE])], "more than 4,194,304 elements"),
    ("Pad", ["x", "w"], [whole("w", [0, 0, 0, HUGE])], "more than 4,194,304 elements"),
    ("Range", ["a", "b", "c"], [whole("a", 0), whole("b", HUGE), whole("c", 1)], "4,194,304 elements"),
    ("Gather", ["v", "w"], [stored("v", np.ones((1, 3000))), whole("w", [0] * 3000)], "4,194,304 elements"),
    ("MatMul", ["v", "w"], [stored("v", np.ones((3000, 1))), stored("w", np.ones((1, 3000)))], "4,194,304"),
    ("Add", ["v", "w"], [stored("v", np.ones((3000, 1))), stored("w", np.ones((1, 3000)))], "4,194,304"),
    ("Reshape", ["x", "w"], [whole("w", [0, HUGE])], "does not become"),
]


@pytest.mark.parametrize("case", BOMBS, ids=[f"{case[0]}: {case[3][:20]}" for case in BOMBS])
def test_a_tensor_that_a_small_file_asks_for_is_not_made(case: Any, tmp_path: Path) -> None:
    operator, inputs, weights, reason = case
    with pytest.raises(MemcertError) as caught:
        read_onnx(saved(model([node(operator, inputs, ["y"])], weights, 2), tmp_path), None)
    assert reason in str(caught.value)
    assert caught.value.status in (3, 5, 6)


def test_ten_gigabytes_declared_with_sixteen_bytes_are_malformed(tmp_path: Path) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", np.eye(2))], 2)
    for count, size in ((1_250_000_000, 10_000_000_000), (1_000_000, 8_000_000)):
        proto.graph.initializer[0].dims[:] = [2, count]
        expected = f"expected {size} bytes for {2 * count} elements, got 16"
        with pytest.raises(ModelError, match=expected):
            read_onnx(saved(proto, tmp_path), None)
    proto.graph.initializer[0].ClearField("raw_data")
    proto.graph.initializer[0].float_data[:] = [1, 2]
    with pytest.raises(ModelError, match="expected 2000000 elements, got 2"):
        read_onnx(saved(proto, tmp_path), None)


def test_a_tensor_that_is_there_and_too_large_is_a_limit(tmp_path: Path) -> None:
    weights = stored("w", np.zeros((2, (1 << 21) + 1), dtype="u1"), "u1")
    with pytest.raises(UndecidedError, match=r"shape \[2, 2097153\] has more than 4,194,304 elements"):
        read_onnx(saved(model([node("MatMul", ["x", "w"], ["y"])], [weights], 2), tmp_path), None)


def test_many_middling_tensors_end_at_the_limit_of_all_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MAX_WORK", 10_000)
    nodes = [node("ConstantOfShape", ["w"], ["c0"])]
    nodes += [node("Identity", [f"c{k}"], [f"c{k + 1}"]) for k in range(20)]
    nodes.append(node("Add", ["x", "c20"], ["y"]))
    with pytest.raises(UndecidedError, match="the model needs more than 10,000 terms"):
        read_onnx(saved(model(nodes, [whole("w", [1, 1000])], 1), tmp_path), None)


def _doubled(times: int) -> list[Any]:
    nodes, last = [], "x"
    for k in range(times):
        nodes += [node("Add", [last, last], [f"a{k}"]), node("Relu", [f"a{k}"], [f"r{k}"])]
        nodes.append(node("Concat", [f"r{k}", f"a{k}"], [f"c{k}"], axis=1))
        last = f"c{k}"
    return [*nodes, node("Identity", [last], ["y"])]


ONE_NODE: list[tuple[str, list[Any], list[Any], list[int], str]] = [
    (
        "a pool of 500 over 4,000 inputs",
        [node("MaxPool", ["x"], ["y"], kernel_shape=[500])],
        [],
        [1, 4000],
        "2,097,152 sums and neurons",
    ),
    (
        "a convolution of 60 x 60 windows",
        [node("ConstantOfShape", ["s"], ["w"]), node("Conv", ["x", "w"], ["y"])],
        [whole("s", [100, 1, 30, 30])],
        [1, 60, 60],
        "33,554,432 terms",
    ),
    (
        "rows of a product",
        [node("ConstantOfShape", ["s"], ["w"]), node("MatMul", ["x", "w"], ["y"])],
        [whole("s", [1, 1000])],
        [3000, 1],
        "2,097,152 sums and neurons",
    ),
    (
        "a neuron for each of four million elements",
        [
            node("Unsqueeze", ["x", "axis"], ["u"]),
            node("Expand", ["u", "s"], ["e"]),
            node("Relu", ["e"], ["y"]),
        ],
        [whole("axis", [1]), whole("s", [1, 1_000_000, 4])],
        [4],
        "2,097,152 sums and neurons",
    ),
]


@pytest.mark.parametrize("case", ONE_NODE, ids=[case[0] for case in ONE_NODE])
def test_what_a_node_is_certain_to_need_is_counted_before_a_form_is_made(
    case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, nodes, weights, size, reason = case

    def made(*_: object) -> None:
        raise AssertionError("a form was made")

    for name in ("combined", "relu"):
        monkeypatch.setattr(forms.Circuit, name, made)
    monkeypatch.setattr(forms, "_plus", made)
    proto = model(nodes, weights, 2)
    del proto.graph.input[0].type.tensor_type.shape.dim[1:]
    for n in size:
        proto.graph.input[0].type.tensor_type.shape.dim.add().dim_value = n
    # What is applied to the input first makes a form a coordinate.
    monkeypatch.setattr(forms.Circuit, "affine", lambda *_: forms.Form({0: 1}, 0))
    with pytest.raises(UndecidedError, match=f"the model needs more than {reason}"):
        read_onnx(saved(proto, tmp_path), None)


def test_a_graph_that_doubles_its_values_makes_no_more_forms_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums = 0
    combined = forms.Circuit.combined

    def counted(*given: Any) -> forms.Form:
        nonlocal sums
        sums += 1
        return combined(*given)

    monkeypatch.setattr(forms, "MAX_FORMS", 10_000)
    monkeypatch.setattr(forms.Circuit, "combined", counted)
    with pytest.raises(UndecidedError, match="the model needs more than 10,000 sums and neurons"):
        read_onnx(saved(model(_doubled(60), [], 4), tmp_path), None)
    assert 100 < sums < 10_000


def test_neurons_that_carry_values_are_counted_before_a_layer_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each of 100 layers carries 100 inputs by two neurons each; the layers themselves have one.
    nodes = [node("Slice", ["x", "zero", "one", "one"], ["v0"])]
    for k in range(100):
        nodes += [node("Sub", [f"v{k}", "half"], [f"s{k}"]), node("Relu", [f"s{k}"], [f"v{k + 1}"])]
    nodes.append(node("Concat", ["x", "v100"], ["y"], axis=1))
    weights = [whole("zero", [0]), whole("one", [1]), stored("half", [0.5])]
    path = saved(model(nodes, weights, 100), tmp_path)
    assert len(read_onnx(path, None).network.layers) == 101
    monkeypatch.setattr(forms, "MAX_WORK", 10_000)
    monkeypatch.setattr(lowering, "_carried", lambda *_: pytest.fail("a layer was made"))
    with pytest.raises(UndecidedError, match="the model needs more than 10,000 terms"):
        read_onnx(path, None)


def test_a_form_that_doubles_at_every_node_ends_at_the_length_of_numbers(tmp_path: Path) -> None:
    count = 20_000
    nodes = [node("Mul", ["x" if not k else f"v{k - 1}", "w"], [f"v{k}"]) for k in range(count)]
    proto = model(nodes, [stored("w", [2.0**100])], 1, f"v{count - 1}")
    with pytest.raises(UndecidedError, match="a coefficient of the model needs 65,601 bits"):
        read_onnx(saved(proto, tmp_path), None)


def test_a_hundred_thousand_nodes_need_no_recursion(tmp_path: Path) -> None:
    count = 100_000
    nodes = [node("Relu", ["x"], ["v0"])]
    nodes += [node("Identity", [f"v{k - 1}"], [f"v{k}"]) for k in range(1, count - 1)]
    nodes.append(node("Add", [f"v{count - 2}", "c"], ["y"]))
    assert outputs(model(nodes, [stored("c", [-1, 1])], 2), [3, -3], tmp_path) == [2, 1]


def test_an_unsupported_operator_in_a_dead_branch_does_no_harm(tmp_path: Path) -> None:
    dead = [
        node("Tanh", ["x"], ["t"]),
        node("ConstantOfShape", ["w"], ["big"]),
        node("Det", ["nan"], ["u"]),
        onnx.helper.make_node("Unheard", ["t"], ["z"], domain="elsewhere"),
    ]
    weights = [whole("w", [HUGE]), stored("nan", [np.nan])]
    assert outputs(model([*dead, node("Relu", ["x"], ["y"])], weights, 2), [1, -1], tmp_path) == [1, 0]


def test_control_flow_and_a_model_without_input_are_refused(tmp_path: Path) -> None:
    inner = onnx.helper.make_graph([node("Relu", ["x"], ["r"])], "g", [], [_value("r")])
    proto = model(
        [node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)], [stored("c", True, "bool")], 2
    )
    with pytest.raises(UnsupportedError, match="'If', node 'n_y', opset 17: control flow is not supported"):
        read_onnx(saved(proto, tmp_path), None)
    constant = model([node("Relu", ["w"], ["y"])], [stored("w", [[1.0]])], 2)
    with pytest.raises(UnsupportedError, match="the model's output does not depend on its input"):
        read_onnx(saved(constant, tmp_path), None)


def _value(name: str) -> Any:
    return onnx.helper.make_tensor_value_info(name, 1, None)


def test_a_pipe_in_place_of_the_model_or_of_external_data_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    with pytest.raises(MemcertError, match="cannot be opened"):
        read_onnx(str(tmp_path / "pipe.onnx"), None)


def test_a_sparse_or_unknown_tensor_is_refused_where_it_is_read(tmp_path: Path) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", np.eye(2))], 2)
    proto.graph.initializer[0].data_type = 8
    with pytest.raises(UnsupportedError, match=r"tensor 'w': element type 8 \(string\) is not supported"):
        read_onnx(saved(proto, tmp_path), None)
    sparse = proto.graph.sparse_initializer.add()
    sparse.values.CopyFrom(proto.graph.initializer[0])
    del proto.graph.initializer[:]
    with pytest.raises(UnsupportedError, match="tensor 'w': sparse initializers are not supported"):
        read_onnx(saved(proto, tmp_path), None)
