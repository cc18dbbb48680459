"""What results.csv says, held against the judged witnesses: `sat` without one, `unsat` with one."""

import os
from pathlib import Path

import pytest
from witness_tools import box, declared, hat, pairs, written

from memcert.witnesses.claims import Claim, read_claims, settled
from memcert.witnesses.folders import Entry, Options, judged
from memcert.witnesses.layouts import Benchmark, paired, read_benchmarks
from memcert.witnesses.prepared import Prepared

NAMES = ("p", "q", "r")


def _line(name: str, result: str, folder: str = "vnncomp2025_benchmarks/benchmarks/tiny") -> str:
    return f"tiny,{folder}/onnx/n.onnx,{folder}/vnnlib/{name}.vnnlib,.02,{result},1.5\n"


def _benchmark(root: Path) -> list[Benchmark]:
    folder = root / "tiny"
    (folder / "vnnlib").mkdir(parents=True)
    spec = declared(2, 2) + box(("0", "1"), ("0", "1")) + "(assert (>= Y_0 1.5))"
    for name in NAMES:
        written(folder / "vnnlib", spec, f"{name}.vnnlib")
    lines = "".join(f"./onnx/n.onnx,vnnlib/{name}.vnnlib,9\n" for name in NAMES)
    written(folder, lines, "instances.csv")
    return read_benchmarks(str(folder))


def _file(root: Path, path: str, text: str) -> None:
    (root / "r" / path).parent.mkdir(parents=True, exist_ok=True)
    written((root / "r" / path).parent, text, Path(path).name)


def _said(root: Path, benchmarks: list[Benchmark]) -> dict[tuple[str, str], str]:
    claims, _ = read_claims(str(root / "r"), benchmarks)
    return {
        (claim.paired.tool, claim.paired.instance.stated[1].removeprefix("vnnlib/")[0]): claim.result
        for claim in claims
        if claim.paired.instance is not None
    }


def _settled(root: Path, benchmarks: list[Benchmark]) -> list[Entry]:
    claims, faults = read_claims(str(root / "r"), benchmarks)
    options = Options(lambda _, __: Prepared(hat()), repair=True, fixed=None)
    return [*faults, *settled(judged(paired(str(root / "r"), benchmarks), options), claims)]


