"""CSV and its relatives: one row a record, numbers and one label, the first record their names.

UNTRUSTED. The grammar is that of Python's csv module, strict; cells are read exactly, a block at a
time, by numpy where all are short decimals and one by one where not.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from memcert.errors import UndecidedError, UsageError
from memcert.formats import numbers
from memcert.formats.cells import read_cell
from memcert.formats.columns import coordinate_name, label_column, without
from memcert.formats.files import Options, check_cells
from memcert.formats.label_files import read_labels
from memcert.formats.problems import Findings, Problem, ragged
from memcert.formats.tables import Part, Reading, finished, joined, missing_label, part_of
from memcert.kernel.certificate import Number, Original
from memcert.kernel.verdict import shown

BLOCK = 1 << 18
"""Cells that are read at once."""
MAX_LINE = 1 << 26
"""Longest line, in characters."""
_DELIMITERS = ",;\t|"
_NAMED = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";"}
_BLANK = " \t"
_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


@dataclass(frozen=True, slots=True)
class _Record:
    """One row of the file and the physical line on which it starts."""

    row: int
    line: int
    cells: list[str]


@dataclass(slots=True)
class _Rows:
    """What has been read so far; `rows` and `lines` belong to the rows that are not ragged."""

    parts: list[Part] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a record is laid out: its width and the place of the label, None if it has none."""

    width: int
    label: int | None
    names: tuple[str, ...] | None

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return self.width - (self.label is not None)

    def column(self, cell: int) -> str | int:
        """Return the name, or the number, of the column of coordinate `cell`."""
        index = cell if self.label is None or cell < self.label else cell + 1
        return coordinate_name(self.names, index)


