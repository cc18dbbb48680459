"""Parquet tables: numbers and one column of labels. Needs the extra `parquet` (pyarrow).

UNTRUSTED. Integers, floats (the dyadics of their bits), decimals and texts such as "1/3" are read exactly.
"""

from typing import Any

import numpy as np

from memcert.errors import UndecidedError, UnsupportedError
from memcert.formats.arrays import coordinates, labels_of
from memcert.formats.cells import read_cell
from memcert.formats.columns import label_column, without
from memcert.formats.files import MAX_BYTES, Options, check_cells
from memcert.formats.label_files import read_labels
from memcert.formats.memory import growing_at_most
from memcert.formats.problems import Findings, Problem
from memcert.formats.tables import Part, Reading, part_of, side_by_side, typed_labels, whole
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]
ROOM = 1 << 30
"""Bytes that reading may take beside eight times what the file says that it holds."""


def read(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read a table; its columns have names, one of them holds the labels.

    Raises:
        DatasetError: damaged, no rows, no label column, or a column of a type that is no number.
        UnsupportedError: pyarrow is not installed.
        UsageError: the file of the labels cannot be opened.
        UndecidedError: a limit was reached.
    """
    table = _table(content, findings)
    names = tuple(table.column_names)
    at = None if options.labels is not None else label_column(names, len(names), options.label, findings)
    kept = [i for i in range(len(names)) if i != at]
    if not table.num_rows or not kept:
        raise findings.error(
            f"expected rows of at least one coordinate{' and a label' if at is not None else ''}, got "
            f"{table.num_rows} rows of columns {shown(names)}"
        )
    parts = [_column(table.column(i), names[i], findings) for i in kept]
    labels: tuple[Original, ...]
    if at is None:
        labels = read_labels(options.labels or "", table.num_rows, findings.file)
    else:
        labels = _labels(table.column(at), names[at], findings)
    columns = without(names, at)
    label_name = None if at is None else names[at]
    return whole(side_by_side(parts, findings), labels, columns, label_name, findings)


def _table(content: bytes, findings: Findings) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UnsupportedError(
            f"{shown(findings.file)}: Parquet needs pyarrow: pip install 'memcert[parquet]'"
        ) from None
    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        check_cells(findings.file, file.metadata.num_rows, file.metadata.num_columns)
        groups = range(file.metadata.num_row_groups)
        size = sum(file.metadata.row_group(i).total_byte_size for i in groups)
        if size > MAX_BYTES:
            raise UndecidedError(
                f"{shown(findings.file)}: expected at most {MAX_BYTES:,} bytes of data, got {size:,}"
            )
        with growing_at_most(ROOM + 8 * size):
            table = file.read(use_threads=False)
            table.validate(full=True)  # texts in UTF-8, offsets and indices within their buffers
        return table
    except MemoryError:
        raise UndecidedError(
            f"{shown(findings.file)}: memory: a page asks for more than {ROOM + 8 * size:,} bytes"
        ) from None
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise findings.error(f"expected an undamaged Parquet file, got {shown(str(error))}") from None


def _column(column: Any, name: str, findings: Findings) -> Part:
    """Return one column of coordinates as a part of shape (N, 1)."""
    import pyarrow

    column = _plain(column)
    for row in np.flatnonzero(column.is_null().to_numpy()).tolist():
        findings.add(Problem("missing", row, None, name, None))
    if pyarrow.types.is_decimal(column.type) or _is_text(column.type):
        cells = ["0" if x is None else str(x) for x in column.to_pylist()]
        values = [read_cell(cell, findings, row, None, name) or 0 for row, cell in enumerate(cells)]
        part = part_of(values, findings)
        return Part(part.numerators.reshape(-1, 1), part.denominator)
    array = _array(column, name, findings).reshape(-1, 1)
    return coordinates(array, findings, (name,))


def _labels(column: Any, name: str, findings: Findings) -> tuple[Original, ...]:
    import pyarrow

    column = _plain(column)
    if _is_text(column.type) or pyarrow.types.is_decimal(column.type):
        cells = ["" if x is None else str(x) for x in column.to_pylist()]
        for row, cell in enumerate(cells):
            if not cell:
                findings.add(Problem("missing", row, None, name, None))
        return typed_labels(cells) if pyarrow.types.is_decimal(column.type) else tuple(cells)
    for row in np.flatnonzero(column.is_null().to_numpy()).tolist():
        findings.add(Problem("missing", row, None, name, None))
    return labels_of(_array(column, name, findings), findings, name)


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
    array: Array = column.fill_null(fill).to_numpy()
    return array
