"""`memcert verify` from a trained network to a certificate that check and prove accept."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored

from memcert.cli import main


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main([*map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


def _csv(folder: Path, text: str) -> Path:
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def two(tmp_path: Path) -> str:
    """Two outputs: relu(x0 - x1) and relu(x1 - x0)."""
    weights = [stored("w", [[1, -1], [-1, 1]])]
    return saved(model([node("Gemm", ["x", "w"], ["g"]), node("Relu", ["g"], ["y"])], weights, 2), tmp_path)


def test_a_network_trained_by_scikit_learn_is_verified_checked_and_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    rows, labels = digits.data[:60].astype(int), digits.target[:60]
    trained = learn.MLPClassifier((8,), max_iter=25, random_state=0).fit(rows / 16, labels)
    (w0, w1), (b0, b1) = trained.coefs_, trained.intercepts_
    weights = [stored(n, v) for n, v in {"w0": w0, "b0": b0, "w1": w1, "b1": b1}.items()]
    nodes = [node("Gemm", ["x", "w0", "b0"], ["h"]), node("Relu", ["h"], ["r"])]
    nodes += [node("Gemm", ["r", "w1", "b1"], ["z"]), node("Softmax", ["z"], ["y"])]
    path = saved(model(nodes, weights, 64), tmp_path)
    lines = [",".join(map(str, [*row, label])) for row, label in zip(rows, labels, strict=True)]
    data = _csv(tmp_path, "\n".join([",".join([*(f"p{i}" for i in range(64)), "label"]), *lines]) + "\n")
    made = tmp_path / "verified.json"
    words = ("verify", path, data, "--rule", "argmax", "--preprocess", "x/16", "-o", made)
    told = _told(capsys, *words, "--min-accuracy", "0")
    assert told["verdict"] == "verified", told
    held = int((trained.predict(rows / 16) == labels).sum())
    assert told["accuracy"] == f"{held}/60"
    assert 0 < held < 60
    assert told["verdict"] == "verified"
    assert _told(capsys, *words)["status"] == 1
    assert sum(entry["rows"] for entry in told["confusion"]) == 60
    assert "dropped" in told["notes"][0]
    for engine in ("kernel", "fast"):
        assert _told(capsys, "check", made, "--engine", engine)["status"] == 1
        assert (
            _told(capsys, "check", made, "--engine", engine, "--allow-except", "--dataset", data)["status"]
            == 0
        )
    value = json.loads(made.read_text(encoding="utf-8"))
    assert value["claim"]["except"] == told["failing"]
    assert value["model"]["options"] == {"preprocess": "x/16"}
    assert value["model"]["lowering"] == 1
    proved = _told(capsys, "prove", made)
    assert proved["verdict"] == "proved", proved


def test_margins_are_exact_and_a_tie_fails(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, "a,b,label\n0.1,0,0\n0,1/3,1\n2,2,0\n0,1,0\n")
    told = _told(capsys, "verify", two, data, "--rule", "argmax")
    assert told["margins"] == ["1/10", "1/3", 0, -1]
    assert (told["failing"], told["accuracy"]) == ([2, 3], "2/4")
    assert [entry["row"] for entry in told["smallest"]] == [0, 1]
    assert {"label": 0, "decision": "tie", "rows": 1} in told["confusion"]
    assert _told(capsys, "verify", two, data, "--rule", "argmax", "--min-accuracy", "1/2")["status"] == 0
    assert _told(capsys, "verify", two, data, "--rule", "argmax", "--min-accuracy", "2/3")["status"] == 1


def test_classes_name_the_outputs_in_order(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, "a,b,label\n1,0,up\n0,1,down\n")
    made = tmp_path / "c.json"
    words = ("verify", two, data, "--rule", "argmax")
    assert _told(capsys, *words, "--classes", "up,down", "-o", made)["status"] == 0
    assert _told(capsys, "check", made, "--dataset", data)["status"] == 0
    assert _told(capsys, *words, "--classes", "down,up")["status"] == 1
    assert _told(capsys, *words, "--classes", "up,down,left")["status"] == 2
    assert _told(capsys, *words, "--classes", "up,left")["status"] == 3
    told = _told(capsys, *words)
    assert told["status"] == 3
    assert "--classes names the outputs" in told["message"]


@pytest.mark.parametrize(
    ("rule", "labels", "status"),
    [
        (["sign"], (1, -1), 0),
        (["sign"], ("yes", "no"), 0),
        (["sign"], (0, 1), 1),
        (["sign"], ("yes", "yes"), 2),
        (["equal"], (2, -3), 0),
        (["equal"], (2, 3), 1),
        (["equal"], ("a", "b"), 3),
        (["within", "--tolerance", "1/2"], ("2.5", "-3.5"), 0),
        (["within", "--tolerance", "0.4"], ("2.5", "-3.5"), 1),
        (["within"], (2, -3), 2),
        (["sign", "--tolerance", "1"], (1, -1), 2),
        (["argmax"], (0, 0), 2),
    ],
)
def test_every_rule_judges_one_output(
    rule: list[str],
    labels: tuple[object, object],
    status: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1]])], 1)
    data, made = _csv(tmp_path, f"a,label\n2,{labels[0]}\n-3,{labels[1]}\n"), tmp_path / "c.json"
    words: tuple[str | Path, ...] = ("verify", saved(proto, tmp_path), data, "--rule", *rule, "-o", made)
    assert _told(capsys, *words)["status"] == status
    assert made.exists() == (status < 2)
    if made.exists():
        assert _told(capsys, "check", made, "--dataset", data, "--allow-except")["status"] == 0


def test_what_does_not_fit_ends_with_its_own_status(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, "a,label\n1,0\n")
    assert _told(capsys, "verify", two, data, "--rule", "argmax")["status"] == 3
    tanh = saved(model([node("Tanh", ["x"], ["y"])], [], 2), tmp_path, "tanh.onnx")
    assert _told(capsys, "verify", tanh, data, "--rule", "argmax")["status"] == 5
    assert _told(capsys, "verify", tmp_path / "none.onnx", data, "--rule", "argmax")["status"] == 2
    assert _told(capsys, "verify", data, data, "--rule", "argmax")["status"] == 3
