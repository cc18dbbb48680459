"""Smallest distances, gaps along a direction and the radius of a data set, exactly, without N^2 Python steps.

UNTRUSTED; every answer is an exact rational. Floats hold integers below 2**53 only, where a bound
computed in Python integers shows it, so that BLAS products are exact in any order of summation.
"""

from collections.abc import Sequence
from math import isqrt, lcm
from typing import Any

import numpy as np

from memcert.datasets.dataset import Dataset, exact
from memcert.datasets.stored import Rows
from memcert.errors import UnsupportedError
from memcert.kernel.certificate import Number

Array = np.ndarray[Any, Any]

ROWS, COLUMNS = 512, 4096
"""Shape of one tile of the distance matrix (16 MB of float64)."""
NUMBERS = 1 << 20
"""Coordinates that are looked at together where each row stands for itself."""
CANDIDATES = 1 << 14
"""Pairs whose distances are computed at once in Python integers."""


def squared_separation(dataset: Dataset) -> Number | None:
    """Return the smallest squared distance between two distinct points, or None if all are equal.

    Points are sorted along one axis; tiles of pairs that the axis does not rule out go through
    one matrix product. Cost: about 10**8 pairs a second for small d; object integers where the
    coordinates of a tile span more than 26 bits, and then only for the pairs in question.

    Raises: never.
    """
    points = distinct_rows(dataset.numerators)
    if len(points) < 2:
        return None
    axis = max(range(points.shape[1]), key=lambda j: _spread(points[:, j]))
    points = points[np.argsort(points[:, axis], kind="stable")]
    keys = points[:, axis]
    best = _smallest(points[1:], points[:-1])
    for first in range(0, len(points), ROWS):
        last = min(first + ROWS, len(points))
        # Only |difference along the axis| <= sqrt(best) can improve; clamped, since the sum
        # may not be an int64.
        reach = min(int(keys[last - 1]) + isqrt(best), int(keys[-1]))
        stop = int(np.searchsorted(keys, reach, side="right"))
        for start in range(first, stop, COLUMNS):
            columns = points[start : min(start + COLUMNS, stop)]
            best = min(best, _tile(points[first:last], columns, start - first, best))
    return exact(best, dataset.denominator**2)


def direction_bound(dataset: Dataset, direction: Sequence[Number]) -> Number:
    """Return g**2 / |v|**2, a lower bound of the squared separation; g is the smallest gap of v.x.

    Args:
        dataset: at least two distinct points.
        direction: v, d numbers.

    Cost: one product and one sort of N numbers.

    Raises:
        UnsupportedError: all points are equal, or v.x is equal at two distinct points; the
            message names their rows.
    """
    values, scale = projected(dataset, direction)
    order = np.argsort(values, kind="stable")
    gaps = np.diff(values[order])
    clash = coinciding(dataset, order, gaps)
    if clash is not None:
        raise UnsupportedError(
            "the direction must take different values at distinct points; "
            f"rows {clash[0]} and {clash[1]} differ and both have {exact(int(values[clash[0]]), scale)}"
        )
    positive = gaps[gaps != 0]
    if not len(positive):
        raise UnsupportedError("separation needs two distinct points; all points are equal")
    length = sum(x * x for x in direction)
    gap = exact(int(positive.min()), scale)
    return exact_number(gap * gap, length)


