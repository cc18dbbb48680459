import os
import stat
from pathlib import Path

import pytest
from command_line import inside

from memcert.cli.outputs import maybe_writable, writable
from memcert.errors import UsageError


def test_a_path_in_a_folder_is_returned_and_no_path_is_none(tmp_path: Path) -> None:
    assert writable(str(tmp_path / "a.json")) == tmp_path / "a.json"
    assert maybe_writable(None) is None


def test_a_folder_and_a_file_in_none_are_refused_by_their_option(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "a.json"):
        with pytest.raises(UsageError, match="--per-row: expected a file in a folder that exists"):
            writable(str(path), "--per-row")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(UsageError, match="expected a folder that can be written"):
        writable(str(tmp_path / "a.json"))


def test_what_is_read_is_never_written_over_whatever_it_is_called(tmp_path: Path) -> None:
    data = tmp_path / "d.csv"
    data.write_text("1", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(data)
    for name in ("d.csv", "link.csv", "../" + tmp_path.name + "/d.csv"):
        with pytest.raises(UsageError, match="expected another file than"):
            writable(str(tmp_path / name), kept=(None, str(data)))


def test_two_outputs_are_two_files(tmp_path: Path) -> None:
    first = writable(str(tmp_path / "a.json"))
    with pytest.raises(UsageError, match="expected another file than"):
        writable(str(tmp_path / "." / "a.json"), "--per-row", kept=[first])


@pytest.mark.parametrize(
    "line",
    [
        "build d.csv -o d.csv",
        "convert d.csv -o d.csv",
        "prove c.json -o c.json",
        "prove c.json --dataset d.csv -o d.csv",
        "report c.json -o c.json",
        "evaluate c.json d.csv --per-row d.csv",
    ],
)
def test_no_command_writes_over_what_it_reads(
    line: str, five: Path, five_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.json").write_bytes(five.read_bytes())
    (tmp_path / "d.csv").write_bytes(five_csv.read_bytes())
    done = inside(*line.split())
    assert done.returncode == 2
    assert "which the command reads or writes itself" in done.stderr
    assert (tmp_path / "c.json").read_bytes() == five.read_bytes()
    assert (tmp_path / "d.csv").read_bytes() == five_csv.read_bytes()
