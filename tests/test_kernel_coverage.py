"""The tests of the kernel run every branch of it; measured in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_kernels_tests_take_every_branch_of_it(tmp_path: Path) -> None:
    report = tmp_path / "coverage.json"
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--cov=memcert.kernel",
        "--cov-branch",
        f"--cov-report=json:{report}",
    ]
    # Neither a run of pytest-xdist around it nor a measurement of its own may meddle.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/kernel"],
        cwd=ROOT,
        env=kept | {"COVERAGE_FILE": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    found = json.loads(report.read_text(encoding="utf-8"))["files"]
    left = {name: (part["missing_lines"], part["missing_branches"]) for name, part in found.items()}
    assert len(left) == len(list((ROOT / "memcert" / "kernel").glob("*.py")))
    assert {name: gaps for name, gaps in left.items() if gaps != ([], [])} == {}
