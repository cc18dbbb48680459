"""`memcert witness` from files to verdict: one witness, a folder, repairs written, every exit status."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from witness_tools import box, declared, pairs, written

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, onnx, saved, stored

from memcert.cli import main
from memcert.witnesses import programs

SPEC = declared(2, 2) + box(("0", "1"), ("0", "1")) + "(assert (>= Y_0 1.5))"


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main(["witness", *map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert (value["status"], value["command"]) == (status, "witness")
    return value


def _model(folder: Path, name: str = "n.onnx") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    weights = [stored("w", [[1, 1], [1, -1]])]
    return saved(
        model([node("Relu", ["x"], ["r"]), node("MatMul", ["r", "w"], ["y"])], weights, 2), folder, name
    )


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A model with outputs relu(x0) + relu(x1) and relu(x0) - relu(x1), and a property."""
    return _model(tmp_path), written(tmp_path, SPEC)


def _witness(folder: Path, *values: object, outputs: tuple[object, ...] = ()) -> str:
    return written(folder, pairs(*values, outputs=outputs), "w.txt")


def test_a_counterexample_is_exact(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, *files, _witness(tmp_path, "0.75", "0.75", outputs=("1.5000001", "0")))
    assert (told["status"], told["verdict"], told["kind"]) == (0, "exact", "exact")
    assert told["outputs"] == {"Y_0": "3/2", "Y_1": 0}
    assert told["stored"]["difference"] == "1/10000000"
    assert (told["outside"], told["unviolated"], told["repair"]) == (None, None, None)


