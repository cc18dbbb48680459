"""Properties of several inputs, outputs and hidden nodes, from files to verdict, in every layout."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from witness_tools import written

pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("vnnlib", reason="vnnlib is not installed")

from onnx_models import node, onnx, saved, stored

from memcert.cli import main

HEAD = (
    "(vnnlib-version <2.0>)\n(declare-network f (declare-input A {0} [1,2]) (declare-input B {0} [1,2])\n"
    '(declare-hidden H {0} [2] "h") (declare-output Y {0} [1,2]) (declare-output Z {0} [1,1]))\n'
)
BOX = "(assert (and (>= A[0,0] 0.0) (<= A[0,0] 1.0) (>= B[0,1] 0.0) (<= B[0,1] 1.0)))\n"
SPEC = HEAD + BOX + "(assert (and (>= H[0] 0.5) (>= Y[0,1] 1.5) (< Z[0,0] 0.0)))\n"
GOOD = {"A": (0.5, 0.75), "B": (0, 1)}
OUT = {"H": (0.5, 0.75), "Y": (0.5, 1.75), "Z": (-1,)}
# h = relu(A), Y = h + B, Z = B_0 - B_1.


@pytest.fixture
def network(tmp_path: Path) -> str:
    """A model of two inputs and two outputs."""
    given = [onnx.helper.make_tensor_value_info(name, 1, ["N", 2]) for name in "ab"]
    made = [onnx.helper.make_tensor_value_info(name, 1, None) for name in "yz"]
    nodes = [
        node("Relu", ["a"], ["h"]),
        node("Add", ["h", "b"], ["y"]),
        node("MatMul", ["b", "w"], ["z"]),
    ]
    graph = onnx.helper.make_graph(nodes, "g", given, made, [stored("w", [[1], [-1]])])
    proto = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    return saved(proto, tmp_path, "two.onnx")


def _labels(name: str, count: int) -> list[str]:
    return [f"{name}[{k}]" if name == "H" else f"{name}[0,{k}]" for k in range(count)]


def _text(layout: str, tensors: Mapping[str, tuple[float, ...]], kind: str = "real") -> str:
    named = [
        (label, x)
        for name, xs in tensors.items()
        for label, x in zip(_labels(name, len(xs)), xs, strict=True)
    ]
    if layout == "lines":
        return "sat\n" + "".join(f"{label}={x}\n" for label, x in named)
    if layout == "pairs":
        return "sat\n(" + "".join(f"({label} {x})\n" for label, x in named) + ")"
    lines = ["sat"]
    for name, xs in tensors.items():
        lines += [
            f"{name} {kind} [{len(xs)}]" if name == "H" else f"{name} {kind} [1,{len(xs)}]",
            *map(str, xs),
        ]
    return "\n".join(lines)


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main(["witness", *map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


@pytest.mark.parametrize("layout", ["lines", "pairs", "blocks"])
@pytest.mark.parametrize("outputs", [{}, OUT])
def test_every_layout_is_read(
    layout: str,
    outputs: dict[str, tuple[float, ...]],
    network: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = written(tmp_path, SPEC.format("real"))
    told = _told(capsys, network, spec, written(tmp_path, _text(layout, GOOD | outputs), "w"))
    assert (told["status"], told["kind"]) == (0, "exact"), told
    assert told["outputs"] == {
        "H[0]": "1/2",
        "H[1]": "3/4",
        "Y[0,0]": "1/2",
        "Y[0,1]": "7/4",
        "Z[0,0]": -1,
    }
    assert (told["stored"] is None) == (not outputs)
    if outputs:
        assert told["stored"]["difference"] == 0


@pytest.mark.parametrize("layout", ["lines", "pairs", "blocks"])
def test_a_repair_is_written_in_the_same_layout(
    layout: str, network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, fixed = written(tmp_path, SPEC.format("real")), tmp_path / "fixed"
    given = written(tmp_path, _text(layout, GOOD | {"A": (0.25, 0.5), "B": (0, 1.25)}), "w")
    told = _told(capsys, network, spec, given, "--repair", "-o", fixed)
    assert (told["status"], told["verdict"], told["kind"]) == (0, "repaired", "outside, not violating")
    assert (told["outside"]["amount"], told["outside"]["at"]) == ("1/4", "B[0,1]")
    assert (told["unviolated"]["amount"], told["unviolated"]["at"]) == ("1/4", "H[0]")
    assert _told(capsys, network, spec, fixed)["verdict"] == "exact"
    first = fixed.read_text(encoding="utf-8").splitlines()[1]
    assert first.startswith({"lines": "A[0,0]=", "pairs": "((A[0,0] ", "blocks": "A real [1,2]"}[layout])


def test_floats_are_judged_on_the_same_graph(
    network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # 1 + 2^-24 is 1 in float32: Y[0,1] > 1 holds exactly, and not in float32.
    spec = HEAD.format("float32") + "(assert (> Y[0,1] 1.0))(assert (>= H[1] 1.0))"
    given = _text("blocks", {"A": (0, 1), "B": (0, 2.0**-24)}, "float32")
    told = _told(capsys, network, written(tmp_path, spec), written(tmp_path, given, "w"))
    assert (told["status"], told["floats"]["holds"]) == (0, False)
    assert told["floats"]["unviolated"]["line"] == 4


def test_the_verdict_is_that_of_the_runtime_where_nothing_rounds(
    network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    run = runtime.InferenceSession(network, providers=["CPUExecutionProvider"])
    spec = written(tmp_path, SPEC.format("real"))
    drawn = np.random.default_rng(7)
    found = []
    for _ in range(12):
        # Eighths in the box: every sum is a float32.
        a, b = ((drawn.integers(4, 9, (1, 2)) / 8).astype(np.float32) for _ in range(2))
        y, z = run.run(["y", "z"], {"a": a, "b": b})
        holds = bool(max(a[0, 0], 0) >= 0.5 and y[0, 1] >= 1.5 and z[0, 0] < 0)
        given = _text("lines", {"A": tuple(a[0].tolist()), "B": tuple(b[0].tolist())})
        told = _told(capsys, network, spec, written(tmp_path, given, "w"))
        assert (told["status"] == 0) == holds
        found.append(holds)
    assert set(found) == {True, False}


def test_a_folder_reads_a_model_once_for_each_way_in_which_it_is_asked_for(
    network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from memcert.questions import witness_models

    bench, results = tmp_path / "bench" / "two", tmp_path / "results" / "t" / "2026_two"
    for folder in (bench / "onnx", bench / "vnnlib", results):
        folder.mkdir(parents=True)
    Path(network).rename(bench / "onnx" / "n.onnx")
    specs = {
        "p": SPEC.format("real"),
        "q": SPEC.format("real").replace("A[", "C[").replace("input A", "input C"),
        "r": SPEC.format("real").replace('"h"', '"y"').replace("(>= H[0] 0.5)", "(>= H[1] 1.5)"),
        "s": SPEC.format("real").replace('"h"', '"nothing"'),
    }
    for name, text in specs.items():
        written(bench / "vnnlib", text, f"{name}.vnnlib")
        tensors = {"C" if name == "q" and tensor == "A" else tensor: xs for tensor, xs in GOOD.items()}
        written(results, _text("lines", tensors), f"n_{name}.counterexample")
        written(results, _text("lines", tensors), f"n_{name}.cex")
    written(bench, "".join(f"onnx/n.onnx,vnnlib/{name}.vnnlib,9\n" for name in specs), "instances.csv")
    read, calls = witness_models.prepared, []

    def counted(*given: Any) -> Any:
        calls.append(given)
        return read(*given)

    monkeypatch.setattr(witness_models, "prepared", counted)
    told = _told(capsys, "--folder", tmp_path / "results", "--benchmark", bench)
    assert (told["tools"]["t"]["exact"], told["tools"]["t"]["malformed"], len(calls)) == (6, 2, 3)
    assert "of the name 'nothing'" in told["entries"][-1]["message"]


@pytest.mark.parametrize(
    ("spec", "status", "reason"),
    [
        (SPEC.replace('"h"', '"g"'), 3, "'H': the model has no value, and no one node, of the name 'g'"),
        (SPEC.replace("H {0} [2]", "H {0} [3]"), 3, "Reshape"),
        (SPEC.replace("B {0} [1,2]", "B {0} [1,3]"), 3, "'B' is declared [1, 3], input 'b' is ['?', 2]"),
        (
            SPEC.replace("(declare-output Z {0} [1,1])", "").replace("Z[0,0]", "Y[0,0]"),
            3,
            "1 outputs are declared",
        ),
    ],
)
def test_what_the_model_has_not_is_malformed(
    spec: str,
    status: int,
    reason: str,
    *,
    network: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    values = GOOD | ({"B": (0, 1, 0)} if "[1,3]" in spec else {})
    words = (network, written(tmp_path, spec.format("real")), written(tmp_path, _text("lines", values), "w"))
    told = _told(capsys, *words)
    assert (told["status"], reason in told["message"]) == (status, True), told


def test_output_names_the_one_that_is_declared(
    network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = SPEC.replace("(declare-output Z {0} [1,1])", "").replace("Z[0,0]", "A[0,0]").format("real")
    spec = written(tmp_path, spec.replace("(< A[0,0] 0.0)", "(< A[0,0] 0.75)"))
    words = (network, spec, written(tmp_path, _text("lines", GOOD), "w"), "--output", "y")
    told = _told(capsys, *words)
    assert (told["status"], "Z[0,0]" in told["outputs"]) == (0, False)
