"""`memcert witness --folder` as an organiser runs it: odd files, claims, what is not written over, Ctrl-C."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from witness_tools import box, declared, pairs, written

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored

from memcert.cli import main
from memcert.witnesses.judging import judge

SPEC = declared(2, 2) + box(("0", "1"), ("0", "1")) + "(assert (>= Y_0 1.5))"
GOOD = pairs("0.75", "0.8", outputs=("1.55", "-0.05"))
PLACE = "vnncomp2025_benchmarks/benchmarks/tiny"


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A benchmark of one model and nine properties, all the same."""
    folder = tmp_path / "benchmarks" / "tiny"
    (folder / "onnx").mkdir(parents=True)
    (folder / "vnnlib").mkdir()
    nodes = [node("Relu", ["x"], ["r"]), node("MatMul", ["r", "w"], ["y"])]
    saved(model(nodes, [stored("w", [[1, 1], [1, -1]])], 2), folder / "onnx", "n.onnx")
    for k in range(9):
        written(folder / "vnnlib", SPEC, f"p{k}.vnnlib")
    written(folder, "".join(f"onnx/n.onnx,vnnlib/p{k}.vnnlib,60\n" for k in range(9)), "instances.csv")
    return folder


def _tool(root: Path, name: str, files: dict[int, bytes | str | None], results: dict[int, str]) -> None:
    folder = root / "results" / name / "2025_tiny"
    folder.mkdir(parents=True)
    for k, content in files.items():
        path = folder / f"n_p{k}.counterexample.gz"
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(gzip.compress(content.encode()) if isinstance(content, str) else content)
    rows = [f"tiny,{PLACE}/onnx/n.onnx,{PLACE}/vnnlib/p{k}.vnnlib,.02,{r},1.5" for k, r in results.items()]
    rows.append("tiny,x/benchmarks/test/onnx/test_nano.onnx,x/benchmarks/test/test_nano.vnnlib,0,unsat,1")
    written(folder, "\n".join(rows), "results.csv")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two tools: one that claims too much, one that claims `unsat` where there is a counterexample."""
    files: dict[int, bytes | str | None] = {
        0: GOOD,
        1: pairs("1.00000001", "0.5"),
        2: "",
        3: None,
        4: gzip.compress(GOOD.encode())[:-9],
        5: "timeout\n",
    }
    said = dict.fromkeys(range(8), "sat") | {5: "timeout", 6: "timeout"}
    _tool(tmp_path, "alpha", files, said)
    _tool(tmp_path, "beta", {0: "unsat\n"}, {0: "unsat", 1: "unsat", 7: "unsat", 8: "unknown"})
    return tmp_path / "results"


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main(["witness", *map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


def _nonzero(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def test_every_file_and_every_claim_that_fails_is_counted(
    results: Path, bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.csv"
    told = _told(capsys, "--folder", results, "--benchmark", bench.parent, "--csv", summary)
    assert told["status"] == 3
    assert _nonzero(told["tools"]["alpha"]) == {
        "witnesses": 6,
        "exact": 1,
        "outside": 1,
        "malformed": 2,
        "no witness": 2,
        "missing": 2,
    }
    assert _nonzero(told["tools"]["beta"]) == {"witnesses": 1, "no witness": 1, "refuted": 1}
    rows = list(csv.DictReader(summary.open(encoding="utf-8")))
    assert len(rows) == 7 + 3
    told_of = {(row["tool"], row["property"], row["kind"]): row for row in rows}
    assert told_of["alpha", "vnnlib/p1.vnnlib", "outside"]["claim"] == "sat"
    assert "line 8" in told_of["alpha", "vnnlib/p7.vnnlib", "missing"]["message"]
    refuted = told_of["beta", "vnnlib/p0.vnnlib", "refuted"]
    assert (refuted["status"], refuted["claim"]) == ("1", "unsat")
    assert "alpha/2025_tiny/n_p0.counterexample.gz" in refuted["message"]


def test_a_repaired_witness_refutes_too(
    results: Path, bench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, "--folder", results, "--benchmark", bench, "--repair")
    assert told["tools"]["beta"]["refuted"] == 2
    assert told["tools"]["alpha"]["repaired"] == 1


def test_the_table_names_the_columns_of_the_claims(
    results: Path, bench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["witness", "--folder", str(results / "beta"), "--benchmark", str(bench)]) == 3
    head, row, last = capsys.readouterr().out.splitlines()
    assert head.split()[-3:] == ["repaired", "missing", "refuted"]
    assert row.split()[:2] == ["beta", "1"]
    assert last == "no file holds a witness"


def test_a_tool_without_any_witness_file_is_told(
    results: Path, bench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "beta" / "2025_tiny" / "n_p0.counterexample.gz").unlink()
    told = _told(capsys, "--folder", results / "beta", "--benchmark", bench)
    assert (told["status"], told["tools"]["beta"]["witnesses"], told["entries"]) == (3, 0, [])
    (results / "beta" / "2025_tiny" / "results.csv").unlink()
    assert _told(capsys, "--folder", results / "beta", "--benchmark", bench)["status"] == 2


def test_no_file_that_is_read_is_written_over(
    results: Path, bench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results / "alpha" / "2025_tiny"
    read = [
        folder / "results.csv",
        folder / "n_p0.counterexample.gz",
        bench / "instances.csv",
        bench / "onnx" / "n.onnx",
        bench / "vnnlib" / "p8.vnnlib",
    ]
    before = [path.read_bytes() for path in read]
    for path in read:
        told = _told(capsys, "--folder", results, "--benchmark", bench, "--csv", path)
        assert told["status"] == 2, path
    told = _told(capsys, "--folder", results, "--benchmark", bench, "--repair", "-o", results)
    assert (told["status"], "would be lost" in told["message"]) == (2, True)
    assert [path.read_bytes() for path in read] == before


@pytest.mark.parametrize("existing", [None, "before\n"])
def test_an_interruption_leaves_the_summary_as_it_was(
    existing: str | None,
    results: Path,
    bench: Path,
    tmp_path: Path,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summary = tmp_path / "out" / "summary.csv"
    summary.parent.mkdir()
    if existing is not None:
        summary.write_text(existing, encoding="utf-8")
    calls: list[Any] = []

    def interrupted(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return judge(*given)

    monkeypatch.setattr("memcert.witnesses.folders.judge", interrupted)
    assert _told(capsys, "--folder", results, "--benchmark", bench, "--csv", summary)["status"] == 130
    assert len(calls) == 2
    assert [path.read_text(encoding="utf-8") for path in summary.parent.iterdir()] == (
        [] if existing is None else [existing]
    )


def test_an_interruption_tells_of_the_repairs_that_were_written(
    results: Path,
    bench: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(given: Any, *rest: Any) -> Any:
        found = judge(given, *rest)
        if found.exact:
            raise KeyboardInterrupt
        return found

    written(results / "alpha" / "2025_tiny", pairs("1.5", "0.5"), "n_p7.counterexample")
    written(results / "alpha" / "2025_tiny", pairs("1", "1"), "n_p8.counterexample")
    (results / "alpha" / "2025_tiny" / "n_p0.counterexample.gz").unlink()
    monkeypatch.setattr("memcert.witnesses.folders.judge", interrupted)
    fixed = tmp_path / "fixed"
    told = _told(capsys, "--folder", results, "--benchmark", bench, "--repair", "-o", fixed)
    assert (told["status"], told["message"]) == (
        130,
        "repaired witnesses that were written: 2; nothing else was",
    )
    assert len([path for path in fixed.rglob("*") if path.is_file()]) == 2


TOOLS = {
    "each bracket on a line": "sat\n(\n(X_0 0.750000)\n(X_1 0.800000)\n(Y_0 1.550000)\n(Y_1 -0.050000)\n)\n",
    "one bracket at the end": "sat\n((X_0 0.75)\n (X_1 0.8)\n (Y_0 1.55)\n (Y_1 -0.05))",
    "no first line": "((X_0 0.75)\n(X_1 0.8)\n(Y_0 1.55)\n(Y_1 -0.05))\n",
    "exponents and two spaces": "sat\n((X_0  7.5e-01)\n(X_1  8.0E-1)\n(Y_0  1.55e+00)\n(Y_1  -5.0e-02))\n",
    "no outer brackets": "sat\n(X_0 0.75)\n(X_1 0.8)\n(Y_0 1.55)\n(Y_1 -0.05)\n",
    "inputs alone": "sat\n((X_0 0.75)(X_1 0.8))",
    "carriage returns and a byte order mark": "\ufeffsat\r\n((X_0 0.75)\r\n(X_1 0.8))\r\n",
    "another word": "violated\n((X_0 0.75) (X_1 0.8))",
}
FAULTS = {
    "text behind": ("sat\n((X_0 0.75)(X_1 0.8))\ntime: 1.5", "line 3, column 1"),
    "a bracket too many": ("sat\n((X_0 0.75)(X_1 0.8000))(", "line 2, column 25"),
    "an array": ("sat\n((X_0 [0.75])(X_1 0.8))", "line 2, column 7"),
    "commas": ("sat\n((X_0 0.75),\n(X_1 0.8))", "line 2, column 12"),
    "no value": ("sat\n((X_0 )(X_1 0.8))", "line 2, column 7"),
    "not a number": ("sat\n((X_0 nan)(X_1 0.8))", "line 2, column 7"),
    "a log": ("Traceback (most recent call last):\n", "line 1, column 1"),
}


@pytest.mark.parametrize("packed", [False, True])
def test_the_files_of_tools_are_read_as_they_print_them(
    packed: bool, bench: Path, tmp_path: Path, *, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [*TOOLS.values(), *(text for text, _ in FAULTS.values())]
    for k, text in enumerate(texts):
        # One tool each, with the same instance.
        folder = tmp_path / "results" / f"tool{k:02}" / "tiny"
        folder.mkdir(parents=True)
        path = folder / f"n_p0.counterexample{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    told = _told(capsys, "--folder", tmp_path / "results", "--benchmark", bench)
    kinds = {entry["tool"]: entry for entry in told["entries"]}
    assert [kinds[f"tool{k:02}"]["kind"] for k in range(len(TOOLS))] == ["exact"] * len(TOOLS)
    for k, (_, place) in enumerate(FAULTS.values(), len(TOOLS)):
        entry = kinds[f"tool{k:02}"]
        assert (entry["kind"], place in entry["message"]) == ("malformed", True), entry


def test_an_entry_that_was_told_holds_no_property_any_more(
    results: Path, bench: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from memcert.reports import witness_folder

    seen: list[Any] = []
    counted = witness_folder.counted

    def watched(entries: Any, named: Any) -> Any:
        seen.extend(entries)
        return counted(entries, named)

    monkeypatch.setattr(witness_folder, "counted", watched)
    told = _told(capsys, "--folder", results, "--benchmark", bench, "--repair")
    assert [entry.stated or entry.judgement or entry.repair for entry in seen] == [None] * len(seen)
    assert told["tools"]["alpha"]["repaired"] == 1
    (outside,) = [entry for entry in told["entries"] if entry["kind"] == "outside"]
    assert (outside["outside_by"], outside["repair"]) == ("1/100000000", "moved into the box")
