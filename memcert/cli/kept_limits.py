"""Limits of time and memory, kept by the process itself.

UNTRUSTED. Every one ends in `undecided`, exit 6, by its name; none is ever a success.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from memcert.endings import UNDECIDED, memory_ran_out
from memcert.errors import UndecidedError
from memcert.limits import Limits

GRACE = 5
"""Seconds that a command has to end by itself once its time is up."""

_ROOM_FOR_BLAS = 4 << 30
"""Address space in which OpenBLAS always gets its buffers: some 40 MB for each processor."""


@contextmanager
def within(limits: Limits, too_late: Callable[[UndecidedError], object]) -> Iterator[None]:
    """Run the block under limits of this process.

    Args:
        limits: of time and address space.
        too_late: called with the error where the block does not end within GRACE seconds more, as
            when a library does not return; the process ends after it.

    Raises:
        UndecidedError: a limit was reached.
        UnsupportedError: this system keeps no limit of memory.
    """
    # The watch of time needs a thread, which a small address space has no room for.
    with _time(limits.seconds, too_late), _memory(limits.memory):
        try:
            yield
        except BaseException as error:
            if memory_ran_out(error):
                most = "" if limits.memory is None else f": more than {limits.memory:,} bytes"
                raise UndecidedError(f"max-memory{most}") from None
            raise


@contextmanager
def _memory(size: int | None) -> Iterator[None]:
    # The soft limit only, so that a program that calls this gets its own back.
    if size is None:
        yield
        return
    import resource  # not on every system

    if size < _ROOM_FOR_BLAS:
        _open_blas()
    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    lowest = min([x for x in (size, before, hard) if x != resource.RLIM_INFINITY], default=size)
    resource.setrlimit(resource.RLIMIT_AS, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


def _open_blas() -> None:
    # Where OpenBLAS cannot have its buffers it ends the process, with status 1, which would be a verdict.
    # So it has them before the limit is kept; whatever is too much after that raises MemoryError.
    from memcert.exact.slices.digits import UnprovedError
    from memcert.exact.slices.machine import require_exact_products

    with suppress(UnprovedError):  # told where products are used
        require_exact_products()


class _TimeIsUpError(BaseException):
    """Raised in the main thread by the alarm; nothing but `_time` catches it."""


@contextmanager
def _time(seconds: int | None, too_late: Callable[[UndecidedError], object]) -> Iterator[None]:
    main = threading.current_thread() is threading.main_thread()
    if seconds is None or not main:
        yield
        return
    error = UndecidedError(f"timeout: more than {seconds:,} seconds")
    done = threading.Event()

    def watch() -> None:
        # A library that does not return to Python hears no alarm.
        if not done.wait(seconds + GRACE):
            too_late(error)
            sys.stdout.flush()
            os._exit(UNDECIDED)

    threading.Thread(target=watch, daemon=True).start()
    try:
        with _alarm(seconds):
            yield
    except _TimeIsUpError:
        raise error from None
    finally:
        done.set()


@contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        yield  # the watch alone ends the command
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise _TimeIsUpError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
