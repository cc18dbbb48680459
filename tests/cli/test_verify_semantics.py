"""`memcert verify --semantics`: rows named, exit statuses, files, and chains of layers."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from model_files import coded, nnet_text, safetensors_file, torch_file
from onnx_models import model, node, saved, stored

from memcert.cli import main


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A sum of three products, label 0 if it is large: 1000 a + 1e17 b - 1e17 c; three rows."""
    weights = [stored("w", [[1e3], [1e17], [-1e17]]), stored("v", [[1 / 512, -1 / 512]])]
    tail = [node("Relu", ["h"], ["r"]), node("Gemm", ["r", "v", "c"], ["y"])]
    proto = model([node("Gemm", ["x", "w"], ["h"]), *tail], [*weights, stored("c", [-0.5, 1.5])], 3)
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b,c,label\n1,1,1,0\n4,0,0,0\n0,0,0,0\n", encoding="utf-8")
    return saved(proto, tmp_path), str(rows)


def told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main(["verify", *map(str, words), "--rule", "argmax", "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


ALL = ("--semantics", "exact,float32,float64,any-order,any-order-float64")


def test_rows_whose_verdict_differs_or_may_are_named(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    # Exactly, the third row alone fails. Row 0 loses its 1000 in float32, not in float64.
    found = told(capsys, *files, *ALL)
    assert found["status"] == 1
    semantics = found["semantics"]
    assert set(semantics) == {"float32", "float64", "any-order", "any-order-float64"}
    assert (semantics["float32"]["failing"], semantics["float32"]["differs"]) == ([0, 2], [0])
    assert (semantics["float64"]["failing"], semantics["float64"]["differs"]) == ([2], [])
    any_order = semantics["any-order"]
    assert (any_order["failing"], any_order["may_differ"], any_order["holds"]) == ([2], [0], 1)
    assert semantics["any-order-float64"]["may_differ"] == []
    main(["verify", *files, "--rule", "argmax", *ALL])
    text = capsys.readouterr().out
    assert "differs from the exact verdict on rows 0" in text
    assert "may differ on rows 0" in text
    assert "ascending index" in text
    assert "not covered: Winograd" in text


@pytest.mark.parametrize(
    ("name", "least", "status"),
    [
        ("float64", "2/3", 0),
        ("float32", "1/3", 0),
        ("float32", "2/3", 1),
        ("any-order", "1/3", 0),
        ("any-order", "2/3", 6),
        ("any-order", "1", 1),
    ],
)
def test_required_semantics_decide_the_exit_status_and_others_do_not(
    files: tuple[str, str], name: str, least: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*files, "--min-accuracy", least, "--semantics", name)
    assert told(capsys, *words)["status"] == (1 if least == "1" else 0)
    assert told(capsys, *words, "--require-semantics")["status"] == status


def test_each_rows_states_are_written(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "floats.jsonl.gz"
    told(capsys, *files, "--semantics", "float32,any-order", "--semantics-file", target)
    lines = [json.loads(line) for line in gzip.decompress(target.read_bytes()).splitlines()]
    assert lines == [
        {"row": 0, "exact": "holds", "float32": "fails", "any-order": "may differ"},
        {"row": 1, "exact": "holds", "float32": "holds", "any-order": "holds"},
        {"row": 2, "exact": "fails", "float32": "fails", "any-order": "fails"},
    ]


def test_two_processes_tell_and_write_the_same(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, written = [], []
    for jobs in ("1", "2"):
        target = tmp_path / f"floats{jobs}.jsonl"
        found.append(told(capsys, *files, *ALL, "--jobs", jobs, "--semantics-file", target)["semantics"])
        written.append(target.read_bytes())
    assert found[0] == found[1]
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--semantics", "float16"), "expected some of exact, float32"),
        (("--semantics", "float32,float32"), "each once"),
        (("--require-semantics",), "--require-semantics: says something of --semantics"),
        (("--semantics-file", "f.jsonl"), "--semantics-file: says something of --semantics"),
    ],
)
def test_semantics_that_are_not_known_are_a_wrong_use(
    files: tuple[str, str], words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *files, "--rule", "argmax", *words]) == 2
    assert said in capsys.readouterr().err


def test_decimals_of_an_nnet_file_are_rounded_and_that_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # y = (x / 3 - 1/3 in sixteen digits, 0): at 1 the first output is tiny, and 0 or less in float32.
    chain, rows = tmp_path / "n.nnet", tmp_path / "rows.csv"
    scales = (["0"], ["9"], ["0", "0"], ["3", "1"])
    layers = [([["1"], ["0"]], ["-0.3333333333333333", "0"])]
    chain.write_text(nnet_text(layers, *scales), encoding="utf-8")
    rows.write_text("a,label\n1,0\n2,0\n0,1\n", encoding="utf-8")
    words = (chain, rows, "--semantics", "float32,any-order,any-order-float64")
    found = told(capsys, *words)
    assert found["status"] == 0
    semantics = found["semantics"]
    assert semantics["float32"]["differs"] == [0]
    assert semantics["any-order"]["may_differ"] == [0]
    assert "stored decimals are rounded once to the nearest float32" in semantics["float32"]["conversion"]
    assert "the nearest float64" in semantics["any-order-float64"]["conversion"]
    main(["verify", *map(str, words), "--rule", "argmax"])
    assert "assumed: the data and the model's stored decimals are rounded once" in capsys.readouterr().out


def test_the_same_weights_are_judged_alike_from_every_kind_of_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = np.random.default_rng(1)
    sides = [(draw.normal(size=(6, 4)), draw.normal(size=6)), (draw.normal(size=(3, 6)), draw.normal(size=3))]
    parts = [(w.astype("f4"), b.astype("f4")) for w, b in sides]
    named = {
        f"{2 * k}.{kind}": x
        for k, pair in enumerate(parts)
        for kind, x in zip(("weight", "bias"), pair, strict=True)
    }
    paths = [
        torch_file(tmp_path / "m.pt", named),
        safetensors_file(tmp_path / "m.safetensors", {name: coded(x) for name, x in named.items()}),
    ]
    tensors, nodes, source = [], [], "x"
    for k, (weight, bias) in enumerate(parts):
        tensors += [stored(f"w{k}", weight.T), stored(f"b{k}", bias)]
        nodes += [node("Gemm", [source, f"w{k}", f"b{k}"], [f"h{k}"]), node("Relu", [f"h{k}"], [f"r{k}"])]
        source = f"r{k}"
    nodes[-1] = node("Identity", ["h1"], ["y"])
    paths.append(saved(model(nodes, tensors, 4), tmp_path))
    rows = tmp_path / "rows.csv"
    lines = [",".join(f"{v:.3f}" for v in draw.normal(size=4)) + f",{k % 3}" for k in range(40)]
    rows.write_text("a,b,c,d,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found = [told(capsys, path, rows, *ALL, "--preprocess", "(x-0.1)/0.3")["semantics"] for path in paths]
    assert found[0] == found[1] == found[2]
    assert 0 < len(found[0]["float32"]["failing"]) < 40


def test_a_folded_network_is_not_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [stored(k, [v, v]) for k, v in (("s", 1.0), ("b", 0.0), ("m", 0.5), ("v", 2.0))]
    proto = model([node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"])], parts, 2)
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b,label\n2,1,0\n", encoding="utf-8")
    words = ["verify", saved(proto, tmp_path), str(rows), "--rule", "argmax", "--fold-batchnorm", "float32"]
    assert main(words) == 0
    assert main([*words, "--semantics", "float32"]) == 5
    assert "not what the file computes" in capsys.readouterr().err


def test_a_node_that_is_not_known_in_floats_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = [node("Sum", ["a", "a"], ["k"]), node("Mul", ["x", "k"], ["y"])]
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b,label\n2,1,0\n", encoding="utf-8")
    path = saved(model(nodes, [stored("a", [0.1, 0.1])], 2), tmp_path)
    assert main(["verify", path, str(rows), "--rule", "argmax", "--semantics", "float32"]) == 5
    told = capsys.readouterr().err
    assert "operator 'Sum', node 'n_k'" in told
    assert "it computes constants in floats" in told
