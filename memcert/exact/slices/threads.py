"""Chunks of rows in several threads, each with its own buffers and BLAS on one processor.

UNTRUSTED. The products of a chunk are small: a BLAS that shares each among processors waits more than
it multiplies, several times as long where others use the machine too. Where threadpoolctl (it comes
with scikit-learn and the extra `onnx`) can keep it to one, the chunks are shared instead.
"""

import importlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import cache
from queue import SimpleQueue
from threading import Lock
from typing import Any

from memcert.exact.slices.digits import Array
from memcert.exact.slices.plan import Plan
from memcert.exact.slices.run import LEAST_CHUNK, Runner, Watch

MOST = 4
"""Threads beyond which nothing is gained: memory is the limit then."""


def available() -> int:
    """Return how many threads may work: as many as BLAS was told to use, else the processors.

    Raises:
        never.
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        told = os.environ.get(name, "")
        if told.isdecimal() and int(told):
            return min(MOST, int(told))
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, count)


@cache
def _controller() -> Any:
    try:
        return importlib.import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None


class _Alone:
    """Keeps BLAS to one processor while any crew works; the first sets that, the last undoes it."""

    def __init__(self) -> None:
        self._lock, self._crews, self._limit = Lock(), 0, ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            self._crews += 1
            if self._crews == 1:
                self._limit.enter_context(_controller().limit(limits=1, user_api="blas"))

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._crews -= 1
            if self._crews == 0:
                self._limit.close()


_ALONE = _Alone()


def alone() -> AbstractContextManager[None]:
    """Return what keeps BLAS to one processor for a while, where threadpoolctl can. Raises: never."""
    return nullcontext() if _controller() is None else _ALONE


class Crew:
    """Evaluates a plan in several threads; keeps their buffers."""

    def __init__(self, plan: Plan, watch: Watch | None = None) -> None:
        """Start nothing yet; `watch` is told of every layer of every chunk, from any thread."""
        self._shared = _controller() is not None
        self.threads = available() if self._shared else 1
        self._idle: SimpleQueue[Runner] = SimpleQueue()
        for _ in range(self.threads):
            runner = Runner(plan, watch)
            self._idle.put(runner)
        self.chunk = runner.chunk
        self.width = plan.stages[-1].width

    def outputs(self, numerators: Array) -> list[list[int]]:
        """Return what `Runner.outputs` does.

        Raises:
            never, but what `watch` raises.
        """
        # No chunk is larger than the buffers; few rows are shared evenly.
        size = min(self.chunk, max(LEAST_CHUNK, -(-len(numerators) // self.threads)))
        parts = [numerators[start : start + size] for start in range(0, len(numerators), size)]
        if not self._shared:
            return self._joined(map(self._one, parts))
        with (
            _ALONE,
            ThreadPoolExecutor(min(self.threads, len(parts))) as pool,
        ):
            return self._joined(pool.map(self._one, parts))

    def _one(self, part: Array) -> list[list[int]]:
        runner = self._idle.get()
        try:
            return runner.outputs(part)
        finally:
            self._idle.put(runner)

    def _joined(self, parts: Iterable[list[list[int]]]) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in range(self.width)]
        for part in parts:
            for column, numbers in zip(found, part, strict=True):
                column.extend(numbers)
        return found
