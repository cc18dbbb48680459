"""An integer direction along which distinct points differ, and how well it keeps them apart.

Source: Park et al. 2021, Lemma 13: a random direction keeps N points apart by about 1/N^2 of
their range.
Departure: directions are integer vectors and the best of several is kept, by the exact ratio of
range to smallest gap; where none separates, (1, B, B^2, ...) does, B being larger than the range
of every coordinate.
UNTRUSTED: a direction that merges two points ends in a rejected certificate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import Any

import numpy as np

from memcert.errors import BuildError

Integers = np.ndarray[Any, Any]
"""int64 where a bound proves that nothing wraps, else Python integers (dtype object)."""
MACHINE = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """v with v . x distinct on distinct points x of Z^d.

    Args:
        vector: v.
        order: the points in ascending order of v . x.
        values: v . x in that order, strictly ascending.
        gap: the smallest difference of neighbours, positive; 0 for a single point.
    """

    vector: tuple[int, ...]
    order: tuple[int, ...]
    values: tuple[int, ...]
    gap: int

    @property
    def span(self) -> int:
        """Largest value less smallest. Raises: never."""
        return self.values[-1] - self.values[0]


def search(points: Integers, candidates: int, seed: int) -> Direction:
    """Return the direction of smallest span / gap among random ones.

    Args:
        points: distinct integer points, shape (N, d), N >= 2.
        candidates: how many random vectors are tried; none: the deterministic direction.
        seed: of the random vectors, at least 0.

    Returns:
        The best candidate, made primitive, the first of equals; the deterministic direction
        if none separates. Cost: candidates * (N d + N log N) operations of int64, or of Python integers where
        |v| . range may reach 2^62.

    Raises:
        BuildError: two points are equal.
    """
    spans, sizes = ranges(points)
    best: tuple[int, int] | None = None
    chosen = _deterministic(spans)
    # A single coordinate that changes is the only direction there is.
    trials = candidates if sum(span > 0 for span in spans) > 1 else 0
    for vector in _random(spans, len(points), trials, seed):
        span, gap = _spread(project(points, vector, sizes))
        if gap > 0 and (best is None or span * best[1] < best[0] * gap):
            best, chosen = (span, gap), vector
    common = gcd(*chosen)
    return measured(points, tuple(entry // common for entry in chosen))


def measured(points: Integers, vector: Sequence[int]) -> Direction:
    """Return the direction with the order and values of the points along it.

    Raises:
        BuildError: two points have one value.
    """
    values = project(points, vector, ranges(points)[1])
    order = np.argsort(values, kind="stable")
    ascending = values[order].tolist()
    gap = min((after - before for before, after in pairwise(ascending)), default=0)
    if gap == 0 and len(ascending) > 1:
        raise BuildError(f"the direction {_shown(vector)} gives two distinct points one value")
    return Direction(tuple(vector), tuple(order.tolist()), tuple(ascending), gap)


def project(points: Integers, vector: Sequence[int], sizes: Sequence[int]) -> Integers:
    """Return v . x for every point, in int64 where sum |v_j| max |x_j| < 2^62.

    Args:
        points: integers, shape (N, d).
        vector: v.
        sizes: max |x_j| for every coordinate, from `ranges`.

    Raises:
        ValueError: the lengths differ.
    """
    bound = sum(abs(v) * size for v, size in zip(vector, sizes, strict=True))
    if points.dtype != object and bound < MACHINE:
        return np.asarray(points @ np.array(vector, dtype=np.int64))
    # Columns one at a time: an object matrix product would copy the whole table.
    total = np.zeros(len(points), dtype=object)
    for j, weight in enumerate(vector):
        if weight:
            total = total + points[:, j].astype(object) * weight
    return total


def ranges(points: Integers) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return max - min and max |.| of every coordinate. Raises: ValueError, if there is no point."""
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    pairs = tuple(zip(low, high, strict=True))
    return tuple(b - a for a, b in pairs), tuple(max(-a, b) for a, b in pairs)


def _random(spans: Sequence[int], size: int, count: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Yield vectors that give projections a range of about 8 N^2 to 512 N^2 steps.

    Every second one weighs each coordinate by the inverse of its range, for data whose columns
    have units of their own. A coordinate that never changes gets weight zero.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    largest = max(spans)
    for trial in range(count):
        steps = 2 * size.bit_length() + 3 + trial % 7
        bits = min(max(steps - largest.bit_length(), 2), 60)
        draws = generator.integers(-(1 << bits), 1 << bits, size=len(spans), endpoint=True).tolist()
        if trial % 2:
            yield tuple(
                d * max(1, largest // span) if span else 0 for d, span in zip(draws, spans, strict=True)
            )
        else:
            yield tuple(d if span else 0 for d, span in zip(draws, spans, strict=True))


def _deterministic(spans: Sequence[int]) -> tuple[int, ...]:
    base, power = max(spans) + 1, 1
    vector = []
    for span in spans:
        vector.append(power if span else 0)
        power *= base if span else 1
    return tuple(vector)


def _spread(values: Integers) -> tuple[int, int]:
    ascending = np.sort(values)
    return int(ascending[-1] - ascending[0]), int((ascending[1:] - ascending[:-1]).min())


def _shown(vector: Sequence[int]) -> str:
    entries = ", ".join(str(entry) if abs(entry) < MACHINE else f"{entry:#x}" for entry in vector[:8])
    return f"({entries}{', ...' if len(vector) > 8 else ''})"
