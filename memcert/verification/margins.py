"""Exact margins of many rows in few bytes, on disk where they are many: integers of one width a batch.

UNTRUSTED.
"""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.datasets.sequences import ReadSequence
from memcert.datasets.spool import Spool
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


class Margins(ReadSequence[Number]):
    """The margins of all rows, in order; each becomes an exact number when it is asked for.

    Cost: on disk, the bits of the longest margin of a batch a row, 20 to 60 bytes for float32 networks;
    in memory 16 bytes a batch.
    """

    def __init__(self, parts: Iterable[Packed] = ()) -> None:
        """Take the first batches, in order."""
        self._spool, self._starts, self._places = Spool(), array("q", (0,)), array("q")
        self._near: tuple[int, Packed] | None = None
        for part in parts:
            self.add(part)

    def add(self, part: Packed) -> None:
        """Add a batch at the end. Raises: UndecidedError (the disk is full)."""
        self._places.append(self._spool.append(_record(part)))
        self._starts.append(self._starts[-1] + len(part))

    def __len__(self) -> int:
        """Return the number of rows. Raises: never."""
        return self._starts[-1]

    def at(self, place: int) -> Number:
        """Return the margin of a row; the next ones cost little. Raises: UndecidedError."""
        batch = bisect_right(self._starts, place) - 1
        near = self._near
        if near is None or near[0] != batch:
            self._near = near = (batch, self._loaded(batch))
        return near[1].at(place - self._starts[batch])

    def __iter__(self) -> Iterator[Number]:
        """Yield the margins in order. Raises: UndecidedError."""
        for batch in range(len(self._places)):
            part = self._loaded(batch)
            for place in range(len(part)):
                yield part.at(place)

    def _loaded(self, batch: int) -> Packed:
        start = self._places[batch]
        head = self._spool.read(start, _HEAD.size)
        width, size, top, bottom = _HEAD.unpack(head)
        content = self._spool.read(start + _HEAD.size, size + top + bottom)
        unit = [
            int.from_bytes(part, "little") for part in (content[size : size + top], content[size + top :])
        ]
        return Packed(content[:size], width, Fraction(*unit))


_HEAD = struct.Struct("<QQQQ")


def _record(part: Packed) -> bytes:
    unit = [n.to_bytes(n.bit_length() // 8 + 1, "little") for n in part.unit.as_integer_ratio()]
    head = _HEAD.pack(part.width, len(part.content), len(unit[0]), len(unit[1]))
    return b"".join((head, part.content, *unit))


def _number(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value
