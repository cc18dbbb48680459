"""A part of the runs that docs/evidence.md tells of: kills, and four evaluations of random networks."""

import signal
import sys

import pytest
from engines import compared
from kills import killing


def test_four_evaluations_of_random_networks_agree() -> None:
    counts, wrong = compared(range(2 * 10**6, 2 * 10**6 + 400))
    assert wrong == []
    assert counts["networks"] == 400
    assert counts["numbers"] > 4_000
    assert counts["by slices, too"] > 100


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason=f"{sys.platform} has no SIGKILL")
def test_a_command_that_is_killed_leaves_whole_files() -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    counts, torn = killing(6, seed=1)
    assert torn == []
    assert sum(found for command in counts.values() for found in command.values()) >= 6