def test_figures_are_told_with_their_places(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, *files, _witness(tmp_path, "-1e-9", "1.25"))
    assert (told["status"], told["verdict"]) == (1, "not a counterexample")
    assert told["kind"] == "outside, not violating"
    assert (told["outside"]["amount"], told["outside"]["at"], told["outside"]["line"]) == ("1/4", "X_1", 8)
    assert told["unviolated"]["amount"] == "1/4"
    assert main(["witness", *files, str(tmp_path / "w.txt")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "outside the box by 1/4 at X_1" in lines[0]
    assert "the property is not violated, by 1/4 on Y_0" in lines[1]


def test_a_repair_is_written_and_exact_when_it_is_judged_again(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = tmp_path / "fixed.txt.gz"
    given = _witness(tmp_path, "1.0000001", "0.5", outputs=("1.5", "0.5"))
    told = _told(capsys, *files, given, "--repair", "-o", fixed)
    assert (told["status"], told["verdict"], told["kind"]) == (0, "repaired", "outside")
    assert told["repair"]["distance"] == "1/10000000"
    assert told["repair"]["inputs"] == {"X_0": 1, "X_1": "1/2"}
    assert _told(capsys, *files, fixed)["verdict"] == "exact"
    nothing = _told(capsys, *files, _witness(tmp_path, "0.75", "0.75"), "--repair", "-o", tmp_path / "no.txt")
    assert (nothing["verdict"], (tmp_path / "no.txt").exists()) == ("exact", False)


def test_a_repair_that_is_not_found_leaves_the_verdict_and_no_file(
    files: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = written(tmp_path, SPEC.replace("1.5", "2.5"), "never.vnnlib")
    fixed = tmp_path / "fixed.txt"
    told = _told(capsys, files[0], spec, _witness(tmp_path, "1", "1"), "--repair", "-o", fixed)
    assert (told["status"], told["repair"], fixed.exists()) == (1, None, False)
    monkeypatch.setattr(programs, "_scipy", lambda _: None)
    assert main(["witness", files[0], spec, str(tmp_path / "w.txt"), "--repair"]) == 1
    out = capsys.readouterr().out
    assert "not repaired" in out
    assert "memcert[boxes]" in out


def test_a_model_of_any_output_shape_is_flattened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = [stored("w", [[1, 2, 3, 4]]), stored("s", [0, 2, 2], "i8")]
    nodes = [node("MatMul", ["x", "w"], ["m"]), node("Reshape", ["m", "s"], ["y"])]
    spec = written(tmp_path, declared(1, 4) + "(assert (>= Y_3 Y_0))")
    told = _told(capsys, saved(model(nodes, weights, 1), tmp_path), spec, _witness(tmp_path, "1/3"))
    assert told["outputs"] == {"Y_0": "1/3", "Y_1": "2/3", "Y_2": 1, "Y_3": "4/3"}


@pytest.mark.parametrize(
    ("spec", "witness", "status", "reason"),
    [
        (SPEC, "unsat\n", 3, "the file says 'unsat'"),
        (SPEC, "sat\n((X_0 1))", 3, "expected a value of X_1"),
        (SPEC + ")", pairs(1, 1), 3, "line 9, column 22"),
        (declared(3, 2) + "(assert (<= X_0 1))", pairs(1, 1, 1), 3, "declares 3 inputs and 2 outputs"),
        (SPEC + "(assert (<= (/ Y_0 Y_1) 1))", pairs(1, 1), 5, "a quotient by a variable"),
        (SPEC + f"(assert (<= (* {'Y_0 ' * 9}) 1))", pairs(1, 1), 6, "a product of 9 variables: at most 8"),
        (SPEC, pairs("1e5000", 1), 6, "digits"),
    ],
)
def test_what_cannot_be_judged_ends_with_its_own_status(
    spec: str,
    witness: str,
    status: int,
    reason: str,
    tmp_path: Path,
    *,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = (_model(tmp_path), written(tmp_path, spec), written(tmp_path, witness, "w.txt"))
    told = _told(capsys, *words)
    assert told["status"] == status
    assert reason in told["message"]


def test_what_was_done_to_the_model_is_told(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1, 1], [1, -1]])], 2)
    proto.graph.input.append(onnx.helper.make_tensor_value_info("w", 1, [2, 2]))
    path, given = saved(proto, tmp_path, "noted.onnx"), _witness(tmp_path, "0.75", "0.75")
    (note,) = _told(capsys, path, files[1], given)["notes"]
    assert "constants: w" in note
    assert main(["witness", path, files[1], given]) == 0
    assert f"note: {note}" in capsys.readouterr().out


def _typed(kind: str, assertion: str) -> str:
    return (
        "(vnnlib-version <2.0>)\n"
        f"(declare-network f (declare-input X {kind} [1,2]) (declare-output Y {kind} [1,1]))\n"
        f"(assert (and (<= X[0,0] 0.1) (<= X[0,1] 0.1) {assertion}))\n"
    )


@pytest.mark.parametrize(
    ("kind", "x", "assertion", "exact", "floats"),
    [
        ("float32", "0.1", "(>= Y[0,0] 0.2)", True, True),
        # The float32 nearest to 0.1 lies above it: outside the box exactly, on its border in float32.
        ("float32", "0.10000000149011612", "(>= Y[0,0] 0.2)", False, True),
        ("float64", "0.10000000149011612", "(>= Y[0,0] 0.2)", False, False),
        ("float32", "1e39", "(>= Y[0,0] 0.2)", False, False),
    ],
)
def test_a_float_type_has_a_verdict_of_its_own_beside_the_exact_one(
    kind: str,
    x: str,
    assertion: str,
    exact: bool,
    floats: bool,
    *,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("vnnlib", reason="vnnlib is not installed")
    path = saved(model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1], [1]])], 2), tmp_path)
    words = (
        path,
        written(tmp_path, _typed(kind, assertion)),
        written(tmp_path, f"X[0,0]={x}\nX[0,1]=0.1\n", "w"),
    )
    told = _told(capsys, *words)
    assert (told["status"] == 0, told["floats"]["holds"]) == (exact, floats)
    assert (told["floats"]["type"], told["floats"]["refused"]) == (kind, None)
    assert main(["witness", *words]) == told["status"]
    (line,) = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{kind}, memcert's")
    ][:1]
    assert ("not a counterexample" in line) != floats


