"""Lowered ONNX models against an independent evaluator of the graph, and each refusal with its reason."""

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate as naive_value

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_evaluator import evaluate
from onnx_models import model, node, onnx, saved, stored

from memcert.errors import MemcertError, UndecidedError, UnsupportedError, UsageError
from memcert.interop.models import ImportOptions, read_model
from memcert.interop.onnx_model import read_onnx
from memcert.interop.refusals import ModelError

network_value: Any = naive_value


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-4, 4), min_size=6, max_size=6))
def test_a_weight_as_the_left_operand_and_a_reshape_keep_the_batch(tmp_path: Path, point: list[int]) -> None:
    left = np.arange(4, dtype="f4").reshape(2, 2) - 1
    nodes = [
        node("MatMul", ["w", "x"], ["p"]),
        node("Relu", ["p"], ["q"]),
        node("Reshape", ["q", "s"], ["y"]),
    ]
    proto = model(nodes, [stored("w", left), stored("s", [0, -1], "i8")], (2, 3))
    network = read_onnx(saved(proto, tmp_path), "argmax").network
    assert list(network_value(network, point)) == evaluate(proto, [point], (2, 3))[0]


def test_without_a_rule_every_output_is_kept_in_row_major_order(tmp_path: Path) -> None:
    weights = [stored("w", [[1, 2, 3, 4]]), stored("s", [0, 2, 2], "i8")]
    nodes = [node("MatMul", ["x", "w"], ["m"]), node("Reshape", ["m", "s"], ["y"])]
    path = saved(model(nodes, weights, 1), tmp_path)
    assert network_value(read_onnx(path, None).network, [Fraction(1, 3)]) == tuple(
        Fraction(n, 3) for n in (1, 2, 3, 4)
    )
    with pytest.raises(UnsupportedError, match="one value a class"):
        read_onnx(path, "argmax")
    with pytest.raises(UnsupportedError, match="Softmax"):
        read_onnx(saved(model([node("Softmax", ["x"], ["y"])], [], 2), tmp_path), None)


def test_batch_normalization_is_exact_where_the_root_is_rational(tmp_path: Path) -> None:
    parts = [stored(n, v) for n, v in {"s": [3, 0], "b": [1, 2], "m": [5, 7], "v": [2.0, 0.1]}.items()]
    nodes = [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], epsilon=0.25)]
    network = read_onnx(saved(model(nodes, parts, 2), tmp_path), "argmax").network
    assert network_value(network, [6, 9]) == (Fraction(3), Fraction(2))
    nodes[0].attribute[0].f = 0.5
    with pytest.raises(UnsupportedError, match=r"'BatchNormalization', node 'n_y', opset 17: channel 0: .*"):
        read_onnx(saved(model(nodes, parts, 2), tmp_path), "argmax")


def test_softmax_and_argmax_over_the_classes_are_dropped_and_named(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], ["r"]), node("Softmax", ["r"], ["p"]), node("ArgMax", ["p"], ["y"], axis=1)]
    found = read_onnx(saved(model(nodes, [], 3), tmp_path), "argmax")
    assert network_value(found.network, [1, -1, 2]) == (1, 0, 2)
    assert "ArgMax 'n_y', Softmax 'n_p'" in found.model.notes[0]
    assert "a tie fails" in found.model.notes[0]
    nodes[-1] = node("ArgMax", ["p"], ["y"])
    with pytest.raises(UnsupportedError, match=r"'ArgMax'.*axis 0 of the shape"):
        read_onnx(saved(model(nodes, [], 3), tmp_path), "argmax")
    with pytest.raises(UnsupportedError, match=r"'Softmax'.*only as the last node"):
        read_onnx(saved(model(nodes[:2], [], 3, "p"), tmp_path), "within")


