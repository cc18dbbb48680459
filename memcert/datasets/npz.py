"""NPZ and NPY: arrays of numpy, read from their bytes; nothing is ever unpickled.

UNTRUSTED. An NPZ holds `X` (N points) and `y` (N labels), and may hold `columns` (d names); an NPY
holds the points, and the labels come in a file of their own.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from memcert.datasets.arrays import labels_of, texts_of
from memcert.datasets.binary import StoredArray, npy_array
from memcert.datasets.label_files import beside
from memcert.datasets.problems import Findings
from memcert.datasets.stored_points import points_of
from memcert.datasets.stream import Block, Stream
from memcert.errors import UndecidedError
from memcert.formats import files
from memcert.formats.files import DataFile, Options, check_cells
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
"""What the archive raises where it is damaged, encrypted or packed in a way that is not known."""


def read(data: DataFile, options: Options, findings: Findings) -> Stream:
    """Read points and labels from an NPZ archive.

    Raises:
        DatasetError: now or while reading, damaged, an array is missing, or of a type or shape that is
            no data.
        UsageError: the file of the labels cannot be opened.
        UndecidedError: now or while reading, it unpacks to more than a limit.
    """
    archive = _Archive.of(data, options, findings)
    wanted = {"X.npy", "y.npy"} if options.labels is None else {"X.npy"}
    if not wanted <= set(archive.listed):
        asked = "arrays X and y" if options.labels is None else "an array X"
        raise findings.error(f"expected {asked}, got {shown(archive.listed)}")
    names = archive.array("columns") if "columns.npy" in archive.listed else None
    columns = None if names is None else _columns(names, findings)
    points = archive.array("X")
    if options.labels is not None:
        return beside(_points(points, columns, options, findings), options, findings)
    labels = archive.array("y")
    stream = _points(points, columns, options, findings)
    if len(labels.shape) != 1:
        raise findings.error(f"labels: expected one dimension, got shape {shown(labels.shape)}")
    if labels.size != points.size:
        raise findings.error(f"y: expected {points.size} labels, as X has rows, got {labels.size}")
    stream.label_column = "y"
    stream.blocks = _labelled(stream.blocks, labels, findings)
    return stream


def read_array(data: DataFile, options: Options, findings: Findings) -> Stream:
    """Read the points of an NPY file; the labels come from `options.labels`.

    Raises: as `read`.
    """
    if options.labels is None:
        raise findings.error("expected labels beside the array: an NPZ with X and y, or --labels FILE")
    array = npy_array(data.bytes(), findings)
    following = data.following()
    if following is not None:
        array.confirm(following)
    elif array.by_columns:
        array = _copied(array, data)
    return beside(_points(array, None, options, findings), options, findings)


def _copied(array: StoredArray, data: DataFile) -> StoredArray:
    """Return an array of a packed file as one that can be read anywhere. Raises: as `read`."""
    copy = data.copied(array.file)
    array.confirm(copy.seek(0, os.SEEK_END))
    copy.seek(0)
    return replace(array, file=copy)


def _points(
    array: StoredArray, columns: tuple[str, ...] | None, options: Options, findings: Findings
) -> Stream:
    if len(array.shape) < 2:
        raise findings.error(
            f"X: expected two dimensions, (rows, columns), got shape {shown(array.shape)}; one column is "
            "X.reshape(-1, 1)"
        )
    if array.size == 0 or array.dimension == 0:
        raise findings.error(f"X: expected rows of data, got shape {shown(array.shape)}")
    check_cells(findings.file, array.size, array.dimension, whole=options.whole)
    if columns is not None and len(columns) != array.dimension:
        raise findings.error(f"columns: expected {array.dimension} names, got {len(columns)}")
    return points_of(array, columns, findings)


def _labelled(blocks: Iterator[Block], array: StoredArray, findings: Findings) -> Iterator[Block]:
    labels = _labels(array, findings)
    for block in blocks:
        yield replace(block, labels=list(islice(labels, len(block.rows))))
    for _ in labels:  # none is left; what follows the array is looked at
        pass


def _labels(array: StoredArray, findings: Findings) -> Iterator[Original]:
    first = 0
    for block in array.blocks(1 << 16):
        yield from labels_of(block.ravel(), findings, "y", first)
        first += len(block)


@dataclass(frozen=True, slots=True)
class _Archive:
    """An open archive and the names of its members."""

    data: DataFile
    file: zipfile.ZipFile
    listed: list[str]
    findings: Findings
    whole: bool

    @classmethod
    def of(cls, data: DataFile, options: Options, findings: Findings) -> "_Archive":
        """Open an archive. Raises: DatasetError."""
        try:
            file = data.closing.enter_context(zipfile.ZipFile(data.anywhere()))
            listed = file.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise findings.error(f"expected an undamaged NPZ archive, got {shown(str(error))}") from None
        return cls(data, file, listed, findings, options.whole)

    def array(self, name: str) -> StoredArray:
        """Return an array that is there. Raises: DatasetError, UndecidedError."""
        member = f"{name}.npy"
        if self.listed.count(member) > 1:
            raise self.findings.error(f"expected one array {name}, got {self.listed.count(member)}")
        size = self._size(member)
        file = _Member(self._opened(member), member, self.findings)
        array = npy_array(file, self.findings, name)
        array.confirm(size - file.done)
        return _copied(array, self.data) if array.by_columns else array

    def _opened(self, member: str) -> Any:
        with _undamaged(member, self.findings):
            return self.data.closing.enter_context(self.file.open(member))

    def _size(self, member: str) -> int:
        info = self.file.getinfo(member)
        packed = info.compress_type != zipfile.ZIP_STORED
        most = files.most_bytes() if self.whole else files.most_streamed(packed=packed)
        if most is not None and info.file_size > most:
            raise UndecidedError(
                f"{shown(self.findings.file)}: {shown(member)}: expected at most {most:,} bytes of data, "
                f"got {info.file_size:,}"
            )
        return info.file_size


class _Member:
    """A member of an archive, read in order; what is damaged is told as what it is."""

    def __init__(self, file: Any, member: str, findings: Findings) -> None:
        self._file, self._member, self._findings, self.done = file, member, findings, 0

    def read(self, size: int) -> bytes:
        """Return the next bytes. Raises: DatasetError."""
        with _undamaged(self._member, self._findings):
            content: bytes = self._file.read(size)
        self.done += len(content)
        return content

    def peek(self, size: int) -> bytes:
        """Return some of the next bytes, which are still to be read. Raises: DatasetError."""
        with _undamaged(self._member, self._findings):
            content: bytes = self._file.peek(size)
        return content

    def tell(self) -> int:
        """Return how many bytes were read. Raises: never."""
        return self.done


@contextmanager
def _undamaged(member: str, findings: Findings) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise findings.error(f"{shown(member)}: expected undamaged data, got {shown(str(error))}") from None


def _columns(array: StoredArray, findings: Findings) -> tuple[str, ...]:
    if len(array.shape) != 1 or array.kind.kind != "U":
        raise findings.error(f"columns: expected an array of text, got {shown(str(array.kind))}")
    names: list[str] = []
    for block in array.blocks(1 << 16):
        names += texts_of(block.ravel(), findings)
    return tuple(names)
