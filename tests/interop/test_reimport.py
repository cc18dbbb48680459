"""Binding a certificate to a model file: the same, another, one read otherwise, and after an upgrade."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import model_files as files
import numpy as np
import pytest

from memcert.cli import main
from memcert.formats.certificates import write
from memcert.interop import lowering
from memcert.interop.lowering import VERSIONS
from memcert.interop.reimport import confirm_model, normal_form
from memcert.kernel.certificate import Certificate
from memcert.kernel.data import network_digest
from memcert.kernel.decode import decode
from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import Mismatch

STATE = {
    "0.weight": np.array([[1, -1], [-1, 1]], "f4"),
    "0.bias": np.array([0, 0.5], "f4"),
    "2.weight": np.array([[1, 0], [0, 1]], "f4"),
}


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main([*map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, Path]:
    """A model with two outputs and the certificate of two rows of it."""
    model = files.torch_file(tmp_path / "m.pt", STATE)
    data, cert = tmp_path / "data.csv", tmp_path / "cert.json"
    data.write_text("a,b,label\n4,0,0\n0,4,1\n")
    words = ("verify", model, data, "--rule", "argmax", "--preprocess", "x/2", "-o", cert)
    assert _told(capsys, *words)["status"] == 0
    return model, cert


def _read(path: Path) -> Certificate:
    return decode(path.read_bytes())


def test_the_same_model_under_another_name_is_the_certificates(
    made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, cert = made
    copy = tmp_path / "renamed.pt"
    copy.write_bytes(Path(model).read_bytes())
    for command in ("check", "prove"):
        told = _told(capsys, command, cert, "--model", copy, "--dataset", tmp_path / "data.csv")
        assert told["status"] == 0
        assert told["model"]["options"] == {"preprocess": "x/2"}
        assert told["model"]["network_digest"] == network_digest(_read(cert).network)
    main(["check", str(cert), "--model", str(copy)])
    assert "is lowered to the network of the certificate, preprocess 'x/2'" in capsys.readouterr().out


def test_a_model_with_one_weight_changed_is_a_mismatch_with_both_digests(
    made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {**STATE, "0.bias": np.array([0, 0.25], "f4")}
    other = files.torch_file(tmp_path / "other.pt", state)
    told = _told(capsys, "check", made[1], "--model", other)
    assert (told["status"], told["at"]) == (4, "model.files[0].digest")
    value = _read(made[1]).model
    assert value is not None
    assert told["expected"] == value.files[0].digest
    assert told["got"].startswith("sha256:")
    assert told["got"] != told["expected"]


@pytest.mark.parametrize("content", [b"", b"no model at all", b"PK\x03\x04"], ids=["empty", "text", "zip"])
def test_a_file_that_is_no_such_model_is_a_mismatch_too(
    content: bytes, made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.pt"
    other.write_bytes(content)
    for command in ("check", "prove"):
        told = _told(capsys, command, made[1], "--model", other)
        assert (told["status"], told["at"]) == (4, "model.files[0].digest")


def test_a_certificate_that_quotes_the_files_digest_and_another_network_is_a_mismatch(
    made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate = _read(made[1])
    first, last = certificate.network.layers
    changed = replace(certificate.network, layers=(replace(first, bias=(0, 1)), last))
    digests = replace(certificate.digests, network=network_digest(changed))
    lied = tmp_path / "lied.json"
    write(replace(certificate, network=changed, digests=digests), lied)
    told = _told(capsys, "check", lied, "--model", made[0])
    assert (told["status"], told["at"]) == (4, "network, lowered from the model")
    assert told["expected"] == network_digest(changed)
    assert told["got"] == network_digest(certificate.network)


def test_a_format_that_is_not_the_files_is_a_mismatch(
    made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate = _read(made[1])
    assert certificate.model is not None
    assert certificate.model.format == "PyTorch state_dict"
    lied = tmp_path / "lied.json"
    write(replace(certificate, model=replace(certificate.model, format="ONNX, opset 17")), lied)
    for command in ("check", "prove"):
        told = _told(capsys, command, lied, "--model", made[0])
        assert (told["status"], told["at"]) == (4, "model.format")
        assert (told["expected"], told["got"]) == ("ONNX, opset 17", "PyTorch state_dict")
    # What was read from Python has no file, and any file of the network will do.
    model = replace(certificate.model, format="scikit-learn MLPClassifier", files=())
    assert confirm_model(replace(certificate, model=model), made[0]).files[0][0] == "m.pt"


def test_notes_are_those_of_the_import_whatever_the_certificate_says(
    made: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate = _read(made[1])
    assert certificate.model is not None
    assert certificate.model.notes
    lied = tmp_path / "lied.json"
    write(replace(certificate, model=replace(certificate.model, notes=("in the words of 1999",))), lied)
    told = _told(capsys, "check", lied, "--model", made[0])
    assert (told["status"], tuple(told["model"]["notes"])) == (0, certificate.model.notes)
    main(["check", str(lied), "--model", made[0]])
    assert f"note: {certificate.model.notes[0]}\n" in capsys.readouterr().out


def test_another_preprocessing_than_recorded_is_a_mismatch(made: tuple[str, Path]) -> None:
    certificate = _read(made[1])
    assert certificate.model is not None
    other = replace(certificate, model=replace(certificate.model, options={"preprocess": "x/3"}))
    with pytest.raises(Mismatch, match="network, lowered from the model"):
        confirm_model(other, made[0])


def test_an_unchanged_model_is_still_the_same_after_the_lowering_was_upgraded(
    made: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def upgraded(circuit: Any, outputs: Any) -> Network:
        network = VERSIONS[1](circuit, outputs)
        size = network.input_size
        same = Layer(
            (size, size), tuple(range(size + 1)), tuple(range(size)), (1,) * size, (0,) * size, False
        )
        return Network(size, (same, *network.layers))

    monkeypatch.setitem(lowering.VERSIONS, 2, upgraded)
    model, cert = made
    assert _told(capsys, "check", cert, "--model", model)["status"] == 0
    certificate = _read(cert)
    assert certificate.model is not None
    newer = replace(certificate, model=replace(certificate.model, lowering=2))
    with pytest.raises(Mismatch, match="network, lowered from the model"):
        confirm_model(newer, model)
    unknown = tmp_path / "unknown.json"
    write(replace(certificate, model=replace(certificate.model, lowering=3)), unknown)
    told = _told(capsys, "check", unknown, "--model", model)
    assert (told["status"], told["message"]) == (5, "lowering 3: expected one of [1, 2]")


def test_a_built_certificate_is_bound_to_any_model_of_its_function(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, cert = tmp_path / "data.csv", tmp_path / "cert.json"
    data.write_text("a,label\n0,1\n1,-1\n")
    assert (
        _told(capsys, "build", data, "--construction", "separable", "--rule", "sign", "-o", cert)["status"]
        == 0
    )
    state: dict[str, Any] = {}
    for place, layer in enumerate(_read(cert).network.layers):
        weight = np.zeros(layer.shape)
        for i in range(layer.shape[0]):
            for j, value in layer.row(i):
                weight[i, j] = value
        state |= {f"{2 * place}.weight": weight, f"{2 * place}.bias": np.array(layer.bias, "f8")}
    model = files.torch_file(tmp_path / "m.pt", state)
    assert _told(capsys, "check", cert, "--model", model)["status"] == 0
    state["0.bias"] = state["0.bias"] + 1
    assert _told(capsys, "check", cert, "--model", files.torch_file(tmp_path / "n.pt", state))["status"] == 4


def test_the_normal_form_computes_the_same_and_is_its_own() -> None:
    # The second neuron of the first layer repeats the first; the last layer but one is linear.
    first = Layer((2, 1), (0, 1, 2), (0, 0), (2, 2), (1, 1), True)
    middle = Layer((1, 2), (0, 2), (0, 1), (1, 3), (0,), False)
    last = Layer((1, 1), (0, 1), (0,), (5,), (7,), False)
    normal = normal_form(Network(1, (first, middle, last)))
    assert normal == Network(
        1, (Layer((1, 1), (0, 1), (0,), (2,), (1,), True), Layer((1, 1), (0, 1), (0,), (20,), (7,), False))
    )
    assert normal_form(normal) == normal


def test_evidence_has_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, evidence = tmp_path / "data.csv", tmp_path / "evidence.json"
    data.write_text("a,label\n0,1\n1,-1\n2,1\n")
    assert (
        _told(capsys, "build", data, "--construction", "separable", "--rule", "sign", "-o", evidence)[
            "status"
        ]
        == 1
    )
    told = _told(capsys, "check", evidence, "--model", "m.pt")
    assert (told["status"], "--model: says something about a network" in told["message"]) == (2, True)


@pytest.mark.parametrize(
    ("flags", "recorded"),
    [((), {}), (("--no-clip",), {"clip": False}), (("--no-normalize",), {"normalize": False})],
)
def test_options_of_a_nnet_file_are_recorded_and_read_again(
    flags: tuple[str, ...], recorded: dict[str, bool], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, data, cert = tmp_path / "m.nnet", tmp_path / "data.csv", tmp_path / "cert.json"
    layers = [([["1", "0"], ["0", "1"]], ["0", "0"])]
    model.write_text(files.nnet_text(layers, ["0", "0"], ["3", "3"], ["1", "1", "0"], ["2", "2", "1"]))
    data.write_text("a,b,label\n9,8,0\n1,2,1\n")
    told = _told(capsys, "verify", model, data, "--rule", "argmax", *flags, "-o", cert)
    # Clipped at 3, the first row is a tie.
    assert told["failing"] == ([] if flags else [0])
    value = _read(cert).model
    assert value is not None
    assert (dict(value.options), value.format) == (recorded, ".nnet")
    told = _told(capsys, "check", cert, "--model", model, "--allow-except")
    assert (told["status"], told["model"]["options"]) == (0, recorded)


def test_a_layer_list_is_recorded_and_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, data, cert = tmp_path / "m.pt", tmp_path / "data.csv", tmp_path / "cert.json"
    files.torch_file(model, {"a.weight": np.eye(2, dtype="f4"), "b.weight": np.eye(2, dtype="f4")})
    data.write_text("a,b,label\n-1,-2,0\n1,2,1\n")
    layers = "linear(a),leaky_relu(0.5),linear(b),softmax"
    told = _told(capsys, "verify", model, data, "--rule", "argmax", "--layers", layers, "-o", cert)
    assert (told["status"], told["margins"]) == (0, ["1/2", 1])
    assert _told(capsys, "check", cert, "--model", model)["model"]["options"] == {"layers": layers}
