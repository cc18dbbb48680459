"""Arrays of exact integers: int64 while a proven bound holds, Python integers otherwise.

UNTRUSTED arithmetic is not allowed here: every function either stays below `SAFE` by a bound
that was computed before, or works with Python's integers. No float anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SAFE = 1 << 62
"""int64 arrays hold magnitudes below this, and so do all their intermediate results."""


@dataclass(frozen=True, slots=True, eq=False)
class Integers:
    """An integer array; `bound` >= every magnitude for int64, None where Python integers are held."""

    values: Array
    bound: int | None

    @property
    def narrow(self) -> bool:
        """Whether the array is int64. Raises: never."""
        return self.bound is not None

    def wide(self) -> Array:
        """Return the array with Python integers. Raises: never."""
        return self.values.astype(object) if self.narrow else self.values

    def taken(self, index: Array | None) -> "Integers":
        """Return the entries at `index` along the last axis; None is the identity. Raises: IndexError."""
        if index is None:
            return self
        return Integers(self.values[..., index], self.bound)


def largest(values: Array) -> int:
    """Return the largest magnitude, 0 for an empty array. Raises: never."""
    if values.size == 0:
        return 0
    return max(int(values.max()), -int(values.min()))


def integers(values: Array) -> Integers:
    """Wrap an array, as int64 if every magnitude is below `SAFE`. Cost: linear. Raises: never."""
    if values.dtype != object:
        values = values.astype(np.int64)
        low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        if low > -SAFE and high < SAFE:
            return Integers(values, max(high, -low))
        return Integers(values.astype(object), None)
    # Most wide arrays stay wide: one entry tells, and only then is the whole array looked at.
    if values.size and not -SAFE < values.flat[0] < SAFE:
        return Integers(values, None)
    bound = largest(values)
    return Integers(values.astype(np.int64), bound) if bound < SAFE else Integers(values, None)


def constant(value: int, shape: tuple[int, ...]) -> Integers:
    """Return an array filled with one integer. Raises: never."""
    if abs(value) < SAFE:
        return Integers(np.full(shape, value, dtype=np.int64), abs(value))
    return Integers(np.full(shape, value, dtype=object), None)


def combined(parts: Sequence[tuple[int, Integers]], constant_term: int) -> Integers:
    """Return sum of factor * array, plus a constant, exactly; at least one part, equal shapes.

    Cost: one multiplication and addition an entry and part. Raises: never.
    """
    if len(parts) == 1 and parts[0][0] == 1 and constant_term == 0:
        return parts[0][1]
    bound: int | None = abs(constant_term)
    for factor, part in parts:
        if bound is not None:
            bound = None if part.bound is None else bound + abs(factor) * part.bound
    if bound is not None and bound < SAFE:
        return _narrow_sum(parts, constant_term)
    total: Array | int = 0
    for factor, part in parts:
        if part.bound == 0:
            continue
        values = part.wide()
        total = total + (values if factor == 1 else -values if factor == -1 else values * factor)
    if isinstance(total, int):
        return constant(constant_term, parts[0][1].values.shape)
    return integers(total + constant_term if constant_term else total)


def _narrow_sum(parts: Sequence[tuple[int, Integers]], constant_term: int) -> Integers:
    total = np.full(parts[0][1].values.shape, constant_term, dtype=np.int64)
    for factor, part in parts:
        # A zero array leaves its factor unbounded: it may exceed int64.
        if part.bound != 0 and factor != 0:
            total += part.values if factor == 1 else part.values * np.int64(factor)
    return Integers(total, largest(total))


def product(left: Integers, right: Integers) -> Integers:
    """Return the entrywise product, exactly. Raises: ValueError, if shapes differ."""
    if left.bound is not None and right.bound is not None and left.bound * right.bound < SAFE:
        return Integers(left.values * right.values, left.bound * right.bound)
    return integers(left.wide() * right.wide())
