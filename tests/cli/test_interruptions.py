"""Ctrl-C and SIGTERM while other processes work for `memcert verify`: one line, no file, nobody left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored


@pytest.fixture
def long_work(tmp_path: Path) -> list[str]:
    """Words of a command that works for several seconds in two processes."""
    random = np.random.default_rng(1)
    weights = [stored("v", random.normal(size=(9, 300))), stored("w", random.normal(size=(300, 3)))]
    nodes = [node("MatMul", ["x", "v"], ["a"]), node("Relu", ["a"], ["b"]), node("MatMul", ["b", "w"], ["y"])]
    path, data = saved(model(nodes, weights, 9), tmp_path), tmp_path / "d.csv"
    row = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1\n"
    data.write_text("a,b,c,d,e,f,g,h,i,label\n" + row * 60_000, encoding="utf-8")
    made = tmp_path / "made"
    made.mkdir()
    words = ["verify", path, str(data), "--rule", "argmax", "--jobs", "2", "--paranoid"]
    return [*words, "-o", str(made / "c.json"), "--per-row", str(made / "rows.jsonl")]


def _members(group: int) -> list[int]:
    # The processes of a group that still run; one that nobody has waited for does not.
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, own = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(own) == group and state not in "ZX":
            found.append(int(folder.name))
    return found


def _until(what: bool, group: int) -> bool:
    # Whether processes beside the first are there, or are not, within a minute.
    for _ in range(600):
        if any(member != group for member in _members(group)) == what:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="this system does not list processes in /proc"
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_ends_a_command_ends_its_workers_and_leaves_no_file(
    number: signal.Signals, long_work: list[str]
) -> None:
    # Where the tests run in the background of a shell, SIGINT is ignored from the start.
    script = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from memcert.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", script, *long_work],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert _until(True, process.pid), "no worker was started"
            process.send_signal(number)
            # Workers hold these streams too: they end only with the last of them.
            out, err = process.communicate(timeout=60)
            assert (process.returncode, out) == (130, "")
            told = [line for line in err.splitlines() if not line.startswith(("read ", "rows: "))]
            assert told == ["memcert verify: interrupted: what was not finished was not written"]
            assert list(Path(long_work[-1]).parent.iterdir()) == []
            assert _until(False, process.pid), "a worker is still there"
        finally:
            if _members(process.pid):
                os.killpg(process.pid, signal.SIGKILL)
