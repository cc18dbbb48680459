"""Numbers from their bit patterns: every binary float is a dyadic rational, exactly.

UNTRUSTED. No float is ever converted: a library that flushes subnormals cannot change a weight.
"""

import struct
from fractions import Fraction
from typing import NamedTuple

from memcert.kernel.certificate import Number


class Layout(NamedTuple):
    """A binary float format: bits of the exponent and of the stored significand."""

    exponent: int
    significand: int


HALF, BRAIN, SINGLE, DOUBLE = Layout(5, 10), Layout(8, 7), Layout(8, 23), Layout(11, 52)


def decoded(pattern: int, layout: Layout) -> Number | None:
    """Return the number that a bit pattern stands for; None: it is infinite or no number. Raises: never."""
    fraction = pattern & ((1 << layout.significand) - 1)
    biased = pattern >> layout.significand & ((1 << layout.exponent) - 1)
    if biased == (1 << layout.exponent) - 1:
        return None
    if biased:
        fraction |= 1 << layout.significand
    power = max(biased, 1) - (1 << (layout.exponent - 1)) + 1 - layout.significand
    if pattern >> (layout.significand + layout.exponent) & 1:
        fraction = -fraction
    if power >= 0 or fraction == 0:
        return fraction << max(power, 0)
    value = Fraction(fraction, 1 << -power)
    return value.numerator if value.denominator == 1 else value


def pattern_of(stored: object) -> int:
    """Return the bits of a binary64 that a library handed out. Raises: struct.error."""
    return int.from_bytes(struct.pack("<d", stored), "little")
