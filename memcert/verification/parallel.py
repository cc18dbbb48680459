"""Work on batches in this process, in several, or on the machines of a Dask cluster; results in order.

UNTRUSTED. Who did the work decides nothing: every result is exact.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar
from warnings import filterwarnings

from memcert.cluster import Scheduler, connected

Result = TypeVar("Result")
AHEAD = 16
"""Tasks a process that are begun before the first of their results has to be taken."""


def in_order(
    act: Callable[..., Result], tasks: Iterable[tuple[Any, ...]], *, jobs: int, scheduler: str | None
) -> Iterator[Result]:
    """Yield act(*task) for each task, in order; only a few tasks are made ahead.

    Args:
        act: can be sent to another process.
        tasks: made as they are needed.
        jobs: processes, where there is no scheduler.
        scheduler: the address of a Dask scheduler, whose workers have memcert installed.

    Raises:
        UnsupportedError: the extra `dask` is missing, or a worker has another memcert.
        UsageError: no scheduler answers there.
        Exception: what `act` raises.
    """
    if scheduler is None and jobs == 1:
        yield from (act(*task) for task in tasks)
        return
    from joblib import Parallel, delayed, effective_n_jobs, parallel_config

    # Joblib tells of tasks that an error or an interruption leaves unasked for; that is no news.
    filterwarnings("ignore", r"\d+ tasks ", UserWarning, "joblib")
    with ExitStack() as stack:
        send: Any = act
        if scheduler is None:
            # Bytes are quickly sent with every task; each process makes the network of them once.
            send = _Sent(pickle.dumps(act))
            settings: dict[str, Any] = {"n_jobs": jobs}
        else:
            stack.enter_context(connected(Scheduler(scheduler)))
            stack.enter_context(parallel_config(backend="dask", scatter=[act]))
            settings = {"n_jobs": -1}
        pool = stack.enter_context(Parallel(return_as="generator", **settings))
        waiting, most = iter(tasks), AHEAD * effective_n_jobs(settings["n_jobs"])
        # What is done waits in memory until it is asked for: only so much is begun.
        for first in waiting:
            few = chain((first,), islice(waiting, most - 1))
            yield from pool(delayed(_apply)(send, *task) for task in few)


class _Sent:
    """What is done, for a process that does one task after the other."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __call__(self, *task: Any) -> Any:
        return _unpacked(self.content)(*task)


@lru_cache(maxsize=1)
def _unpacked(content: bytes) -> Callable[..., Any]:
    act: Callable[..., Any] = pickle.loads(content)  # noqa: S301 - the process that asks wrote it
    return act


def _apply(act: Callable[..., Result], *task: Any) -> Result:
    return act(*task)
