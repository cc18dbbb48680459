"""Bytes, integers and records that are written once and then read anywhere: on disk where they are many.

UNTRUSTED. The file has no name; it is gone when nobody holds it any more, however the process ends.
"""

import json
import tempfile
import weakref
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from threading import Lock
from typing import Any

from memcert.datasets.sequences import ReadSequence
from memcert.errors import UndecidedError
from memcert.formats.files import no_room

MEMORY = 1 << 24
"""Bytes that are held in memory before they go to disk."""
BLOCK = 1 << 16
"""Integers that are read at once."""


class Spool:
    """A growing file without a name; any thread may read what is there."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115 - closed with its owner
        self._lock, self._size = Lock(), 0
        self._lost: UndecidedError | None = None
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        """Return the number of bytes. Raises: never."""
        return self._size

    def append(self, content: bytes) -> int:
        """Write bytes at the end, and return where they start.

        Raises:
            UndecidedError: the disk has no room for them.
        """
        with self._lock:
            start = self._size
            self._confirm_kept()
            try:
                self._file.seek(start)
                self._file.write(content)
            except OSError as error:
                # What waits in its buffer would fail once more when nobody is there to be told.
                with suppress(OSError):
                    self._file.close()
                self._lost = no_room(error)
                raise self._lost from None
            self._size += len(content)
        return start

    def read(self, start: int, size: int) -> bytes:
        """Return bytes that were written.

        Raises:
            UndecidedError: the disk does not give them back.
        """
        with self._lock:
            self._confirm_kept()
            try:
                self._file.seek(start)
                content = self._file.read(size)
            except OSError as error:
                raise no_room(error) from None
        if len(content) != size:
            raise UndecidedError(f"disk: expected {size:,} bytes of stored rows, got {len(content):,}")
        return content

    def _confirm_kept(self) -> None:
        # Once the disk was full, nothing is left to go on with.
        if self._lost is not None:
            raise self._lost


class Integers(ReadSequence[int]):
    """Integers of 64 bits, in a spool: the rows that fail.

    Cost: 8 bytes of disk each.
    """

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        """Take the first ones."""
        self._spool = Spool()
        self.extend(numbers)

    def extend(self, numbers: Iterable[int]) -> None:
        """Add integers at the end. Raises: OverflowError, UndecidedError."""
        waiting = iter(numbers)
        while content := array("q", islice(waiting, BLOCK)).tobytes():
            self._spool.append(content)

    def __len__(self) -> int:
        """Return how many there are. Raises: never."""
        return len(self._spool) // 8

    def at(self, place: int) -> int:
        """Return the integer at a place. Raises: UndecidedError."""
        return self._between(place, place + 1)[0]

    def __iter__(self) -> Iterator[int]:
        """Yield them in order. Raises: UndecidedError."""
        for start in range(0, len(self), BLOCK):
            yield from self._between(start, min(start + BLOCK, len(self)))

    def _between(self, start: int, stop: int) -> "array[int]":
        numbers = array("q")
        numbers.frombytes(self._spool.read(8 * start, 8 * (stop - start)))
        return numbers

    def between(self, low: int, high: int) -> tuple[int, ...]:
        """Return those from low to below high, where all are ascending. Raises: UndecidedError."""
        return tuple(self._between(bisect_left(self, low), bisect_left(self, max(low, high))))


class Contents(ReadSequence[bytes]):
    """Byte strings of any length, in a spool.

    Cost: the bytes of each and 8 more, on disk.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._spool, self._ends = Spool(), Integers()

    def append(self, content: bytes) -> None:
        """Add one at the end. Raises: UndecidedError."""
        self._spool.append(content)
        self._ends.extend((len(self._spool),))

    def __len__(self) -> int:
        """Return how many there are. Raises: never."""
        return len(self._ends)

    def at(self, place: int) -> bytes:
        """Return the one at a place. Raises: UndecidedError."""
        start = self._ends.at(place - 1) if place else 0
        return self._spool.read(start, self._ends.at(place) - start)

    def __iter__(self) -> Iterator[bytes]:
        """Yield them in order. Raises: UndecidedError."""
        start = 0
        for end in self._ends:
            yield self._spool.read(start, end - start)
            start = end


class Records(ReadSequence[Any]):
    """JSON values, in a spool: what is told of each row.

    Cost: the text of each and 8 bytes, on disk.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._contents = Contents()

    def append(self, record: object) -> None:
        """Add a value at the end. Raises: TypeError (it is no JSON), UndecidedError."""
        self._contents.append(json.dumps(record).encode())

    def __len__(self) -> int:
        """Return how many there are. Raises: never."""
        return len(self._contents)

    def at(self, place: int) -> Any:
        """Return the value at a place. Raises: UndecidedError."""
        return json.loads(self._contents.at(place))

    def __iter__(self) -> Iterator[Any]:
        """Yield them in order. Raises: UndecidedError."""
        return map(json.loads, self._contents)
