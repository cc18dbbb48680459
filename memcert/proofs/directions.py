"""Directions of the input space: primitive integer vectors, valued once on all samples.

Coordinates are the samples' numerators over their common denominator s; everything in the chain
is written in them, so that s occurs in two places only: the coordinate x_k is D_k / s, and a
sup-norm radius r about x is r s about its numerators.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np

from memcert.formats.dataset import Dataset
from memcert.proofs.integers import SAFE, Integers, combined, integers

Vector = Mapping[int, int]
"""A sparse integer vector: coordinate to nonzero entry."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """N points of Q^d: numerators, one array a coordinate, over one denominator."""

    coordinates: tuple[Integers, ...]
    denominator: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """A primitive vector, its value at each sample, the extremes of those, and its 1-norm."""

    vector: Vector
    values: Integers
    low: int
    high: int
    norm: int


def points_of(dataset: Dataset) -> Points:
    """Return the points of a data set. Cost: linear in N d. Raises: never."""
    columns = tuple(integers(np.ascontiguousarray(column)) for column in dataset.numerators.T)
    return Points(columns, dataset.denominator, dataset.size)


class Directions:
    """The directions met so far, numbered; equal ones have one number."""

    def __init__(self, points: Points) -> None:
        """Start with none."""
        self.points = points
        self._known: dict[tuple[tuple[int, int], ...], int] = {}
        self._all: list[Direction] = []

    def __getitem__(self, number: int) -> Direction:
        return self._all[number]

    def find(self, vector: Vector) -> tuple[int, int]:
        """Return (number, factor) with vector = factor * direction.

        Args:
            vector: not zero.

        Cost: one multiplication a sample and nonzero entry, for a vector that is new.

        Raises:
            IndexError: a coordinate that the points do not have.
        """
        entries = sorted(vector.items())
        factor = gcd(*(entry for _, entry in entries))
        if entries[0][1] < 0:
            factor = -factor
        key = tuple((k, entry // factor) for k, entry in entries)
        if key not in self._known:
            self._known[key] = len(self._all)
            self._all.append(self._valued(key))
        return self._known[key], factor

    def _valued(self, entries: tuple[tuple[int, int], ...]) -> Direction:
        values = combined([(entry, self.points.coordinates[k]) for k, entry in entries], 0)
        low, high = int(values.values.min()), int(values.values.max())
        return Direction(dict(entries), values, low, high, sum(abs(entry) for _, entry in entries))

    def norms(self, numbers: Sequence[int], factors: Integers) -> Integers:
        """Return the 1-norms of the vectors sum_d factors[d, c] * direction numbers[d].

        Args:
            numbers: m directions.
            factors: shape (m, K), one vector a column.

        Cost: one multiplication a class and nonzero entry of a direction. Raises: never.
        """
        if len(numbers) == 1:
            return combined([(self._all[numbers[0]].norm, factors.row(0).magnitudes())], 0)
        by_coordinate: dict[int, list[tuple[int, Integers]]] = {}
        for row, number in enumerate(numbers):
            part = factors.row(row)
            for k, entry in self._all[number].vector.items():
                by_coordinate.setdefault(k, []).append((entry, part))
        sums = [combined(parts, 0) for parts in by_coordinate.values()]
        return combined([(1, s.magnitudes()) for s in sums], 0)


def inside(value: int) -> int:
    """Return the value cut to what int64 comparisons take. Raises: never."""
    return max(-SAFE, min(SAFE, value))
