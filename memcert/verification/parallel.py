"""Work on batches in this process, in several, or on the machines of a Dask cluster; results in order.

UNTRUSTED. Who did the work decides nothing: every result is exact.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

from memcert.errors import UnsupportedError, UsageError
from memcert.kernel.verdict import shown

Result = TypeVar("Result")
PATIENCE = "20s"
"""How long a scheduler may take to answer."""


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
        UnsupportedError: the extra `dask` is missing.
        UsageError: no scheduler answers there.
        Exception: what `act` raises.
    """
    if scheduler is None and jobs == 1:
        yield from (act(*task) for task in tasks)
        return
    from joblib import Parallel, delayed, parallel_config

    with ExitStack() as stack:
        if scheduler is None:
            settings: dict[str, Any] = {"n_jobs": jobs}
        else:
            stack.enter_context(_client(scheduler))
            stack.enter_context(parallel_config(backend="dask", scatter=[act]))
            settings = {"n_jobs": -1}
        pool = Parallel(return_as="generator", **settings)
        yield from pool(delayed(_apply)(act, *task) for task in tasks)


def _apply(act: Callable[..., Result], *task: Any) -> Result:
    return act(*task)


def _client(scheduler: str) -> Any:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise UnsupportedError(
            "--scheduler needs the package distributed: pip install 'memcert[dask]'"
        ) from None
    try:
        return distributed.Client(scheduler, timeout=PATIENCE, set_as_default=True)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"--scheduler: expected a Dask scheduler at {shown(scheduler)}, got {shown(str(error), 120)}"
        ) from None
