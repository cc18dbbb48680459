"""Parquet tables: numbers and one column of labels. Needs the extra `parquet` (pyarrow).

UNTRUSTED. Integers, floats (the dyadics of their bits), decimals and texts such as "1/3" are read exactly.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.datasets.arrays import coordinates, labels_of
from memcert.datasets.cells import read_cell
from memcert.datasets.columns import label_column, without
from memcert.datasets.label_files import beside
from memcert.datasets.memory import growing_at_most
from memcert.datasets.problems import Findings, Problem
from memcert.datasets.stream import Block, Stream
from memcert.datasets.tables import Part, part_of, side_by_side
from memcert.errors import UndecidedError, UnsupportedError
from memcert.formats.files import MAX_BYTES, DataFile, Options, check_cells
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]
ROOM = 1 << 30
"""Bytes that reading may take beside eight times what the file says that it holds."""
BLOCK = 1 << 18
"""Numbers that are read at once."""


def read(data: DataFile, options: Options, findings: Findings) -> Stream:
    """Read a table; its columns have names, one of them holds the labels.

    Raises:
        DatasetError: now or while reading, damaged, no rows, no label column, or a column of a type that is
            no number.
        UnsupportedError: pyarrow is not installed.
        UsageError: the file of the labels cannot be opened.
        UndecidedError: now or while reading, a limit was reached.
    """
    table = _Table.of(data, options, findings)
    names = table.names
    at = None if options.labels is not None else label_column(names, len(names), options.label, findings)
    kept = [i for i in range(len(names)) if i != at]
    if not table.size or not kept:
        raise findings.error(
            f"expected rows of at least one coordinate{' and a label' if at is not None else ''}, got "
            f"{table.size} rows of columns {shown(names)}"
        )
    label_name = None if at is None else names[at]
    text = at is not None and table.is_decimal(at)
    stream = Stream(len(kept), without(names, at), label_name, text, iter(()), rows_ahead=table.size)
    stream.blocks = _blocks(table, kept, at, stream)
    return stream if at is not None else beside(stream, options, findings)


def _blocks(table: "_Table", kept: Sequence[int], at: int | None, stream: Stream) -> Iterator[Block]:
    names, findings = table.names, table.findings
    for batch in table.batches(max(1, BLOCK // len(names))):
        first = stream.size
        stream.size += batch.num_rows
        parts = [_column(batch.column(i), names[i], findings, first) for i in kept]
        labels = () if at is None else _labels(batch.column(at), names[at], findings, first)
        yield Block(side_by_side(parts, findings), labels, range(first, stream.size))


@dataclass(frozen=True, slots=True)
class _Table:
    """An open table: what pyarrow makes of the file, and the bytes that it says it holds."""

    file: Any
    bytes: int
    findings: Findings

    @classmethod
    def of(cls, data: DataFile, options: Options, findings: Findings) -> "_Table":
        """Open a table. Raises: as `read`."""
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise UnsupportedError(
                f"{shown(findings.file)}: Parquet needs pyarrow: pip install 'memcert[parquet]'"
            ) from None
        with _undamaged(findings, ROOM):
            file = pyarrow.parquet.ParquetFile(
                data.anywhere(), pre_buffer=False, page_checksum_verification=True
            )
            check_cells(findings.file, file.metadata.num_rows, file.metadata.num_columns, whole=options.whole)
            groups = range(file.metadata.num_row_groups)
            sizes = [file.metadata.row_group(i).total_byte_size for i in groups]
        # What is not held is yet unpacked: a row group at a time.
        size = sum(sizes) if options.whole else max(sizes, default=0)
        if size > MAX_BYTES:
            raise UndecidedError(
                f"{shown(findings.file)}: expected at most {MAX_BYTES:,} bytes of data"
                f"{'' if options.whole else ' in a row group'}, got {size:,}"
            )
        return cls(file, size, findings)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns. Raises: never."""
        return tuple(self.file.schema_arrow.names)

    @property
    def size(self) -> int:
        """The number of rows. Raises: never."""
        return int(self.file.metadata.num_rows)

    def is_decimal(self, column: int) -> bool:
        """Whether a column holds decimals. Raises: never."""
        import pyarrow

        kind = self.file.schema_arrow.types[column]
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        return bool(pyarrow.types.is_decimal(kind))

    def batches(self, rows: int) -> Iterator[Any]:
        """Yield the rows, some at a time. Raises: as `read`."""
        room = ROOM + 8 * self.bytes
        _open_pool()
        batches = self.file.iter_batches(batch_size=rows, use_threads=False)
        count = 0
        while True:
            with _undamaged(self.findings, room), growing_at_most(room):
                batch = next(batches, None)
                if batch is None:
                    break
                batch.validate(full=True)  # texts in UTF-8, offsets and indices within their buffers
            count += batch.num_rows
            yield batch
        # Where a column is damaged so that its values end early, the batches just end with it.
        if count != self.size:
            raise self.findings.error(
                f"expected an undamaged Parquet file of {self.size:,} rows, got {count:,} whole ones"
            )


def _open_pool() -> None:
    # With its first bytes Arrow's allocator may reserve 1 GiB of address space, which is not the file's doing
    # and would be all the room that a small one has.
    import pyarrow

    pyarrow.allocate_buffer(1)


@contextmanager
def _undamaged(findings: Findings, room: int) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except MemoryError:
        raise UndecidedError(
            f"{shown(findings.file)}: memory: a page asks for more than {room:,} bytes"
        ) from None
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise findings.error(f"expected an undamaged Parquet file, got {shown(str(error))}") from None


def _column(column: Any, name: str, findings: Findings, first: int) -> Part:
    """Return one column of coordinates of some rows as a part of shape (n, 1)."""
    import pyarrow

    column = _plain(column)
    for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
        findings.add(Problem("missing", first + row, None, name, None))
    if pyarrow.types.is_decimal(column.type) or _is_text(column.type):
        cells = ["0" if x is None else str(x) for x in column.to_pylist()]
        values = [read_cell(cell, findings, row, None, name) or 0 for row, cell in enumerate(cells, first)]
        part = part_of(values, findings)
        return Part(part.numerators.reshape(-1, 1), part.denominator)
    array = _array(column, name, findings).reshape(-1, 1)
    return coordinates(array, findings, (name,), first)


def _labels(column: Any, name: str, findings: Findings, first: int) -> tuple[Original, ...]:
    import pyarrow

    column = _plain(column)
    if _is_text(column.type) or pyarrow.types.is_decimal(column.type):
        cells = ["" if x is None else str(x) for x in column.to_pylist()]
        for row, cell in enumerate(cells):
            if not cell:
                findings.add(Problem("missing", first + row, None, name, None))
        return tuple(cells)
    for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
        findings.add(Problem("missing", first + row, None, name, None))
    return labels_of(_array(column, name, findings), findings, name, first)


def _plain(column: Any) -> Any:
    """Return the column with categories replaced by what they stand for."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    return column


def _is_text(kind: Any) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def _array(column: Any, name: str, findings: Findings) -> Array:
    import pyarrow

    kind = column.type
    known = (pyarrow.types.is_integer, pyarrow.types.is_floating, pyarrow.types.is_boolean)
    if not any(test(kind) for test in known):
        raise findings.error(f"column {shown(name)}: expected numbers, got {shown(str(kind))}")
    fill = pyarrow.scalar(0, type=pyarrow.int8()).cast(kind)
    array: Array = column.fill_null(fill).to_numpy(zero_copy_only=False)
    return array
