"""Exported networks: read back they are the same, z3 finds their exact outputs, roundings are told."""

import gzip
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate as naive_value

from memcert.cli import main
from memcert.errors import UndecidedError, UnsupportedError
from memcert.interop.export import onnx_file
from memcert.interop.export.floats import Parameter, parameters, rounded
from memcert.interop.export.onnx_file import onnx_bytes
from memcert.interop.export.smtlib import smtlib_lines
from memcert.interop.models import ImportOptions, read_model
from memcert.interop.reimport import normal_form
from memcert.kernel.data import network_digest
from memcert.kernel.network import Layer, Network

network_value: Any = naive_value
ROOT = Path(__file__).parents[3]
IRIS = ROOT / "certificates" / "iris.json"
TWO = strategies.network(([[1, -1], [Fraction(1, 4), 2]], [0, Fraction(-1, 2)]), ([[1, 3], [-2, 1]], [0, 5]))
THIRD = strategies.network(([[Fraction(1, 3), 1]], [0]), ([[2]], [Fraction(1, 7)]))


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main([*map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


def _back(content: bytes, folder: Path) -> Network:
    pytest.importorskip("onnx", reason="onnx is not installed")
    (folder / "back.onnx").write_bytes(content)
    return read_model(str(folder / "back.onnx"), None, ImportOptions()).network


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_an_exact_export_reads_back_as_the_same_network(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    assert rounded(TWO, kind).changed == 0
    assert network_digest(_back(onnx_bytes(TWO, kind), tmp_path)) == network_digest(TWO)


@given(
    st.integers(1, 4).flatmap(strategies.networks), st.lists(strategies.rationals(), min_size=4, max_size=4)
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_rounded_network_reads_back_with_the_same_values(
    tmp_path: Path, network: Network, coordinates: list[Any]
) -> None:
    made = rounded(network, "float32").network
    back = _back(onnx_bytes(made, "float32"), tmp_path)
    assert network_digest(back) == network_digest(normal_form(made))
    point = (coordinates * network.input_size)[: network.input_size]
    assert network_value(back, point) == network_value(made, point)


def test_the_runtime_agrees_within_float_error(tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed")
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx_bytes(TWO, "float64"))
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    points = np.array([[1.0, 2.0], [-3.5, 0.25]])
    (found,) = session.run(None, {"x": points})
    for point, outputs in zip(points.tolist(), found.tolist(), strict=True):
        assert outputs == pytest.approx([float(v) for v in network_value(TWO, list(map(Fraction, point)))])


def test_the_same_network_gives_the_same_bytes() -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    assert onnx_bytes(TWO, "float64") == onnx_bytes(TWO, "float64")


def test_the_first_number_that_a_type_cannot_hold_is_named_and_all_are_counted() -> None:
    made = rounded(THIRD, "float64")
    assert (made.changed, made.parameters) == (2, 4)
    assert made.first == Parameter(0, 0, 0, Fraction(1, 3))
    assert str(made.first) == "layer 0, neuron 0, input 0: 1/3"
    assert made.network.layers[0].data[0] == Fraction(1 / 3)
    assert made.network.layers[1].bias == (Fraction(1 / 7),)
    assert [str(p) for p in parameters(THIRD)][-1] == "layer 1, neuron 0, bias: 1/7"


def test_a_weight_that_rounds_to_zero_is_left_out_and_one_beyond_the_range_is_refused() -> None:
    tiny = strategies.network(([[Fraction(1, 2**200), 1]], [0]))
    made = rounded(tiny, "float32")
    assert (made.changed, made.network.layers[0].data) == (1, (1,))
    with pytest.raises(UnsupportedError, match=r"layer 0, neuron 0, bias: 0x1.*beyond its range"):
        rounded(strategies.network(([[1]], [2**200])), "float32")
    assert rounded(strategies.network(([[1]], [2**200])), "float64").changed == 0


def test_dense_weights_beyond_what_a_file_can_hold_are_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "MAX_ELEMENTS", 5)
    with pytest.raises(UndecidedError, match="8 elements, more than the 5"):
        onnx_bytes(TWO, "float64")


def _outputs(network: Network, point: list[Any]) -> list[Fraction]:
    import z3

    solver = z3.SolverFor("QF_LRA")
    solver.from_string("".join(smtlib_lines(network)))
    for j, value in enumerate(point):
        fraction = Fraction(value)
        solver.add(z3.Real(f"x{j}") == z3.Q(fraction.numerator, fraction.denominator))
    assert solver.check() == z3.sat
    found = [solver.model()[z3.Real(f"y{i}")] for i in range(network.layers[-1].shape[0])]
    return [Fraction(value.numerator_as_long(), value.denominator_as_long()) for value in found]


@given(
    st.integers(1, 4).flatmap(strategies.networks), st.lists(strategies.rationals(), min_size=4, max_size=4)
)
@settings(max_examples=25, deadline=None)
def test_z3_finds_the_exact_outputs_of_the_smtlib_text(network: Network, coordinates: list[Any]) -> None:
    point = (coordinates * network.input_size)[: network.input_size]
    assert _outputs(network, point) == list(map(Fraction, network_value(network, point)))


def test_a_last_relu_and_a_constant_neuron_are_in_the_smtlib_text() -> None:
    network = Network(1, (Layer((2, 1), (0, 1, 1), (0,), (-1,), (0, 3), True),))
    assert _outputs(network, [5]) == [0, 3]
    assert _outputs(network, [-5]) == [5, 3]


def test_a_certificate_is_written_as_smtlib_in_one_way_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, "export", IRIS, "-o", tmp_path / "a.smt2")
    assert told["status"] == 0
    assert _told(capsys, "export", IRIS, "-o", tmp_path / "b.smt2.gz")["status"] == 0
    text = (tmp_path / "a.smt2").read_bytes()
    assert gzip.decompress((tmp_path / "b.smt2.gz").read_bytes()) == text
    assert told["network_digest"].encode() in text
    value = json.loads(IRIS.read_text(encoding="utf-8"))
    assert text.count(b"(declare-const x") == value["dataset"]["dimension"]
    # Nothing that the certificate says in words gets in.
    assert value["dataset"]["name"].encode() not in text


def test_a_certificate_with_fractions_is_refused_unless_rounded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    path = tmp_path / "iris.onnx"
    told = _told(capsys, "export", IRIS, "-o", path)
    assert told["status"] == 5
    assert "layer 0, neuron 0, bias: 30797/10: expected a number that float64 can hold" in told["message"]
    assert not path.exists()
    told = _told(capsys, "export", IRIS, "-o", path, "--rounded")
    assert told["rows"] == 150
    assert told["held"] + len(told["lost"]) == 150
    assert told["status"] == (1 if told["lost"] else 0)
    assert path.exists()
    assert _told(capsys, "check", IRIS, "--model", path)["status"] == 4


def test_rounding_that_loses_rows_says_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    data, cert = tmp_path / "data.csv", tmp_path / "cert.json"
    # Keys of 30 bits do not survive a significand of 24.
    rows = [(0, 0), (1, 1), (2**30 + 1, 0), (2**30 + 2, 1), (2**30 + 3, 0)]
    data.write_text("a,label\n" + "".join(f"{x},{y}\n" for x, y in rows), encoding="utf-8")
    assert _told(capsys, "build", data, "--construction", "two-layer", "-o", cert)["status"] == 0
    told = _told(capsys, "export", cert, "-o", tmp_path / "m.onnx", "--type", "float32", "--rounded")
    assert (told["status"], told["verdict"]) == (1, "exported, rounded: rows are lost")
    back = read_model(str(tmp_path / "m.onnx"), None, ImportOptions()).network
    values = [network_value(back, [x])[0] for x, _ in rows]
    labels = json.loads(cert.read_text(encoding="utf-8"))["dataset"]["labels"]
    assert told["lost"] == [row for row, value in enumerate(values) if value != labels[row]]
    main(["export", str(cert), "-o", str(tmp_path / "m.onnx"), "--type", "float32", "--rounded"])
    assert f"does not hold any more on rows {', '.join(map(str, told['lost']))}" in capsys.readouterr().out


def test_an_exact_export_is_bound_to_its_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    path = tmp_path / "separable.onnx"
    for name, normal in {
        "separable": False,
        "two-layer": False,
        "tent-keys": True,
        "yun-sra-jadbabaie": True,
    }.items():
        cert = ROOT / "certificates" / f"{name}.json"
        told = _told(capsys, "export", cert, "-o", path)
        assert (told["status"], told["rounded"], told["type"]) == (0, 0, "float64")
        told = _told(capsys, "check", cert, "--model", path)
        assert (told["status"], told["model"]["up_to_idle_neurons"]) == (0, normal)
    assert _told(capsys, "check", IRIS, "--model", path)["status"] in (2, 4)


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "m.h5"),
        ("-o", "m.onnx.gz"),
        ("-o", "m.smt2", "--rounded"),
        ("-o", "m.smt2", "--type", "float32"),
        ("-o", "none/m.smt2"),
        ("-o", "m.onnx", "--type", "float16"),
    ],
)
def test_options_that_fit_no_file_are_usage_errors(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _told(capsys, "export", IRIS, *words)["status"] == 2
    assert list(tmp_path.iterdir()) == []
