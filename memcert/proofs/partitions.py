"""Partitions of the samples, and their common refinements.

Two samples in one class have had the same forms so far. A refinement is computed once a pair,
and one that adds nothing returns the finer partition itself, so that equal partitions are one
object wherever that is cheap to see.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

import numpy as np

from memcert.proofs.integers import Array

T = TypeVar("T")
_numbers = count()


def fresh() -> int:
    """Return a number that no other object of this process has. Raises: never."""
    return next(_numbers)


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """classes[i] in range(count) is the class of sample i; every class is used."""

    classes: Array
    count: int
    uid: int = field(default_factory=fresh)


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A common refinement, and the class of either side for each of its classes (None: the same)."""

    partition: Partition
    left: Array | None
    right: Array | None


class Recent(Generic[T]):
    """A cache that forgets what two calls of `turn` in a row have not seen used."""

    def __init__(self) -> None:
        """Start empty."""
        self._young: dict[Hashable, T] = {}
        self._old: dict[Hashable, T] = {}

    def get(self, key: Hashable) -> T | None:
        """Return what was kept for the key, or None. Raises: never."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self._young[key] = found
        return found

    def put(self, key: Hashable, value: T) -> T:
        """Keep and return the value. Raises: never."""
        self._young[key] = value
        return value

    def turn(self) -> None:
        """Forget what was not used since the turn before. Raises: never."""
        self._old, self._young = self._young, {}


class Partitions:
    """The partitions of `size` samples and the joins computed of late."""

    def __init__(self, size: int) -> None:
        """Start with the partition of one class."""
        self.size = size
        self.trivial = Partition(np.zeros(size, dtype=np.int32), 1)
        self._joins: Recent[Join] = Recent()
        self._samples: Recent[Array] = Recent()

    def turn(self) -> None:
        """Forget joins that have fallen out of use. Raises: never."""
        self._joins.turn()
        self._samples.turn()

    def representatives(self, partition: Partition) -> Array:
        """Return a sample of every class, by class. Cost: linear, once a partition. Raises: never."""
        found = self._samples.get(partition.uid)
        if found is None:
            found = np.empty(partition.count, dtype=np.int64)
            found[partition.classes] = np.arange(self.size)
            self._samples.put(partition.uid, found)
        return found

    def join(self, left: Partition, right: Partition) -> Join:
        """Return the common refinement. Cost: linear in the samples, or N log N. Raises: never."""
        if left is right:
            return Join(left, None, None)
        if left.count == 1:
            return Join(right, np.zeros(right.count, dtype=np.int64), None)
        if right.count == 1:
            return Join(left, None, np.zeros(left.count, dtype=np.int64))
        key = (left.uid, right.uid)
        found = self._joins.get(key)
        return self._joins.put(key, _refinement(left, right)) if found is None else found


def _refinement(left: Partition, right: Partition) -> Join:
    # Codes stay below N^2, which int64 holds for every N that memory does.
    total = left.count * right.count
    code = left.classes.astype(np.int64) * right.count + right.classes
    found, classes = numbered(code, total)
    if len(found) == left.count:
        return Join(left, None, found % right.count)
    if len(found) == right.count:
        of_left = np.empty(right.count, dtype=np.int64)
        of_left[found % right.count] = found // right.count
        return Join(right, of_left, None)
    return Join(Partition(classes, len(found)), found // right.count, found % right.count)


def numbered(code: Array, total: int) -> tuple[Array, Array]:
    """Return the codes that occur, ascending, and for each sample the position of its code.

    Args:
        code: an integer in range(total) a sample.
        total: more than the largest code.

    Cost: linear where `total` is a small multiple of the samples, else a sort. Raises: IndexError.
    """
    if total <= 4 * len(code) + 1024:
        seen = np.zeros(total, dtype=np.bool_)
        seen[code] = True
        found = np.flatnonzero(seen)
        position = np.empty(total, dtype=np.int32)
        position[found] = np.arange(len(found), dtype=np.int32)
        return found, position[code]
    found, classes = np.unique(code, return_inverse=True)
    return found, classes.reshape(-1).astype(np.int32)
