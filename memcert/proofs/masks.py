"""Sets of samples: whole classes of a partition where that suffices, else sample by sample."""

from dataclasses import dataclass, field

import numpy as np

from memcert.proofs.integers import Array
from memcert.proofs.partitions import Partition, Partitions, Recent, fresh


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """The samples whose class (partition None: who themselves) has its bit set."""

    partition: Partition | None
    bits: Array
    uid: int = field(default_factory=fresh)


class Masks:
    """Masks over the samples of one chain; the full and the empty one are single objects."""

    def __init__(self, partitions: Partitions) -> None:
        """Make the full and the empty mask."""
        self._partitions = partitions
        self.full = Mask(partitions.trivial, np.ones(1, dtype=np.bool_))
        self.empty = Mask(partitions.trivial, np.zeros(1, dtype=np.bool_))
        self._known: Recent[Mask] = Recent()

    def turn(self) -> None:
        """Forget what has fallen out of use. Raises: never."""
        self._known.turn()

    def of(self, partition: Partition | None, bits: Array) -> Mask:
        """Return the mask of those bits. Raises: never."""
        if bits.all():
            return self.full
        return Mask(partition, bits) if bits.any() else self.empty

    def lifted(self, mask: Mask) -> Array:
        """Return one bit a sample. Cost: linear in the samples. Raises: never."""
        return mask.bits if mask.partition is None else mask.bits[mask.partition.classes]

    def both(self, a: Mask, b: Mask) -> Mask:
        """Return the intersection; the same object for the same two masks. Raises: never."""
        if a is self.full or b is self.empty or a is b:
            return b
        if b is self.full or a is self.empty:
            return a
        key = ("both", a.uid, b.uid)
        found = self._known.get(key)
        if found is None:
            partition, left, right = self._aligned(a, b)
            found = self._known.put(key, self.of(partition, left & right))
        return found

    def without(self, a: Mask, b: Mask) -> Mask:
        """Return the samples of a that are not in b; one object for the same two. Raises: never."""
        if b is self.empty or a is self.empty:
            return a
        if b is self.full or a is b:
            return self.empty
        key = ("without", a.uid, b.uid)
        found = self._known.get(key)
        if found is None:
            partition, left, right = self._aligned(a, b)
            found = self._known.put(key, self.of(partition, left & ~right))
        return found

    def either(self, a: Mask, b: Mask) -> Mask:
        """Return the union. Raises: never."""
        return self.without(self.full, self.without(self.without(self.full, a), b))

    def _aligned(self, a: Mask, b: Mask) -> tuple[Partition | None, Array, Array]:
        if a.partition is None or b.partition is None:
            return None, self.lifted(a), self.lifted(b)
        join = self._partitions.join(a.partition, b.partition)
        left = a.bits if join.left is None else a.bits[join.left]
        right = b.bits if join.right is None else b.bits[join.right]
        return join.partition, left, right

    def first(self, mask: Mask) -> int:
        """Return the smallest sample of a mask that is not empty. Raises: never."""
        return int(np.argmax(self.lifted(mask)))
