"""Arrays of exact integers: int64 while a proven bound holds, Python integers otherwise.

No function rounds: each stays below `SAFE` by a bound that was computed before, or works with
Python's integers, whose length is bounded too, so that no network can fill the memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np

from memcert.kernel.network import MAX_VALUE_BITS
from memcert.kernel.verdict import LimitReached, Words

Array = np.ndarray[Any, Any]
SAFE = 1 << 62
"""int64 arrays hold magnitudes below this, and so do all their intermediate results."""
LOOSE = 1 << 36
"""Sums below this are not measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Integers:
    """An integer array.

    Args:
        values: int64, or Python integers (dtype object).
        bound: at least every magnitude, for int64; None where Python integers are held.
        bits: at least every bit length.
    """

    values: Array
    bound: int | None
    bits: int

    @property
    def narrow(self) -> bool:
        """Whether the array is int64. Raises: never."""
        return self.bound is not None

    def wide(self) -> Array:
        """Return the array with Python integers. Raises: never."""
        return self.values.astype(object) if self.narrow else self.values

    def taken(self, index: Array | None) -> "Integers":
        """Return the entries at `index` along the last axis; None is the identity. Raises: IndexError."""
        return self if index is None else self.of(self.values[..., index])

    def row(self, index: int) -> "Integers":
        """Return one row of a matrix. Raises: IndexError."""
        return self.of(self.values[index])

    def of(self, values: Array) -> "Integers":
        """Return an array whose magnitudes all occur here, or are 0. Raises: never."""
        return Integers(values, self.bound, self.bits)

    def magnitudes(self) -> "Integers":
        """Return the absolute values. Raises: never."""
        return self.of(np.abs(self.values))


def largest(values: Array) -> int:
    """Return the largest magnitude, 0 for an empty array. Raises: never."""
    if values.size == 0:
        return 0
    return max(int(values.max()), -int(values.min()))


def integers(values: Array, bits: int | None = None) -> Integers:
    """Wrap an array, as int64 where every magnitude is seen to be below `SAFE`.

    Args:
        values: of any integer dtype, or Python integers.
        bits: at least every bit length, if known.

    Cost: linear.

    Raises:
        LimitReached: a number has more than MAX_VALUE_BITS bits.
    """
    if values.dtype != object:
        values = values.astype(np.int64)
        low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        if low > -SAFE and high < SAFE:
            return _narrow(values, max(high, -low))
        return Integers(values.astype(object), None, 64)
    # Most wide arrays stay wide: one entry tells, and only then is the whole array looked at.
    if values.size and not -SAFE < values.flat[0] < SAFE and bits is not None and bits <= MAX_VALUE_BITS:
        return Integers(values, None, bits)
    bound = largest(values)
    if bound < SAFE:
        return _narrow(values.astype(np.int64), bound)
    if bound.bit_length() > MAX_VALUE_BITS:
        raise LimitReached("value_bits", "the chain", f"at most {MAX_VALUE_BITS}", bound.bit_length())
    return Integers(values, None, bound.bit_length())


def _narrow(values: Array, bound: int) -> Integers:
    return Integers(values, bound, bound.bit_length())


def constant(value: int, shape: tuple[int, ...]) -> Integers:
    """Return an array filled with one integer. Raises: never."""
    if abs(value) < SAFE:
        return _narrow(np.full(shape, value, dtype=np.int64), abs(value))
    return Integers(np.full(shape, value, dtype=object), None, value.bit_length())


def combined(parts: Sequence[tuple[int, Integers]], constant_term: int) -> Integers:
    """Return sum of factor * array, plus a constant, exactly; at least one part, equal shapes.

    Cost: one multiplication and addition an entry and part. Raises: LimitReached, as `integers`.
    """
    if len(parts) == 1 and parts[0][0] == 1 and constant_term == 0:
        return parts[0][1]
    bound: int | None = abs(constant_term)
    for factor, part in parts:
        if bound is not None:
            bound = None if part.bound is None else bound + abs(factor) * part.bound
    if bound is not None and bound < SAFE:
        return _narrow_sum(parts, constant_term, bound)
    total: Array | int = 0
    bits = constant_term.bit_length()
    for factor, part in parts:
        if part.bound == 0 or factor == 0:
            continue
        values = part.wide()
        total = total + (values if factor == 1 else -values if factor == -1 else values * factor)
        bits = max(bits, part.bits + factor.bit_length()) + 1
    if isinstance(total, int):
        return constant(constant_term, parts[0][1].values.shape)
    return integers(total + constant_term if constant_term else total, bits + 1)


def _narrow_sum(parts: Sequence[tuple[int, Integers]], constant_term: int, bound: int) -> Integers:
    total = np.full(parts[0][1].values.shape, constant_term, dtype=np.int64)
    for factor, part in parts:
        # A zero array leaves its factor unbounded: it may exceed int64.
        if part.bound != 0 and factor != 0:
            total += part.values if factor == 1 else part.values * np.int64(factor)
    # To measure costs as much as to add: a bound that is far from SAFE does as it is.
    return _narrow(total, bound if 0 < bound < LOOSE else largest(total))


def common(denominators: Iterable[int]) -> int:
    """Return the least common multiple of positive integers.

    Raises:
        LimitReached: it has more than MAX_VALUE_BITS bits; short weights may have a long one.
    """
    found = 1
    for denominator in denominators:
        if found % denominator:
            found = lcm(found, denominator)
            if found.bit_length() > MAX_VALUE_BITS:
                raise LimitReached("value_bits", "a denominator", f"at most {MAX_VALUE_BITS}", Words("more"))
    return found


def product(left: Integers, right: Integers) -> Integers:
    """Return the entrywise product, exactly. Raises: LimitReached, as `integers`."""
    if left.bound is not None and right.bound is not None and left.bound * right.bound < SAFE:
        return _narrow(left.values * right.values, left.bound * right.bound)
    return integers(left.wide() * right.wide(), left.bits + right.bits)


def stacked(rows: Sequence[Integers]) -> Integers:
    """Return the matrix of these rows, at least one, of equal length. Raises: never."""
    if len(rows) == 1:
        return rows[0].of(rows[0].values[np.newaxis])
    bounds = [row.bound for row in rows if row.bound is not None]
    bits = max(row.bits for row in rows)
    if len(bounds) == len(rows):
        return Integers(np.stack([row.values for row in rows]), max(bounds), bits)
    return Integers(np.stack([row.wide() for row in rows]), None, bits)
