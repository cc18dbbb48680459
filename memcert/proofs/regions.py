"""Both exact ends of a number on the region of a sample, and bounds turned into numbers there."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number
from memcert.kernel.rational import text
from memcert.proofs.columns import Column, Space, Value
from memcert.proofs.guards import at_samples
from memcert.proofs.integers import Array, Integers, combined
from memcert.proofs.norms import Norms
from memcert.proofs.partitions import Partition


@dataclass(frozen=True, slots=True)
class Ends:
    """The least and the largest value on a region; None: not bounded, or not known."""

    least: Number | None
    largest: Number | None

    def __str__(self) -> str:
        """Return the interval in exact numbers."""
        if self.least is not None and self.least == self.largest:
            return text(self.least)
        low = "(-oo" if self.least is None else f"[{text(self.least)}"
        high = "oo)" if self.largest is None else f"{text(self.largest)}]"
        return f"{low}, {high}"


def ends(space: Space, value: Value, sample: int) -> Ends:
    """Return the ends on the region of one sample. Cost: linear in the form. Raises: IndexError."""
    return Ends(_end(space, value.lower, sample, -1), _end(space, value.upper, sample, 1))


def _end(space: Space, column: Column, sample: int, sense: int) -> Number | None:
    c = int(column.partition.classes[sample])
    if column.absent is not None and column.absent[c]:
        return None
    total: Fraction | int = int(column.base.values[c])
    if column.factors is not None:
        norms = Norms(space.directions, column.directions, column.factors)
        norm = int(norms.exact(np.array([c]))[0])
        if norm and space.reach is None:
            return None
        for row, number in enumerate(column.directions):
            total += int(column.factors.values[row, c]) * int(space.directions[number].values.values[sample])
        total += sense * norm * (space.reach or 0)
    return exact(Fraction(total) / column.denominator)


def frozen(space: Space, column: Column, sense: int) -> Column:
    """Return the column of the least (sense 1) or largest (sense -1) value on every region.

    These are numbers, true at this radius only. Cost: a sort of the samples. Raises: never.
    """
    if column.factors is None:
        return column
    classes = column.partition.classes
    norm = Norms(space.directions, column.directions, column.factors).all().taken(classes)
    absent = np.zeros(len(classes), dtype=np.bool_) if column.absent is None else column.absent[classes]
    values = at_samples(space, column.partition, column.base, column.directions, column.factors)
    unit = 1
    if space.reach is None:
        absent = absent | (norm.values != 0)
    else:
        unit, shift = space.reach.denominator, -sense * space.reach.numerator
        values = combined([(unit, values), (shift, norm)], 0)
    return _by_value(column.denominator * unit, values, absent)


def _by_value(denominator: int, values: Integers, absent: Array) -> Column:
    known = values.values.copy()
    known[absent] = 0
    found, inverse = np.unique(known, return_inverse=True)
    code = inverse.reshape(-1) * 2 + absent
    both, classes = np.unique(code, return_inverse=True)
    partition = Partition(classes.reshape(-1).astype(np.int32), len(both))
    gone = (both % 2).astype(np.bool_)
    base = values.of(found[both // 2])
    return Column(partition, denominator, base, (), None, gone if gone.any() else None)
