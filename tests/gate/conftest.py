"""The sample repository of the gate, copied and put under git for each test that damages it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

for _name in ("CI", "GITHUB_STEP_SUMMARY", "SOURCE_DATE_EPOCH", "XDG_STATE_HOME"):
    os.environ.pop(_name, None)

SAMPLE = Path(__file__).parent / "sample"
Git = Callable[..., str]


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


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sample repository, committed, which is the current folder."""
    root = tmp_path / "repository"
    shutil.copytree(SAMPLE, root)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "sample")
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return root
