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


def encoded(number: Number, layout: Layout) -> int | None:
    """Return the pattern of the nearest binary float, ties to even; None: it would be infinite.

    Args:
        number: any rational; -0 is never made.
        layout: of the format.

    Cost: one division of integers.

    Raises:
        never.
    """
    if number == 0:
        return 0
    top, bottom = abs(number.numerator), number.denominator
    smallest = 2 - (1 << (layout.exponent - 1))
    power = top.bit_length() - bottom.bit_length()
    if (top << max(-power, 0)) < (bottom << max(power, 0)):
        power -= 1
    # 2^power <= |number| < 2^(power + 1); below the normal numbers the unit stays what it is there.
    power = max(power, smallest)
    unit = power - layout.significand
    count, rest = divmod(top << max(-unit, 0), bottom << max(unit, 0))
    half = (rest << 1) - (bottom << max(unit, 0))
    count += half > 0 or (half == 0 and count & 1)
    # A carry into the next power of two is the next pattern, as it should be.
    pattern = ((power - smallest) << layout.significand) + count
    if pattern >= ((1 << layout.exponent) - 1) << layout.significand:
        return None
    return pattern | (1 << (layout.exponent + layout.significand) if number < 0 and pattern else 0)


def pattern_of(stored: object) -> int:
    """Return the bits of a binary64 that a library handed out. Raises: struct.error."""
    return int.from_bytes(struct.pack("<d", stored), "little")


def nearest(value: Number, layout: Layout) -> Number | None:
    """Return the number of a format that is nearest, ties to even; None: it overflows. Raises: never.

    Source: IEEE 754-2019, 4.3.1 (roundTiesToEven).
    """
    exact = Fraction(value)
    if not exact:
        return 0
    bias = (1 << (layout.exponent - 1)) - 1
    # 2^power <= |value| < 2^(power + 1), up to one, which the second line mends.
    power = exact.numerator.bit_length() - exact.denominator.bit_length()
    power -= abs(exact) < _power_of_two(power)
    unit = max(power, 1 - bias) - layout.significand
    rounded = round(exact / _power_of_two(unit)) * _power_of_two(unit)
    if abs(rounded) >= _power_of_two(bias + 1):
        return None
    return rounded.numerator if rounded.denominator == 1 else rounded


def _power_of_two(power: int) -> Fraction:
    return Fraction(1 << power) if power >= 0 else Fraction(1, 1 << -power)