def test_lines_are_matched_by_the_path_inside_the_benchmark(tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(
        tmp_path,
        "t/2025_tiny/results.csv",
        _line("p", "sat") + _line("q", "unsat", "/home/me/benchmarks/tiny/2.0") + _line("x", "sat"),
    )
    _file(tmp_path, "u/tiny/results.csv", "tiny,onnx/n.onnx,vnnlib/p.vnnlib.gz,0,timeout,9,\n\n")
    assert _said(tmp_path, benchmarks) == {("t", "p"): "sat", ("t", "q"): "unsat", ("u", "p"): "timeout"}


def test_lines_of_another_version_of_the_benchmark_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "tiny" / "2.0"
    folder.mkdir(parents=True)
    written(folder, "onnx/n.onnx,vnnlib/p.vnnlib,9\nonnx/n.onnx,vnnlib/q.vnnlib,9\n", "instances.csv")
    at = "x/benchmarks/tiny"
    _file(
        tmp_path,
        "t/2026_tiny/results.csv",
        _line("p", "unsat", f"{at}/1.0") + _line("p", "sat", f"{at}/2.0") + _line("q", "unsat", f"{at}/1.0"),
    )
    assert _said(tmp_path, read_benchmarks(str(folder))) == {("t", "p"): "sat"}


def test_a_tools_own_list_counts_where_its_folder_of_the_benchmark_has_none(tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(tmp_path, "t/results.csv", _line("p", "unsat") + _line("q", "sat"))
    _file(tmp_path, "t/2025_tiny/results.csv", _line("p", "sat"))
    assert _said(tmp_path, benchmarks) == {("t", "p"): "sat", ("t", "q"): "sat"}


def test_the_lists_of_several_benchmarks_are_told_apart(tmp_path: Path) -> None:
    _benchmark(tmp_path / "b")
    (tmp_path / "b" / "other").mkdir()
    written(tmp_path / "b" / "other", "onnx/n.onnx,vnnlib/p.vnnlib,9\n", "instances.csv")
    benchmarks = read_benchmarks(str(tmp_path / "b"))
    _file(tmp_path, "t/results.csv", _line("p", "sat") + _line("p", "unsat", "x/benchmarks/other"))
    claims, _ = read_claims(str(tmp_path / "r"), benchmarks)
    assert {(claim.paired.benchmark, claim.result) for claim in claims} == {
        ("tiny", "sat"),
        ("other", "unsat"),
    }


def test_networks_with_names_are_matched_by_their_paths(tmp_path: Path) -> None:
    folder = tmp_path / "pair"
    folder.mkdir()
    networks = "\"[('f', '{0}onnx/a.onnx'), ('g', '{0}onnx/b.onnx')]\""
    written(folder, f"{networks.format('')},vnnlib/p.vnnlib,9\n", "instances.csv")
    at = "x/benchmarks/pair/2.0/"
    _file(tmp_path, "t/2026_pair/results.csv", f"pair,{networks.format(at)},{at}vnnlib/p.vnnlib,0,SAT,1\n")
    claims, _ = read_claims(str(tmp_path / "r"), read_benchmarks(str(folder)))
    assert [claim.result for claim in claims] == ["SAT"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"tiny,onnx/n.onnx\n", "line 1: expected category,model,property,seconds,result,seconds"),
        (b"\xff\n", "expected CSV in UTF-8"),
        (b'tiny,"n\n', "expected CSV in UTF-8"),
        (b"\x1f\x8b\x08damaged", "expected undamaged gzip"),
    ],
)
def test_a_list_that_cannot_be_read_is_malformed(content: bytes, reason: str, tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(tmp_path, "t/2025_tiny/results.csv", "")
    (tmp_path / "r" / "t" / "2025_tiny" / "results.csv").write_bytes(content)
    claims, (fault,) = read_claims(str(tmp_path / "r"), benchmarks)
    assert (claims, fault.kind, fault.status, fault.paired.tool) == ([], "malformed", 3, "t")
    assert reason in str(fault.message)


def test_the_other_lines_of_a_malformed_list_count(tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(tmp_path, "t/2025_tiny/results.csv", "so\n" + _line("p", "unsat"))
    claims, faults = read_claims(str(tmp_path / "r"), benchmarks)
    assert ([claim.line for claim in claims], len(faults)) == ([2], 1)


@pytest.mark.parametrize("text", [None, "", "sat\n", "timeout\n"])
@pytest.mark.parametrize("result", ["sat", "violated", "SAT"])
def test_sat_without_a_witness_is_missing_one(text: str | None, result: str, tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(tmp_path, "t/2025_tiny/results.csv", _line("p", result))
    if text is not None:
        _file(tmp_path, "t/2025_tiny/n_p.counterexample", text)
    entries = _settled(tmp_path, benchmarks)
    assert [entry.kind for entry in entries] == ([] if text is None else ["no witness"]) + ["missing"]
    assert (entries[-1].status, entries[-1].claim) == (3, result)
    assert "line 1" in str(entries[-1].message)


@pytest.mark.parametrize("result", ["unsat", "timeout", "unknown", "error_exit_code_1", "", "satisfied"])
def test_other_results_need_no_witness(result: str, tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(tmp_path, "t/2025_tiny/results.csv", _line("p", result))
    assert _settled(tmp_path, benchmarks) == []


@pytest.mark.parametrize(
    ("values", "how"),
    [(("0.75", "0.8"), "counterexample, exactly"), (("0.75", "1.1"), "counterexample, repaired")],
)
@pytest.mark.parametrize("result", ["unsat", "holds"])
def test_unsat_is_refuted_by_whoever_has_a_counterexample(
    values: tuple[str, str], how: str, result: str, tmp_path: Path
) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(tmp_path, "t/2025_tiny/n_p.counterexample", pairs(*values))
    _file(tmp_path, "u/2025_tiny/results.csv", _line("p", result) + _line("q", result))
    _file(tmp_path, "u/2025_tiny/n_p.counterexample", "unsat\n")
    told = {(entry.paired.tool, entry.kind): entry for entry in _settled(tmp_path, benchmarks)}
    assert len(told) == 3
    assert told["u", "no witness"].claim == result
    refuted = told["u", "refuted"]
    assert (refuted.status, refuted.paired.instance is not None) == (1, True)
    assert how in str(refuted.message)
    assert "t/2025_tiny/n_p.counterexample" in str(refuted.message)


def test_a_witness_that_is_none_refutes_nothing(tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    _file(tmp_path, "t/2025_tiny/n_p.counterexample", "sat\n((X_0 1)")
    _file(tmp_path, "t/2025_tiny/results.csv", _line("p", "sat"))
    _file(tmp_path, "u/2025_tiny/results.csv", _line("p", "unsat"))
    (entry,) = _settled(tmp_path, benchmarks)
    assert (entry.kind, entry.claim) == ("malformed", "sat")


def test_a_witness_that_cannot_be_opened_is_the_tools_fault(tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    folder = tmp_path / "r" / "t" / "tiny"
    folder.mkdir(parents=True)
    (folder / "n_p.counterexample").symlink_to(tmp_path / "nothing")
    (folder / "n_q.counterexample.gz").mkdir()
    os.mkfifo(folder / "n_r.counterexample")
    entries = _settled(tmp_path, benchmarks)
    assert [(entry.kind, entry.status) for entry in entries] == [("malformed", 3)] * 3
    assert all("cannot be opened" in str(entry.message) for entry in entries)


def test_a_claim_begins_with_its_word(tmp_path: Path) -> None:
    benchmarks = _benchmark(tmp_path)
    claims, _ = read_claims(str(tmp_path), benchmarks)
    assert claims == []
    _file(tmp_path, "t/2025_tiny/results.csv", _line("p", "timeout(X_00 1)"))
    (claim,), _ = read_claims(str(tmp_path / "r"), benchmarks)
    assert isinstance(claim, Claim)
    assert (claim.says(frozenset({"timeout"})), claim.says(frozenset({"sat"}))) == (True, False)
