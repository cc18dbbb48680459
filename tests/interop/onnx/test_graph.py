"""A file as a graph: pruned to its output, in order, functions inlined, nothing evaluated."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, onnx, saved, stored

from memcert.errors import UndecidedError, UnsupportedError, UsageError
from memcert.interop.onnx import functions
from memcert.interop.onnx.graph import read_graph
from memcert.interop.onnx.inputs import read_shape, shape_text
from memcert.interop.refusals import ModelError

helper = onnx.helper


def with_functions(nodes: list[Any], *made: Any, output: str = "y") -> bytes:
    proto = model(nodes, [stored("w", [2, 3])], 2, output)
    proto.functions.extend(made)
    proto.opset_import.append(helper.make_opsetid("own", 1))
    content: bytes = proto.SerializeToString()
    return content


def function(name: str, inputs: list[str], outputs: list[str], nodes: list[Any], **more: Any) -> Any:
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("own", 1)]
    return helper.make_function("own", name, inputs, outputs, nodes, opsets, **more)


def call(name: str, inputs: list[str], outputs: list[str], **attributes: Any) -> Any:
    return helper.make_node(name, inputs, outputs, domain="own", name=f"c_{outputs[0]}", **attributes)


def sloped() -> Any:
    """Return a LeakyRelu whose slope is the attribute `slope` of the function around it."""
    made = node("LeakyRelu", ["a"], ["t"])
    made.attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=1))
    return made


def test_nodes_in_any_order_come_out_each_after_what_it_reads() -> None:
    nodes = [node("Add", ["b", "a"], ["y"]), node("Relu", ["a"], ["b"]), node("Neg", ["x"], ["a"])]
    graph = read_graph(model(nodes, [], 2).SerializeToString())
    assert [n.operator for n in graph.nodes] == ["Neg", "Relu", "Add"]
    assert graph.nodes[-1].inputs == ("b", "a")
    assert graph.input is not None
    assert (graph.input.name, graph.input.shape, graph.input.batch, graph.input.kind) == (
        "x",
        (1, 2),
        None,
        1,
    )


def test_what_the_output_does_not_need_is_left_out_inputs_too() -> None:
    proto = model([node("Relu", ["x"], ["y"]), node("Tanh", ["z"], ["t"])], [], 2)
    proto.graph.input.append(helper.make_tensor_value_info("z", 1, ["?", "?"]))
    graph = read_graph(proto.SerializeToString())
    assert [n.operator for n in graph.nodes] == ["Relu"]
    assert graph.notes == ("inputs that the output does not need are left out: z",)


def test_constants_are_a_mapping_and_attributes_are_exact_plain_values() -> None:
    nodes = [
        node("Constant", [], ["c"], value_floats=[0.1, 2.0]),
        node("LeakyRelu", ["x"], ["r"], alpha=0.01),
        node("Add", ["r", "c"], ["y"]),
    ]
    graph = read_graph(model(nodes, [], 2).SerializeToString())
    tenth, two = graph.constants["c"].values.tolist()
    assert (tenth.numerator, tenth.denominator, two) == (13421773, 1 << 27, 2)
    alpha: Any = graph.nodes[0].attributes["alpha"]
    assert (alpha.numerator, alpha.denominator) == (5368709, 1 << 29)


def test_functions_stand_where_they_are_called_with_their_own_opset_and_attributes() -> None:
    slope = sloped()
    inner = function("inner", ["a"], ["t"], [slope], attributes=["slope"])
    outer = function(
        "outer",
        ["a", "b"],
        ["s", "b"],
        [call("inner", ["a"], ["t"], slope=0.5), node("Add", ["t", "b"], ["s"])],
    )
    nodes = [
        call("outer", ["x", "w"], ["p", "q"]),
        call("outer", ["p", "q"], ["r", "u"]),
        node("Add", ["r", "u"], ["y"]),
    ]
    graph = read_graph(with_functions(nodes, inner, outer))
    assert [n.operator for n in graph.nodes] == ["LeakyRelu", "Add", "Identity"] * 2 + ["Add"]
    assert [n.opset for n in graph.nodes] == [13, 13, 17, 13, 13, 17, 17]
    assert graph.nodes[3].attributes == {"alpha": graph.nodes[0].attributes["alpha"]}
    assert graph.nodes[4].inputs == (graph.nodes[3].outputs[0], "q")
    assert graph.nodes[1].name == "c_p/n_s"


def test_an_attribute_that_a_call_leaves_out_has_the_functions_default() -> None:
    slope = sloped()
    default = function("f", ["a"], ["t"], [slope], attribute_protos=[helper.make_attribute("slope", 0.25)])
    graph = read_graph(with_functions([call("f", ["x"], ["y"])], default))
    assert str(graph.nodes[0].attributes["alpha"]) == "1/4"


def test_a_function_that_calls_itself_and_one_that_takes_an_operators_name_are_refused() -> None:
    own = function("f", ["a"], ["t"], [call("g", ["a"], ["t"])])
    other = function("g", ["a"], ["t"], [call("f", ["a"], ["t"])])
    with pytest.raises(ModelError, match="the function 'f' calls itself"):
        read_graph(with_functions([call("f", ["x"], ["y"])], own, other))
    twice = with_functions([call("f", ["x"], ["y"])], own, own)
    with pytest.raises(ModelError, match="two functions have the name"):
        read_graph(twice)


def test_functions_that_double_end_at_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "MAX_NODES", 1000)
    made = [function("f0", ["a"], ["t"], [node("Relu", ["a"], ["t"])])]
    for k in range(1, 40):
        body = [call(f"f{k - 1}", ["a"], ["s"]), call(f"f{k - 1}", ["s"], ["t"])]
        made.append(function(f"f{k}", ["a"], ["t"], body))
    with pytest.raises(UndecidedError, match="more than 1,000 nodes"):
        read_graph(with_functions([call("f39", ["x"], ["y"])], *made))


def test_a_cycle_and_a_value_that_nobody_makes_are_malformed() -> None:
    cycle = model([node("Add", ["x", "b"], ["y"]), node("Relu", ["y"], ["b"])], [], 2)
    with pytest.raises(ModelError, match="Add 'n_y': the value 'y' needs a value that needs it: a cycle"):
        read_graph(cycle.SerializeToString())
    with pytest.raises(ModelError, match="Relu 'n_y': there is no value 'z'"):
        read_graph(model([node("Relu", ["z"], ["y"])], [], 2).SerializeToString())
    twice = model([node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])], [], 2)
    with pytest.raises(ModelError, match="the name 'y' is given to two values"):
        read_graph(twice.SerializeToString())


def test_the_input_shape_fills_open_dimensions_and_contradicts_none(tmp_path: Path) -> None:
    path = saved(model([node("Relu", ["x"], ["y"])], [], ["H", 3]), tmp_path)
    with pytest.raises(UnsupportedError, match=r"got \['\?', '\?', 3\]; --input-shape names"):
        read_graph(path)
    found = read_graph(path, input_shape=(None, 4, 3)).input
    assert found is not None
    assert (found.shape, found.batch) == ((1, 4, 3), None)
    for wrong in ((None, 4), (1, 4, 2)):
        with pytest.raises(UsageError, match="--input-shape: input 'x' has the shape"):
            read_graph(path, input_shape=wrong)
    with pytest.raises(UsageError, match=r"has the shape \['\?', '\?', 3\], got 'rows,width'"):
        read_graph(path, input_shape=read_shape("rows, width"))
    assert shape_text(read_shape("rows,4,?")) == "rows,4,?"


def test_an_input_without_a_batch_and_too_many_nodes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    proto = model([node("Relu", ["x"], ["y"])], [], 2)
    del proto.graph.input[0].type.tensor_type.shape.dim[0]
    with pytest.raises(UnsupportedError, match=r"got \[2\]; export the model with a batch"):
        read_graph(proto.SerializeToString())
    monkeypatch.setattr("memcert.interop.onnx.graph.MAX_NODES", 1)
    two = model([node("Relu", ["x"], ["a"]), node("Relu", ["a"], ["y"])], [], 2)
    with pytest.raises(UndecidedError, match="the model has more than 1 nodes"):
        read_graph(two.SerializeToString())


def test_a_model_of_two_inputs_is_refused_by_their_names() -> None:
    proto = model([node("Add", ["x", "z"], ["y"])], [], 2)
    proto.graph.input.append(helper.make_tensor_value_info("z", 1, ["N", 2]))
    with pytest.raises(UnsupportedError, match=r"one input, got 2: \['x', 'z'\]"):
        read_graph(proto.SerializeToString())


def test_an_output_may_be_named() -> None:
    proto = model([node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["z"])], [], 2)
    proto.graph.output.append(helper.make_tensor_value_info("z", 1, None))
    content = proto.SerializeToString()
    assert [n.operator for n in read_graph(content, output="z").nodes] == ["Neg"]
    with pytest.raises(UsageError, match=r"expected one of \['y', 'z'\], outputs of the model, got 'w'"):
        read_graph(content, output="w")