W = stored("w", np.eye(2))
REFUSED = {
    "'Tanh', node 'n_y', opset 17: it is not piecewise linear": model([node("Tanh", ["x"], ["y"])], [], 2),
    "not piecewise linear": model([node("Mul", ["x", "x"], ["y"])], [], 2),
    "axis 0 is the batch": model([node("Concat", ["x", "x"], ["y"], axis=0)], [], 2),
    "joins the batch": model([node("Flatten", ["x"], ["y"], axis=0)], [], 2),
    "does not keep the batch": model(
        [node("Reshape", ["x", "s"], ["y"])], [stored("s", [1, -1], "i8")], 2, batch="N"
    ),
    "would sum over the batch": model([node("MatMul", ["w", "x"], ["y"])], [W], 2),
    "makes the batch the second": model([node("Gemm", ["x", "w"], ["y"], transA=1)], [W], 2),
    "pair the batch": model(
        [node("MatMul", ["x", "v"], ["p"]), node("Add", ["x", "p"], ["y"])], [stored("v", [1, 2])], 2
    ),
    "has more dimensions than the data": model([node("Add", ["x", "w"], ["y"])], [stored("w", [[[1]]])], 2),
    "mixes the batch": model([node("Add", ["x", "w"], ["y"])], [W], 2),
    "may change values": model([node("Cast", ["x"], ["y"], to=10)], [], 2),
    "attribute 'broadcast' is not supported": model([node("Add", ["x", "w"], ["y"], broadcast=1)], [W], 2),
    "opset 6: expected 7 to": model([node("Relu", ["x"], ["y"])], [], 2, opset=6),
    "then known dimensions": model([node("Relu", ["x"], ["y"])], [], ["H"]),
    "further outputs": model(
        [node("Dropout", ["x"], ["d", "mask"]), node("Identity", ["mask"], ["y"])], [], 2
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_exact_is_refused_with_its_reason(reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError) as caught:
        read_onnx(saved(REFUSED[reason], tmp_path), "argmax")
    assert reason in str(caught.value)


def test_zipmap_is_refused_with_the_way_out_unless_it_is_in_a_dead_branch(tmp_path: Path) -> None:
    proto = model([node("Relu", ["x"], ["y"]), node("Tanh", ["x"], ["z"])], [], 2)
    proto.graph.node.append(onnx.helper.make_node("ZipMap", ["y"], ["map"], domain="ai.onnx.ml"))
    proto.graph.output.append(onnx.helper.make_tensor_value_info("map", 1, None))
    path = saved(proto, tmp_path)
    with pytest.raises(UsageError, match=r"several outputs: \['y', 'map'\].*options=\{\"zipmap\": False\}"):
        read_onnx(path, "argmax")
    assert network_value(read_onnx(path, "argmax", output="y").network, [-1, 2]) == (0, 2)
    with pytest.raises(UnsupportedError, match=r'options=\{"zipmap": False\}'):
        read_onnx(path, "argmax", output="map")


def _with_external(location: str, length: int = 16) -> Any:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [W], 2)
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    for key, value in {"location": location, "length": str(length)}.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return proto


def test_external_data_are_read_from_the_models_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    content = np.array([[1, 2], [3, 4]], dtype="<f4").tobytes()
    for place in (folder / "w.bin", tmp_path / "w.bin"):
        place.write_bytes(content)
    found = read_onnx(saved(_with_external("w.bin"), folder), "argmax")
    assert network_value(found.network, [1, 1]) == (4, 6)
    assert [file.name for file in found.model.files] == ["model.onnx", "w.bin"]
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    for location in ("../w.bin", str(tmp_path / "w.bin"), "link.bin", "", "none.bin", "."):
        with pytest.raises(ModelError, match="external data"):
            read_onnx(saved(_with_external(location), folder), "argmax")
    no_text = _with_external("w.bin").SerializeToString().replace(b"w.bin", b"\xff.bin")
    (tmp_path / "no text.onnx").write_bytes(no_text)
    with pytest.raises(ModelError, match="external data"):
        read_onnx(str(tmp_path / "no text.onnx"), "argmax")
    with pytest.raises(ModelError, match="expected 17 bytes at 0"):
        read_onnx(saved(_with_external("w.bin", 17), folder), "argmax")


@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "-infinity")])
def test_a_weight_that_is_no_number_is_named_with_its_index(value: float, word: str, tmp_path: Path) -> None:
    weights = stored("w", [[1, 2], [value, 4]])
    proto = model([node("MatMul", ["x", "w"], ["y"])], [weights], 2)
    with pytest.raises(ModelError, match=f"tensor 'w': expected finite numbers, got {word} at index 2"):
        read_onnx(saved(proto, tmp_path), "argmax")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"not a model", b"\xff" * 40])
def test_an_empty_or_damaged_file_is_malformed(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_onnx(str(path), "argmax")
    assert caught.value.status == 3


def test_a_cycle_a_lie_about_the_size_and_a_bomb_end_at_once(tmp_path: Path) -> None:
    cycle = model([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"])], [], 2, "b")
    lie = model([node("MatMul", ["x", "w"], ["y"])], [W], 2)
    lie.graph.initializer[0].dims[:] = [2, 1_000_000]
    bomb = model([node("Relu", ["x"], ["y"])], [], [100_000, 1_000_000])
    expected: list[tuple[Any, type[MemcertError], str]] = [
        (cycle, ModelError, "a cycle"),
        (lie, ModelError, "expected 8000000 bytes for 2000000 elements, got 16"),
        (bomb, UndecidedError, "more than 4,194,304 elements"),
    ]
    for proto, error, text in expected:
        with pytest.raises(error, match=text):
            read_onnx(saved(proto, tmp_path), "argmax")


def test_a_graph_of_many_nodes_needs_no_recursion(tmp_path: Path) -> None:
    count = 20_000
    nodes = [node("Relu", ["x"], ["v0"])]
    nodes += [
        node("Add" if k % 2 else "Relu", [f"v{k - 1}"] + ["c"] * (k % 2), [f"v{k}"]) for k in range(1, count)
    ]
    proto = model(nodes, [stored("c", [-1, 1])], 2, f"v{count - 1}")
    assert network_value(read_onnx(saved(proto, tmp_path), "argmax").network, [3, 0])[1] == count // 2


def test_an_initializer_that_is_listed_as_input_is_a_constant_and_said_so(tmp_path: Path) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [W], 2)
    proto.graph.input.append(onnx.helper.make_tensor_value_info("w", 1, [2, 2]))
    assert "are constants: w" in read_onnx(saved(proto, tmp_path), "argmax").model.notes[0]


def test_a_function_of_the_model_that_takes_an_operators_name_is_refused(tmp_path: Path) -> None:
    proto = model([node("Relu", ["x"], ["y"])], [], 2)
    function = proto.functions.add()
    function.name, function.domain = "Relu", ""
    with pytest.raises(UnsupportedError, match="functions of the model"):
        read_onnx(saved(proto, tmp_path), "argmax")


def test_without_onnx_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(model([node("Relu", ["x"], ["y"])], [], 2), tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'memcert\[onnx\]'"):
        read_onnx(path, "argmax")


def test_a_model_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(model([node("Relu", ["x"], ["y"])], [], 2), tmp_path)
    read: list[str] = []

    def counted(asked: str) -> bytes:
        read.append(asked)
        return Path(asked).read_bytes()

    for name in ("memcert.interop.models", "memcert.interop.onnx.graph"):
        monkeypatch.setattr(sys.modules[name], "read_bounded", counted)
    assert read_model(path, None, ImportOptions()).model.files[0].name == "model.onnx"
    assert read == [path]
