"""Open data files safely: regular files only, bounded, unpacked by their first bytes.

UNTRUSTED.
"""

import gzip
import os
import zlib
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


@dataclass(frozen=True, slots=True)
class Options:
    """How the user says that a file is to be read; `read_dataset` explains them."""

    label: str | None = None
    labels: str | None = None
    header: bool = True
    delimiter: str | None = None


def read_bounded(path: str) -> bytes:
    """Return the bytes of a regular file, unpacked where they are gzip.

    Raises:
        UsageError: it cannot be opened, or is a folder, a pipe or a device.
        DatasetError: damaged gzip.
        UndecidedError: more than MAX_BYTES, packed or unpacked; nothing beyond is held.
    """
    try:
        descriptor = open_regular(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{shown(path)} cannot be opened: {reason}") from None
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > MAX_BYTES:
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
        if len(content) > MAX_BYTES:
            raise _too_large(path)
    return bytes(content)


def _too_large(path: str) -> UndecidedError:
    return UndecidedError(f"{shown(path)}: expected at most {MAX_BYTES:,} bytes of data, got more")


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
