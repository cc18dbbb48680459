"""Exact margins of many rows in few bytes: integers of one width a batch, over a common unit.

UNTRUSTED.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import overload

from memcert.kernel.certificate import Number


@dataclass(frozen=True, slots=True)
class Packed:
    """Margins of consecutive rows: signed little-endian integers of `width` bytes, times `unit`."""

    content: bytes
    width: int
    unit: Fraction

    def __len__(self) -> int:
        """Return the number of rows. Raises: never."""
        return len(self.content) // self.width

    def at(self, place: int) -> Number:
        """Return the margin at a place, from 0. Raises: never (the place is there)."""
        part = self.content[place * self.width : (place + 1) * self.width]
        return _number(int.from_bytes(part, "little", signed=True) * self.unit)


def packed(numbers: Sequence[int], unit: Fraction) -> Packed:
    """Pack integers that count `unit`. Raises: never."""
    width = max(n.bit_length() for n in numbers) // 8 + 1
    return Packed(b"".join([n.to_bytes(width, "little", signed=True) for n in numbers]), width, unit)


class Margins(Sequence[Number]):
    """The margins of all rows, in order; each becomes an exact number when it is asked for.

    Cost: bits of the longest margin of a batch, in bytes, a row; 20 to 60 bytes for float32 networks.
    """

    def __init__(self, parts: Sequence[Packed]) -> None:
        """Take the batches in order."""
        self._parts = tuple(parts)
        self._starts = list(accumulate((len(part) for part in parts), initial=0))

    def __len__(self) -> int:
        """Return the number of rows. Raises: never."""
        return self._starts[-1]

    @overload
    def __getitem__(self, row: int) -> Number: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Number, ...]: ...
    def __getitem__(self, row: int | slice) -> Number | tuple[Number, ...]:
        """Return the margin of a row, or those of some. Raises: IndexError."""
        if isinstance(row, slice):
            return tuple(self[place] for place in range(*row.indices(len(self))))
        place = row + len(self) if row < 0 else row
        if not 0 <= place < len(self):
            raise IndexError(row)
        part = bisect_right(self._starts, place) - 1
        return self._parts[part].at(place - self._starts[part])

    def __iter__(self) -> Iterator[Number]:
        """Yield the margins in order. Raises: never."""
        for part in self._parts:
            for place in range(len(part)):
                yield part.at(place)

    def __eq__(self, other: object) -> bool:
        """Whether another sequence has the same numbers. Raises: never."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to tuples, whose hash is another

    def __repr__(self) -> str:
        """Return what a debugger shows. Raises: never."""
        return f"Margins({len(self)} rows)"


def _number(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value