def read(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read delimited text.

    Args:
        content: UTF-8, with or without byte order mark.
        options: label column, header, delimiter, labels of their own; see `read_dataset`.
        findings: takes the problems of rows.

    Raises:
        DatasetError: malformed text, no rows, no label column.
        UsageError: a delimiter that is none.
        UndecidedError: a number or the table exceeds a limit.
    """
    text = _decoded(content, findings)
    records = _records(text, _delimiter(options.delimiter, text), findings)
    first = next(records, None)
    if first is None:
        raise findings.error("expected rows of data, got an empty file")
    own = options.labels is not None
    names = tuple(cell.strip(_BLANK) for cell in first.cells) if options.header else None
    at = None if own else label_column(names, len(first.cells), options.label, findings)
    shape = _Shape(len(first.cells), at, names)
    if shape.dimension < 1:
        wanted = "at least one column" if own else "at least one coordinate and a label in a row"
        raise findings.error(f"expected {wanted}, got {shown(first.cells)} (is the delimiter right?)")
    if names is not None:
        _refuse_numbers_as_names(names, shape, options, findings)
    elif first is not None:
        records = _chained(first, records)
    rows = _gathered(records, shape, findings, offset=0 if names is None else 1)
    return _finished(rows, shape, options, findings)


def _finished(rows: _Rows, shape: _Shape, options: Options, findings: Findings) -> Reading:
    labels: Sequence[Original] = rows.labels
    label_name = None if shape.label is None else coordinate_name(shape.names, shape.label)
    if options.labels is not None and rows.size:
        every = read_labels(options.labels, rows.size, findings.file)
        labels = [every[row] for row in rows.rows]
    return finished(
        joined(rows.parts, shape.dimension, findings),
        labels,
        findings,
        rows=rows.rows,
        size=rows.size,
        columns=without(shape.names, shape.label),
        label_column=label_name,
        lines=rows.lines,
        text=options.labels is None,
    )


def _decoded(content: bytes, findings: Findings) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            raise findings.error(f"expected text in UTF-8, got {name}")
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode("utf-8")
        at = text.find("\0")
        if at < 0:
            return text
        line, got = text.count("\n", 0, at) + 1, "a NUL byte"
    except UnicodeDecodeError as error:
        line, got = content.count(b"\n", 0, error.start) + 1, f"byte {content[error.start]:#04x}"
    raise findings.error(f"line {line}: expected text in UTF-8, got {got}") from None


def _delimiter(wanted: str | None, text: str) -> str:
    if wanted is not None:
        character = _NAMED.get(wanted, wanted)
        if len(character) != 1 or character in '"\r\n\0' or character.isalnum():
            raise UsageError(f"delimiter: expected one character such as , or ; or tab, got {shown(wanted)}")
        return character
    # What stands most often in the first line that is not blank, outside quotes; a comma first.
    head = next((line for line in io.StringIO(text[: 1 << 20]) if line.strip()), "")
    outside = "".join(head.split('"')[::2])
    return max(_DELIMITERS, key=lambda character: (outside.count(character), character == ","))


def _records(text: str, delimiter: str, findings: Findings) -> Iterator[_Record]:
    """Yield the records, blank lines left out; rows count from 0, the header being one of them."""
    reader = csv.reader(
        _lines(text, findings), delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t"
    )
    row, line = 0, 1
    try:
        for cells in reader:
            if cells and (len(cells) > 1 or cells[0].strip(_BLANK)):
                yield _Record(row, line, cells)
                row += 1
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            limit = csv.field_size_limit()
            raise UndecidedError(
                f"{shown(findings.file)}: line {line}: expected cells of at most {limit:,} characters"
            ) from None
        raise findings.error(f"line {line}: expected well-quoted cells: {error}") from None


def _lines(text: str, findings: Findings) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > MAX_LINE:
            raise UndecidedError(
                f"{shown(findings.file)}: line {number}: expected at most {MAX_LINE:,} characters, "
                f"got {len(line):,}"
            )
        yield line


def _chained(first: _Record, rest: Iterator[_Record]) -> Iterator[_Record]:
    yield first
    yield from rest


def _refuse_numbers_as_names(
    names: tuple[str, ...], shape: _Shape, options: Options, findings: Findings
) -> None:
    """Refuse a first row that is data: it would vanish without a word.

    Numbers are names only where they number the columns, from 0 or 1, as data frames do.
    """
    coordinates = without(names, shape.label) or ()
    if options.label is not None or any(_value(name) is None for name in coordinates):
        return
    values = [_value(name) for name in coordinates]
    if values[0] in (0, 1) and values == list(range(int(values[0]), int(values[0]) + len(values))):
        return
    raise findings.error(
        f"line 1: expected the names of the columns, got numbers {shown(names)}; if this row is data, "
        "say so with --no-header (header=False)"
    )


def _value(cell: str) -> Number | None:
    try:
        return numbers.number(cell)
    except UndecidedError:
        return None


def _gathered(records: Iterator[_Record], shape: _Shape, findings: Findings, offset: int) -> _Rows:
    """Read all records; `offset` is 1 where the header was a record."""
    rows = _Rows()
    flat: list[str] = []
    start = 0
    for record in records:
        row, cells = record.row - offset, record.cells
        rows.size = row + 1
        if not rows.size % BLOCK:
            check_cells(findings.file, rows.size, shape.dimension)
        if len(cells) != shape.width:
            value = ragged(len(cells), shape.width)
            findings.add(Problem("ragged", row, record.line, None, value))
            continue
        if shape.label is not None:
            rows.labels.append(cells.pop(shape.label).strip(_BLANK))
            if not rows.labels[-1]:
                name = coordinate_name(shape.names, shape.label)
                findings.add(missing_label(row, record.line, name))
        rows.rows.append(row)
        rows.lines.append(record.line)
        flat += cells
        if len(flat) >= BLOCK:
            check_cells(findings.file, len(rows.rows), shape.dimension)
            rows.parts.append(_block(flat, rows, start, shape, findings))
            flat, start = [], len(rows.rows)
    if flat:
        rows.parts.append(_block(flat, rows, start, shape, findings))
    return rows


def _block(flat: list[str], rows: _Rows, start: int, shape: _Shape, findings: Findings) -> Part:
    """Read the coordinates of the rows from `start` on, row after row."""
    fast = numbers.short_decimals(flat)
    if fast is not None:
        return Part(*fast)
    known: dict[str, Number] = {}
    values: list[Number] = []
    for i, cell in enumerate(flat):
        if cell not in known:
            at = start + i // shape.dimension
            column = shape.column(i % shape.dimension)
            value = read_cell(cell, findings, rows.rows[at], rows.lines[at], column)
            if value is None:
                # Not kept: the same fault elsewhere has another place.
                values.append(0)
                continue
            known[cell] = value
        values.append(known[cell])
    return part_of(values, findings)
