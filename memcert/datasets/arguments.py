"""Numbers and rows as Python callers give them: exact, or refused.

UNTRUSTED. Everything wrong here is a usage error.
"""

from collections.abc import Iterable
from fractions import Fraction

from memcert.errors import UsageError
from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.kernel.verdict import shown


def exact_number(value: object, name: str) -> Number:
    """Return the number that is meant.

    Args:
        value: an integer, a fraction, or text such as `0.25` or `1/3`, which is read exactly. A float is
            refused: of 0.1 it is not known whether 1/10 is meant or the binary number beside it.
        name: of the argument.

    Raises:
        UsageError: it is none of these.
        UndecidedError: the text has too many digits.
    """
    from memcert.datasets.numbers import number  # loads numpy, which a check by the kernel does without

    found = number(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | Fraction):
        raise UsageError(
            f"{name}: expected an integer, a Fraction, or text such as '0.25' or '1/3', got {shown(value)}"
        )
    return quotient(found, 1)


def selected(rows: Iterable[int], size: int, name: str) -> tuple[int, ...]:
    """Return the rows that are meant, ascending, each once.

    Args:
        rows: their numbers, from 0.
        size: how many there are.
        name: of the argument.

    Raises:
        UsageError: none, or one that is not there.
    """
    found = tuple(sorted(set(rows)))
    if not found or found[0] < 0 or found[-1] >= size:
        raise UsageError(f"{name}: expected rows from 0 to {size - 1}, got {shown(found)}")
    return found
