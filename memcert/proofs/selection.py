"""Put together, class by class, the forms of the case that each sample chose."""

from collections.abc import Sequence

import numpy as np

from memcert.proofs.columns import Column, Space, nonzero, scaled, spread
from memcert.proofs.integers import Array, Integers, common, constant, integers
from memcert.proofs.masks import Mask, Masks
from memcert.proofs.partitions import Partition, Recent


class Selector:
    """Selects columns by masks that divide the samples among them."""

    def __init__(self, space: Space, masks: Masks) -> None:
        """Start with nothing known."""
        self._space, self._masks = space, masks
        self._splits: Recent[Partition] = Recent()

    def turn(self) -> None:
        """Forget what has fallen out of use. Raises: never."""
        self._splits.turn()

    def select(self, columns: Sequence[Column], groups: Sequence[Sequence[Mask]]) -> Column:
        """Return the column that is columns[g] for the samples of groups[g].

        Where whole classes chose alike, no class is split, nor are any merged: what an interval's
        samples share stays on that one partition. Where a class is split, its parts with equal
        forms are merged again.

        Args:
            columns: one a group, at least one.
            groups: masks that divide the samples; each group has at least one sample.

        Cost: linear in the samples, and in the classes times the directions. Raises: never.
        """
        if len(columns) == 1:
            return columns[0]
        masks = [mask for group in groups for mask in group]
        forms, maps = self._space.joined([column.partition for column in columns])
        by_sample = any(mask.partition is None for mask in masks)
        if by_sample:
            split, choice = self._split(groups), np.arange(len(groups))
        else:
            split, choice = self._by_class(groups)
        join = self._space.partitions.join(forms, split)
        if join.left is not None:
            maps = [join.left if m is None else m[join.left] for m in maps]
        chosen = choice if join.right is None else choice[join.right]
        made = _selected(join.partition, columns, maps, chosen)
        return _merged(made, join.left) if by_sample and join.left is not None else made

    def _split(self, groups: Sequence[Sequence[Mask]]) -> Partition:
        key = tuple(tuple(mask.uid for mask in group) for group in groups)
        found = self._splits.get(key)
        if found is None:
            classes = np.zeros(self._space.partitions.size, dtype=np.int32)
            for number, group in enumerate(groups[1:], start=1):
                for mask in group:
                    classes[self._masks.lifted(mask)] = number
            found = self._splits.put(key, Partition(classes, len(groups)))
        return found

    def _by_class(self, groups: Sequence[Sequence[Mask]]) -> tuple[Partition, Array]:
        masks = [(g, mask) for g, group in enumerate(groups) for mask in group]
        partitions = [mask.partition or self._space.partitions.trivial for _, mask in masks]
        joint, maps = self._space.joined(partitions)
        choice = np.zeros(joint.count, dtype=np.int64)
        for (g, mask), m in zip(masks, maps, strict=True):
            choice[mask.bits if m is None else mask.bits[m]] = g
        return joint, choice


def _selected(
    partition: Partition, columns: Sequence[Column], maps: Sequence[Array | None], chosen: Array
) -> Column:
    denominator = common(column.denominator for column in columns)
    union = tuple(sorted({d for column in columns for d in column.directions}))
    lifted = [scaled(column, denominator) for column in columns]
    bases = [base.taken(m) for (base, _), m in zip(lifted, maps, strict=True)]
    base = _picked(bases, chosen)
    directions: tuple[int, ...] = ()
    factors = None
    if union:
        parts = []
        for column, (_, own), m in zip(columns, lifted, maps, strict=True):
            if own is None:
                parts.append(constant(0, (len(union), partition.count)))
            else:
                parts.append(spread(own.taken(m), column.directions, union))
        directions, factors = nonzero(union, _picked(parts, chosen))
    absent = _absences(columns, maps, chosen)
    return Column(partition, denominator, base, directions, factors, absent)


def _picked(parts: Sequence[Integers], chosen: Array) -> Integers:
    narrow = all(part.narrow for part in parts)
    values = (parts[0].values if narrow else parts[0].wide()).copy()
    for g, part in enumerate(parts[1:], start=1):
        here = chosen == g
        values[..., here] = (part.values if narrow else part.wide())[..., here]
    if narrow:
        # Every entry stands in one of the parts.
        return max(parts, key=lambda part: part.bound or 0).of(values)
    return integers(values, max(part.bits for part in parts))


def _absences(columns: Sequence[Column], maps: Sequence[Array | None], chosen: Array) -> Array | None:
    if all(column.absent is None for column in columns):
        return None
    absent = np.zeros(len(chosen), dtype=np.bool_)
    for g, (column, m) in enumerate(zip(columns, maps, strict=True)):
        if column.absent is not None:
            absent |= (chosen == g) & (column.absent if m is None else column.absent[m])
    return absent if absent.any() else None


def _merged(column: Column, parents: Array) -> Column:
    """Merge classes of one parent that have the same form."""
    suspects = np.flatnonzero(np.bincount(parents)[parents] > 1)
    seen: dict[tuple[object, ...], int] = {}
    target = np.arange(column.partition.count)
    for c in suspects.tolist():
        factors = () if column.factors is None else tuple(column.factors.values[:, c].tolist())
        gone = column.absent is not None and bool(column.absent[c])
        key = (int(parents[c]), gone, int(column.base.values[c]), *factors)
        target[c] = seen.setdefault(key, c)
    kept = np.flatnonzero(target == np.arange(len(target)))
    if len(kept) == len(target):
        return column
    number = np.empty(len(target), dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    partition = Partition(number[target][column.partition.classes], len(kept))
    return Column(
        partition,
        column.denominator,
        column.base.taken(kept),
        column.directions,
        None if column.factors is None else column.factors.taken(kept),
        None if column.absent is None else column.absent[kept],
    )
