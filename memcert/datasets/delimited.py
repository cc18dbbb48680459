"""CSV and its relatives: one row a record, numbers and one label, the first record their names.

UNTRUSTED. The grammar is that of Python's csv module, strict; cells are read exactly, a block at a
time, by numpy where all are short decimals and one by one where not.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from memcert.datasets import numbers
from memcert.datasets.cells import read_cell
from memcert.datasets.columns import coordinate_name, label_column, without
from memcert.datasets.label_files import beside
from memcert.datasets.problems import Findings, Problem, ragged
from memcert.datasets.stream import Block, Stream
from memcert.datasets.tables import Part, missing_label, part_of
from memcert.datasets.texts import lines_of, text_of
from memcert.errors import UndecidedError, UsageError
from memcert.formats.files import DataFile, Options, check_cells
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

BLOCK = 1 << 18
"""Cells that are read at once."""
MAX_HEAD = 1 << 20
"""Characters before the first line that is not blank, beyond which the delimiter is not looked for."""
_DELIMITERS = ",;\t|"
_NAMED = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";"}
_BLANK = " \t"


@dataclass(frozen=True, slots=True)
class _Record:
    """One row of the file and the physical line on which it starts."""

    row: int
    line: int
    cells: list[str]


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


def read(data: DataFile, options: Options, findings: Findings) -> Stream:
    """Read delimited text.

    Args:
        data: UTF-8, with or without byte order mark.
        options: label column, header, delimiter, labels of their own; see `read_dataset`.
        findings: takes the problems of rows.

    Raises:
        DatasetError: now or while reading, malformed text, no rows, no label column.
        UsageError: a delimiter that is none.
        UndecidedError: now or while reading, a number or the table exceeds a limit.
    """
    lines = lines_of(text_of(data, findings), findings)
    head = _until_a_word(lines)
    records = _records(chain(head, lines), _delimiter(options.delimiter, head), findings)
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
    else:
        records = chain((first,), records)
    name = None if shape.label is None else coordinate_name(shape.names, shape.label)
    columns = without(shape.names, shape.label)
    stream = Stream(shape.dimension, columns, name, text=True, blocks=iter(()))
    rows = _Rows(shape, findings, whole=options.whole, offset=0 if names is None else 1)
    stream.blocks = rows.blocks(records, stream)
    if options.labels is not None:
        beside(stream, options, findings)
    return stream


def _until_a_word(lines: Iterator[str]) -> list[str]:
    """Return the lines to the first that is not blank, within a megabyte."""
    head: list[str] = []
    for line in lines:
        head.append(line)
        if line.strip() or sum(map(len, head)) > MAX_HEAD:
            break
    return head


def _delimiter(wanted: str | None, head: Sequence[str]) -> str:
    if wanted is not None:
        character = _NAMED.get(wanted, wanted)
        if len(character) != 1 or character in '"\r\n\0' or character.isalnum():
            raise UsageError(f"delimiter: expected one character such as , or ; or tab, got {shown(wanted)}")
        return character
    # What stands most often in the first line that is not blank, outside quotes; a comma first.
    outside = "".join((head[-1] if head else "").split('"')[::2])
    return max(_DELIMITERS, key=lambda character: (outside.count(character), character == ","))


def _records(lines: Iterator[str], delimiter: str, findings: Findings) -> Iterator[_Record]:
    """Yield the records, blank lines left out; rows count from 0, the header being one of them."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
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


class _Rows:
    """The records as blocks; ragged ones are told and left out."""

    def __init__(self, shape: _Shape, findings: Findings, *, whole: bool, offset: int) -> None:
        # `offset` is 1 where the header was a record.
        self.shape, self.findings, self.whole, self.offset = shape, findings, whole, offset
        self._start_block()

    def _start_block(self) -> None:
        self.flat: list[str] = []
        self.labels: list[str] = []
        self.rows: list[int] = []
        self.lines: list[int] = []

    def blocks(self, records: Iterator[_Record], stream: Stream) -> Iterator[Block]:
        """Yield the rows, block by block; the stream counts those of the file. Raises: as `read`."""
        for record in records:
            stream.size = record.row - self.offset + 1
            if not stream.size % BLOCK:
                self._confirm_size(stream.size)
            self._take(record, stream.size - 1)
            if len(self.flat) >= BLOCK:
                self._confirm_size(stream.size)
                yield self._block()
        if self.rows:
            yield self._block()

    def _confirm_size(self, rows: int) -> None:
        check_cells(self.findings.file, rows, self.shape.dimension, whole=self.whole)

    def _take(self, record: _Record, row: int) -> None:
        shape, cells = self.shape, record.cells
        if len(cells) != shape.width:
            value = ragged(len(cells), shape.width)
            self.findings.add(Problem("ragged", row, record.line, None, value))
            return
        if shape.label is not None:
            self.labels.append(cells.pop(shape.label).strip(_BLANK))
            if not self.labels[-1]:
                name = coordinate_name(shape.names, shape.label)
                self.findings.add(missing_label(row, record.line, name))
        self.rows.append(row)
        self.lines.append(record.line)
        self.flat += cells

    def _block(self) -> Block:
        block = Block(self._part(), self.labels, self.rows, self.lines)
        self._start_block()
        return block

    def _part(self) -> Part:
        fast = numbers.short_decimals(self.flat)
        if fast is not None:
            return Part(*fast)
        known: dict[str, Number] = {}
        values: list[Number] = []
        for i, cell in enumerate(self.flat):
            if cell not in known:
                at, column = i // self.shape.dimension, self.shape.column(i % self.shape.dimension)
                value = read_cell(cell, self.findings, self.rows[at], self.lines[at], column)
                if value is None:
                    # Not kept: the same fault elsewhere has another place.
                    values.append(0)
                    continue
                known[cell] = value
            values.append(known[cell])
        return part_of(values, self.findings)
