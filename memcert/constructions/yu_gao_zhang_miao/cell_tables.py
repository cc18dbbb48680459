"""Exact numbers of Theorem 7.3 for all opposite pairs at once, from the points' inner products.

With G = X X^T over integers X = den x, the bias of -S_ij is (51 G_ii - 2 G_ij - 49 G_jj)/(100 den^2).

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from memcert.constructions.directions import MACHINE, Integers
from memcert.exact.separation import largest

ROWS = 256
"""Rows of the matrix of inner products that are held at once."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Points with two labels.

    Args:
        points: integers of shape (N, d).
        codes: 0 or 1 a point, both present.
        denominator: of the points.
    """

    points: Integers
    codes: Sequence[int]
    denominator: int

    @cached_property
    def sides(self) -> tuple[Integers, Integers]:
        """Indices of the points with code 0 and with code 1. Raises: never."""
        marks = np.array(self.codes)
        return np.flatnonzero(marks == 0), np.flatnonzero(marks == 1)

    @property
    def pairs(self) -> int:
        """N+ N-, the number of unordered opposite pairs. Raises: never."""
        positive = sum(self.codes)
        return positive * (len(self.codes) - positive)

    @cached_property
    def _exact(self) -> Integers:
        # Every number made here is at most 400 N d times the square of the largest entry.
        bound = 400 * len(self.points) * self.points.shape[1] * max(1, largest(self.points)) ** 2
        return self.points if self.points.dtype != object and bound < MACHINE else self.points.astype(object)

    @cached_property
    def squares(self) -> Integers:
        """|X_i|^2. Raises: never."""
        return np.asarray((self._exact * self._exact).sum(axis=1))

    def products(self, rows: Integers, columns: Integers) -> Integers:
        """Return X_i . X_j for i in rows and j in columns. Raises: never."""
        return np.asarray(self._exact[rows] @ self._exact[columns].T)

    def chunks(self) -> Iterator[tuple[Integers, Integers]]:
        """Yield some rows of code 0 with their inner products with all of code 1. Raises: never."""
        zeros, ones = self.sides
        for start in range(0, len(zeros), ROWS):
            rows = zeros[start : start + ROWS]
            yield rows, self.products(rows, ones)

    def biases(self, rows: Integers, columns: Integers, products: Integers) -> Integers:
        """Return 100 den^2 times the bias of -S_ij. Raises: never."""
        return np.asarray(51 * self.squares[rows][:, None] - 2 * products - 49 * self.squares[columns])

    @cached_property
    def closest(self) -> int:
        """The smallest |X_i - X_j|^2 of opposite labels, 100 den^2 r. Raises: never."""
        ones = self.sides[1]
        return min(
            int((self.squares[rows][:, None] + self.squares[ones] - 2 * products).min())
            for rows, products in self.chunks()
        )

    @cached_property
    def sums(self) -> Integers:
        """100 den^2 times y F at every point, at least `closest`. Cost: N^3. Raises: never."""
        zeros, ones = self.sides
        found: Integers = np.zeros(len(self.points), dtype=self._exact.dtype)
        found[zeros], found[ones] = self._sums(zeros, ones), self._sums(ones, zeros)
        return found

    def _sums(self, own: Integers, others: Integers) -> Integers:
        # At a sample of this label every cell of the other label is shut.
        inner, outer = self.products(own, own), self.products(own, others)
        biases = self.biases(own, others, outer)
        total: Integers = np.zeros(len(own), dtype=self._exact.dtype)
        for k in range(len(own)):
            outside = biases[k] + 100 * (outer - inner[:, k : k + 1])
            total = total + np.maximum(self.closest - np.maximum(outside, 0).sum(axis=1), 0)
        return total

    @cached_property
    def reach(self) -> Fraction:
        """The smallest |x_i - x_j|_2^2 / |x_i - x_j|_1 of opposite labels. Raises: never."""
        ones = self.sides[1]
        best = Fraction(0)
        for rows, products in self.chunks():
            squared = self.squares[rows][:, None] + self.squares[ones] - 2 * products
            for row, length in zip(rows.tolist(), squared, strict=True):
                total = np.asarray(np.abs(self._exact[ones] - self._exact[row]).sum(axis=1))
                best = _smallest(length, total, best)
        return best / self.denominator

    def nonzero_weights(self) -> int:
        """Return how many coordinates differ, over all opposite pairs. Cost: a sort. Raises: never."""
        zeros, ones = self.sides
        different: int = self.pairs * self.points.shape[1]
        for k in range(self.points.shape[1]):
            left, counts = np.unique(self.points[zeros, k], return_counts=True)
            right, others = np.unique(self.points[ones, k], return_counts=True)
            _, i, j = np.intersect1d(left, right, assume_unique=True, return_indices=True)
            different -= int((counts[i] * others[j]).sum())
        return different

    def zero_biases(self) -> int:
        """Return how many of the 2 N+ N- biases are 0. Cost: N^2 d. Raises: never."""
        ones = self.sides[1]
        found = 0
        for rows, products in self.chunks():
            found += int((self.biases(rows, ones, products) == 0).sum())
            found += int((self.biases(ones, rows, products.T) == 0).sum())
        return found


def _smallest(numerators: Integers, denominators: Integers, best: Fraction) -> Fraction:
    """Return the smallest positive quotient, or `best` if that is smaller and not 0."""
    top, bottom = numerators.astype(object), denominators.astype(object)
    if not best:
        best = Fraction(int(top[0]), int(bottom[0]))
    while True:
        better = np.flatnonzero((top * best.denominator < bottom * best.numerator).astype(np.bool_))
        if not len(better):
            return best
        # The middle one of those that are better: about log N rounds.
        place = int(better[len(better) // 2])
        best = Fraction(int(top[place]), int(bottom[place]))
