"""Equal points with different labels: a network made elsewhere is judged on them, none is built from them."""

import json
from pathlib import Path
from typing import Any

import model_files as files
import numpy as np
import pytest

from memcert.cli import main


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main([*map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Rows 0 and 2 are the same point, under two labels."""
    path = tmp_path / "d.csv"
    path.write_text("a,b,label\n3,1,0\n1,4,1\n3,1,1\n", encoding="utf-8")
    return path


def test_a_network_made_elsewhere_fails_on_exactly_one_of_two_contradicting_rows(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = files.torch_file(tmp_path / "m.pt", {"0.weight": np.array([[1, -1], [-1, 1]], "f4")})
    cert = tmp_path / "c.json"
    told = _told(capsys, "verify", model, data, "--rule", "argmax", "-o", cert)
    assert (told["status"], told["accuracy"], told["failing"]) == (1, "2/3", [2])
    for engine in ("kernel", "fast"):
        words = ("check", cert, "--allow-except", "--engine", engine, "--dataset", data, "--model", model)
        assert _told(capsys, *words)["status"] == 0
    assert _told(capsys, "prove", cert, "--dataset", data)["verdict"] == "proved"
    assert _told(capsys, "explain", cert, "--sample", "2", "--dataset", data)["status"] == 1
    told = _told(capsys, "bounds", cert)
    assert (told["status"], told["points"]) == (0, 2)
    assert _told(capsys, "evaluate", cert, data)["status"] == 0


def test_no_network_is_built_from_them(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, "build", data, "-o", tmp_path / "c.json")
    assert (told["status"], "expected equal points to have equal labels" in told["message"]) == (3, True)
