"""Project the points to the line so that different labels are far apart; equal ones may meet.

Source: Lemma B.1: x -> w . x + b with opposite labels at least 4 apart.
Departure: the direction is found by search and measured exactly; the scale makes the smallest gap
of different labels exactly 4, or more where asked; the values are moved START to the right, so that
a point with key k stands in [k + START, k + 1 + START).
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from memcert.blocks.assembly import coordinates
from memcert.blocks.part import Part, carry
from memcert.constructions.directions import Integers, search
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

STAGE = "projection"
GAP = 4
"""The smallest distance of values with different labels."""
START = Fraction(3, 8)
"""How far a stored value is at least to the right of its key."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The projection in numbers: point order[i] has the value numerators[i] / denominator.

    Args:
        weights, bias: of the one neuron, exact.
        order: the distinct points in ascending order of their values.
        numerators, denominator: the values, in that order, all at least START.
        vector: the primitive integer direction.
        separates: whether no two distinct points have one value.
    """

    weights: tuple[Number, ...]
    bias: Number
    order: tuple[int, ...]
    numerators: tuple[int, ...]
    denominator: int
    vector: tuple[int, ...]
    separates: bool

    @property
    def keys(self) -> list[int]:
        """The keys that the points would have, in their order. Raises: never."""
        shift = int(START * self.denominator)
        return [(n - shift) // self.denominator for n in self.numerators]

    @property
    def values(self) -> list[Number]:
        """The values themselves, in their order. Raises: never."""
        return [exact(n, self.denominator) for n in self.numerators]

    @property
    def norm(self) -> Fraction:
        """How much the value changes at most where every coordinate changes by 1. Raises: never."""
        return sum((abs(Fraction(w)) for w in self.weights), Fraction(0))


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the values are put.

    Args:
        first: the smallest value is START + first.
        candidates: random directions tried.
        seed: of those directions.
        share, longest: where given, the range of the values is at least longest / share.
    """

    first: int
    candidates: int
    seed: int
    share: Fraction = Fraction(1)
    longest: Fraction = Fraction(0)


def projected(points: Integers, denominator: int, labels: Sequence[Number], placing: Placing) -> Line:
    """Return the projection along the best direction found.

    Args:
        points: distinct numerators, shape (N, d), N >= 2.
        denominator: D; the points are points / D.
        labels: one a point, both -1 and 1 occur.
        placing: origin and scale.

    Raises:
        BuildError: two points with different labels are equal.
    """
    marked = np.array(labels) > 0
    found = search(points, placing.candidates, placing.seed, marked)
    low = found.values[0]
    scale = max(Fraction(GAP, found.gap), placing.longest / (placing.share * found.span))
    origin = START + placing.first
    unit = lcm(scale.denominator, origin.denominator)
    factor, shift = int(scale * unit), int(origin * unit)
    numerators = tuple(factor * (value - low) + shift for value in found.values)
    bias = origin - scale * low
    return Line(
        weights=tuple(_number(scale * denominator * entry) for entry in found.vector),
        bias=_number(bias),
        order=found.order,
        numerators=numerators,
        denominator=unit,
        vector=found.vector,
        separates=len(set(found.values)) == len(found.values),
    )


def projection(line: Line) -> Part:
    """Build X -> x: one layer of one neuron; |v|_0 + [b != 0] nonzero parameters. Raises: never."""
    row = dict(zip(coordinates(len(line.weights)), line.weights, strict=True))
    return carry("project", STAGE, "x", row=row, bias=line.bias)


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
