"""Verdicts and margins against an independent evaluation."""

import sys
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from naive_evaluator import evaluate as network_value
from strategies import layer

from memcert.datasets.dataset import Dataset
from memcert.errors import UnsupportedError, UsageError
from memcert.kernel.network import Network
from memcert.verification.verdicts import Options, verify


@pytest.fixture
def two() -> Network:
    """Two outputs: relu(x0 - x1) and relu(x1 - x0)."""
    return Network(2, (layer([[1, -1], [-1, 1]], [0, 0], relu=True),))


def test_every_margin_is_that_of_a_naive_evaluation(two: Network) -> None:
    generator = np.random.default_rng(5)
    points = generator.integers(-9, 9, (40, 2))
    labels = tuple(int(a < b) for a, b in points.tolist())
    found = verify(two, Dataset("d", None, points * [1, 7], 7, labels), "argmax")
    assert found.excepted
    for row, ((a, b), label) in enumerate(zip(points.tolist(), labels, strict=True)):
        outputs = network_value(two, [Fraction(a, 7), b])
        assert found.margins[row] == outputs[label] - outputs[1 - label]
        assert (row in found.excepted) == (outputs[label] <= outputs[1 - label])


@pytest.fixture
def wide() -> tuple[Network, Dataset]:
    """A dense network with three outputs, and 70 rows of which some fail."""
    generator = np.random.default_rng(7)
    hidden = layer(generator.integers(-9, 9, (8, 6)).tolist(), [1] * 8, relu=True)
    last = [[Fraction(n, 64) for n in row] for row in generator.integers(-9, 9, (3, 8)).tolist()]
    labels = tuple(generator.integers(0, 3, 70).tolist())
    points = generator.integers(0, 256, (70, 6))
    return Network(6, (hidden, layer(last, [0, 0, 0], relu=False))), Dataset("d", None, points, 255, labels)


def test_batches_and_processes_change_no_answer(wide: tuple[Network, Dataset]) -> None:
    expected = verify(*wide, "argmax")
    told: list[int] = []
    for options in (Options(batch=13), Options(batch=13, jobs=2), Options(batch=20, paranoid=True)):
        found = verify(
            *wide,
            "argmax",
            options=options,
            watch=lambda _, batch: told.append(batch.start),
        )
        assert found.margins == expected.margins
        assert (found.excepted, found.smallest) == (expected.excepted, expected.smallest)
        assert found.confusion == expected.confusion
    assert told == [*range(0, 70, 13), *range(0, 70, 13), *range(0, 70, 20)]


def test_the_smallest_margins_are_those_of_the_rows_that_hold(wide: tuple[Network, Dataset]) -> None:
    found = verify(*wide, "argmax", options=Options(batch=9))
    held = [row for row in range(70) if row not in found.excepted]
    assert 0 < len(held) < 70
    assert found.smallest == tuple(sorted(held, key=lambda row: (found.margins[row], row))[:10])
    assert found.margin == min(found.margins[row] for row in held)
    assert found.accuracy == Fraction(len(held), 70)


def test_where_no_row_holds_there_is_no_smallest_margin(two: Network) -> None:
    found = verify(two, Dataset("d", None, np.array([[1, 1]]), 1, (0,)), "argmax")
    assert found.smallest == ()
    assert found.margin is None
    assert found.accuracy == 0


def test_rows_go_to_a_dask_cluster(wide: tuple[Network, Dataset]) -> None:
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        found = verify(*wide, "argmax", options=Options(scheduler=cluster.scheduler_address, batch=16))
    assert found.margins == verify(*wide, "argmax").margins
    assert "on the machines of" in found.engine


def test_no_scheduler_there_is_a_usage_error(
    wide: tuple[Network, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="distributed is not installed")
    monkeypatch.setattr("memcert.cluster.CONNECT_SECONDS", 0.2)
    with pytest.raises(UsageError, match=r"no answer from 'tcp://127.0.0.1:9'"):
        verify(*wide, "argmax", options=Options(scheduler="tcp://127.0.0.1:9"))


def test_without_dask_the_way_to_get_it_is_told(
    wide: tuple[Network, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'memcert\[dask\]'"):
        verify(*wide, "argmax", options=Options(scheduler="tcp://127.0.0.1:9"))


def test_memory_grows_by_some_bytes_a_row(wide: tuple[Network, Dataset]) -> None:
    network, data = wide

    def most(times: int) -> int:
        points, labels = np.tile(data.numerators, (times, 1)), data.labels * times
        many = Dataset("d", None, points, data.denominator, labels)
        tracemalloc.start()
        found = verify(network, many, "argmax", options=Options(batch=700))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(found.margins) == 70 * times
        return peak

    most(20)
    # Seven bytes a margin; about half of the rows fail, and are listed.
    assert most(400) - most(100) < 70 * 300 * 80
