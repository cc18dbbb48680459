"""Open data files safely: regular files only, bounded, unpacked by their first bytes.

UNTRUSTED.
"""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from memcert.errors import DatasetError, UndecidedError, UsageError
from memcert.kernel.files import open_regular
from memcert.kernel.verdict import shown

MAX_BYTES = 1 << 30
"""Largest data file that is read, packed or unpacked, in bytes."""
MAX_CELLS = 1 << 27
"""Most coordinates N d of a data set that is read."""
MAX_ROWS = 10_000_000
"""Most rows N."""
_CHUNK = 1 << 20
_LOWERED: ContextVar[int | None] = ContextVar("lowered", default=None)


@dataclass(frozen=True, slots=True)
class Options:
    """How the user says that a file is to be read; `read_dataset` explains them."""

    label: str | None = None
    labels: str | None = None
    header: bool = True
    delimiter: str | None = None


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
    descriptor = opened(path)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > most_bytes():
            raise _too_large(path)
        if file.read(2) != b"\x1f\x8b":
            file.seek(0)
            return _bounded(file, path)
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _bounded(unpacked, path)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DatasetError(f"{shown(path)}: expected undamaged gzip, got {shown(str(error))}") from None


def _bounded(file: IO[bytes] | gzip.GzipFile, path: str) -> bytes:
    content = bytearray()
    while chunk := file.read(_CHUNK):
        content += chunk
        if len(content) > most_bytes():
            raise _too_large(path)
    return bytes(content)


def _too_large(path: str) -> UndecidedError:
    most = most_bytes()
    name = "" if most == MAX_BYTES else "max-bytes: "
    return UndecidedError(f"{name}{shown(path)}: expected at most {most:,} bytes of data, got more")


def check_cells(file: str, rows: int, dimension: int) -> None:
    """Refuse a shape that is too large before room is made for it.

    Raises:
        UndecidedError: rows exceeds MAX_ROWS, or rows * dimension exceeds MAX_CELLS.
    """
    if rows > MAX_ROWS or rows * dimension > MAX_CELLS:
        raise UndecidedError(
            f"{shown(file)}: expected at most {MAX_ROWS:,} rows and {MAX_CELLS:,} numbers, "
            f"got {rows:,} rows of {dimension:,}"
        )


def base_name(path: str) -> str:
    """Return the last part of a path, what the data set is called. Raises: never."""
    return Path(path).name
