"""Limits of a command: each ends in exit 6 by its name, and none is left behind in the process."""

import gzip
import io
import json
import re
import resource
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import model_files
import pytest

from memcert.cli import kept_limits, main
from memcert.cli.app import COMMANDS
from memcert.cli.lazy import loaded
from memcert.cli.outcomes import HOLDS, Outcome, run
from memcert.cli.own_limits import Asked
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
    packed = tmp_path / "five.json.gz"
    packed.write_bytes(gzip.compress(five.read_bytes()))
    size = five.stat().st_size
    status, message = _told("check", str(packed), f"--max-bytes={size - 1}")
    assert (status, message) == (6, f"max-bytes at file: expected at most {size - 1}, got {size}")


READERS = {
    "check": "check {five}",
    "prove": "prove {five}",
    "verify": "verify {model} {data} --rule argmax",
    "witness": "witness {model} {spec} {sat}",
    "diff": "diff {five} {five}",
    "show": "show {five}",
    "explain": "explain {five} --sample 0",
    "report": "report {five} -o {out}",
    "plot": "plot {five} --kind samples -o {svg}",
    "bounds": "bounds {five}",
    "evaluate": "evaluate {five} {csv}",
    "inspect": "inspect {csv}",
    "convert": "convert {csv} -o {out}",
    "export": "export {five} -o {smt2}",
}
"""A command line of every command that takes limits."""
WITHOUT_BITS = {"inspect", "convert"}
SLOW = {"report", "plot"}
"""These are let through once only."""


@pytest.fixture
def lines(five: Path, five_csv: Path, tmp_path: Path) -> dict[str, list[str]]:
    """Return the command lines, with files that are there."""
    layers = [([["1", "2"], ["-1", "1"]], ["0", "0.1"])]
    text = model_files.nnet_text(layers, ["-9", "-9"], ["9", "9"], ["0"] * 3, ["1"] * 3)
    (tmp_path / "m.nnet").write_text(text)
    (tmp_path / "d.csv").write_text("x,y,label\n1,2,0\n-1,1,1\n")
    variables = "".join(f"(declare-const {v} Real)\n" for v in ("X_0", "X_1", "Y_0", "Y_1"))
    (tmp_path / "p.vnnlib").write_text(f"{variables}(assert (>= X_0 0))\n(assert (>= Y_0 Y_1))\n")
    (tmp_path / "w.txt").write_text("sat\n((X_0 1) (X_1 2))\n")
    names = {"five": five, "csv": five_csv, "model": tmp_path / "m.nnet", "data": tmp_path / "d.csv"}
    names |= {"spec": tmp_path / "p.vnnlib", "sat": tmp_path / "w.txt", "out": tmp_path / "out.html"}
    names |= {"svg": tmp_path / "out.svg", "smt2": tmp_path / "out.smt2"}
    return {command: line.format(**names).split() for command, line in READERS.items()}


def test_every_command_that_takes_limits_is_in_the_table() -> None:
    single = [name for name in COMMANDS if name != "experiment"]
    taking = {c for c in single if "max_bits" in {p.name for p in loaded(c, c).params}}
    assert taking == set(READERS)


@pytest.mark.parametrize("command", READERS)
def test_every_command_refuses_files_larger_than_allowed(command: str, lines: dict[str, list[str]]) -> None:
    status, message = _told(*lines[command], "--max-bytes=9")
    assert status == 6
    assert re.search(r"max-bytes at \S+: expected at most 9, got \d+", message)
    if command not in SLOW:
        assert _run(*lines[command], "--max-bytes=1MB")[0] == 0


@pytest.mark.parametrize("command", sorted(set(READERS) - WITHOUT_BITS))
def test_every_command_refuses_numbers_longer_than_allowed(command: str, lines: dict[str, list[str]]) -> None:
    status, message = _told(*lines[command], "--max-bits=2")
    assert status == 6
    assert re.fullmatch(
        r"('.*': )?max-bits at (network.layers|dataset.points)\[\d+\]: expected at most 2, got \d+", message
    )
    if command not in SLOW:
        assert _run(*lines[command], "--max-bits=100")[0] == 0


