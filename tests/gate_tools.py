"""Run the gate within the tests' process, and read what it says."""

import io
import json
import os
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memcert.cli import main


@dataclass(frozen=True)
class Run:
    """What a run of the command line did."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        return dict(json.loads(self.out))

    def step(self, subject: str, name: str) -> dict[str, Any]:
        """Return one step of one finding."""
        (finding,) = (f for f in self.data["findings"] if f["subject"] == subject)
        (step,) = (s for s in finding["steps"] if s["name"] == name)
        return dict(step)


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, as somebody, and return what it says."""
    who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", "-C", str(folder), "-c", "init.defaultBranch=main", *words],  # noqa: S607
        env={**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def gate(*words: str | Path) -> Run:
    """Run `memcert gate`, one process at a time."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["gate", "-j", "2", *map(str, words)])
    return Run(status, out.getvalue(), err.getvalue())


def replace(path: Path, old: str, new: str) -> None:
    """Change a text in a file; it must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit(path: Path, *keys: str | int, value: object) -> None:
    """Change one value of a certificate as a forger would: digests are taken out with it."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole["digests"] = {"dataset": None, "network": None}
    inner = whole
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")


def line_of(path: Path, text: str) -> int:
    """Return the line, from 1, on which a text stands first."""
    before, found, _ = path.read_text(encoding="utf-8").partition(text)
    assert found, text
    return before.count("\n") + 1
