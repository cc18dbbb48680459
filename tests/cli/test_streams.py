"""Nobody reads, nobody can: what becomes of a result whose stream is closed, broken or full."""

import subprocess
import sys
from pathlib import Path

import pytest

DISK_FULL = Path("/dev/full")


def shell(words: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a line of sh, in which memcert is `$0 -m memcert` and the arguments are `$1`, .."""
    line = words.replace("memcert ", '"$0" -m memcert ')
    command = ["sh", "-c", line, sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("command", ["memcert show $1", "memcert check $1", "memcert check $1 --json"])
def test_a_closed_stdout_leaves_the_exit_status(five: Path, command: str) -> None:
    done = shell(f"{command} >&-", five)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_stderr_leaves_the_exit_status(tmp_path: Path) -> None:
    assert shell("memcert show $1 2>&-", tmp_path / "none").returncode == 2


@pytest.mark.parametrize("words", ["show $1 --blocks", "check $1", "show --help"])
def test_a_reader_that_left_changes_no_exit_status(five: Path, words: str) -> None:
    done = shell(f"{{ memcert {words}; echo status $? >&2; }} | true", five)
    assert done.stderr == "status 0\n"


def test_progress_that_nobody_hears_ends_no_work(five_csv: Path, tmp_path: Path) -> None:
    done = shell("{ memcert build $1 -o $2 2>&1 >/dev/null; echo $? >$3; } | true", five_csv, *_two(tmp_path))
    assert done.returncode == 0
    assert (tmp_path / "status").read_text(encoding="utf-8") == "0\n"


def _two(folder: Path) -> tuple[Path, Path]:
    return folder / "c.json", folder / "status"


@pytest.mark.skipif(not DISK_FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", ["check $1", "check $1 --json", "show $1"])
def test_a_result_that_cannot_be_written_is_a_usage_error_and_no_verdict(five: Path, words: str) -> None:
    done = shell(f"memcert {words} >/dev/full", five)
    assert done.returncode == 2
    assert "the result cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_in_the_making_of_a_class_ends_with_130_too() -> None:
    # CPython takes an interrupt within `exec` of a text, as dataclasses use it, for one that nobody handled.
    script = """
import sys
from memcert import cli
def run(words):
    try:
        exec("raise KeyboardInterrupt")
    except KeyboardInterrupt:
        return 130
cli._run = run
sys.exit(cli.main())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 130
