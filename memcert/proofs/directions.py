"""Directions of the input space: primitive integer vectors, valued once on all samples.

Coordinates are the samples' numerators over their common denominator s; everything in the chain
is written in them, so that s occurs in two places only: the coordinate x_k is D_k / s, and a
sup-norm radius r about x is r s about its numerators.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd

import numpy as np
from flint import fmpz_mat

from memcert.datasets.dataset import Dataset
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
        self._matrix: tuple[tuple[int, ...], fmpz_mat] | None = None

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

    def matrix(self, numbers: tuple[int, ...]) -> fmpz_mat:
        """Return the vectors of these directions as rows, without coordinates that none has.

        The last one made is kept: rows of one layer ask for the same. Raises: IndexError.
        """
        if self._matrix is None or self._matrix[0] != numbers:
            vectors = [self._all[number].vector for number in numbers]
            coordinates = sorted({k for vector in vectors for k in vector})
            rows = [[vector.get(k, 0) for k in coordinates] for vector in vectors]
            self._matrix = numbers, fmpz_mat(rows)
        return self._matrix[1]


def inside(value: int) -> int:
    """Return the value cut to what int64 comparisons take. Raises: never."""
    return max(-SAFE, min(SAFE, value))
