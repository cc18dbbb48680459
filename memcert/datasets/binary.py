"""The arrays of NPY and IDX files, read some rows at a time.

UNTRUSTED. A header is believed only where it agrees with the number of bytes that follow.
"""

import struct
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from memcert.datasets.problems import Findings
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]

NPY_MAGIC = b"\x93NUMPY"
IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
HEADER_ERRORS = (
    ValueError,
    SyntaxError,
    TypeError,
    RecursionError,
    MemoryError,
    OverflowError,
    tokenize.TokenError,  # headers of Python 2 are cut into tokens
)
"""What numpy raises at a header that is none."""


MAX_HEADER = 1 << 16
"""Longest header of an NPY array, in bytes."""
_AT_ONCE = 1 << 24
"""Bytes that are asked for at once."""
_RUN, _ROOM = 64, 1 << 22
"""Numbers of a column that are read at once, in column order, so long as so many numbers are held."""


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array that follows in a file, from where it is read now.

    Args:
        file: binary; read in order, or anywhere if `by_columns`.
        shape: at least one dimension, the first counts rows.
        kind: numbers, or text of one length.
        by_columns: the first index runs fastest (Fortran order).
        called: what a message names it by.
        findings: of the file.
    """

    file: Any
    shape: tuple[int, ...]
    kind: np.dtype[Any]
    by_columns: bool
    called: str
    findings: Findings

    @property
    def size(self) -> int:
        """The number of rows. Raises: never."""
        return self.shape[0]

    @property
    def dimension(self) -> int:
        """How many numbers a row has. Raises: never."""
        return prod(self.shape[1:])

    @property
    def length(self) -> int:
        """How many bytes the numbers take. Raises: never."""
        return prod(self.shape) * self.kind.itemsize

    def confirm(self, following: int | None) -> None:
        """Refuse another number of bytes. Raises: DatasetError."""
        if following is not None and following != self.length:
            raise self.findings.error(
                f"{self.called}expected {self.length} bytes for {self._shaped}, got {following}"
            )

    @property
    def _shaped(self) -> str:
        return f"shape {shown(self.shape)}" if self.called else f"an IDX array of shape {shown(self.shape)}"

    def blocks(self, numbers: int) -> Iterator[Array]:
        """Yield the rows in order, shape (n, dimension), about so many numbers at a time.

        Raises:
            DatasetError: fewer or more bytes follow; damaged data.
        """
        rows = max(1, numbers // max(1, self.dimension))
        read = self._by_columns if self.by_columns and len(self.shape) > 1 else self._by_rows
        yield from read(rows)

    def whole(self) -> Array:
        """Return all of it, in its shape. Raises: DatasetError."""
        rows = [*self.blocks(self.length + 1)]
        try:
            flat = np.concatenate(rows) if rows else np.empty(0, dtype=self.kind)
            return flat.reshape(self.shape)
        except ValueError as error:  # no elements, and dimensions that numpy cannot count
            raise self.findings.error(f"{self.called}{shown(str(error))}") from None

    def _by_rows(self, rows: int) -> Iterator[Array]:
        width, done = self.dimension * self.kind.itemsize, 0
        for start in range(0, self.size, rows):
            count = min(rows, self.size - start)
            content = self._exactly(count * width, done)
            done += len(content)
            yield np.frombuffer(content, dtype=self.kind).reshape(count, self.dimension)
        self._confirm_end(done)

    def _by_columns(self, rows: int) -> Iterator[Array]:
        origin, item = self.file.tell(), self.kind.itemsize
        # Each number by itself would take a step of Python.
        rows = max(rows, min(_RUN, _ROOM // self.dimension))
        # Of a row, in C order, the places in the order of the file.
        places = np.arange(self.dimension).reshape(self.shape[1:], order="F").ravel().tolist()
        for start in range(0, self.size, rows):
            count = min(rows, self.size - start)
            block = np.empty((count, self.dimension), dtype=self.kind)
            for column, place in enumerate(places):
                at = (place * self.size + start) * item
                self.file.seek(origin + at)
                block[:, column] = np.frombuffer(self._exactly(count * item, at), dtype=self.kind)
            yield block
        self.file.seek(origin + self.length)
        self._confirm_end(self.length)

    def _exactly(self, size: int, before: int) -> bytes:
        content: bytes = self.file.read(min(size, _AT_ONCE))
        if len(content) < size:
            # A reader makes room for all that it is asked for: as much as there is, not what a header says.
            pieces, found = [content], len(content)
            while pieces[-1] and found < size:
                pieces.append(self.file.read(min(size - found, _AT_ONCE)))
                found += len(pieces[-1])
            content = b"".join(pieces)
        if len(content) != size:
            self.confirm(before + len(content))
        return content

    def _confirm_end(self, size: int) -> None:
        # Also what makes an archive compare its checksum.
        more = 0
        while chunk := self.file.read(1 << 20):
            more += len(chunk)
        self.confirm(size + more)


def npy_array(file: Any, findings: Findings, name: str = "array") -> StoredArray:
    """Return the array of an NPY file, its header read.

    Args:
        file: binary, at its start.
        findings: of the file.
        name: what a message calls it.

    Raises:
        DatasetError: no NPY file, or pickled objects.
    """
    try:
        version = np.lib.format.read_magic(file)
        if version >= (2, 0) and int.from_bytes(file.peek(4)[:4], "little") > MAX_HEADER:
            raise ValueError(f"a header of more than {MAX_HEADER:,} bytes")
        read_header = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, by_columns, kind = read_header(file)
    except HEADER_ERRORS as error:
        raise findings.error(
            f"{name}: expected the header of an NPY array, got {shown(str(error))}"
        ) from None
    if kind.hasobject or kind.fields is not None or kind.subdtype is not None or kind.itemsize == 0:
        what = "Python objects (pickled data are never loaded)" if kind.hasobject else shown(str(kind))
        raise findings.error(f"{name}: expected numbers or text, got {what}")
    if any(n < 0 for n in shape):
        raise findings.error(f"{name}: expected the header of an NPY array, got shape {shown(shape)}")
    if not shape:
        raise findings.error(f"{name}: expected rows, got one number")
    return StoredArray(file, tuple(map(int, shape)), kind, bool(by_columns), f"{name}: ", findings)


def looks_like_idx(content: bytes) -> bool:
    """Whether the first four bytes are the magic number of an IDX file. Raises: never."""
    return len(content) >= 4 and content[:2] == b"\0\0" and content[2] in IDX_TYPES and 1 <= content[3] <= 8


def idx_array(file: Any, findings: Findings) -> StoredArray:
    """Return the array of an IDX file, its header read.

    Args:
        file: binary, at its start.
        findings: of the file.

    Raises:
        DatasetError: no IDX file.
    """
    magic = file.read(4)
    sizes = file.read(4 * magic[3]) if looks_like_idx(magic) else b""
    if not sizes or len(sizes) < 4 * magic[3]:
        raise findings.error("expected the header of an IDX file")
    shape = struct.unpack(f">{magic[3]}I", sizes)
    return StoredArray(file, shape, np.dtype(IDX_TYPES[magic[2]]), False, "", findings)