@LIMITED
@pytest.mark.parametrize("command", READERS)
def test_every_command_works_within_its_time_and_memory(
    command: str, lines: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Limits] = []
    kept = kept_limits.within

    def told_of(limits: Limits, too_late: Any) -> Any:
        asked.append(limits)
        return kept(Limits(limits.seconds, None), too_late)

    monkeypatch.setattr("memcert.cli.own_limits.within", told_of)
    assert _run(*lines[command], "--timeout=77", "--max-memory=3GiB")[0] == 0
    assert asked == [Limits(77, 3 << 30)]
    assert _run(*lines["show"])[0] == 0
    assert asked[1].seconds == 3600
    assert (asked[1].memory or 0) >= 4 << 30


def test_data_that_unpack_to_more_than_allowed_are_undecided(five_csv: Path, tmp_path: Path) -> None:
    packed = tmp_path / "five.csv.gz"
    packed.write_bytes(gzip.compress(five_csv.read_bytes() + b"# and nothing else" * 1000))
    status, message = _told("inspect", str(packed), "--max-bytes=1000")
    assert (status, message) == (6, f"max-bytes: '{packed}': expected at most 1,000 bytes of data, got more")


@pytest.mark.usefixtures("lines")
def test_files_that_a_folder_names_are_read_within_the_limit(tmp_path: Path) -> None:
    for name in ("bench/onnx", "tool/bench"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bench" / "instances.csv").write_text("onnx/m.nnet,p.vnnlib,9\n")
    (tmp_path / "m.nnet").rename(tmp_path / "bench" / "onnx" / "m.nnet")
    (tmp_path / "p.vnnlib").rename(tmp_path / "bench" / "p.vnnlib")
    (tmp_path / "w.txt").rename(tmp_path / "tool" / "bench" / "m_p.counterexample")
    words = ["witness", f"--folder={tmp_path / 'tool'}", f"--benchmark={tmp_path / 'bench'}"]
    assert _run(*words)[0] == 0
    assert _run(*words, "--max-bytes=30")[0] == 6
    assert _run(*words, "--max-bits=2")[0] == 6


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
    status = run("x", _sleeping, as_json=False, quiet=False, limits=Asked(timeout=1))
    assert (status, capsys.readouterr().out) == (6, "undecided: timeout: more than 1 seconds\n")


def test_a_command_that_does_not_end_in_its_grace_is_ended() -> None:
    script = """
import time
from memcert.cli import kept_limits
from memcert.cli.outcomes import run
from memcert.cli.own_limits import Asked
kept_limits.GRACE = 1
def deaf():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
run("x", deaf, as_json=True, quiet=False, limits=Asked(timeout=1))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=50, check=False)
    assert done.returncode == 6
    assert json.loads(done.stdout)["message"] == "timeout: more than 1 seconds"


def test_ctrl_c_within_the_time_is_an_interruption() -> None:
    def interrupted() -> Outcome:
        raise KeyboardInterrupt

    assert run("x", interrupted, as_json=False, quiet=True, limits=Asked(timeout=60)) == 130


@LIMITED
def test_memory_beyond_the_limit_is_undecided_and_the_limit_is_taken_back() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = 1 << 34
    with (
        pytest.raises(UndecidedError, match="max-memory: more than 17,179,869,184 bytes"),
        kept_limits.within(Limits(None, used), lambda _: None),
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


@LIMITED
def test_a_library_that_has_no_room_does_not_end_the_process_with_the_status_of_a_verdict() -> None:
    # OpenBLAS ends a process with status 1, "does not hold", where it cannot have its buffers.
    code = (
        "import sys; from memcert.cli.kept_limits import within; from memcert.limits import Limits\n"
        "from memcert.errors import UndecidedError\n"
        "try:\n"
        "    with within(Limits(60, 100_000_000), lambda _: None):\n"
        "        import numpy as np; np.ones((600, 600)) @ np.ones((600, 600))\n"
        "except UndecidedError: sys.exit(6)\n"
        "sys.exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=100, check=False)
    assert done.returncode in (0, 6), done.stderr


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
