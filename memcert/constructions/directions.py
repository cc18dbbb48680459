"""An integer direction along which distinct points differ, and how well it keeps them apart.

Source: Park et al. 2021, Lemma 13: a random direction keeps N points apart by about 1/N^2 of
their range.
Departure: directions are integer vectors and the best of several is kept, by the ratio of range
to smallest gap; where none separates, (1, B, B^2, ...) does, B being larger than the range of
every coordinate.
UNTRUSTED: a direction that merges two points ends in a rejected certificate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import gcd
from typing import Any

import numpy as np

from memcert.errors import BuildError

Integers = np.ndarray[Any, Any]
"""int64 where a bound proves that nothing wraps, else Python integers (dtype object)."""
MACHINE = 1 << 62
LIMB_BITS = 31
COARSE = 1 << 10
"""A gap of so many upper limbs is known to one part in a thousand without the lower ones."""
OBJECT_WORK = 20_000_000
"""Products of Python integers that a search may take, beyond its first four trials."""


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """v with v . x distinct on distinct points x of Z^d, or on those of different labels only.

    Args:
        vector: v.
        order: the points in ascending order of v . x.
        values: v . x in that order, strictly ascending where all points are kept apart.
        gap: the smallest difference of neighbours (of different labels), positive; 0: there are none.
    """

    vector: tuple[int, ...]
    order: tuple[int, ...]
    values: tuple[int, ...]
    gap: int

    @property
    def span(self) -> int:
        """Largest value less smallest. Raises: never."""
        return self.values[-1] - self.values[0]


@dataclass(frozen=True, eq=False)
class Table:
    """Integer points, shape (N, d), N >= 1, with what bounds their projections."""

    points: Integers

    @cached_property
    def spans(self) -> tuple[int, ...]:
        """Max - min of every coordinate. Raises: never."""
        return tuple(high - low for low, high in self._ends)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Max |.| of every coordinate. Raises: never."""
        return tuple(max(-low, high) for low, high in self._ends)

    @cached_property
    def _ends(self) -> tuple[tuple[int, int], ...]:
        low, high = self.points.min(axis=0).tolist(), self.points.max(axis=0).tolist()
        return tuple(zip(low, high, strict=True))

    @cached_property
    def _limbs(self) -> tuple[Integers, Integers]:
        return self.points >> LIMB_BITS, self.points & ((1 << LIMB_BITS) - 1)

    def project(self, vector: Sequence[int]) -> Integers:
        """Return v . x for every point, in int64 where sum |v_j| max |x_j| < 2^62.

        Raises:
            ValueError: the lengths differ.
        """
        limbs = self._projected_limbs(vector)
        if limbs is None:
            # Columns one at a time: an object matrix product would copy the whole table.
            total = np.zeros(len(self.points), dtype=object)
            for j, weight in enumerate(vector):
                if weight:
                    total = total + self.points[:, j].astype(object) * weight
            return total
        high, low = limbs
        return low if high is None else (high.astype(object) << LIMB_BITS) + low

    def spread(self, vector: Sequence[int], labels: Integers | None = None) -> tuple[int, int]:
        """Return range and smallest gap of v . x, in one common unit, the gap rounded down.

        With labels, one a point, only neighbours of different labels count.

        Where the numbers need two limbs and the upper ones alone show a gap of COARSE, the lower
        are left out. Raises: ValueError, if the lengths differ.
        """
        limbs = self._projected_limbs(vector)
        if limbs is not None and limbs[0] is not None:
            span, gap = _spread(limbs[0], labels)
            if gap >= COARSE:
                return span, gap
        return _spread(self.project(vector), labels)

    def _projected_limbs(self, vector: Sequence[int]) -> tuple[Integers | None, Integers] | None:
        """Return v . x as (high, low) of int64, high None if one limb holds it; None: two do not."""
        if self.points.dtype == object:
            return None
        weights = [abs(v) for v in vector]
        if sum(v * size for v, size in zip(weights, self.sizes, strict=True)) < MACHINE:
            return None, np.asarray(self.points @ np.array(vector, dtype=np.int64))
        # |x >> 31| <= max |x| / 2^31 + 1; the carry of the lower limb is bounded likewise.
        tops = [(size >> LIMB_BITS) + 2 for size in self.sizes]
        largest = max(sum(v * top for v, top in zip(weights, tops, strict=True)), sum(weights) << LIMB_BITS)
        if largest >= MACHINE:
            return None
        form = np.array(vector, dtype=np.int64)
        high, low = (limb @ form for limb in self._limbs)
        return high + (low >> LIMB_BITS), low & ((1 << LIMB_BITS) - 1)


