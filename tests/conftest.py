"""Fixtures that several test folders share: the command line as a process, and small certificates."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# A shared machine may pause any example; how long one takes says nothing about what is true.
settings.register_profile("memcert", deadline=None)
settings.load_profile("memcert")

# Colours and terminal widths of whoever runs the tests are none of theirs.
for _name in ("GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS", "CLICOLOR_FORCE", "MEMCERT_DEBUG"):
    os.environ.pop(_name, None)
os.environ["COLUMNS"] = "200"

Cli = Callable[..., subprocess.CompletedProcess[str]]
"""Runs `memcert WORDS...` as a process; keyword `cwd`, `env` (added to the process's own)."""

FIVE = "width,height,label\n0.1,1/3,red\n-2,5,green\n1e-9,1e9,red\n7,0.25,blue\n7,0.5,green\n"
"""Five points that only exact readers keep apart from their neighbours."""


def run(
    *words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None, timeout: int = 120
) -> subprocess.CompletedProcess[str]:
    """Run `python -m memcert` and return what it did."""
    return subprocess.run(
        [sys.executable, "-m", "memcert", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=timeout,
    )


@pytest.fixture(scope="session")
def cli() -> Cli:
    """Run the command line as a process of its own."""
    return run


@pytest.fixture(scope="session")
def five_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five labelled points as a CSV file."""
    path = tmp_path_factory.mktemp("five") / "five.csv"
    path.write_text(FIVE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def five(five_csv: Path) -> Path:
    """Return the certificate that `memcert build` makes of the five points."""
    path = five_csv.with_name("five.json")
    done = run("build", five_csv, "-o", path)
    assert done.returncode == 0, done.stderr
    return path
