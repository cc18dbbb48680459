"""Several inputs, outputs and named values as one of each: the values of the file, in order; refusals."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from onnx_models import network_value, node, onnx, saved, stored

from memcert.errors import MemcertError, UnsupportedError, UsageError
from memcert.interop.models import ImportOptions, read_model
from memcert.interop.onnx.ports import Port, Ports
from memcert.semantics.models import read_program
from memcert.semantics.points import PointRunner

Shape = Sequence[int | str | None]


def _model(
    inputs: dict[str, Shape],
    nodes: Sequence[Any],
    weights: Sequence[Any],
    outputs: Sequence[str],
    kinds: Any = None,
) -> Any:
    given = [
        onnx.helper.make_tensor_value_info(name, (kinds or {}).get(name, 1), list(shape))
        for name, shape in inputs.items()
    ]
    made = [onnx.helper.make_tensor_value_info(name, 1, None) for name in outputs]
    graph = onnx.helper.make_graph(list(nodes), "g", given, made, list(weights))
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])


def _two(first: Shape = (1, 2), second: Shape = (1, 3)) -> Any:
    """Return h = relu(a W), y = h + b, z = the first two of b's negative; W = (1 0 -1; 0 1 -1)."""
    nodes = [
        node("MatMul", ["a", "w"], ["m"]),
        node("Relu", ["m"], ["h"]),
        node("Add", ["h", "b"], ["y"]),
        node("Neg", ["b"], ["n"]),
        node("Slice", ["n", "s", "e", "k"], ["z"]),
    ]
    weights = [
        stored("w", [[1, 0, -1], [0, 1, -1]]),
        *(stored(name, [value], "i8") for name, value in (("s", 0), ("e", 2), ("k", 1))),
    ]
    return _model({"a": first, "b": second}, nodes, weights, ["y", "z"])


A, B = Port("A", (1, 2)), Port("B", (1, 3))
Y, Z = Port("Y", (1, 3)), Port("Z", (1, 2))
POINT = [Fraction(1, 2), -3, 10, Fraction(1, 3), -1]
# a = (1/2, -3): a W = (1/2, -3, 5/2), h = (1/2, 0, 5/2); b = (10, 1/3, -1).
HIDDEN = [Fraction(1, 2), 0, Fraction(5, 2)]
VALUES = [Fraction(21, 2), Fraction(1, 3), Fraction(3, 2), -10, Fraction(-1, 3)]


def _values(proto: Any, ports: Ports, point: Sequence[Any], folder: Path, **options: Any) -> list[Any]:
    path = saved(proto, folder)
    imported = read_model(path, None, ImportOptions(**options), ports=ports)
    return list(network_value(imported.network, list(point)))


@pytest.mark.parametrize(("first", "second"), [((1, 2), (1, 3)), (("N", 2), ("N", 3)), ((None, 2), (1, 3))])
def test_inputs_and_outputs_stand_one_behind_the_other(first: Shape, second: Shape, tmp_path: Path) -> None:
    assert _values(_two(first, second), Ports((A, B), (Y, Z)), POINT, tmp_path) == VALUES


def test_a_value_or_a_node_is_taken_by_its_name(tmp_path: Path) -> None:
    for name in ("h", "n_h"):
        hidden = Port("H", (3,), name)
        found = _values(_two(), Ports((A, B), (hidden, Y, Z)), POINT, tmp_path)
        assert found == [*HIDDEN, *VALUES]


def test_one_input_with_an_open_batch_keeps_it(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], ["h"]), node("Neg", ["h"], ["y"])]
    for batch in ("N", 1):
        proto = _model({"x": [batch, 2]}, nodes, [], ["y", "h"])
        ports = Ports((Port("X", (1, 2)),), (Port("G", (1, 2), "x"), Port("Y", (1, 2)), Port("H", (2,))))
        assert _values(proto, ports, [Fraction(1, 3), -2], tmp_path) == [
            Fraction(1, 3),
            -2,
            Fraction(-1, 3),
            0,
            Fraction(1, 3),
            0,
        ]


def test_the_output_that_is_meant_may_be_named(tmp_path: Path) -> None:
    ports = Ports((A, B), (Port("H", (3,), "h"), Z))
    assert _values(_two(), ports, POINT, tmp_path, output="z") == [*HIDDEN, -10, Fraction(-1, 3)]


