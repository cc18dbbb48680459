"""Lemma G.4, the decision: a direction that keeps two labels apart, or Gordan multipliers.

Source: Lemma G.4, and Gordan 1873: either some w.x + b has the sign of every label, or
sum m_i y_i (x_i, 1) = 0 for some m >= 0, not 0.
Departure: floats guess, integers decide; where the guess fails, an exact search takes over.
UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np

from memcert.constructions.directions import MACHINE, Integers, Table
from memcert.constructions.yu_gao_zhang_miao import nearest_point

PRECISIONS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
"""Bits to which a direction is rounded; the fewest that serve nearly as well as any are kept."""


@dataclass(frozen=True, slots=True)
class Apart:
    """w with w.x >= high on label +1 and w.x <= low < high on label -1; `least` is the smallest w.x.

    Args:
        weights: integers without a common factor.
        least, low, high: in units of the points.
    """

    weights: tuple[int, ...]
    least: int
    low: int
    high: int

    @property
    def gap(self) -> int:
        """What lies between the labels, positive. Raises: never."""
        return self.high - self.low

    @property
    def norm(self) -> int:
        """The sum of the absolute weights. Raises: never."""
        return sum(abs(weight) for weight in self.weights)


@dataclass(frozen=True, slots=True)
class Mixed:
    """0 = sum multipliers_i y_i (x_i, 1) over these rows, the multipliers being positive integers."""

    rows: tuple[int, ...]
    multipliers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Scaled:
    """y_i (x_i, 1), every coordinate centred, and scaled by a power of two to about one range.

    Both are invertible linear maps of (x, 1): they change neither answer, and the guess is better.
    """

    rows: Integers
    columns: tuple[int, ...]
    shifts: tuple[int, ...]
    unit: int


def decide(points: Integers, labels: Sequence[int], *, guessing: bool = True) -> Apart | Mixed:
    """Decide exactly whether two labels are linearly separable.

    Args:
        points: distinct integer points, shape (N, d).
        labels: -1 or +1 a point, both occurring.
        guessing: try floats first.

    Returns:
        A direction that keeps them apart, or the multipliers that exclude one.

    Raises:
        UndecidedError: the guess failed and the exact search is too long.
    """
    signs = np.array(labels)
    scaled = _scaled(points, signs)
    if guessing:
        vector, support = nearest_point.guess(scaled.rows, scaled.unit)
        apart = _best(points, signs, scaled, vector)
        if apart is not None:
            return apart
        multipliers = nearest_point.combination(scaled.rows[np.array(support)])
        if multipliers is not None:
            return Mixed(support, multipliers)
    found = nearest_point.nearest(scaled.rows)
    if found.vector is None:
        return Mixed(found.support, found.multipliers)
    apart = _best(points, signs, scaled, found.vector)
    if apart is None:
        raise ArithmeticError("a vector that is positive on all rows keeps no labels apart")
    return apart


def _scaled(points: Integers, signs: Integers) -> _Scaled:
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    columns = tuple(j for j, (a, b) in enumerate(zip(low, high, strict=True)) if a < b)
    lengths = [(high[j] - low[j]).bit_length() for j in columns]
    longest = max(lengths)
    small = points.dtype != object and longest < 60 and max(map(abs, (*low, *high))) < MACHINE // 4
    table = points if small else points.astype(object)
    rows = np.empty((len(points), len(columns) + 1), dtype=np.int64 if small else object)
    signs = signs.astype(rows.dtype)
    shifts = tuple(longest - length for length in lengths)
    for place, (j, shift) in enumerate(zip(columns, shifts, strict=True)):
        # Twice the value less twice the middle: below 2^longest in absolute value once shifted.
        rows[:, place] = ((2 * table[:, j] - (low[j] + high[j])) * (1 << shift)) * signs
    rows[:, -1] = signs * (1 << longest)
    return _Scaled(rows, columns, shifts, 1 << longest)


def _best(points: Integers, signs: Integers, scaled: _Scaled, vector: Sequence[int]) -> Apart | None:
    """Return the shortest rounding of a vector that keeps the labels nearly as well apart as any."""
    table = Table(points)
    found = [
        apart
        for weights in _roundings(points.shape[1], scaled, vector)
        if (apart := _apart(table, signs, weights)) is not None
    ]
    most = max((Fraction(apart.gap, apart.norm) for apart in found), default=Fraction(0))
    return next((apart for apart in found if 4 * Fraction(apart.gap, apart.norm) >= 3 * most), None)


def _roundings(dimension: int, scaled: _Scaled, vector: Sequence[int]) -> Iterator[tuple[int, ...]]:
    entries = vector[:-1]
    largest = max(map(abs, entries))
    for bits in PRECISIONS if largest else ():
        if bits >= largest.bit_length():
            yield _weights(dimension, scaled, entries)
            return
        # The nearest integer of entry 2^bits / largest, halves upward.
        yield _weights(dimension, scaled, [((x << (bits + 1)) + largest) // (2 * largest) for x in entries])
    if largest:
        yield _weights(dimension, scaled, entries)


def _weights(dimension: int, scaled: _Scaled, entries: Sequence[int]) -> tuple[int, ...]:
    weights = [0] * dimension
    for j, shift, entry in zip(scaled.columns, scaled.shifts, entries, strict=True):
        weights[j] = entry << shift
    common = gcd(*weights) or 1
    return tuple(weight // common for weight in weights)


def _apart(table: Table, signs: Integers, weights: tuple[int, ...]) -> Apart | None:
    values = table.project(weights)
    low, high = int(values[signs < 0].max()), int(values[signs > 0].min())
    return Apart(weights, int(values.min()), low, high) if low < high else None
