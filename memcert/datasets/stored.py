"""A labelled data set that is read from disk some rows at a time: its memory does not grow with its rows.

UNTRUSTED. Some hundred bytes of memory a block say where it is.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

import numpy as np

from memcert.datasets.dataset import Dataset, joined_rows
from memcert.datasets.labels import confirm_values, value_of, valued
from memcert.datasets.packing import (
    PackedIntegers,
    PackedLabels,
    unpack,
    unpack_labels,
)
from memcert.datasets.sequences import ReadSequence
from memcert.datasets.spool import Spool
from memcert.formats.files import check_cells
from memcert.kernel.certificate import Certificate, Number, Original

Array = np.ndarray[Any, Any]
_WORD = 1 << 62


@dataclass(frozen=True, slots=True)
class Piece:
    """A block on disk: its first row, how many there are, and where its parts lie."""

    first: int
    size: int
    numerators: PackedIntegers
    denominator: int
    labels: PackedLabels
    lines: PackedIntegers | range | None


@dataclass(frozen=True, slots=True)
class Blocks:
    """All blocks, and what is true of their labels together: `unpack_labels` says of what use that is."""

    spool: Spool
    pieces: Sequence[Piece]
    text: bool
    integers: bool
    values: bool = False

    def around(self, row: int) -> int:
        """Return the place of the block of a row. Raises: IndexError."""
        if not 0 <= row < self.size:
            raise IndexError(row)
        return bisect_right(self.pieces, row, key=lambda piece: piece.first) - 1

    @property
    def size(self) -> int:
        """The number N of rows."""
        return self.pieces[-1].first + self.pieces[-1].size

    def labels(self, piece: Piece) -> Sequence[Original]:
        """Return the labels of a block; as values, if they are to be numbers."""
        labels = unpack_labels(piece.labels, self.spool, text=self.text, integers=self.integers)
        return list(map(value_of, labels)) if self.values else labels


@dataclass(slots=True, eq=False)
class StoredDataset:
    """N labelled points of Q^d on disk, read by rows or in parts, by any thread.

    Args:
        name: what the data are called; not part of the digest.
        columns: d column names, or None.
        denominator: positive, common to all coordinates.
        bounds: the largest absolute numerator of each column.
        table: where they are.
        labels: N labels as the file has them, or as values.
    """

    name: str
    columns: tuple[str, ...] | None
    denominator: int
    bounds: tuple[int, ...]
    table: Blocks
    labels: "StoredLabels" = field(init=False)
    _near: tuple[int, Dataset] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Make the view of the labels."""
        self.labels = StoredLabels(self.table)

    @property
    def size(self) -> int:
        """The number N of rows. Raises: never."""
        return self.table.size

    @property
    def dimension(self) -> int:
        """The number d of coordinates. Raises: never."""
        return len(self.bounds)

    def point(self, row: int) -> tuple[Number, ...]:
        """Return point `row` as exact numbers; the next ones cost little. Raises: IndexError."""
        near, at = self._around(row)
        return near.point(at)

    def place(self, row: int) -> str:
        """Return where a row stands, such as `row 3 (line 5)`. Raises: IndexError."""
        near, at = self._around(row)
        return f"row {row}" if near.lines is None else f"row {row} (line {near.lines[at]})"

    def parts(self, rows: int) -> Iterator[Dataset]:
        """Yield all rows in order, so many at a time, all over `denominator`. Raises: UndecidedError."""
        waiting: list[Dataset] = []
        missing = rows
        for piece in self.table.pieces:
            rest = self._loaded(piece)
            while rest.size >= missing:
                yield joined_rows([*waiting, rest.between(0, missing)])
                rest, waiting, missing = rest.between(missing, rest.size), [], rows
            if rest.size:
                waiting.append(rest)
                missing -= rest.size
        if waiting:
            yield joined_rows(waiting)

    def whole(self) -> Dataset:
        """Return all rows in memory.

        Raises:
            UndecidedError: there are more than are held at once.
        """
        check_cells(self.name, self.size, self.dimension)
        return joined_rows(list(self.parts(self.size)))

    def rows(self) -> Iterator[tuple[tuple[Number, ...], Original]]:
        """Yield (point, label as the file has it), row by row. Raises: UndecidedError."""
        for piece in self.table.pieces:
            yield from self._loaded(piece).rows()

    def with_values(self) -> "StoredDataset":
        """Return the same rows, each label as the number that it spells. Raises: when read, as `value_of`."""
        table = replace(self.table, values=True)
        return StoredDataset(self.name, self.columns, self.denominator, self.bounds, table)

    def _around(self, row: int) -> tuple[Dataset, int]:
        place = self.table.around(row)
        near = self._near
        if near is None or near[0] != place:
            self._near = near = (place, self._loaded(self.table.pieces[place]))
        return near[1], row - self.table.pieces[place].first

    def _loaded(self, piece: Piece) -> Dataset:
        spool, lines = self.table.spool, piece.lines
        factor, short = self.denominator // piece.denominator, max(self.bounds) < _WORD
        numerators = unpack(piece.numerators, spool).reshape(piece.size, self.dimension)
        # Of zeros alone even a long factor makes short numbers.
        if factor > 1 and numerators.any():
            numerators = (numerators if short else numerators.astype(object)) * factor
        if isinstance(lines, PackedIntegers):
            lines = unpack(lines, spool).tolist()
        return Dataset(
            self.name,
            self.columns,
            numerators if short else numerators.astype(object),
            self.denominator,
            tuple(self.table.labels(piece)),
            None if lines is None else tuple(lines),
        )


