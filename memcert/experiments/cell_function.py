"""Theorem 7.3's function at many points, exactly, without its layer of 2 N+ N- neurons.

-S_ij(x) = (x_j - x_i).x + (x_i - x_j).(51 x_i + 49 x_j)/100 depends on x through G_j - G_i alone,
G = X x. So one matrix product serves all hyperplanes, and a cell is open at x only where every one
of its hyperplanes leaves less than r: one of them, that of the nearest opposite point, shuts most.

Source: Theorem 7.3 of Yu, Gao, Zhang, Miao, *Generalizability of Memorization Neural Networks*, 2024.
UNTRUSTED; compared with the network itself in tests.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.errors import UndecidedError
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]

EXACT = 1 << 53
"""Integers up to this are float64 values, and so are their sums."""
LIMIT = 1 << 62
CELLS = 1 << 18
"""Entries of the broadcast that are held at once: 2 MB, which caches hold."""
SCALE = 100
"""F is scores / SCALE: 0.51, 0.49 and 0.01 are hundredths."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The samples of one label, as the other label's hyperplanes see them.

    Args:
        own: their rows.
        other: the rows of the other label.
        biases: 100 times the bias of -S_ij, of shape (own, other).
        sign: of the label.
    """

    own: Array
    other: Array
    biases: Array
    sign: int


class CellFunction:
    """F = sum y_i relu(r - sum_j relu(-S_ij)) of one training set of integer points."""

    def __init__(self, points: Array, positive: Array) -> None:
        """Prepare what does not depend on x.

        Args:
            points: integers of shape (N, d).
            positive: N booleans: whether the label is +1. Both labels occur, and at no point both.

        Cost: one product of (N-, d) and (d, N+).

        Raises:
            UndecidedError: the integers are too large for exact machine arithmetic.
        """
        self._points = points
        self._largest = _largest(points)
        _refuse_large(len(points), points.shape[1], self._largest)
        whole = points.astype(np.int64)
        squares = np.einsum("ij,ij->i", whole, whole)
        zeros, ones = np.flatnonzero(~positive), np.flatnonzero(positive)
        inner = product(points[zeros], points[ones])
        self.closest = int((squares[zeros][:, None] + squares[ones] - 2 * inner).min())
        """The smallest squared distance of opposite labels, 100 r."""
        self._squares = squares
        self._sides = tuple(
            Side(own, other, 51 * squares[own][:, None] - 2 * across - 49 * squares[other], sign)
            for own, other, across, sign in ((zeros, ones, inner, -1), (ones, zeros, inner.T, 1))
        )

    def scores(self, inputs: Array) -> Array:
        """Return 100 F(x), exactly, for every row x of an integer array of shape (T, d).

        Cost: one product of (T, d) and (d, N); then N operations a point and N for each cell that
        the nearest opposite sample leaves open.

        Raises:
            UndecidedError: the integers are too large for exact machine arithmetic.
        """
        _refuse_large(len(self._points), inputs.shape[1], max(self._largest, _largest(inputs)))
        along = product(inputs, self._points)
        total = np.zeros(len(inputs), dtype=np.int64)
        for side in self._sides:
            self._add(side, along, total)
        return total

    def _add(self, side: Side, along: Array, total: Array) -> None:
        own, other = along[:, side.own], along[:, side.other]
        nearest = (2 * other - self._squares[side.other]).argmax(axis=1)
        reach = other[np.arange(len(other)), nearest]
        beyond = SCALE * (reach[:, None] - own) + side.biases[:, nearest].T
        points, cells = np.nonzero(beyond < self.closest)
        step = max(1, CELLS // len(side.other))
        for start in range(0, len(points), step):
            x, i = points[start : start + step], cells[start : start + step]
            outside = SCALE * (other[x] - own[x, i][:, None]) + side.biases[i]
            left = self.closest - np.maximum(outside, 0, out=outside).sum(axis=1)
            np.add.at(total, x, side.sign * np.maximum(left, 0))


def product(left: Array, right: Array) -> Array:
    """Return left @ right.T of integers whose sums stay below 2**53, as int64. Raises: never."""
    return np.asarray((left.astype(np.float64) @ right.astype(np.float64).T).astype(np.int64))


def _largest(values: Array) -> int:
    return max(1, abs(int(values.max())), abs(int(values.min())))


def _refuse_large(size: int, dimension: int, entry: int) -> None:
    # A product is at most d M^2; a hyperplane's value 200 d M^2 and a bias 102 d M^2; a cell adds
    # up to N of them, and F as many cells of at most 4 d M^2.
    inner = dimension * entry * entry
    if inner >= EXACT or 400 * size * inner >= LIMIT:
        raise UndecidedError(
            f"expected entries whose sums fit into machine integers, got {size} points of Q^{dimension} "
            f"with entries up to {shown(entry)}"
        )
