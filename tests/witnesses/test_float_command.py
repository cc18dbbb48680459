"""`memcert witness` where the property declares a float type: two verdicts, each by its name."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("vnnlib", reason="vnnlib is not installed")

from onnx_models import model, node, saved, stored
from witness_tools import written

from memcert.cli import main


def _told(capsys: pytest.CaptureFixture[str], folder: Path, kind: str, first: str) -> tuple[int, Any, str]:
    # 1e3 before 1e17 and -1e17: float32 loses it, and takes the other label.
    weights = [stored("w", [[1e3], [1e17], [-1e17]]), stored("v", [[1 / 512, -1 / 512]])]
    nodes = [
        node("Gemm", ["x", "w"], ["h"]),
        node("Relu", ["h"], ["r"]),
        node("Gemm", ["r", "v", "c"], ["y"]),
    ]
    path = saved(model(nodes, [*weights, stored("c", [-0.5, 1.5])], 3), folder)
    text = (
        "(vnnlib-version <2.0>)\n"
        f"(declare-network f (declare-input X {kind} [1,3]) (declare-output Y {kind} [1,2]))\n"
        "(assert (<= X[0,0] 1.0))\n(assert (> Y[0,1] Y[0,0]))\n"
    )
    files = [
        path,
        written(folder, text),
        written(folder, f"X[0,0]={first}\nX[0,1]=1.0\nX[0,2]=1.0\n", "w.txt"),
    ]
    status = main(["witness", *files, "--json"])
    data = json.loads(capsys.readouterr().out)
    main(["witness", *files])
    return status, data, capsys.readouterr().out


def test_what_only_float32_takes_for_a_counterexample_is_none_exactly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, data, text = _told(capsys, tmp_path, "float32", "1.0")
    assert (status, data["verdict"]) == (1, "not a counterexample")
    assert (data["floats"]["type"], data["floats"]["holds"]) == ("float32", True)
    assert data["floats"]["rounded_inputs"] == []
    assert "not a counterexample: the property is not violated" in text
    assert "float32, memcert's sequential order: a counterexample" in text


def test_in_float64_the_same_witness_is_none_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, data, _ = _told(capsys, tmp_path, "float64", "1.0")
    assert (status, data["floats"]["type"], data["floats"]["holds"]) == (1, "float64", False)


def test_inputs_that_are_no_numbers_of_the_type_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, data, text = _told(capsys, tmp_path, "float32", "0.9")
    assert data["floats"]["rounded_inputs"] == ["X[0,0]"]
    assert "note: 1 input is no number of the type float32, and rounded for it: X[0,0]" in text
