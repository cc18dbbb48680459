"""A verifier's counterexample is judged from Python as the command judges it."""

from fractions import Fraction
from pathlib import Path

import pytest
from witness_tools import box, declared, pairs, written

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored

import memcert
from memcert.errors import UsageError
from memcert.questions.witnesses import JudgedWitness

SPEC = declared(2, 2) + box(("0", "1"), ("0", "1")) + "(assert (>= Y_0 1.5))"


def judged(folder: Path, *values: object, repair: bool = False) -> JudgedWitness:
    """Judge inputs of relu(x0) + relu(x1), relu(x0) - relu(x1)."""
    nodes = [node("Relu", ["x"], ["r"]), node("MatMul", ["r", "w"], ["y"])]
    path = saved(model(nodes, [stored("w", [[1, 1], [1, -1]])], 2), folder)
    spec, given = written(folder, SPEC), written(folder, pairs(*values), "w.txt")
    return memcert.witness(path, Path(spec), given, repair=repair)


def test_a_counterexample_is_exact(tmp_path: Path) -> None:
    found = judged(tmp_path, "0.75", "0.75", repair=True)
    assert (found.verdict, found.judgement.values[2:]) == ("exact", (Fraction(3, 2), 0))
    assert (found.floats, found.repair) == (None, None)
    with pytest.raises(UsageError, match="no repaired witness"):
        found.write(tmp_path / "fixed.txt")


def test_it_is_said_by_how_much_a_witness_misses(tmp_path: Path) -> None:
    found = judged(tmp_path, "-1e-9", "1.25")
    assert (found.verdict, found.judgement.kind) == ("not a counterexample", "outside, not violating")
    outside, unviolated = found.judgement.outside, found.judgement.unviolated
    assert outside is not None and unviolated is not None
    assert (outside.amount, unviolated.amount) == (Fraction(1, 4), Fraction(1, 4))


def test_a_repair_is_written_and_exact_when_it_is_judged_again(tmp_path: Path) -> None:
    found = judged(tmp_path, "1.0000001", "0.5", repair=True)
    assert found.verdict == "repaired" and found.repair is not None
    assert found.repair.distance == Fraction(1, 10**7)
    found.write(tmp_path / "fixed.txt")
    files = [tmp_path / name for name in ("model.onnx", "property.vnnlib", "fixed.txt")]
    assert memcert.witness(*files).verdict == "exact"


def test_an_option_that_is_not_known_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="'preprocessing'"):
        memcert.witness("m.onnx", "p.vnnlib", "w.txt", preprocessing="x/3")
