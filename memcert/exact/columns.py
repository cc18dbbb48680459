"""Columns: the exact values of one neuron at all samples, on the classes of a partition.

UNTRUSTED. A column holds one integer a class of a partition, times a power of two over an odd
divisor that are common to the column. The integers are an int64 array only where bounds proven in
Python integers keep every intermediate below 2**62; else they are Python integers in a list.
"""

from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from memcert.datasets.dataset import exact
from memcert.exact.partitions import Partition, coarser, dense
from memcert.kernel.certificate import Number

Array = np.ndarray[Any, Any]
Values = Array | list[int]

LIMIT = 1 << 62
"""Every int64 entry, factor and partial sum stays below this in absolute value."""
FEW = 24
"""Columns of at most this many classes are lists: numpy's overhead is larger than the work."""


class Column(NamedTuple):
    """values[c] / (divisor * 2**power) on class c; low <= values[c] <= high.

    `divisor` is odd and positive, `power` of either sign.
    """

    partition: Partition
    values: Values
    power: int
    divisor: int
    low: int
    high: int

    def at(self, place: int) -> Number:
        """Return the exact value on class `place`. Raises: IndexError."""
        return self.scaled(int(self.values[place]))

    def scaled(self, value: int) -> Number:
        """Return value / (divisor * 2**power). Raises: never."""
        if self.power > 0:
            return exact(value, self.divisor << self.power)
        return exact(value << -self.power, self.divisor)


class Dyadic(NamedTuple):
    """The number odd * 2**power / divisor, with `odd` and `divisor` odd; 0 is (0, 0, 1)."""

    odd: int
    power: int
    divisor: int


def dyadic(value: int | Fraction) -> Dyadic:
    """Split an exact number into its odd part and power of two. Raises: never."""
    if type(value) is int and value & 1:
        return Dyadic(value, 0, 1)
    numerator, divisor = value.numerator, value.denominator
    if numerator == 0:
        return Dyadic(0, 0, 1)
    up = (numerator & -numerator).bit_length() - 1
    down = (divisor & -divisor).bit_length() - 1
    return Dyadic(numerator >> up, up - down, divisor >> down)


ONE = Partition(1, np.zeros(1, dtype=np.int32))
"""The partition of constants; its index is never used."""
ZERO = Column(ONE, [0], 0, 1, 0, 0)


def constant(value: int, power: int = 0, divisor: int = 1) -> Column:
    """Return the column that is value / (divisor * 2**power) at every sample. Raises: never."""
    return Column(ONE, [value], power, divisor, value, value)


def column(  # noqa: PLR0917 - the fields of a Column, in their order
    partition: Partition, values: Values, power: int, divisor: int, low: int, high: int
) -> Column:
    """Return a column in the cheaper of the two forms, with measured bounds if the form changes.

    Raises: never.
    """
    if isinstance(values, list):
        if partition.count > FEW and -LIMIT < values[0] < LIMIT and -LIMIT < values[-1] < LIMIT:
            low, high = min(values), max(values)
            if low > -LIMIT and high < LIMIT:
                return Column(partition, np.array(values, dtype=np.int64), power, divisor, low, high)
    elif partition.count <= FEW:
        return Column(partition, values.tolist(), power, divisor, low, high)
    return Column(partition, values, power, divisor, low, high)


def reduced(part: Column) -> Column:
    """Return an equal column of Python integers over the smallest divisor. Raises: never."""
    values = part.values
    if part.divisor == 1 or not isinstance(values, list) or gcd(part.divisor, values[0], values[-1]) == 1:
        return part
    common = gcd(part.divisor, *values)
    if common == 1:
        return part
    low, high = -(-part.low // common), part.high // common
    return Column(
        part.partition, [x // common for x in values], part.power, part.divisor // common, low, high
    )


def measured(part: Column) -> Column:
    """Return the column with its true smallest and largest value as bounds. Raises: never."""
    values = part.values
    if isinstance(values, list):
        return part._replace(low=min(values), high=max(values))
    return part._replace(low=int(values.min()), high=int(values.max()))


def distinct(part: Column) -> Column:
    """Return an equal column on a coarser partition if it takes few values, else itself.

    Machine integers of a narrow range are found by a table, others where a spaced sample of them
    repeats itself; long integers by hashing, tried once a partition. Raises: never.
    """
    partition, values = part.partition, part.values
    if isinstance(values, list):
        return part if partition.compact or partition.count <= FEW else _distinct_integers(part, values)
    if part.high - part.low >= partition.count:
        part = measured(part)
    width = part.high - part.low + 1
    if width <= partition.count:
        places, classes = dense(values - part.low, width)
        found = [part.low + place for place in places.tolist()]
    else:
        known = _few(values)
        if known is None:
            return part
        found, classes = known[0].tolist(), known[1]
    if len(found) > partition.count // 2:
        return part
    merged = coarser(partition, classes, len(found))
    return column(merged, found, part.power, part.divisor, found[0], found[-1])


def _few(values: Array) -> tuple[Array, Array] | None:
    # The distinct values ascending and each entry's place among them; None: a sample of 64 says
    # that they are many. The sample only decides whether to look: unmet values are added.
    found = np.unique(values[:: len(values) // 64 + 1])
    if len(found) > 16:
        return None
    classes = np.searchsorted(found, values)
    classes[classes == len(found)] = 0
    unmet = found[classes] != values
    if unmet.any():
        found = np.union1d(found, values[unmet])
        classes = np.searchsorted(found, values)
    return found, classes.astype(np.int32)


def _distinct_integers(part: Column, values: list[int]) -> Column:
    numbers = {value: place for place, value in enumerate(dict.fromkeys(values))}
    partition = part.partition
    if len(numbers) > partition.count // 2:
        partition.compact = True
        return part
    classes = np.fromiter(map(numbers.__getitem__, values), dtype=np.int32, count=partition.count)
    merged = coarser(partition, classes, len(numbers))
    merged.compact = True
    return column(merged, list(numbers), part.power, part.divisor, part.low, part.high)


def spread(part: Column, classes: Array | None) -> Values:
    """Return the column's values at `classes`, or all of them for None. Raises: never."""
    values = part.values
    if classes is None:
        return values
    if isinstance(values, list):
        if len(classes) <= FEW or part.low <= -LIMIT or part.high >= LIMIT:
            return [values[c] for c in classes.tolist()]
        values = np.array(values, dtype=np.int64)
    return np.asarray(values[classes])
