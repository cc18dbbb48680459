"""Every neuron at a point, by hand and against the naive evaluator; what is told of models."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import model_files as files
import numpy as np
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import layers as naive_layers

from memcert.cli import main
from memcert.kernel.network import Network
from memcert.reports.neurons import as_data, decision, each, layers_at, summary

ROOT = Path(__file__).parents[2]
HAND = strategies.network(([[1], [-2], [1]], [0, 3, -2]), ([[1, 1, 1]], [Fraction(-1, 2)]))
"""At 2: 2, -1, 0 before ReLU; then 3/2."""


def test_each_neuron_is_told_with_its_exact_value_and_state() -> None:
    layers = layers_at(HAND, [2])
    assert [layer.before for layer in layers] == [(2, -1, 0), (Fraction(3, 2),)]
    assert [layer.after for layer in layers] == [(2, 0, 0), (Fraction(3, 2),)]
    assert [layer.nearest for layer in layers] == [2, None]
    assert list(summary(layers)) == [
        ("0", "3", "1", "1", "1", "neuron 2: 0"),
        ("1", "1", "", "", "", "no ReLU"),
    ]
    assert list(each(layers)) == [
        ("0", "0", "on", "2"),
        ("0", "1", "off", "-1"),
        ("0", "2", "at 0", "0"),
        ("1", "0", "no ReLU", "3/2"),
    ]
    first = {"layer": 0, "relu": True, "neurons": 3, "on": 1, "off": 1, "at_zero": 1}
    assert as_data(layers, every_neuron=True)[0] == {
        **first,
        "nearest": {"neuron": 2, "value": 0},
        "values": [2, -1, 0],
    }
    assert "values" not in as_data(layers, every_neuron=False)[0]


@given(
    st.integers(1, 4).flatmap(strategies.networks), st.lists(strategies.rationals(), min_size=4, max_size=4)
)
@settings(max_examples=50, deadline=None)
def test_values_after_each_layer_are_those_of_a_naive_evaluation(
    network: Network, numbers: list[Any]
) -> None:
    point = (numbers * network.input_size)[: network.input_size]
    found = [list(layer.after) for layer in layers_at(network, point)]
    assert found == [list(values) for values in naive_layers(network, point)][-len(found) :]


@pytest.mark.parametrize(
    ("outputs", "names", "told"),
    [
        ((1, 5, 3), None, "output 1 is the largest, 5; it leads output 2 by 2"),
        (
            (Fraction(1, 3), 0),
            ("[red]", "b"),
            "output 0 ('[red]') is the largest, 1/3; it leads output 1 ('b') by 1/3",
        ),
        ((2, 7, 7), None, "output 1 and output 2 are both the largest, 7: a tie"),
    ],
)
def test_the_largest_outputs_are_told(outputs: Any, names: Any, told: str) -> None:
    assert decision("argmax", outputs, names) == told
    assert decision("sign", outputs, names) is None


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main([*map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


@pytest.fixture
def elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A network made elsewhere that errs on its second row; nothing reads its third neuron."""
    state = {
        "0.weight": np.array([[1, -1], [-1, 1], [1, 1]], "f4"),
        "2.weight": np.array([[1, 0, 0], [0, 1, 0]], "f4"),
        "2.bias": np.array([0, 0.25], "f4"),
    }
    model, data, cert = files.torch_file(tmp_path / "m.pt", state), tmp_path / "d.csv", tmp_path / "c.json"
    data.write_text("a,b,label\n4,1,0\n0,4,0\n", encoding="utf-8")
    assert _told(capsys, "verify", model, data, "--rule", "argmax", "-o", cert)["status"] == 1
    return cert


def test_a_sample_of_a_network_made_elsewhere_is_explained_by_its_neurons(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, "explain", elsewhere, "--sample", "0")
    assert (told["status"], told["margin"], told["outputs"]) == (0, "11/4", [3, "1/4"])
    assert [layer["values"] for layer in told["layers"]] == [[3, -3], [3, "1/4"]]
    assert told["layers"][0]["nearest"] == {"neuron": 0, "value": 3}
    assert told["blocks"] == []
    told = _told(capsys, "explain", elsewhere, "--sample", "1", "--blocks")
    assert (told["status"], told["margin"]) == (1, "-17/4")
    assert len(told["blocks"]) == 4
    main(["explain", str(elsewhere), "--sample", "1"])
    text = capsys.readouterr().out
    assert "output 1 is the largest, 17/4; it leads output 0 by 17/4" in text
    assert "rule argmax FAILS here, margin -17/4" in text


def test_neurons_of_a_construction_are_told_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    cert = ROOT / "certificates" / "two-layer.json"
    assert "layers" not in _told(capsys, "explain", cert, "--sample", "0")
    told = _told(capsys, "explain", cert, "--sample", "0", "--neurons")
    assert sum(len(layer["values"]) for layer in told["layers"]) == 5
    assert told["blocks"]


@pytest.mark.parametrize("rule", ["argmax", "sign", "within", "equal"])
def test_bounds_of_a_network_made_elsewhere_say_which_hypotheses_fail(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = 2 if rule == "argmax" else 1
    model = files.torch_file(tmp_path / "m.pt", {"0.weight": np.eye(2, dtype="f4")[:outputs]})
    data, cert = tmp_path / "d.csv", tmp_path / "c.json"
    data.write_text(
        "a,b,label\n1,0,{}\n0,1,{}\n1,0,{}\n".format(
            *{"argmax": (0, 1, 0), "sign": (1, -1, 1)}.get(rule, (1, 0, 1))
        )
    )
    tolerance = ["--tolerance", "1/4"] if rule == "within" else []
    _told(capsys, "verify", model, data, "--rule", rule, *tolerance, "-o", cert)
    told = _told(capsys, "bounds", cert)
    assert told["status"] == 0
    assert told["points"] == 2
    assert told["unpromised"] == "the certificate names no construction"
    assert told["sizes"]["edges"] == outputs


def test_what_a_network_was_read_from_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    cert = ROOT / "certificates" / "wine-mlp.json"
    told = _told(capsys, "show", cert)["model"]
    assert (told["name"], told["format"], told["lowering"]) == ("wine-mlp.nnet", ".nnet", 1)
    assert told["options"] == {"clip": False}
    assert main(["show", str(cert)]) == 0
    text = capsys.readouterr().out
    assert "clip=false" in text
    assert f"'wine-mlp.nnet' {told['files'][0]['digest']}" in text
    assert "not clipped" in text
