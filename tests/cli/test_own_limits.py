"""Limits of a command: each ends in exit 6 by its name, and none is left behind in the process."""

import io
import json
import resource
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from memcert.cli import main, own_limits
from memcert.cli.outcomes import HOLDS, Outcome, run
from memcert.errors import UndecidedError, UsageError
from memcert.limits import Limits, memory_can_be_limited, size_of

LIMITED = pytest.mark.skipif(not memory_can_be_limited(), reason=f"{sys.platform} limits no memory")


def _run(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(list(words))
    return status, out.getvalue(), err.getvalue()


def _told(*words: str) -> tuple[int, str]:
    status, out, _ = _run(*words, "--json")
    return status, json.loads(out)["message"]


@pytest.mark.parametrize("command", ["check", "prove"])
def test_a_file_larger_than_allowed_is_undecided(command: str, five: Path) -> None:
    size = five.stat().st_size
    status, message = _told(command, str(five), f"--max-bytes={size - 1}")
    assert (status, message) == (6, f"max-bytes at {five}: expected at most {size - 1}, got {size}")
    assert _run(command, str(five), f"--max-bytes={size}")[0] == 0


def test_what_unpacks_to_more_than_allowed_is_undecided(five: Path, tmp_path: Path) -> None:
    import gzip

    packed = tmp_path / "five.json.gz"
    packed.write_bytes(gzip.compress(five.read_bytes()))
    size = five.stat().st_size
    status, message = _told("check", str(packed), f"--max-bytes={size - 1}")
    assert (status, message) == (6, f"max-bytes at file: expected at most {size - 1}, got {size}")


@pytest.mark.parametrize("command", ["check", "prove"])
def test_a_number_longer_than_allowed_is_undecided_at_its_layer(command: str, five: Path) -> None:
    status, message = _told(command, str(five), "--max-bits=4")
    assert status == 6
    assert message.startswith("max-bits at network.layers[")
    assert _run(command, str(five), "--max-bits=100")[0] == 0


def test_a_path_that_cannot_be_opened_is_a_usage_error_before_its_size_is_asked(tmp_path: Path) -> None:
    status, out, err = _run("check", str(tmp_path), "--max-bytes=1MB")
    assert (status, out) == (2, "")
    assert "cannot be opened: " in err


@pytest.mark.parametrize("spelled", ["", "-1", "1e3", "5 apples", "1.5GB", "0"])
def test_a_size_is_spelled_in_one_way(spelled: str) -> None:
    with pytest.raises(UsageError, match="--max-bytes"):
        size_of(spelled, "--max-bytes", least=1)


def _sleeping() -> Outcome:
    time.sleep(60)
    return Outcome(HOLDS, "done", (), {})


def test_a_command_whose_time_is_up_is_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    status = run("x", _sleeping, as_json=False, quiet=False, limits=lambda: Limits(1, None))
    assert (status, capsys.readouterr().out) == (6, "undecided: timeout: more than 1 seconds\n")


def test_a_command_that_does_not_end_in_its_grace_is_ended() -> None:
    script = """
import time
from memcert.cli import own_limits
from memcert.cli.outcomes import run
from memcert.limits import Limits
own_limits.GRACE = 1
def deaf():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
run("x", deaf, as_json=True, quiet=False, limits=lambda: Limits(1, None))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=50, check=False)
    assert done.returncode == 6
    assert json.loads(done.stdout)["message"] == "timeout: more than 1 seconds"


def test_ctrl_c_within_the_time_is_an_interruption() -> None:
    def interrupted() -> Outcome:
        raise KeyboardInterrupt

    assert run("x", interrupted, as_json=False, quiet=True, limits=lambda: Limits(60, None)) == 130


@LIMITED
def test_memory_beyond_the_limit_is_undecided_and_the_limit_is_taken_back() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = 1 << 34
    with (
        pytest.raises(UndecidedError, match="max-memory: more than 17,179,869,184 bytes"),
        own_limits.within(Limits(None, used), lambda _: None),
    ):
        bytearray(2 * used)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@LIMITED
def test_a_check_that_needs_more_memory_than_allowed_is_undecided(tmp_path: Path) -> None:
    # Eight million values, within what is read, take more memory than 300 MB.
    path = tmp_path / "large.json"
    path.write_text("[" + "[1], " * 4_000_000 + "1]", encoding="utf-8")
    words = [sys.executable, "-m", "memcert", "check", str(path), "--max-memory=300MB"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 6
    assert done.stdout == "undecided: max-memory: more than 300,000,000 bytes\n"


def test_where_memory_cannot_be_limited_the_option_is_refused(
    monkeypatch: pytest.MonkeyPatch, five: Path
) -> None:
    monkeypatch.setattr("memcert.limits.memory_can_be_limited", lambda: False)
    status, message = _told("check", str(five), "--max-memory=1GB")
    assert status == 5
    assert message.startswith("--max-memory: this system")


def test_limits_out_of_range_are_usage_errors(five: Path) -> None:
    for option in ("--timeout=0", "--max-bits=0", "--max-memory=1MB", "--max-bytes=few"):
        assert _run("check", str(five), option)[0] == 2
