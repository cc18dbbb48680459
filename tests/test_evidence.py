"""A part of the runs that docs/evidence.md tells of: kills, and four evaluations of random networks."""

import signal
import sys
from pathlib import Path

import pytest
from engines import compared
from kills import damaged_cache, killing


def test_four_evaluations_of_random_networks_agree() -> None:
    counts, wrong = compared(range(2 * 10**6, 2 * 10**6 + 400))
    assert wrong == []
    assert counts["networks"] == 400
    assert counts["numbers"] > 4_000
    assert counts["by slices, too"] > 100


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason=f"{sys.platform} has no SIGKILL")
def test_a_command_that_is_killed_leaves_whole_files() -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    counts, torn = killing(6, 1, "build", "verify, rows, boxes")
    assert torn == []
    assert sum(found for command in counts.values() for found in command.values()) >= 6


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason=f"{sys.platform} has no SIGKILL")
def test_a_gate_that_is_killed_leaves_no_verdict_that_is_not_true() -> None:
    counts, torn = killing(1, 1, "gate, cache")
    assert torn == []
    assert sum(counts["gate, cache"].values()) >= 1


def test_a_torn_entry_or_key_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    assert damaged_cache(tmp_path) == []
    (tmp_path / "gate.key").write_bytes(b"")
    (tmp_path / "gate" / "0.json").write_bytes(b'{"finding": {}, "mac": "0')
    assert damaged_cache(tmp_path) == ["gate: the key is torn", "gate: 0.json is torn"]