def test_tensors_without_a_batch_are_put_into_their_shapes(tmp_path: Path) -> None:
    nodes = [node("Add", ["a", "b"], ["y"])]
    proto = _model({"a": [2], "b": [3, 1]}, nodes, [], ["y"])
    ports = Ports((Port("A", (2,)), Port("B", (3, 1))), (Port("Y", (3, 2)),))
    assert _values(proto, ports, [1, 2, 10, 20, 30], tmp_path) == [11, 12, 21, 22, 31, 32]


def test_the_program_in_floats_has_the_same_ports(tmp_path: Path) -> None:
    path, ports = saved(_two(), tmp_path), Ports((A, B), (Port("H", (3,), "h"), Y, Z))
    imported = read_model(path, None, ImportOptions(), ports=ports)
    runner = PointRunner(read_program(path, imported.model, ImportOptions(), ports), "float32")
    # 2^-24 is lost beside 1: the sum in y is rounded, h is not.
    tiny = Fraction(1, 2**24)
    assert runner.outputs([tiny, -1, 1, 0, 0]) == [tiny, 0, 1 - tiny, 1, 0, 1 - tiny, -1, 0]


def test_external_data_are_found_beside_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "model.onnx")
    onnx.save_model(_two(), path, save_as_external_data=True, location="w.bin", size_threshold=0)
    imported = read_model(path, None, ImportOptions(), ports=Ports((A, B), (Y, Z)))
    assert list(network_value(imported.network, POINT)) == VALUES
    assert [file.name for file in imported.model.files] == ["model.onnx", "w.bin"]


@pytest.mark.parametrize(
    ("inputs", "outputs", "reason"),
    [
        ((A, B, B), (Y, Z), r"3 inputs are declared, the model has 2: \['a', 'b'\]"),
        ((A, Port("B", (1, 4))), (Y, Z), r"'B' is declared \[1, 4\], input 'b' is \[1, 3\]"),
        ((B, A), (Y, Z), r"'B' is declared \[1, 3\], input 'a' is \[1, 2\]"),
        ((A, B), (Y,), r"1 outputs are declared, the model has 2: \['y', 'z'\]"),
        (
            (A, B),
            (Port("H", (3,), "q"), Y, Z),
            "'H': the model has no value, and no one node, of the name 'q'",
        ),
        ((A, B), (Port("H", (4,), "h"), Y, Z), "Reshape"),
    ],
)
def test_what_the_model_has_not_is_malformed(
    inputs: tuple[Port, ...], outputs: tuple[Port, ...], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(MemcertError, match=reason) as caught:
        _values(_two(), Ports(inputs, outputs), [], tmp_path)
    assert caught.value.status == 3


def test_inputs_of_several_types_and_other_files_are_unsupported(tmp_path: Path) -> None:
    nodes = [node("Neg", ["a"], ["y"]), node("Neg", ["b"], ["z"])]
    proto = _model({"a": [1, 2], "b": [1, 3]}, nodes, [], ["y", "z"], {"b": 7})
    with pytest.raises(UnsupportedError, match="several element types"):
        _values(proto, Ports((A, B), (Port("Y", (1, 2)), Port("Z", (1, 3)))), [], tmp_path)
    (tmp_path / "n.nnet").write_text("// so\n", encoding="utf-8")
    with pytest.raises(UnsupportedError, match=r"expected an ONNX model, got \.nnet"):
        read_model(str(tmp_path / "n.nnet"), None, ImportOptions(), ports=Ports((A, B), (Y,)))


def test_a_shape_for_one_input_is_not_taken_for_several(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--input-shape: is for one input"):
        _values(_two(), Ports((A, B), (Y, Z)), POINT, tmp_path, input_shape="1,5")


def test_names_that_are_taken_are_not_taken_again(tmp_path: Path) -> None:
    nodes = [node("Neg", ["a"], [f"memcert.ports.{k}"]) for k in range(1)]
    nodes += [node("Add", ["memcert.ports.0", "b"], ["memcert.ports.9"])]
    nodes += [node("Neg", ["memcert.ports.9"], ["memcert.ports.3"])]
    proto = _model({"a": [1, 2], "b": [1, 2]}, nodes, [], ["memcert.ports.3"])
    ports = Ports((A, Port("B", (1, 2))), (Port("Y", (1, 2)),))
    assert _values(proto, ports, [1, 2, 10, 20], tmp_path) == [-9, -18]