def projected(dataset: Dataset, direction: Sequence[Number]) -> tuple[Array, int]:
    """Return (n, s) with v.x_i = n[i] / s for every row i; n is int64 where that is exact. Raises: never."""
    common = lcm(*(v.denominator for v in direction))
    numerators = [v.numerator * (common // v.denominator) for v in direction]
    return dot(dataset.numerators, numerators), common * dataset.denominator


def coinciding(dataset: Dataset, order: Array, gaps: Array) -> tuple[int, int] | None:
    """Return two rows with distinct points and equal projected values, or None. Raises: never.

    `order` sorts the projected values, `gaps` are their differences in that order. Equality of
    points is transitive, so comparing neighbours in the order is enough.
    """
    ties = np.flatnonzero(gaps == 0)
    left, right = order[ties], order[ties + 1]
    differ = np.flatnonzero((dataset.numerators[left] != dataset.numerators[right]).any(axis=1))
    if not len(differ):
        return None
    first, second = sorted((int(left[differ[0]]), int(right[differ[0]])))
    return first, second


def few_points(rows: Rows, most: int) -> Dataset | None:
    """Return the distinct points, without their labels, or None if there are more than so many.

    Cost: one hash a row, and `most` points in memory. Raises: UndecidedError, for rows on disk.
    """
    seen: set[object] = set()
    kept: list[Array] = []
    for part in rows.parts(max(1, NUMBERS // rows.dimension)):
        for point in part.numerators:
            key: object = tuple(point.tolist()) if point.dtype == object else point.tobytes()
            if key not in seen:
                seen.add(key)
                kept.append(point)
                if len(kept) > most:
                    return None
    return Dataset(rows.name, rows.columns, np.array(kept), rows.denominator, (0,) * len(kept))


def together(rows: Rows) -> Dataset:
    """Return a data set of all points in memory; of those on disk, the distinct ones where they are few.

    Raises:
        UndecidedError: there are more numbers than are held at once.
    """
    if isinstance(rows, Dataset):
        return rows
    few = few_points(rows, max(1, NUMBERS // rows.dimension))
    return rows.whole() if few is None else few


def data_radius_squared(dataset: Rows) -> Number:
    """Return the largest |x|**2 over all points. Cost: N d multiplications. Raises: never."""
    rows = max(1, NUMBERS // dataset.dimension)
    largest_square = max(int(_squares(part.numerators).max()) for part in dataset.parts(rows))
    return exact(largest_square, dataset.denominator**2)


def distinct_rows(points: Array) -> Array:
    """Return the distinct rows of an (N, d) array of integers, in some fixed order. Raises: never."""
    if points.dtype != object:
        return np.unique(points, axis=0)
    rows = sorted({tuple(row) for row in points.tolist()})
    return np.array(rows, dtype=object).reshape(len(rows), points.shape[1])


def dot(points: Array, vector: Sequence[int]) -> Array:
    """Return points @ vector, as int64 where a bound allows it, else as object. Raises: never."""
    bound = sum(abs(v) * largest(points[:, j]) for j, v in enumerate(vector))
    # Zero weights times large columns, or large weights times zero columns, keep the bound
    # small, but the factors themselves must be int64 too.
    if points.dtype != object and bound < 2**62 and all(abs(v) < 2**62 for v in vector):
        product: Array = points @ np.array(vector, dtype=np.int64)
        return product
    total: Array = np.zeros(len(points), dtype=object)
    for j, weight in enumerate(vector):
        if weight:
            total = total + points[:, j].astype(object) * weight
    return total


def largest(values: Array) -> int:
    """Return the largest absolute value of a nonempty integer array, as a Python int. Raises: ValueError."""
    return max(abs(int(values.max())), abs(int(values.min())))


def exact_number(numerator: Number, denominator: Number) -> Number:
    """Return numerator / denominator as an exact number. Raises: ZeroDivisionError."""
    return exact(numerator.numerator * denominator.denominator, numerator.denominator * denominator.numerator)


def _spread(values: Array) -> int:
    # A heuristic: the axis along which the middle half of the points is widest.
    ordered = np.sort(values)
    return int(ordered[len(ordered) * 3 // 4]) - int(ordered[len(ordered) // 4])


def _squares(rows: Array) -> Array:
    # Squared norms of rows of integers: int64 where the bound allows.
    if rows.dtype != object and rows.shape[1] * largest(rows) ** 2 < 2**62:
        return np.asarray(np.einsum("ij,ij->i", rows, rows))
    return np.asarray((rows.astype(object) ** 2).sum(axis=1))


def _smallest(left: Array, right: Array) -> int:
    # The smallest |left[i] - right[i]|**2; int64 entries are below 2**62, so differences fit.
    return int(_squares(left - right).min())


def _tile(rows: Array, columns: Array, offset: int, best: int) -> int:
    """Return the smallest of `best` and the squared distances of rows[i] and columns[j], j + offset > i.

    With coordinates cut to x >> k, a difference moves by less than one unit of 2**k a coordinate,
    a distance by less than sqrt(d) units; k is the least that makes the product exact.
    """
    base = np.minimum(rows.min(axis=0), columns.min(axis=0))
    top = np.maximum(rows.max(axis=0), columns.max(axis=0))
    spans = [int(high) - int(low) for high, low in zip(top.tolist(), base.tolist(), strict=True)]
    cut = 0
    # Entries lie in 0..span, so every partial sum of |x|^2 + |y|^2 - 2 x.y is within +-2**53.
    while 2 * sum((span >> cut) ** 2 for span in spans) > 2**53:
        cut += 1
    left, right = (((x - base) >> cut).astype(np.float64) for x in (rows, columns))
    squares = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", right, right)[None, :]
    squares -= 2 * (left @ right.T)
    if offset < len(rows):
        squares[np.tri(len(rows), len(columns), -offset, bool)] = np.inf
    if cut == 0:
        nearest = squares.min()
        return best if np.isinf(nearest) else min(best, int(nearest))
    return _confirmed(rows, columns, squares, cut, best)


def _confirmed(rows: Array, columns: Array, squares: Array, cut: int, best: int) -> int:
    # Exact distances of the pairs that the cut distances do not rule out, the likeliest first.
    row, column = np.unravel_index(int(squares.argmin()), squares.shape)
    if np.isinf(squares[row, column]):
        return best
    best = min(best, _smallest(rows[row : row + 1], columns[column : column + 1]))
    root = (isqrt(best) >> cut) + isqrt(rows.shape[1]) + 3
    pairs = np.argwhere(squares <= float(min(root * root, 2**53)))
    for start in range(0, len(pairs), CANDIDATES):
        part = pairs[start : start + CANDIDATES]
        best = min(best, _smallest(rows[part[:, 0]], columns[part[:, 1]]))
    return best
