"""How a command can end: its exit status, its line, and where that line goes.

UNTRUSTED. Every command goes through `run`; the table of exit statuses is `memcert.endings`.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

# Every command takes the exit statuses from here: hence the names that stand twice.
from memcert.cli.workers import kill_workers, starting_one
from memcert.endings import DOES_NOT_HOLD as DOES_NOT_HOLD
from memcert.endings import HOLDS as HOLDS
from memcert.endings import INTERNAL as INTERNAL
from memcert.endings import INTERRUPTED as INTERRUPTED
from memcert.endings import MALFORMED as MALFORMED
from memcert.endings import MISMATCH as MISMATCH
from memcert.endings import UNDECIDED as UNDECIDED
from memcert.endings import UNSUPPORTED as UNSUPPORTED
from memcert.endings import USAGE as USAGE
from memcert.endings import ending

if TYPE_CHECKING:
    from memcert.cli.own_limits import Asked

_SOON = 0.02
"""Seconds after which a signal that came at a bad moment is sent once more."""
VERDICTS = frozenset({HOLDS, DOES_NOT_HOLD, MISMATCH, UNDECIDED})
"""Failures that answer the question: results, for stdout. Other failures are errors, for stderr."""
PAGE = 160
"""Columns of a table in a file, which has no width of its own."""
NARROWEST = 80
"""Columns that a table takes at least: a terminal that has fewer wraps its lines."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, for people and for machines.

    Args:
        status: the exit status.
        verdict: one word or two, such as `accepted`.
        report: what a person reads: lines, or Rich objects made of `Text` only.
        data: the rest of the JSON object; `command`, `verdict` and `status` are added.
        error: whether the question was not answered, so that the report belongs on stderr.
    """

    status: int
    verdict: str
    report: tuple[Any, ...]
    data: Mapping[str, object]
    error: bool = False


def run(
    command: str,
    body: Callable[[], Outcome],
    *,
    as_json: bool,
    quiet: bool,
    limits: "Asked | None" = None,
) -> int:
    """Run a command's body, print how it ended, return the exit status. Raises: never.

    Args:
        command: its name, for the JSON object.
        body: does the work; whatever it raises becomes an outcome.
        as_json: print one JSON object on stdout, whatever happens.
        quiet: print nothing on stdout (but the JSON object) and failures alone on stderr.
        limits: what the body may use.
    """

    def too_late(error: BaseException) -> None:
        finish(command, outcome_of(error), as_json=as_json, quiet=quiet)

    interrupted: list[int] = []
    try:
        with _signals_as_interrupt(interrupted):
            if limits is None:
                outcome = body()
            else:
                with limits.kept(too_late):
                    outcome = body()
    except (Exception, KeyboardInterrupt) as error:
        # What fails because workers were ended is no fault of its own.
        own = isinstance(error, KeyboardInterrupt) or not interrupted
        outcome = outcome_of(error if own else KeyboardInterrupt())
    return finish(command, outcome, as_json=as_json, quiet=quiet)


@contextmanager
def _signals_as_interrupt(interrupted: list[int]) -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does, unless the program handles them itself.

    Args:
        interrupted: gets the signals that came.
    """
    main = threading.current_thread() is threading.main_thread()
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in (getattr(signal, name) for name in names)}
    ours = (signal.SIG_DFL, signal.default_int_handler)
    own = [number for number, handler in before.items() if main and handler in ours]

    def interrupt(number: int, frame: FrameType | None) -> None:
        if starting_one(frame):
            # Once more, when that is done.
            threading.Timer(_SOON, os.kill, (os.getpid(), number)).start()
            return
        interrupted.append(number)
        kill_workers()
        raise KeyboardInterrupt

    for number in own:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in own:
            signal.signal(number, before[number])


def finish(command: str, outcome: Outcome, *, as_json: bool, quiet: bool) -> int:
    """Print how a command ended and return its exit status. Raises: never.

    A reader that left early (`| head`) changes nothing: what was decided stands. Where the result
    cannot be written for another reason, such as a full disk, nobody was told: a usage error.
    """
    try:
        _print(command, outcome, as_json, quiet)
        return outcome.status
    except BrokenPipeError:
        _forget_streams()
        return outcome.status
    except OSError as error:
        _forget_streams()
        who = f"memcert {command}".rstrip()
        _tell(f"{who}: usage error: the result cannot be written: {error.strerror}")
        return USAGE


def _forget_streams() -> None:
    # What is still in their buffers would fail once more when Python ends.
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
            continue
        null = os.open(os.devnull, os.O_WRONLY)
        with suppress(OSError, ValueError):
            os.dup2(null, stream.fileno())
        os.close(null)


def _tell(line: str) -> None:
    """Write a line to stderr, if anybody reads it: work does not fail for want of a listener."""
    with suppress(OSError, ValueError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome that an exception stands for. Raises: never."""
    found = ending(error)
    data = {**found.parts, "message": found.message}
    line = f"{found.verdict}: {found.message}"
    return Outcome(found.status, found.verdict, (line,), data, error=found.status not in VERDICTS)


def _print(command: str, outcome: Outcome, as_json: bool, quiet: bool) -> None:
    if as_json:
        first = {"command": command, "verdict": outcome.verdict, "status": outcome.status}
        encoder = json.JSONEncoder(default=_Streamed)
        sys.stdout.writelines(encoder.iterencode(first | dict(outcome.data)))
        sys.stdout.write("\n")
    if not outcome.error and not quiet and not as_json:
        write(outcome.report, sys.stdout)
    elif outcome.error or (quiet and outcome.status != HOLDS):
        head, *rest = (part for part in outcome.report if isinstance(part, str))
        write((f"memcert {command}: {head}" if command else f"memcert: {head}", *rest), sys.stderr)
    sys.stdout.flush()


class _Streamed(list[Any]):
    """A sequence that is read while it is written: the rows that fail may be many, and lie on disk."""

    def __init__(self, items: Sequence[Any]) -> None:
        super().__init__()
        self._items = items

    def __bool__(self) -> bool:
        return len(self._items) > 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


def write(report: tuple[Any, ...], stream: TextIO) -> None:
    """Print lines and Rich objects; Rich is loaded only where there is one.

    Args:
        report: `str` is printed as it is (never read as markup), all else by Rich.
        stream: where to.

    Raises:
        OSError: the stream cannot be written.
    """
    for part in report:
        if isinstance(part, str):
            stream.write(part + "\n")
        else:
            _console(stream).print(part)


def _console(stream: TextIO) -> Any:
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            # Rich would end the process with exit status 1, which means that something does not hold.
            raise BrokenPipeError

    told = Plain(file=stream, markup=False, highlight=False, emoji=False)
    told.width = max(told.width, NARROWEST) if stream.isatty() else PAGE
    return told


def note(text: str, *, quiet: bool) -> None:
    """Tell the progress of a long command on stderr. Raises: never."""
    if not quiet:
        _tell(text)


class Progress:
    """Tells long steps on stderr, one line each and not more than one a second."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._next = quiet, monotonic() + 1

    def __call__(self, step: str, done: int, total: int) -> None:
        """Tell how far a step is. Raises: never."""
        if not self._quiet and monotonic() >= self._next:
            self._next = monotonic() + 1
            note(f"{step}: {done:,} of {total:,}", quiet=False)
