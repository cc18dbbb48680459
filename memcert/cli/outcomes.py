"""How a command can end: its exit status, its line, and where that line goes.

UNTRUSTED. The one table from outcome to exit status; every command goes through `run`.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, TextIO

from memcert.errors import MemcertError
from memcert.kernel.verdict import Failure, shown

HOLDS, DOES_NOT_HOLD, USAGE, MALFORMED, MISMATCH = 0, 1, 2, 3, 4
UNSUPPORTED, UNDECIDED, INTERNAL, INTERRUPTED = 5, 6, 70, 130

WORDS = {
    HOLDS: "done",
    DOES_NOT_HOLD: "rejected",
    USAGE: "usage error",
    MALFORMED: "malformed",
    MISMATCH: "mismatch",
    UNSUPPORTED: "unsupported",
    UNDECIDED: "undecided",
    INTERNAL: "internal error",
    INTERRUPTED: "interrupted",
}
"""What an exit status is called where nothing more exact is known."""

VERDICTS = frozenset({HOLDS, DOES_NOT_HOLD, MISMATCH, UNDECIDED})
"""Failures that answer the question: results, for stdout. Other failures are errors, for stderr."""


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


def run(command: str, body: Callable[[], Outcome], *, as_json: bool, quiet: bool) -> int:
    """Run a command's body, print how it ended, return the exit status. Raises: never.

    Args:
        command: its name, for the JSON object.
        body: does the work; whatever it raises becomes an outcome.
        as_json: print one JSON object on stdout, whatever happens.
        quiet: print nothing on stdout (but the JSON object) and failures alone on stderr.
    """
    try:
        outcome = body()
    except (Exception, KeyboardInterrupt) as error:
        outcome = outcome_of(error)
    return finish(command, outcome, as_json=as_json, quiet=quiet)


def finish(command: str, outcome: Outcome, *, as_json: bool, quiet: bool) -> int:
    """Print how a command ended and return its exit status. Raises: OSError."""
    try:
        _print(command, outcome, as_json, quiet)
    except BrokenPipeError:
        # The reader left early (`| head`): what was decided stands.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    return outcome.status


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome that an exception stands for. Raises: never."""
    if isinstance(error, Failure):
        parts = {"rule": error.rule, "at": error.at, "expected": error.expected, "got": error.got}
        return _failed(error.status, error.word, str(error), parts)
    if isinstance(error, MemcertError) and error.status != INTERNAL:
        return _failed(error.status, WORDS[error.status], str(error))
    if isinstance(error, KeyboardInterrupt):
        return _failed(INTERRUPTED, WORDS[INTERRUPTED], "nothing was written")
    if isinstance(error, MemoryError):
        return _failed(UNDECIDED, WORDS[UNDECIDED], "memory ran out")
    if isinstance(error, OSError) and error.strerror:
        place = f": {shown(str(error.filename))}" if error.filename is not None else ""
        return _failed(USAGE, WORDS[USAGE], f"{error.strerror}{place}")
    if os.environ.get("MEMCERT_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    message = (
        f"{type(error).__name__}: {shown(str(error), 500)}. This is a fault of memcert: please report it, "
        "with the output of the same command run with MEMCERT_DEBUG=1"
    )
    return _failed(INTERNAL, WORDS[INTERNAL], message)


def _failed(status: int, verdict: str, message: str, parts: Mapping[str, object] | None = None) -> Outcome:
    data: dict[str, object] = {**(parts or {}), "message": message}
    return Outcome(status, verdict, (f"{verdict}: {message}",), data, error=status not in VERDICTS)


def _print(command: str, outcome: Outcome, as_json: bool, quiet: bool) -> None:
    if as_json:
        first = {"command": command, "verdict": outcome.verdict, "status": outcome.status}
        sys.stdout.write(json.dumps(first | dict(outcome.data)) + "\n")
    if not outcome.error and not quiet and not as_json:
        write(outcome.report, sys.stdout)
    elif outcome.error or (quiet and outcome.status != HOLDS):
        head, *rest = (part for part in outcome.report if isinstance(part, str))
        write((f"memcert {command}: {head}" if command else f"memcert: {head}", *rest), sys.stderr)
    sys.stdout.flush()


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

    width = None if stream.isatty() else 160  # a file has no width of its own
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def note(text: str, *, quiet: bool) -> None:
    """Tell the progress of a long command on stderr. Raises: OSError."""
    if not quiet:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class Progress:
    """Tells long steps on stderr, one line each and not more than one a second."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._next = quiet, monotonic() + 1

    def __call__(self, step: str, done: int, total: int) -> None:
        """Tell how far a step is. Raises: OSError."""
        if not self._quiet and monotonic() >= self._next:
            self._next = monotonic() + 1
            note(f"{step}: {done:,} of {total:,}", quiet=False)
