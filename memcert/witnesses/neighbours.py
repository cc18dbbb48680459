"""Points beside a point: binary numbers of some digits, and the corner of a box.

UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction

from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.witnesses.boxes import Box, clamped


def corner(box: Box, start: Mapping[int, Number], signs: Mapping[int, int]) -> dict[int, Number] | None:
    """Return how far a box goes in the direction of the signs; 1 + |x| where it has no end.

    None: it is empty. Raises: never.
    """
    found: dict[int, Number] = {}
    for variable, value in start.items():
        interval = box.get(variable)
        end = None
        if interval is not None and signs[variable]:
            end = interval.high if signs[variable] > 0 else interval.low
        found[variable] = value + signs[variable] * (1 + abs(Fraction(value))) if end is None else end
    return clamped(box, found)


def binary(value: Number, digits: int, steps: int = 0) -> Number:
    """Return the nearest number of so many binary digits, and from there some of its steps; any exponent.

    Raises:
        never.
    """
    number = abs(Fraction(value))
    if number == 0:
        return 0
    size = number.numerator.bit_length() - number.denominator.bit_length()
    step = Fraction(2) ** (size - digits + (number >= Fraction(2) ** size))
    return quotient((round(Fraction(value) / step) + steps) * step, 1)