class StoredLabels(ReadSequence[Original]):
    """The labels of all rows, read a block at a time."""

    def __init__(self, blocks: Blocks) -> None:
        """Take what holds them."""
        self._blocks = blocks
        self._near: tuple[int, Sequence[Original]] | None = None

    def __len__(self) -> int:
        """Return N. Raises: never."""
        return self._blocks.size

    def at(self, place: int) -> Original:
        """Return the label of a row; the next ones cost little. Raises: UndecidedError."""
        block = self._blocks.around(place)
        near = self._near
        if near is None or near[0] != block:
            self._near = near = (block, self._blocks.labels(self._blocks.pieces[block]))
        return near[1][place - self._blocks.pieces[block].first]

    def __iter__(self) -> Iterator[Original]:
        """Yield them in order. Raises: UndecidedError."""
        for piece in self._blocks.pieces:
            yield from self._blocks.labels(piece)


@dataclass(frozen=True, slots=True, eq=False)
class RowByRow:
    """(point, label as the file has it) of each row, as the kernel reads them; as often as it likes."""

    dataset: "Rows"

    def __iter__(self) -> Iterator[tuple[tuple[Number, ...], Original]]:
        """Yield them in order. Raises: UndecidedError, for rows on disk."""
        return self.dataset.rows()


def as_values(rows: "Rows") -> "Rows":
    """Return the rows with each label as the number that it spells, for labels that are values.

    Raises:
        DatasetError: a label is no number; the message names its row.
        UndecidedError: a number has too many digits.
    """
    if isinstance(rows, Dataset):
        return valued(rows)
    confirm_values(rows)
    return rows.with_values()


@overload
def as_certified(own: Dataset, certificate: Certificate) -> Dataset: ...
@overload
def as_certified(own: "Rows", certificate: Certificate) -> "Rows": ...
def as_certified(own: "Rows", certificate: Certificate) -> "Rows":
    """Return a user's own rows with labels as the certificate compares them.

    A data file spells labels; that 0.5 is a number and no name is known only where there are no classes.

    Raises:
        DatasetError, UndecidedError: as `as_values`.
    """
    return own if certificate.dataset.classes is not None else as_values(own)


Rows = Dataset | StoredDataset
"""N labelled points, in memory or on disk: both have `size`, `dimension`, `denominator`, `bounds`, `labels`,
`point`, `place` and `parts`."""
