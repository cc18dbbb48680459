"""The sample repository of the gate, copied and put under git for each test that damages it."""

import os
import shutil
from pathlib import Path

import pytest
from gate_tools import git

for _name in ("CI", "GITHUB_STEP_SUMMARY", "SOURCE_DATE_EPOCH", "XDG_STATE_HOME"):
    os.environ.pop(_name, None)

SAMPLE = Path(__file__).parent / "sample"


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
