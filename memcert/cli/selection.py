"""Rows, numbers and options as they are typed on the command line.

UNTRUSTED. Everything wrong here is a usage error, exit status 2.
"""

import re
from collections.abc import Iterable
from fractions import Fraction

from memcert.errors import UsageError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

_RANGE = re.compile(r"([0-9]{1,12})(?:-([0-9]{1,12}))?", re.ASCII)
_RATIONAL = re.compile(r"-?[0-9]{1,400}(?:(?:\.[0-9]{1,400})?(?:[eE]-?[0-9]{1,3})?|/[0-9]{1,400})", re.ASCII)


def rows(text: str, size: int, option: str = "--samples") -> tuple[int, ...]:
    """Return the rows that a list such as `0,5,10-20` names, ascending, each once.

    Args:
        text: numbers and closed ranges, separated by commas.
        size: the number N of rows there are; rows count from 0.
        option: that named them.

    Raises:
        UsageError: the list is empty or not such a list, or names a row that is not there.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"{option}: expected rows such as 0,5,10-20, got {shown(text)}")
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last or last >= size:
            raise UsageError(f"{option}: expected rows from 0 to {size - 1}, got {shown(part.strip())}")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def rational(text: str, option: str) -> Number:
    """Return the number that `3`, `-0.25`, `1e-3` or `p/q` denotes, exactly.

    Raises:
        UsageError: it is spelled otherwise, or the denominator is zero.
    """
    if _RATIONAL.fullmatch(text) is None or re.search(r"/0*$", text):
        raise UsageError(f"{option}: expected a number such as 3, 0.25, 1e-3 or 1/3, got {shown(text)}")
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


def share(text: str, option: str) -> Fraction:
    """Return a number from 0 to 1.

    Raises:
        UsageError: it is not one.
    """
    value = Fraction(rational(text, option))
    if not 0 <= value <= 1:
        raise UsageError(f"{option}: expected a number from 0 to 1, got {shown(text)}")
    return value


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """Return the NAME=VALUE pairs of `--option`, by name.

    Raises:
        UsageError: no `=`, no name, or a name twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--option: expected NAME=VALUE, got {shown(text)}")
        if name in found:
            raise UsageError(f"--option: {shown(name)} is given twice")
        found[name] = value
    return found
