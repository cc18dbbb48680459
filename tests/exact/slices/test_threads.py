"""Threads change no answer, and are as many as BLAS was told to use."""

import sys

import numpy as np
import pytest
from strategies import layer

from memcert.exact.slices import threads
from memcert.exact.slices.plan import Plan, plan
from memcert.exact.slices.run import Runner
from memcert.exact.slices.threads import Crew, available
from memcert.kernel.network import Network

GENERATOR = np.random.default_rng(0)


@pytest.fixture
def planned() -> Plan:
    rows, last = GENERATOR.integers(-999, 999, (30, 12)), GENERATOR.integers(-999, 999, (3, 30))
    hidden = layer(rows.tolist(), [5] * 30, relu=True)
    return plan(Network(12, (hidden, layer(last.tolist(), [0] * 3, relu=False))), [255] * 12, 1)


@pytest.mark.parametrize("count", ["1", "2", "3"])
def test_threads_change_no_answer(count: str, planned: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", count)
    points = GENERATOR.integers(0, 256, (5000, 12))
    crew = Crew(planned)
    assert crew.outputs(points) == Runner(planned).outputs(points)
    assert crew.outputs(points[:7]) == Runner(planned).outputs(points[:7])


def test_without_threadpoolctl_one_thread_does_the_work(
    planned: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    threads._controller.cache_clear()
    points = GENERATOR.integers(0, 256, (2500, 12))
    crew = Crew(planned)
    assert crew.threads == 1
    assert crew.outputs(points) == Runner(planned).outputs(points)
    monkeypatch.undo()
    threads._controller.cache_clear()


def test_as_many_threads_as_blas_was_told_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert 1 <= available() <= 4
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert available() == 3
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "64")
    assert available() == 4
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "many")
    assert available() == 3


def test_what_the_watch_raises_ends_the_work(planned: Plan) -> None:
    def raising(*_: object) -> None:
        raise KeyError("here")

    with pytest.raises(KeyError, match="here"):
        Crew(planned, raising).outputs(GENERATOR.integers(0, 256, (5000, 12)))


def test_blas_has_its_processors_again_when_the_last_crew_is_done(planned: Plan) -> None:
    control = pytest.importorskip("threadpoolctl", reason="threadpoolctl is not installed")

    def blas() -> set[int]:
        return {part["num_threads"] for part in control.threadpool_info() if part["user_api"] == "blas"}

    before, points = blas(), GENERATOR.integers(0, 256, (2500, 12))
    seen: list[set[int]] = []
    inner = Crew(planned)

    def watch(*_: object) -> None:
        inner.outputs(points[:5])  # a crew that ends while another works
        seen.append(blas())

    Crew(planned, watch).outputs(points)
    assert seen
    assert all(found == {1} for found in seen)
    assert blas() == before
