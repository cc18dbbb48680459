"""How a command can end: its exit status, its line, and where that line goes.

UNTRUSTED. Every command goes through `run`; the table of exit statuses is `memcert.endings`.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

# Every command takes the exit statuses from here: hence the names that stand twice.
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

    try:
        if limits is None:
            outcome = body()
        else:
            with limits.kept(too_late):
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
    found = ending(error)
    data = {**found.parts, "message": found.message}
    line = f"{found.verdict}: {found.message}"
    return Outcome(found.status, found.verdict, (line,), data, error=found.status not in VERDICTS)


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
