"""Which witness belongs to which instance: the competition's folders, as its repositories lay them out."""

import gzip
from pathlib import Path

import pytest

from memcert.errors import UsageError
from memcert.witnesses.layouts import paired, read_benchmarks
from memcert.witnesses.refusals import SpecificationError


def _files(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("sat\n", encoding="utf-8")


def _benchmark(folder: Path, *lines: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "instances.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(folder)


def _told(results: Path, benchmark: str) -> dict[str, tuple[str, str | None]]:
    return {
        pair.within.as_posix(): (pair.tool, None if pair.instance is None else pair.instance.stated[1])
        for pair in paired(str(results), read_benchmarks(benchmark))
    }


def test_files_are_paired_by_the_stems_of_model_and_property(tmp_path: Path) -> None:
    bench = _benchmark(
        tmp_path / "b" / "acas", "onnx/n_1.onnx,vnnlib/p.vnnlib,116", "./onnx/n_2.onnx,vnnlib/p.vnnlib,116"
    )
    _files(
        tmp_path / "r",
        "crown/2025_acas/n_1_p.counterexample.gz",
        "crown/2025_acas/results.csv",
        "crown/2025_other/n_1_p.counterexample.gz",
        "nnv/acas/n_2_p.counterexample",
        "nnv/acas/n_2_p.txt",
        "nnv/acas/log.txt",
        "nnv/acas/n_3_p.counterexample",
    )
    assert _told(tmp_path / "r", bench) == {
        "crown/2025_acas/n_1_p.counterexample.gz": ("crown", "vnnlib/p.vnnlib"),
        "nnv/acas/n_2_p.counterexample": ("nnv", "vnnlib/p.vnnlib"),
        "nnv/acas/n_2_p.txt": ("nnv", "vnnlib/p.vnnlib"),
        "nnv/acas/n_3_p.counterexample": ("nnv", None),
    }


def test_a_tools_folder_and_a_folder_of_files_alone_will_do(tmp_path: Path) -> None:
    bench = _benchmark(tmp_path / "b" / "acas", "n.onnx,p.vnnlib,1")
    _files(tmp_path / "r", "tool/2025_acas/n_p.counterexample")
    for folder, tool in (("r", "tool"), ("r/tool", "tool"), ("r/tool/2025_acas", "2025_acas")):
        assert [told[0] for told in _told(tmp_path / folder, bench).values()] == [tool]


def test_folders_below_onnx_are_a_prefix_as_the_competition_has_it(tmp_path: Path) -> None:
    bench = _benchmark(
        tmp_path / "nlp",
        "onnx/medical/m.onnx,vnnlib/medical/h0.vnnlib,20",
        "onnx/robot/m.onnx,vnnlib/robot/h0.vnnlib,20",
    )
    _files(
        tmp_path / "r", *(f"t/nlp/{name}.counterexample" for name in ("medical_m_h0", "robot_m_h0", "m_h0"))
    )
    assert {name: told[1] for name, told in _told(tmp_path / "r", bench).items()} == {
        "t/nlp/medical_m_h0.counterexample": "vnnlib/medical/h0.vnnlib",
        "t/nlp/robot_m_h0.counterexample": "vnnlib/robot/h0.vnnlib",
        "t/nlp/m_h0.counterexample": None,  # two instances have this name
    }


def test_networks_with_names_and_versions_of_a_benchmark_are_read(tmp_path: Path) -> None:
    line = "\"[('f', 'onnx/a.onnx'), ('g', 'onnx/b.onnx')]\",./vnnlib/i0.vnnlib,100"
    bench = _benchmark(tmp_path / "mono" / "2.0", line)
    _files(tmp_path / "r", "t/2026_mono/f_g_i0.counterexample")
    (pair,) = paired(str(tmp_path / "r"), read_benchmarks(bench))
    assert pair.instance is not None
    assert {name: path.name for name, path in pair.instance.models.items()} == {"f": "a.onnx", "g": "b.onnx"}
    assert pair.benchmark == "mono"
    _benchmark(tmp_path / "mono" / "1.0", line)
    with pytest.raises(UsageError, match="'mono' has several versions"):
        read_benchmarks(str(tmp_path / "mono"))


def test_a_packed_file_stands_for_the_one_that_is_named(tmp_path: Path) -> None:
    bench = _benchmark(tmp_path / "b", "onnx/n.onnx,vnnlib/p.vnnlib,1")
    (tmp_path / "b" / "onnx").mkdir()
    (tmp_path / "b" / "onnx" / "n.onnx.gz").write_bytes(gzip.compress(b"model"))
    (benchmark,) = read_benchmarks(bench)
    assert benchmark.instances["n_p"].models[""].name == "n.onnx.gz"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("../n.onnx,p.vnnlib,1", "inside the benchmark's folder"),
        ("n.onnx,/etc/p.vnnlib,1", "inside the benchmark's folder"),
        ("n.onnx", "line 1: expected model,property,seconds"),
        ("n.onnx,,1", "line 1: expected model,property,seconds"),
        ("[nothing],p.vnnlib,1", "expected networks such as"),
        ('"n.onnx,p.vnnlib,1', "expected CSV"),
    ],
)
def test_a_malformed_list_of_instances_is_refused(line: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SpecificationError) as caught:
        read_benchmarks(_benchmark(tmp_path / "b", line))
    assert reason in str(caught.value)


def test_folders_that_are_none_are_usage_errors(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match="--benchmark"):
            read_benchmarks(str(folder))
    benchmarks = read_benchmarks(_benchmark(tmp_path / "b", "n.onnx,p.vnnlib,1"))
    (tmp_path / "empty").mkdir()
    assert paired(str(tmp_path / "empty"), benchmarks) == []
    with pytest.raises(UsageError, match="--folder"):
        paired(str(tmp_path / "none"), benchmarks)


def test_a_folder_with_the_name_of_a_witness_is_paired_and_not_looked_into(tmp_path: Path) -> None:
    bench = _benchmark(tmp_path / "acas", "n.onnx,p.vnnlib,1")
    _files(tmp_path / "r", "t/acas/n_p.counterexample.gz/n_p.txt", "t/acas/logs/n_p.txt")
    assert _told(tmp_path / "r", bench) == {
        "t/acas/n_p.counterexample.gz": ("t", "p.vnnlib"),
        "t/acas/logs/n_p.txt": ("t", "p.vnnlib"),
    }
