"""The one table from what was raised to an exit status, its word and its message.

UNTRUSTED. Commands print an ending (`cli.outcomes`), workers of the gate send it home.
"""

import errno
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

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

ORDER = (
    INTERNAL,
    INTERRUPTED,
    USAGE,
    MALFORMED,
    MISMATCH,
    UNSUPPORTED,
    DOES_NOT_HOLD,
    UNDECIDED,
    HOLDS,
)
"""Of several files the exit status is the first of these that occurs."""
OTHER_FILES = {
    "'memcert-result/1'": "a proof's result: memcert report shows it",
    "'memcert-evidence/1'": "evidence that there is no network: memcert check verifies it",
    "'memcert-boxes/1'": "a box file, which holds no network: memcert check CERT --boxes FILE replays it",
}
"""Files of memcert that are no certificates, by their format, and which command takes them."""
_NOT_WRITTEN = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG, errno.EEXIST})
_NO_ROOM = ("failed to map segment", "cannot allocate memory")
"""How loaders of shared libraries say that memory ran out."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a piece of work ended that did not end well.

    Args:
        status: the exit status.
        verdict: its word.
        message: one line, safe to print.
        parts: rule, place and both values, where a rule failed.
    """

    status: int
    verdict: str
    message: str
    parts: Mapping[str, str] = field(default_factory=dict)


def ending(error: BaseException) -> Ending:
    """Return the ending that an exception stands for. Raises: never."""
    if isinstance(error, Failure):
        parts = {"rule": error.rule, "at": error.at, "expected": error.expected, "got": error.got}
        message = _with_file(error)
        if error.rule == "format" and error.got in OTHER_FILES:
            message += f"; this is {OTHER_FILES[error.got]}"
        return Ending(error.status, error.word, message, parts)
    if isinstance(error, MemcertError) and error.status != INTERNAL:
        return Ending(error.status, WORDS[error.status], _with_file(error))
    if isinstance(error, KeyboardInterrupt):
        return Ending(INTERRUPTED, WORDS[INTERRUPTED], str(error) or "what was not finished was not written")
    if memory_ran_out(error):
        return Ending(UNDECIDED, WORDS[UNDECIDED], "memory ran out")
    if isinstance(error, OSError) and error.strerror:
        done = "written" if error.errno in _NOT_WRITTEN else "opened"
        place = "" if error.filename is None else f"{shown(str(error.filename))} cannot be {done}: "
        return Ending(USAGE, WORDS[USAGE], f"{place}{error.strerror}")
    if os.environ.get("MEMCERT_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    message = (
        f"{type(error).__name__}: {shown(str(error), 500)}. This is a fault of memcert: please report it, "
        "with the output of the same command run with MEMCERT_DEBUG=1"
    )
    return Ending(INTERNAL, WORDS[INTERNAL], message)


@contextmanager
def of_file(path: str) -> Iterator[None]:
    """Let what the block raises tell of which file it speaks: those who raise it know bytes only.

    Args:
        path: as the user typed it.

    Raises:
        Failure, MemcertError: as the block; an error of usage stays as it is.
    """
    try:
        yield
    except (Failure, MemcertError) as error:
        known = (str(error), *getattr(error, "__notes__", ()))
        if error.status != USAGE and not any(shown(path) in text for text in known):
            error.add_note(shown(path))
        raise


def _with_file(error: BaseException) -> str:
    return ": ".join([*getattr(error, "__notes__", ()), str(error)])


def memory_ran_out(error: BaseException) -> bool:
    """Whether this is one of the ways in which Python says that there is no memory left. Raises: never."""
    if isinstance(error, ImportError):
        return any(words in str(error).casefold() for words in _NO_ROOM)
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)


def first_of(statuses: Iterable[int]) -> int:
    """Return the exit status of work in several parts: the first of ORDER that occurs.

    A status that is in no table counts as an internal error. Raises: ValueError, there is none.
    """
    return min((s if s in ORDER else INTERNAL for s in statuses), key=ORDER.index)
