"""Limits that a command sets itself: time, memory, bytes of a file, bits of a number.

UNTRUSTED. Every one ends in `undecided`, exit 6, by its name; none is ever a success.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.endings import UNDECIDED, memory_ran_out
from memcert.errors import UndecidedError, UsageError
from memcert.kernel.files import open_regular
from memcert.kernel.verdict import LimitReached, shown
from memcert.limits import Limits, memory_can_be_limited, require_memory_limit, size_of

if TYPE_CHECKING:
    from memcert.kernel.certificate import Certificate, Number

MaxBytes = Annotated[
    str | None,
    typer.Option(
        "--max-bytes",
        metavar="SIZE",
        help="Largest file that is read [else 256MiB a certificate, 1GiB data].",
    ),
]
MaxBits = Annotated[
    int | None,
    typer.Option(
        "--max-bits", metavar="N", min=1, help="Longest number of a certificate, in bits [else 2^20]."
    ),
]
MaxMemory = Annotated[
    str | None,
    typer.Option(
        "--max-memory", metavar="SIZE", help="Address space [else that of the machine, at least 4GiB]."
    ),
]
Timeout = Annotated[
    int, typer.Option("--timeout", metavar="SECONDS", min=1, max=10**7, help="Time for the whole command.")
]
SECONDS = 3600
"""Time for a command where the user names none."""
LEAST_DEFAULT = 4 << 30
"""Bytes of address space that every command may use where the user names none."""
GRACE = 5
"""Seconds that a command has to end by itself once its time is up."""


def limits_of(timeout: int, max_memory: str | None) -> Limits:
    """Return what a command may use.

    Raises:
        UsageError: the size is spelled otherwise, or too small for Python to start.
        UnsupportedError: memory is to be limited where the system does not do that.
    """
    if max_memory is None:
        return Limits(timeout, _default_memory())
    size = size_of(max_memory, "--max-memory")
    require_memory_limit("--max-memory")
    return Limits(timeout, size)


def _default_memory() -> int | None:
    if not memory_can_be_limited():
        return None
    return max(LEAST_DEFAULT, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


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
    with _memory(limits.memory), _time(limits.seconds, too_late):
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

    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    lowest = min([x for x in (size, before, hard) if x != resource.RLIM_INFINITY], default=size)
    resource.setrlimit(resource.RLIMIT_AS, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


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


def confirm_bytes(limit: str | None, *paths: str | None) -> None:
    """Refuse files that are larger than the user allows, before they are read.

    Raises:
        UsageError: the size is spelled otherwise, or a path cannot be opened.
        LimitReached: a file is larger.
    """
    if limit is None:
        return
    most = size_of(limit, "--max-bytes", least=1)
    for path in paths:
        if path is None or path.startswith("sklearn:"):
            continue
        try:
            descriptor = open_regular(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{shown(path)} cannot be opened: {reason}") from None
        size = os.fstat(descriptor).st_size
        os.close(descriptor)
        if size > most:
            raise LimitReached("max-bytes", path, f"at most {most}", size)


def confirm_read(limit: str | None, content: bytes) -> None:
    """Refuse a certificate that unpacks to more than the user allows. Raises: UsageError, LimitReached."""
    if limit is not None and len(content) > (most := size_of(limit, "--max-bytes", least=1)):
        raise LimitReached("max-bytes", "file", f"at most {most}", len(content))


def confirm_bits(limit: int | None, certificate: "Certificate") -> None:
    """Refuse a certificate with a number longer than the user allows, before anything is evaluated.

    Weights, biases and coordinates count, numerator and denominator each.

    Raises:
        LimitReached: a number is longer.
    """
    if limit is None:
        return
    for k, layer in enumerate(certificate.network.layers):
        _confirm_longest(limit, f"network.layers[{k}]", (*layer.data, *layer.bias))
    for row, point in enumerate(certificate.dataset.points or ()):
        _confirm_longest(limit, f"dataset.points[{row}]", point)


def _confirm_longest(limit: int, at: str, numbers: "tuple[Number, ...]") -> None:
    for number in numbers:
        longest = max(number.numerator.bit_length(), number.denominator.bit_length())
        if longest > limit:
            raise LimitReached("max-bits", at, f"at most {limit}", longest)
