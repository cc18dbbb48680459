"""Exact distances in the maximum norm: the closest points of different labels, and a greedy net.

UNTRUSTED: a distance that is too large ends in a proof that fails. Every comparison is one of
integers; rows that differ enough in one coordinate are dropped before the next one is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from memcert.constructions.directions import Integers

PROBED = 1_024
"""Rows by which coordinates are ordered; the order changes the time, not what is found."""
FEW_ENTRIES = 1 << 14
"""With so few entries left, all their coordinates are compared at once."""


@dataclass(frozen=True, slots=True)
class Closest:
    """The smallest distance of two points with different codes, and such a pair."""

    distance: int
    pair: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Net:
    """Points such that every point is near one of its own code.

    Args:
        points: indices, ascending.
        nearest: for every point, the place in `points` of the nearest one, the first of equals.
        distances: to it.
    """

    points: tuple[int, ...]
    nearest: tuple[int, ...]
    distances: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Grid:
    """Points moved to 0 and up, in the smallest machine integers that hold their differences."""

    rows: Integers

    @cached_property
    def columns(self) -> list[Integers]:
        """The coordinates, widest middle half first. Raises: never."""
        some = np.sort(self.rows[:: max(1, len(self.rows) // PROBED)], axis=0)
        middle = some[len(some) * 3 // 4] - some[len(some) // 4]
        whole = self.rows.max(axis=0)
        order = sorted(range(self.rows.shape[1]), key=lambda k: (-int(middle[k]), -int(whole[k])))
        return [np.ascontiguousarray(self.rows[:, k]) for k in order if whole[k] > 0]

    def near(self, place: int, start: int, stop: int, reach: int) -> Integers:
        """Return which rows in [start, stop) are at most `reach` from row `place`. Raises: never."""
        left = None
        for column in self.columns:
            values = column[start:stop] if left is None else column[left]
            found = np.flatnonzero(np.abs(values - column[place]) <= reach)
            left = found + start if left is None else left[found]
            if left.size * len(self.columns) <= FEW_ENTRIES:
                return left[self.distances(place, left) <= reach] if left.size else left
        return np.arange(start, stop) if left is None else left

    def distances(self, place: int, others: Integers) -> Integers:
        """Return the distances of row `place` from `others`. Raises: never."""
        return np.asarray(np.abs(self.rows[others] - self.rows[place]).max(axis=1))


def closest_opposite(points: Integers, codes: Sequence[int]) -> Closest:
    """Return the smallest distance of two points with different codes, exactly.

    Args:
        points: integers of shape (N, d), d >= 1.
        codes: one a point.

    Cost: N passes over the points that one coordinate does not rule out.

    Raises:
        ValueError: all codes are equal.
    """
    marks = np.array(codes)
    rows = _moved(points)
    # The widest column of the sorted rows may be another one: what is searched is what was sorted.
    axis = _Grid(rows).columns[0] if rows.any() else np.zeros(len(rows), dtype=np.int64)
    order = np.argsort(axis, kind="stable")
    grid, marks, axis = _Grid(rows[order]), marks[order], axis[order]
    beside = next((i for i in range(len(marks) - 1) if marks[i] != marks[i + 1]), None)
    if beside is None:
        raise ValueError("expected points of two codes")
    best, pair = int(grid.distances(beside, np.array([beside + 1]))[0]), (beside, beside + 1)
    for i in range(len(marks)):
        if best == 0:
            break
        # Clamped: the sum may be more than the machine integers of the axis hold.
        stop = int(np.searchsorted(axis, min(int(axis[i]) + best, int(axis[-1]) + 1), side="left"))
        found = grid.near(i, i + 1, stop, best - 1)
        found = found[marks[found] != marks[i]]
        if found.size:
            distances = grid.distances(i, found)
            nearest = int(distances.argmin())
            best, pair = int(distances[nearest]), (i, int(found[nearest]))
    first, second = sorted(int(order[i]) for i in pair)
    return Closest(best, (first, second))


def greedy_net(points: Integers, reach: int) -> tuple[int, ...]:
    """Return points more than `reach` apart, in order, such that every point is within it of one.

    Args:
        points: integers of shape (N, d).
        reach: at least 0.

    Cost: a pass over the later points for each that is kept. Raises: never.
    """
    grid = _Grid(_moved(points))
    free = np.ones(len(points), dtype=np.bool_)
    kept = []
    for i in range(len(points)):
        if free[i]:
            kept.append(i)
            free[grid.near(i, i + 1, len(points), reach)] = False
    return tuple(kept)


def net(points: Integers, codes: Sequence[int], reach: int) -> Net:
    """Return the greedy net with the nearest of its points for each point of the same code.

    Args:
        points: integers of shape (N, d).
        codes: one a point; points of different codes are more than `reach` apart.
        reach: at least 0.

    Cost: a pass over the points of its code for each that is kept. Raises: never.
    """
    kept = greedy_net(points, reach)
    grid, marks = _Grid(_moved(points)), np.array(codes)
    members = {code: np.flatnonzero(marks == code) for code in set(codes)}
    nearest = np.zeros(len(points), dtype=np.int64)
    distances: Integers = np.full(len(points), -1, dtype=object)
    for place, point in enumerate(kept):
        own = members[codes[point]]
        found = grid.distances(point, own).astype(object)
        closer = (distances[own] < 0) | (found < distances[own])
        closer = closer.astype(np.bool_)
        nearest[own[closer]], distances[own[closer]] = place, found[closer]
    return Net(kept, tuple(nearest.tolist()), tuple(distances.tolist()))


def _moved(points: Integers) -> Integers:
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    span = max(top - bottom for bottom, top in zip(low, high, strict=True))
    # A span below half the range: differences of either sign fit.
    fits = (kind for kind in (np.int16, np.int32, np.int64) if span < np.iinfo(kind).max)
    kind = next(fits, object)
    # Machine integers have at most 62 bits, so that the difference is exact; others are objects.
    moved: Integers = (points - points.min(axis=0)).astype(kind)
    return moved
