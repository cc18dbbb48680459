"""Partitions of the samples into classes, and their joins, so that equal values are computed once.

UNTRUSTED. A class is a number below `count`; `index` gives the class of each sample.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

KEPT_JOINS = 32
"""Joins that are remembered; each holds up to three arrays of one int32 a sample."""


class Partition:
    """A class for every sample; compared by identity.

    Args:
        count: number of classes, each of them met by a sample.
        index: class of every sample, int32; None: sample i is class i.
    """

    __slots__ = ("compact", "count", "index")

    def __init__(self, count: int, index: Array | None) -> None:
        """Keep both; `compact` is set once a column is known to differ on all classes."""
        self.count = count
        self.index = index
        self.compact = False

    def of_samples(self, values: Array) -> Array:
        """Spread values by class over the samples. Raises: never."""
        return values if self.index is None else values[self.index]

    def class_of(self, sample: int) -> int:
        """Return the class of a sample. Raises: IndexError."""
        if self.count == 1:
            return 0
        return sample if self.index is None else int(self.index[sample])


class Join(NamedTuple):
    """The coarsest partition finer than two others.

    `first` and `second` give, for each of its classes, the class of the first and second
    partition; None where these are the same numbers.
    """

    partition: Partition
    first: Array | None
    second: Array | None


class Joins:
    """Joins of partitions, the latest remembered. Not shared between threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: OrderedDict[tuple[int, int], tuple[Partition, Partition, Join]] = OrderedDict()

    def join(self, first: Partition, second: Partition) -> Join:
        """Return the join. Cost: a few passes over the samples the first time. Raises: never."""
        if first is second or first.index is None:
            return Join(first, None, None if first is second else second.index)
        if second.index is None:
            return Join(second, first.index, None)
        key = (id(first), id(second))
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known[2]
        found = _join(first.index, first, second.index, second)
        # The partitions are kept with the key: an id is unique only while its object lives.
        self._kept[key] = (first, second, found)
        if len(self._kept) > KEPT_JOINS:
            self._kept.popitem(last=False)
        return found


def _join(first_index: Array, first: Partition, second_index: Array, second: Partition) -> Join:
    # Counts are at most N < 2**31, so a code is below 2**62; joins of more partitions go pair by
    # pair with classes renumbered 0, 1, .. each time, so that codes never grow beyond that.
    codes = first_index.astype(np.int64)
    codes *= second.count
    codes += second_index
    met, index = dense(codes, first.count * second.count)
    firsts, seconds = np.divmod(met, second.count)
    if len(met) == first.count:
        return Join(first, None, seconds)
    if len(met) == second.count:
        order = np.empty(second.count, dtype=np.int64)
        order[seconds] = firsts
        return Join(second, order, None)
    return Join(Partition(len(met), index), firsts, seconds)


def dense(codes: Array, bound: int) -> tuple[Array, Array]:
    """Number the codes that occur: (those codes ascending, for each entry its rank as int32).

    Args:
        codes: int64, each in 0..bound-1.
        bound: decides between a table and sorting.

    Raises: never.
    """
    if bound <= 4 * len(codes) + 1024:
        met = np.zeros(bound, dtype=bool)
        met[codes] = True
        found = np.flatnonzero(met)
        if len(found) == bound:
            return found, codes.astype(np.int32)
        rank = np.empty(bound, dtype=np.int32)
        rank[found] = np.arange(len(found), dtype=np.int32)
        return found, rank[codes]
    found, inverse = np.unique(codes, return_inverse=True)
    return found, inverse.astype(np.int32)


def coarser(partition: Partition, classes: Array, count: int) -> Partition:
    """Merge classes: `classes[c]` is the new class of class c, int32. Raises: never."""
    return Partition(count, classes if partition.index is None else classes[partition.index])
