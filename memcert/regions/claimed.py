"""One radius for a whole data set: what a certificate may claim, and the prover confirms.

UNTRUSTED. The prover, with one block a neuron, shows exactly that every row's closed box lies in its
activation-pattern polytope, and that the rule holds on it where it holds at the row.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from memcert.kernel.certificate import Number
from memcert.regions.radii import Region, Wall

BITS = 24
"""Length of a radius that is chosen below one that is left out."""


def common_radius(found: Iterable[Region]) -> Number | Literal["unbounded"] | None:
    """Return the largest radius that every row's box may have; None: only 0.

    Where a label's radius is the smallest, which the box must stay below, a number of 24 bits just
    below it. Rows at which the rule fails count with their polytopes: the outline takes them through
    the same blocks. Cost: linear. Raises: never.
    """
    least: Wall | None = None
    for region in found:
        for wall in (region.neuron, region.label):
            if wall is not None and (least is None or _key(wall) < _key(least)):
                least = wall
    if least is None:
        return "unbounded"
    if least.radius == 0:
        return None
    return below(least.radius) if least.strict else least.radius


def _key(wall: Wall) -> tuple[Number, bool]:
    return wall.radius, not wall.strict


def below(number: Number) -> Number:
    """Return a dyadic below a number > 0 by at most 2^(1 - BITS) of it. Raises: never."""
    value = Fraction(number)
    power = BITS - (value.numerator.bit_length() - value.denominator.bit_length())
    scaled = value * Fraction(2) ** power
    found = Fraction((scaled.numerator - 1) // scaled.denominator) / Fraction(2) ** power
    return found.numerator if found.denominator == 1 else found
