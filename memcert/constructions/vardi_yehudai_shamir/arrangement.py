"""Which theorem's arrangement: one network, copies side by side (depth), or few bits a weight.

Source: Theorem 5.1: K = ceil(N / L^2) subsets of at most L^2 points; Theorem 6.2: subsets of B0^2
points, B0 as large as the bits allow.
Departure: the subsets of a theorem differ by at most one point; `--split direct` keeps one network
and shortens its words, which takes fewer parameters than Theorem 6.2's subsets.
UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np

from memcert.constructions.registry import OptionValue
from memcert.constructions.vardi_yehudai_shamir import copy_sizes, sizes
from memcert.errors import BuildError, UsageError

WORD_BITS = 4
"""A word of T bits needs a weight of T + 4: the offset 2^-(T + 2)."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The points of each copy, n, how the copies stand, and the theorem's name."""

    shares: tuple[int, ...]
    slots: int
    series: bool
    statement: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The options `depth`, `bits` and `split`, of which at most one of the first two is given."""

    depth: int | None
    bits: int | None
    split: str


def asked(options: Mapping[str, OptionValue], points: int) -> Asked:
    """Return what was asked for N points.

    Raises:
        BuildError: depth is not in [1, sqrt N].
        UsageError: both depth and bits are given, or a split without bits.
    """
    depth, bits, split = (options.get(name) for name in ("depth", "bits", "split"))
    if depth is not None and bits is not None:
        raise UsageError("options depth and bits: expected one of them, got both")
    if split is not None and bits is None:
        raise UsageError(f"option split: says how few bits are kept, and bits is not given; got {split}")
    if depth is not None and not 1 <= int(depth) <= isqrt(points):
        raise BuildError(
            f"depth: Theorem 5.1 takes L in [1, sqrt N], that is from 1 to {isqrt(points):,} for the "
            f"{points:,} distinct points here; got {depth}"
        )
    return Asked(
        None if depth is None else int(depth), None if bits is None else int(bits), str(split or "direct")
    )


def arranged(
    wanted: Asked, labels: Sequence[int], widths: tuple[int, int], wide: bool, other_bits: int
) -> Arrangement:
    """Choose subsets and slots.

    Args:
        wanted: what was asked.
        labels: codes in the order of the projection, N of them.
        widths: (rho, c).
        wide: the balanced sizing; else the theorem's own split of each subset.
        other_bits: bits of the longest number that no split shortens.

    Raises:
        BuildError: no split keeps every weight within the bits; the message has the smallest B.
    """
    points = len(labels)
    if wanted.depth is not None:
        shares = copy_sizes.subsets(points, wanted.depth**2)
        slots = _slots(labels, shares, widths, wide=wide, largest=wanted.depth**2)
        return Arrangement(shares, slots, False, "Theorem 5.1")
    if wanted.bits is None:
        slots = _slots(labels, (points,), widths, wide=wide, largest=points)
        return Arrangement((points,), slots, False, "Theorem 3.1")
    most = _most_slots(wanted.bits, widths, other_bits)
    if wanted.split == "direct":
        slots = _slots(labels, (points,), widths, wide=wide, largest=points, most=most)
        return Arrangement((points,), slots, False, "Theorem 6.2, by the split of Theorem 3.1")
    root = _root(points, widths, wide, most)
    shares = copy_sizes.subsets(points, root**2)
    slots = _slots(labels, shares, widths, wide=wide, largest=root**2, most=most, series=True)
    return Arrangement(shares, slots, True, "Theorem 6.2")


def _most_slots(bits: int, widths: tuple[int, int], other_bits: int) -> int:
    """Return the largest n with n max(rho, c) + 4 <= B."""
    field = max(widths)
    if bits < max(other_bits, field + WORD_BITS):
        raise BuildError(
            f"bits: the smallest B for these points, seed and number of directions is "
            f"{max(other_bits, field + WORD_BITS)}: the projection and the read-out have numbers of "
            f"{other_bits} bits, and one field a word takes {field} + {WORD_BITS}; got {bits}"
        )
    return (bits - WORD_BITS) // field


def _root(points: int, widths: tuple[int, int], wide: bool, most: int) -> int:
    """Return the largest B0 <= sqrt N whose B0^2 points have words of at most `most` fields, or 1."""
    for root in range(isqrt(points), 1, -1):
        size = root**2
        own = copy_sizes.best_slots((size,), widths, series=True) if wide else sizes.literal_split(size).slots
        if own <= most:
            return root
    return 1


def _slots(
    labels: Sequence[int],
    shares: tuple[int, ...],
    widths: tuple[int, int],
    *,
    wide: bool,
    largest: int,
    most: int | None = None,
    series: bool = False,
) -> int:
    if not wide:
        own = sizes.literal_split(largest).slots
        return own if most is None else min(own, most)
    marked = np.array(labels) != 0
    ends = np.cumsum(shares)

    def zero_words(slots: int) -> int:
        pairs = zip(ends, shares, strict=True)
        starts = np.concatenate([np.arange(end - share, end, slots) for end, share in pairs])
        return int((~np.logical_or.reduceat(marked, starts)).sum())

    return copy_sizes.best_slots(shares, widths, series=series, zero_words=zero_words, most=most)
