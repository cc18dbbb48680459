"""Integers decided by real inequalities: ball arithmetic, and where it does not decide, the weaker bound.

UNTRUSTED. A lower bound that is printed is never larger than the true one, an upper one never smaller.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

PRECISION = 192
"""Bits of the balls; the inequalities compare numbers of less than a hundred bits."""


@contextmanager
def precision() -> Iterator[None]:
    """Compute with PRECISION bits inside. Raises: whatever is raised inside."""
    from flint import ctx

    before = ctx.prec
    ctx.prec = PRECISION
    try:
        yield
    finally:
        ctx.prec = before


def ball(number: int | Fraction) -> Any:
    """Return a ball that contains the number. Raises: never."""
    from flint import arb, fmpq

    return arb(fmpq(number.numerator, number.denominator))


def log2(number: Any) -> Any:
    """Return a ball that contains the binary logarithm of a positive number or ball. Raises: never."""
    argument = ball(number) if isinstance(number, int | Fraction) else number
    return argument.log() / ball(2).log()


def euler() -> Any:
    """Return a ball that contains e. Raises: never."""
    return ball(1).exp()


def log2_binomial(upper: int, lower: int) -> Any:
    """Return a ball that contains log2 of the binomial coefficient, 0 <= lower <= upper. Raises: never."""
    parts = (ball(n + 1).lgamma() for n in (upper, lower, upper - lower))
    whole, first, second = parts
    return (whole - first - second) / ball(2).log()


def possible(left: Any, right: Any) -> bool:
    """Return whether left >= right is not refuted: False only if it is certainly false. Raises: never."""
    return not bool(left < right)


def least(holds: Callable[[int], bool], start: int = 1) -> int:
    """Return the smallest n >= start that `holds`, which holds from there on.

    Cost: twice as many questions as the answer has bits. Raises: never.
    """
    if holds(start):
        return start
    step = 1
    while not holds(start + step):
        step *= 2
    low, high = start + step // 2, start + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
