"""The command line within this process: the same words, without the cost of a start."""

import io
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from memcert.cli import main


def inside(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command; return its exit status and what it wrote to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(word) for word in words])
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())
