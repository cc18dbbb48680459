"""Stage I: project the points to the line, x -> s relu(v . x + b), far enough apart for integer keys.

Source: Lemmas A.2 and A.3 (Park et al. 2021, Lemma 13).
Departure: the direction is found by search and verified, not taken from a probability; in the
balanced sizing it is an integer vector and s makes the smallest gap exactly 3, so that every
sample stands at least 1/2 inside its window.
UNTRUSTED.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

import numpy as np

from memcert.blocks.assembly import coordinates
from memcert.blocks.part import Part, Row, carry, parallel, serial
from memcert.constructions.directions import (
    Direction,
    Integers,
    Table,
    measured,
    search,
)
from memcert.constructions.vardi_yehudai_shamir.sizes import Bounds
from memcert.datasets.dataset import exact
from memcert.errors import BuildError
from memcert.kernel.certificate import Number

STAGE = "projection"
LITERAL_TRIALS = 1000
"""A direction as good as Lemma A.3's turns up with probability of about 1/2 a trial."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Stage I in numbers: sample order[i] has the value x_i = numerators[i] / denominator >= 0.

    Args:
        weights, bias, scale: v, b and s, exact.
        order: the distinct points in ascending order of their values.
        numerators, denominator: the values, in that order.
        key_bits: rho; every floor(x_i) is below 2^rho.
        margin: left and right distance that the windows leave around [key, key + 1]: 1/2 or 0.
    """

    weights: tuple[Number, ...]
    bias: Number
    scale: Number
    order: tuple[int, ...]
    numerators: tuple[int, ...]
    denominator: int
    key_bits: int
    margin: Fraction

    @property
    def keys(self) -> list[int]:
        """The integer parts of the values, in their order. Raises: never."""
        return [n // self.denominator for n in self.numerators]

    @property
    def values(self) -> list[Number]:
        """The values x_i themselves, in their order. Raises: never."""
        return [exact(n, self.denominator) for n in self.numerators]

    @property
    def radius(self) -> Number:
        """The radius of the largest sup-norm box around every sample that stays in its window.

        The window of a sample is [key - margin, key + 1 + margin]. Every other condition on its
        value leaves at least as much room. Raises: never.
        """
        parts = {n % self.denominator for n in self.numerators}
        room = min((min(part, self.denominator - part) for part in parts), default=0)
        distance = Fraction(room, self.denominator) + self.margin
        norm = Fraction(self.scale) * sum((abs(Fraction(w)) for w in self.weights), Fraction(0))
        radius = distance / norm
        return exact(radius.numerator, radius.denominator)


def balanced(points: Integers, denominator: int, candidates: int, seed: int) -> Projection:
    """Return the projection with gaps >= 3 and smallest value 1 along the best direction found.

    Args:
        points: distinct numerators, shape (N, d), N >= 2.
        denominator: D; the points are points / D.
        candidates: how many random directions are tried.
        seed: of those directions.

    Returns:
        x = 3 D / g * (v . X - min) + 1, with g the smallest gap of the numerators.

    Raises:
        BuildError: two points are equal.
    """
    direction = search(points, candidates, seed)
    gap, low = direction.gap, direction.values[0]
    numerators = tuple(3 * (value - low) + gap for value in direction.values)
    return Projection(
        weights=direction.vector,
        bias=exact(gap - 3 * low, 3 * denominator),
        scale=exact(3 * denominator, gap),
        order=direction.order,
        numerators=numerators,
        denominator=gap,
        key_bits=(numerators[-1] // gap).bit_length(),
        margin=Fraction(1, 2),
    )


def literal(points: Integers, denominator: int, bounds: Bounds, seed: int) -> Projection:
    """Return the projection with the theorem's own constants.

    The weights are a unit vector truncated to `bounds.fraction_bits` binary places; b = ceil(r);
    s = ceil(2 N^2 sqrt(pi d) / delta); rho = ceil(log2(R + 1)).

    Args:
        points: distinct numerators, shape (N, d), N >= 2.
        denominator: D; the points are points / D.
        bounds: the theorem's constants for these data.
        seed: of the random vectors.

    Raises:
        BuildError: LITERAL_TRIALS vectors all left a gap below 2.
    """
    unit = 1 << bounds.fraction_bits
    whole = unit * denominator
    direction = _separating(points, bounds, whole, seed)
    numerators = tuple(bounds.scale * (value + bounds.bias * whole) for value in direction.values)
    return Projection(
        weights=tuple(exact(entry, unit) for entry in direction.vector),
        bias=bounds.bias,
        scale=bounds.scale,
        order=direction.order,
        numerators=numerators,
        denominator=whole,
        key_bits=bounds.key_bits,
        margin=Fraction(0),
    )


def projection(stage: Projection) -> Part:
    """Build X -> (x, xu, xw, yu, yw): the value three times, and two sums that start at 0.

    Returns:
        Two layers of width 1 and 5; |v|_0 + [b != 0] + 3 nonzero parameters.

    Raises:
        ValueError: never, for a Projection made here.
    """
    return serial([line(stage), fan_out("t", stage.scale)])


def line(stage: Projection) -> Part:
    """Build X -> t = relu(v . X + b), one neuron. Raises: ValueError, never for a Projection made here."""
    weights = dict(zip(coordinates(len(stage.weights)), stage.weights, strict=True))
    return carry("project", STAGE, "t", row=weights, bias=stage.bias)


def fan_out(source: str, scale: Number) -> Part:
    """Build t -> (x, xu, xw, yu, yw), x = xu = xw = scale t: one layer of width 5. Raises: never."""
    rows: dict[str, Row] = {"x": {source: scale}, "xu": {source: scale}, "yu": {}}
    rows |= {"xw": {source: scale}, "yw": {}}
    return parallel(*(carry(f"spread_{n}", STAGE, n, row=row) for n, row in rows.items()))


def _separating(points: Integers, bounds: Bounds, whole: int, seed: int) -> Direction:
    generator = np.random.Generator(np.random.PCG64(seed))
    table = Table(points)
    for _ in range(LITERAL_TRIALS):
        vector = _unit_vector(generator, points.shape[1], bounds.fraction_bits)
        ascending = np.sort(table.project(vector))
        if bounds.scale * int((ascending[1:] - ascending[:-1]).min()) >= 2 * whole:
            return measured(table, vector)
    raise BuildError(
        f"none of {LITERAL_TRIALS} unit vectors keeps the projections 2/{bounds.scale} apart, as the "
        f"theorem's constants need; try another seed, or the balanced sizing"
    )


def _unit_vector(generator: np.random.Generator, size: int, bits: int) -> tuple[int, ...]:
    """Return 2^bits u, u a unit vector, each entry truncated towards zero, exactly."""
    # A sum of sixteen uniform integers is close to normal, hence u close to uniform on the
    # sphere; integers alone, so that every platform draws the same.
    draws = generator.integers(-(1 << 20), 1 << 20, size=(16, size), endpoint=True).sum(axis=0).tolist()
    square = sum(g * g for g in draws) or 1
    lengths = (isqrt((g * g << 2 * bits) // square) for g in draws)
    return tuple(-length if g < 0 else length for g, length in zip(draws, lengths, strict=True))