def test_a_type_without_arithmetic_here_is_said_to_be_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("vnnlib", reason="vnnlib is not installed")
    path = saved(model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1], [1]])], 2), tmp_path)
    spec = written(tmp_path, _typed("float16", "(>= Y[0,0] 0.2)"))
    told = _told(capsys, path, spec, written(tmp_path, "X[0,0]=0.1\nX[0,1]=0.1\n", "w"))
    assert (told["status"], told["floats"]["holds"]) == (0, False)
    assert "float32, float64" in told["floats"]["refused"]


def test_options_that_do_not_fit_are_usage_errors(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = _witness(tmp_path, 1, 1)
    for words in (
        (*files,),
        (*files, given, "-o", tmp_path / "x"),
        (*files, given, "--csv", tmp_path / "x"),
        (*files, given, "--folder", tmp_path, "--benchmark", tmp_path),
        ("--folder", tmp_path),
        ("--folder", tmp_path, "--benchmark", tmp_path),
        (*files, tmp_path / "none.txt"),
    ):
        assert _told(capsys, *words)["status"] == 2, words


@pytest.fixture
def competition(tmp_path: Path) -> tuple[Path, Path]:
    """A benchmark of two models, and results of two tools."""
    bench, results = tmp_path / "benchmarks" / "tiny", tmp_path / "results"
    _model(bench / "onnx", "n.onnx")
    saved(model([node("Tanh", ["x"], ["y"])], [], 2), bench / "onnx", "t.onnx")
    (bench / "vnnlib").mkdir()
    written(bench / "vnnlib", SPEC, "p.vnnlib")
    written(bench / "vnnlib", SPEC.replace("1.5", "9"), "q.vnnlib")
    written(bench / "vnnlib", SPEC + "(", "bad.vnnlib")
    lines = ["n.onnx,vnnlib/p", "n.onnx,vnnlib/q", "n.onnx,vnnlib/bad", "t.onnx,vnnlib/p"]
    written(bench, "".join(f"onnx/{line}.vnnlib,60\n" for line in lines), "instances.csv")
    for tool, name, text in (
        ("good", "n_p", pairs("0.75", "0.8")),
        ("good", "n_q", "unsat\n"),
        ("bad", "n_p", pairs("1.0000001", "0.5")),
        ("bad", "n_q", pairs("2", "0.5")),
        ("bad", "n_bad", pairs("1", "1")),
        ("bad", "t_p", pairs("1", "1")),
        ("bad", "x_p", pairs("1", "1")),
    ):
        (results / tool / "2025_tiny").mkdir(parents=True, exist_ok=True)
        written(results / tool / "2025_tiny", text, f"{name}.counterexample")
    return results, bench


def test_a_folder_is_told_tool_by_tool(
    competition: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, bench = competition
    summary, fixed = tmp_path / "summary.csv", tmp_path / "fixed"
    told = _told(capsys, "--folder", results, "--benchmark", bench, "--repair", "-o", fixed, "--csv", summary)
    assert told["status"] == 3
    assert told["tools"]["good"]["exact"] == told["tools"]["good"]["no witness"] == 1
    bad = {name: count for name, count in told["tools"]["bad"].items() if count}
    expected = {
        "witnesses": 5,
        "outside": 1,
        "outside, not violating": 1,
        "malformed": 2,
        "other": 1,
        "repaired": 1,
    }
    assert bad == expected
    assert [str(path.relative_to(fixed)) for path in fixed.rglob("*.counterexample")] == [
        "bad/2025_tiny/n_p.counterexample"
    ]
    rows = {row["witness"]: row for row in csv.DictReader(summary.open(encoding="utf-8"))}
    assert len(rows) == 7
    row = rows["bad/2025_tiny/n_p.counterexample"]
    assert (row["kind"], row["outside_by"], row["outside_at"]) == ("outside", "1/10000000", "X_0")
    assert (row["repair"], row["repair_distance"], row["status"]) == ("moved into the box", "1/10000000", "0")
    assert rows["bad/2025_tiny/t_p.counterexample"]["kind"] == "unsupported"
    assert "'Tanh'" in rows["bad/2025_tiny/t_p.counterexample"]["message"]
    assert "instances.csv" in rows["bad/2025_tiny/x_p.counterexample"]["message"]


def test_the_table_has_a_line_a_tool_and_the_status_is_the_first_that_occurs(
    competition: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    results, bench = competition
    assert main(["witness", "--folder", str(results / "good"), "--benchmark", str(bench)]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["tool", "files", "exact"]
    assert row.split()[:3] == ["good", "2", "1"]
    (results / "bad" / "2025_tiny" / "x_p.counterexample").unlink()
    (results / "bad" / "2025_tiny" / "n_bad.counterexample").unlink()
    assert main(["witness", "--folder", str(results), "--benchmark", str(bench)]) == 5
    (results / "bad" / "2025_tiny" / "t_p.counterexample").unlink()
    assert main(["witness", "--folder", str(results), "--benchmark", str(bench)]) == 1


def test_a_folder_in_which_no_file_holds_a_witness_is_no_success(
    competition: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    results, bench = competition
    (results / "good" / "2025_tiny" / "n_p.counterexample").unlink()
    assert main(["witness", "--folder", str(results / "good"), "--benchmark", str(bench)]) == 3
    assert "no file holds a witness" in capsys.readouterr().out


def test_networks_with_names_have_their_own_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("vnnlib", reason="vnnlib is not installed")
    bench, results = tmp_path / "pair", tmp_path / "results" / "tool" / "2026_pair"
    _model(bench / "onnx", "n.onnx")
    saved(model([node("Neg", ["x"], ["y"])], [], 2), bench / "onnx", "minus.onnx")
    (bench / "vnnlib").mkdir()
    tensors = "(declare-input X{0} real [1,2]) (declare-output Y{0} real [1,2])"
    text = (
        "(vnnlib-version <2.0>)\n"
        f"(declare-network f {tensors.format(0)})\n"
        f"(declare-network g (isomorphic-to f) {tensors.format(1)})\n"
        "(assert (and (== X0[0,0] X1[0,0]) (== X0[0,1] X1[0,1]) (>= (+ Y0[0,0] Y1[0,0]) 0.5)))\n"
    )
    written(bench / "vnnlib", text, "p.vnnlib")
    line = "\"[('f', 'onnx/n.onnx'), ('g', 'onnx/minus.onnx')]\",vnnlib/p.vnnlib,60\n"
    written(bench, line, "instances.csv")
    results.mkdir(parents=True)
    written(results, "X0[0,0]=1\nX0[0,1]=0.5\nX1[0,0]=1\nX1[0,1]=0.5\n", "f_g_p.counterexample")
    told = _told(capsys, "--folder", results.parent.parent, "--benchmark", bench)
    assert (told["status"], told["tools"]["tool"]["exact"]) == (0, 1), told
    written(results, "X0[0,0]=1\nX0[0,1]=0.25\nX1[0,0]=1\nX1[0,1]=0.5\n", "f_g_p.counterexample")
    (entry,) = _told(capsys, "--folder", results.parent.parent, "--benchmark", bench)["entries"]
    assert (entry["kind"], entry["outside_by"], entry["outside_at"]) == (
        "outside, not violating",
        "1/4",
        None,
    )
    assert entry["unviolated_by"] == "1/4"


def test_a_tool_whose_name_is_no_text_is_told_all_the_same(
    competition: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, bench = competition
    try:
        (results / "good").rename(os.fsdecode(os.fsencode(results) + b"/t\xff[red]"))
    except (OSError, UnicodeError):
        pytest.skip("the file system takes UTF-8 names only")
    summary = tmp_path / "summary.csv"
    assert main(["witness", "--folder", str(results), "--benchmark", str(bench), "--csv", str(summary)]) == 3
    assert "'t\\udcff[red]'" in capsys.readouterr().out
    assert "t?[red]" in {row["tool"] for row in csv.DictReader(summary.open(encoding="utf-8"))}
