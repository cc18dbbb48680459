"""Open data files safely: regular files only, bounded, unpacked by their first bytes.

UNTRUSTED.
"""

import gzip
import io
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from memcert.errors import DatasetError, UndecidedError, UsageError
from memcert.kernel.files import open_regular
from memcert.kernel.verdict import shown

MAX_BYTES = 1 << 30
"""Largest data file that is read, packed or unpacked, in bytes."""
MAX_CELLS = 1 << 27
"""Most coordinates N d of a data set that is read."""
MAX_ROWS = 10_000_000
"""Most rows N."""
BUFFER = 1 << 18
"""Bytes that are read at once, and how many of the first ones can be looked at before they are read."""
_GZIP = b"\x1f\x8b"
_LOWERED: ContextVar[int | None] = ContextVar("lowered", default=None)


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read; `read_dataset` explains the user's part.

    Args:
        label: the column of the labels.
        labels: their own file.
        header: whether the first row has names.
        delimiter: what separates cells.
        whole: all rows will be held in memory, which bounds how many there may be.
    """

    label: str | None = None
    labels: str | None = None
    header: bool = True
    delimiter: str | None = None
    whole: bool = True


@contextmanager
def reading_at_most(size: int | None) -> Iterator[None]:
    """Lower what `read_bounded` reads within the block, in this thread; None: leave it. Raises: never."""
    before = _LOWERED.set(size)
    try:
        yield
    finally:
        _LOWERED.reset(before)


def most_bytes() -> int:
    """Return how many bytes of a file are read here, packed or unpacked. Raises: never."""
    lowered = _LOWERED.get()
    return MAX_BYTES if lowered is None else min(lowered, MAX_BYTES)


def most_streamed(*, packed: bool) -> int | None:
    """Return how many bytes are read here of a file that is not held; None: any number. Raises: never."""
    lowered = _LOWERED.get()
    return MAX_BYTES if lowered is None and packed else lowered


def opened(path: str) -> int:
    """Return a descriptor of a regular file; nothing waits for a pipe.

    Raises:
        UsageError: it cannot be opened, or is a folder, a pipe or a device.
    """
    try:
        return open_regular(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{shown(path)} cannot be opened: {reason}") from None


def read_bounded(path: str) -> bytes:
    """Return the bytes of a regular file, unpacked where they are gzip.

    Raises:
        UsageError: it cannot be opened, or is a folder, a pipe or a device.
        DatasetError: damaged gzip.
        UndecidedError: more than `most_bytes()`, packed or unpacked; nothing beyond is held.
    """
    with open_data(path, whole=True) as data:
        return data.file.read()


@dataclass(frozen=True, slots=True)
class DataFile:
    """An open file of data.

    Args:
        path: as the user gave it.
        file: the unpacked bytes, read in order.
        plain: the file itself where it is not packed, which can be read anywhere.
        closing: closes what is opened meanwhile.
    """

    path: str
    file: BinaryIO
    plain: BinaryIO | None
    closing: ExitStack

    def head(self) -> bytes:
        """Return the first bytes, which are still to be read. Raises: as reading."""
        head: bytes = self.file.peek(BUFFER)  # type: ignore[attr-defined]  # every buffered reader has it
        return head

    def bytes(self) -> BinaryIO:
        """Return the unpacked bytes from the first on; a file that is not packed can be read anywhere.

        Raises:
            OSError: reading failed.
        """
        if self.plain is None:
            return self.file
        self.plain.seek(0)
        return self.plain

    def anywhere(self) -> BinaryIO:
        """Return the unpacked bytes as a file that can be read anywhere.

        Raises:
            DatasetError: damaged gzip.
            UndecidedError: more bytes than may be read, or no room for them on the disk.
        """
        return self.bytes() if self.plain is not None else self.copied(self.file)

    def copied(self, file: Any) -> BinaryIO:
        """Return what follows in a file as one that can be read anywhere, until this one is closed.

        Raises:
            DatasetError, UndecidedError: as `anywhere`.
        """
        copy = self.closing.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with this
        while chunk := file.read(BUFFER):
            try:
                copy.write(chunk)
                copy.flush()
            except OSError as error:
                raise no_room(error) from None
        copy.seek(0)
        return copy

    def following(self) -> int | None:
        """Return how many bytes follow what was read of `bytes()`; None: nobody knows. Raises: OSError."""
        if self.plain is None:
            return None
        return os.fstat(self.plain.fileno()).st_size - self.plain.tell()


@contextmanager
def open_data(path: str, *, whole: bool) -> Iterator[DataFile]:
    """Open a regular file for the block.

    Args:
        path: the file, gzipped or not.
        whole: all that is read will be held. Then at most MAX_BYTES are read; else a plain file may
            have any size and a packed one MAX_BYTES unpacked, unless the user says another limit.

    Raises:
        UsageError: it cannot be opened, or is a folder, a pipe or a device.
        UndecidedError: it is larger than may be read.
    """
    with ExitStack() as closing:
        raw = closing.enter_context(os.fdopen(opened(path), "rb"))
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        most = most_bytes() if whole else most_streamed(packed=packed)
        if most is not None and os.fstat(raw.fileno()).st_size > most:
            raise _too_large(path, most)
        source: Any = closing.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw
        bounded = io.BufferedReader(_Bounded(source, path, most), BUFFER)
        yield DataFile(path, cast("BinaryIO", bounded), None if packed else raw, closing)


class _Bounded(io.RawIOBase):
    """Bytes in order, counted, with the errors of unpacking told as what they mean."""

    def __init__(self, file: Any, path: str, most: int | None) -> None:
        self._file, self._path, self._most, self._size = file, path, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._file.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DatasetError(
                f"{shown(self._path)}: expected undamaged gzip, got {shown(str(error))}"
            ) from None
        self._size += len(chunk)
        if self._most is not None and self._size > self._most:
            raise _too_large(self._path, self._most)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def no_room(error: OSError) -> UndecidedError:
    """Return the error that the disk takes no more of what is laid aside. Raises: never."""
    return UndecidedError(
        f"disk: {shown(tempfile.gettempdir())} takes no more of the rows that are laid aside there: "
        f"{error.strerror}; TMPDIR names another folder"
    )


def _too_large(path: str, most: int) -> UndecidedError:
    name = "" if most == MAX_BYTES else "max-bytes: "
    return UndecidedError(f"{name}{shown(path)}: expected at most {most:,} bytes of data, got more")


def check_cells(file: str, rows: int, dimension: int, *, whole: bool = True) -> None:
    """Refuse a shape that is too large before room is made for it.

    Args:
        file: its name.
        rows: N.
        dimension: d.
        whole: whether all rows are to be held; else one row at least is.

    Raises:
        UndecidedError: rows exceeds MAX_ROWS, or rows * dimension exceeds MAX_CELLS.
    """
    if not whole:
        rows = 1
    if rows > MAX_ROWS or rows * dimension > MAX_CELLS:
        raise UndecidedError(
            f"{shown(file)}: expected at most {MAX_ROWS:,} rows and {MAX_CELLS:,} numbers, "
            f"got {rows:,} rows of {dimension:,}"
        )


def base_name(path: str) -> str:
    """Return the last part of a path, what the data set is called. Raises: never."""
    return Path(path).name
