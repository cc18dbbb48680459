"""One radius for a whole data set: what a certificate may claim, and the prover confirms.

UNTRUSTED. The prover, with one block a neuron, shows exactly that every row's closed box lies in its
activation-pattern polytope, and that the rule holds on it where it holds at the row.
"""

from fractions import Fraction
from typing import Literal

from memcert.kernel.certificate import Number
from memcert.regions.radii import Region, Wall

BITS = 24
"""Length of a radius that is chosen below one that is left out."""


class Common:
    """The largest radius that every row's box may have, of rows taken in one by one.

    Where a label's radius is the smallest, which a box must stay below, it is a number of 24 bits just
    below that. Rows at which the rule fails count with their polytopes: the outline takes them through
    the same blocks.
    """

    def __init__(self) -> None:
        """Start with no row."""
        self._least: Wall | None = None

    def take(self, region: Region) -> None:
        """Take in a row. Raises: never."""
        for wall in (region.neuron, region.label):
            if wall is not None and (self._least is None or _key(wall) < _key(self._least)):
                self._least = wall

    @property
    def radius(self) -> Number | Literal["unbounded"] | None:
        """The radius; None: only 0. Raises: never."""
        if self._least is None:
            return "unbounded"
        if self._least.radius == 0:
            return None
        return below(self._least.radius) if self._least.strict else self._least.radius


def _key(wall: Wall) -> tuple[Number, bool]:
    return wall.radius, not wall.strict


def below(number: Number) -> Number:
    """Return a dyadic below a number > 0 by at most 2^(1 - BITS) of it. Raises: never."""
    value = Fraction(number)
    power = BITS - (value.numerator.bit_length() - value.denominator.bit_length())
    scaled = value * Fraction(2) ** power
    found = Fraction((scaled.numerator - 1) // scaled.denominator) / Fraction(2) ** power
    return found.numerator if found.denominator == 1 else found
