"""Only regular files are opened, by every command: a pipe, a folder, a device, a loop of links is exit 2."""

import io
import os
import signal
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any

import model_files
import pytest

from memcert.cli import main
from memcert.cli.app import COMMANDS
from memcert.cli.lazy import loaded

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")

IT = "{it}"
ARGUMENTS = {
    "build": ["build {it} -o {out}", "build {npy} --labels {it} -o {out}"],
    "check": [
        "check {it}",
        "check {five} --dataset {it}",
        "check {five} --dataset {npy} --labels {it}",
        "check {made} --model {it}",
        "check {five} --boxes {it}",
    ],
    "prove": [
        "prove {it}",
        "prove {five} --dataset {it}",
        "prove {five} --dataset {npy} --labels {it}",
        "prove {made} --model {it}",
    ],
    "verify": [
        "verify {it} {data} --rule argmax",
        "verify {model} {it} --rule argmax",
        "verify {model} {npy} --labels {it} --rule argmax",
        "verify {model} {data} --rule argmax --classes 0,1 --box 1/4 --domain {it}",
    ],
    "witness": ["witness {it} {spec} {sat}", "witness {model} {it} {sat}", "witness {model} {spec} {it}"],
    "diff": ["diff {it} {five}", "diff {five} {it}"],
    "show": ["show {it}"],
    "explain": [
        "explain {it} --sample 0",
        "explain {five} --sample 0 --dataset {it}",
        "explain {five} --sample 0 --dataset {npy} --labels {it}",
    ],
    "report": [
        "report {it} -o {out}",
        "report {five} -o {out} --result {it}",
        "report {made} -o {out} --boxes {it}",
        "report {five} -o {out} --dataset {it}",
        "report {five} -o {out} --dataset {npy} --labels {it}",
    ],
    "plot": [
        "plot {it} --kind samples -o {svg}",
        "plot {five} --kind radii -o {svg} --result {it}",
        "plot {five} --kind samples -o {svg} --dataset {it}",
        "plot {five} --kind samples -o {svg} --dataset {npy} --labels {it}",
    ],
    "bounds": ["bounds {it}", "bounds {five} --dataset {it}", "bounds {five} --dataset {npy} --labels {it}"],
    "evaluate": ["evaluate {it} {data}", "evaluate {five} {it}", "evaluate {five} {npy} --labels {it}"],
    "inspect": ["inspect {it}", "inspect {npy} --labels {it}"],
    "convert": ["convert {it} -o {out}", "convert {npy} --labels {it} -o {out}"],
    "export": [
        "export {it} -o {smt2}",
        "export {five} -o {smt2} --dataset {it}",
        "export {five} -o {smt2} --dataset {npy} --labels {it}",
    ],
    "gate": ["gate --config {it}", "gate {it}"],
}
"""Command lines of every command that reads files, each with one argument that is {it}."""
READS = {"CERT", "CERT|RESULT", "RESULT", "DATA", "MODEL", "SPEC", "WITNESS", "A", "B"}
"""What stands for a file that is read, in the help of a command."""
WRITES = {("prove", "output"), ("build", "output"), ("verify", "certificate"), ("demo", "output")}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, five: Path) -> dict[str, Path]:
    """Return files that are well formed, by the names that the command lines give them."""
    import numpy as np

    folder = tmp_path_factory.mktemp("files")
    np.save(folder / "p.npy", np.arange(10.0).reshape(5, 2))
    layers = [([["1", "2"], ["-1", "1"]], ["0", "1"])]
    text = model_files.nnet_text(layers, ["-9", "-9"], ["9", "9"], ["0"] * 3, ["1"] * 3)
    (folder / "m.nnet").write_text(text)
    (folder / "d.csv").write_text("x,y,label\n1,2,0\n-1,1,1\n")
    variables = "".join(f"(declare-const {v} Real)\n" for v in ("X_0", "X_1", "Y_0", "Y_1"))
    (folder / "p.vnnlib").write_text(f"{variables}(assert (>= X_0 0))\n(assert (>= Y_0 Y_1))\n")
    (folder / "w.txt").write_text("sat\n((X_0 1) (X_1 2))\n")
    files = {"five": five, "npy": folder / "p.npy", "model": folder / "m.nnet", "data": folder / "d.csv"}
    files |= {"spec": folder / "p.vnnlib", "sat": folder / "w.txt", "made": folder / "made.json"}
    words = f"verify {files['model']} {files['data']} --rule argmax --classes 0,1 -o {files['made']}"
    assert _run(words)[0] in (0, 1)
    return files


def _run(words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(words.split())
    return status, out.getvalue(), err.getvalue()


@pytest.fixture
def soon() -> Iterator[None]:
    """Fail the test, not the run, where a command waits for a pipe."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError("the command waits")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _strange(kind: str, folder: Path) -> Path:
    path = folder / "it"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "device":
        return Path("/dev/zero")
    return path


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "device", "absent"])
@pytest.mark.parametrize("line", [line for lines in ARGUMENTS.values() for line in lines])
def test_what_is_no_regular_file_is_a_usage_error_at_once(
    line: str, kind: str, named: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if line == "gate {it}" and kind == "folder":
        pytest.skip("a folder is what the gate looks into")
    names: dict[str, Any] = {**named, "it": _strange(kind, tmp_path), "out": tmp_path / "out.json"}
    names |= {"svg": tmp_path / "out.svg", "smt2": tmp_path / "out.smt2"}
    status, _, err = _run(line.format(**names))
    assert status == 2, err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("out*"))


def test_every_argument_that_is_a_file_is_tried() -> None:
    for command in sorted(set(COMMANDS) - {"experiment"}):
        found = loaded(command, command).params
        read = {p.name for p in found if p.metavar in READS and (command, p.name) not in WRITES}
        read |= {p.name for p in found if p.name in {"labels", "boxes", "config", "domain"}}
        assert len(read) <= len(ARGUMENTS.get(command, [])), (command, read)
