"""Columns: the exact values of one neuron at all samples, and their sums and products.

UNTRUSTED. A column holds one integer a class of a partition, times a power of two over an odd
divisor that are common to the column. The integers are an int64 array only where bounds proven in
Python integers keep every intermediate below 2**62; else they are Python integers in a list.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import repeat
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from memcert.exact.partitions import Partition, coarser, dense
from memcert.formats.dataset import exact
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


def integers(values: Values) -> list[int]:
    """Return the values as Python integers. Raises: never."""
    return values if isinstance(values, list) else values.tolist()


def weighted_sum(terms: Sequence[tuple[int, Values]], bias: int, relu: bool, bound: int) -> Values:
    """Return the sum of factor * values, plus the bias, then ReLU, class by class.

    Args:
        terms: at least one nonzero factor with its values, all on one partition.
        bias: added to each class.
        relu: whether negative sums become 0.
        bound: at least |bias| + sum of |factor| * max|values|; values that are all 0 are left
            out by the caller, so that each factor is below the bound too.

    Returns:
        An int64 array where all values are such arrays and the bound is below 2**62, else a list.

    Raises: never.
    """
    if bound < LIMIT:
        arrays = [(factor, values) for factor, values in terms if not isinstance(values, list)]
        if len(arrays) == len(terms):
            return _machine_sum(arrays, bias, relu)
    return _integer_sum([(factor, integers(values)) for factor, values in terms], bias, relu)


def _machine_sum(terms: Sequence[tuple[int, Array]], bias: int, relu: bool) -> Array:
    factor, values = terms[0]
    if factor == 1:
        total = values + bias
    elif factor == -1:
        total = bias - values
    else:
        total = values * factor
        if bias:
            total += bias
    for factor, values in terms[1:]:
        if factor == 1:
            total += values
        elif factor == -1:
            total -= values
        else:
            total += values * factor
    return np.maximum(total, 0, out=total) if relu else total


def _integer_sum(terms: list[tuple[int, list[int]]], bias: int, relu: bool) -> list[int]:
    terms = [_shifted(factor, values) for factor, values in terms]
    factor, values = terms[0]
    if len(terms) == 1 and factor == 1:
        if relu:
            return [x + bias if x > -bias else 0 for x in values]
        return [x + bias for x in values]
    if factor == 1:
        total = [x + bias for x in values] if bias else values
    else:
        total = [factor * x + bias for x in values]
    for factor, values in terms[1:]:
        if factor == 1:
            total = [t + x for t, x in zip(total, values, strict=True)]
        elif factor == -1:
            total = [t - x for t, x in zip(total, values, strict=True)]
        else:
            total = [t + factor * x for t, x in zip(total, values, strict=True)]
    return [t if t > 0 else 0 for t in total] if relu else list(total)


def _shifted(factor: int, values: list[int]) -> tuple[int, list[int]]:
    # A long power of two is shifted, not multiplied: words have thousands of bits.
    if -LIMIT < factor < LIMIT:
        return factor, values
    power = (factor & -factor).bit_length() - 1
    if power < 64:
        return factor, values
    return factor >> power, [x << s for x, s in zip(values, repeat(power))]