def search(points: Integers, candidates: int, seed: int, labels: Integers | None = None) -> Direction:
    """Return the direction of smallest span / gap among random ones.

    Args:
        points: distinct integer points, shape (N, d), N >= 2.
        candidates: how many random vectors are tried; none: the deterministic direction.
        seed: of the random vectors, at least 0.
        labels: shape (N,), at least two different ones: only points of different labels are kept
            apart; None: all points are.

    Returns:
        The best candidate, made primitive, the first of equals; the deterministic direction
        if none separates. Cost: candidates * (N d + N log N) operations of int64; of Python
        integers where coordinates have more than 62 bits, and then fewer candidates.

    Raises:
        BuildError: two points are equal.
    """
    table = Table(points)
    best: tuple[int, int] | None = None
    chosen = _deterministic(table.spans)
    for vector in _random(table, _trials(table, candidates), seed):
        span, gap = table.spread(vector, labels)
        if gap > 0 and (best is None or span * best[1] < best[0] * gap):
            best, chosen = (span, gap), vector
    common = gcd(*chosen)
    return measured(table, tuple(entry // common for entry in chosen), labels)


def measured(table: Table, vector: Sequence[int], labels: Integers | None = None) -> Direction:
    """Return the direction with the order and values of the points along it, exactly.

    Raises:
        BuildError: two points (of different labels, where there are labels) have one value.
    """
    values = table.project(vector)
    order = np.argsort(values, kind="stable")
    ascending = values[order].tolist()
    kinds = range(len(ascending)) if labels is None else labels[order].tolist()
    pairs = zip(pairwise(ascending), pairwise(kinds), strict=True)
    gap = min((after - before for (before, after), (left, right) in pairs if left != right), default=0)
    if gap == 0 and len(ascending) > 1:
        raise BuildError(f"the direction {_shown(vector)} gives two distinct points one value")
    return Direction(tuple(vector), tuple(order.tolist()), tuple(ascending), gap)


def _trials(table: Table, candidates: int) -> int:
    # A single coordinate that changes is the only direction there is.
    if sum(span > 0 for span in table.spans) == 1:
        return 0
    if table.points.dtype == object:
        return min(candidates, max(4, OBJECT_WORK // table.points.size))
    return candidates


def _random(table: Table, count: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Yield vectors that give projections a range of about 8 N^2 to 512 N^2 steps.

    Every second one weighs each coordinate by the inverse of its range, for data whose columns
    have units of their own. Of both kinds every second has entries of so many steps themselves,
    as far as two limbs hold: decimals read from floats are a coarse grid in disguise, on which
    short vectors all but collide. A coordinate that never changes gets weight zero.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    size, dimension = table.points.shape
    largest = max(table.spans)
    scales = [max(1, largest // span) if span else 0 for span in table.spans]
    room = 61 - dimension.bit_length() - min(max(table.sizes).bit_length(), LIMB_BITS)
    for trial in range(count):
        steps = 2 * size.bit_length() + 3 + trial % 7
        scaled, long = trial % 2 == 1, trial // 2 % 2 == 1
        held = room - (max(scales).bit_length() if scaled else 0)
        bits = min(steps, held) if long else steps - largest.bit_length()
        bound = 1 << min(max(bits, 2), 60)
        draws = generator.integers(-bound, bound, size=dimension, endpoint=True).tolist()
        weights = scales if scaled else [int(scale > 0) for scale in scales]
        yield tuple(draw * weight for draw, weight in zip(draws, weights, strict=True))


def _deterministic(spans: Sequence[int]) -> tuple[int, ...]:
    base, power = max(spans) + 1, 1
    vector = []
    for span in spans:
        vector.append(power if span else 0)
        power *= base if span else 1
    return tuple(vector)


def _spread(values: Integers, labels: Integers | None) -> tuple[int, int]:
    if labels is None:
        ascending = np.sort(values)
        return int(ascending[-1] - ascending[0]), int((ascending[1:] - ascending[:-1]).min())
    # Any order of equal values will do: where their labels differ, two neighbours' do.
    order = np.argsort(values)
    ascending, kinds = values[order], labels[order]
    gaps = (ascending[1:] - ascending[:-1])[kinds[1:] != kinds[:-1]]
    return int(ascending[-1] - ascending[0]), int(gaps.min())


def _shown(vector: Sequence[int]) -> str:
    entries = ", ".join(str(entry) if abs(entry) < MACHINE else f"{entry:#x}" for entry in vector[:8])
    return f"({entries}{', ...' if len(vector) > 8 else ''})"
