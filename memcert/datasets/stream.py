"""A table that is read block by block: what every reader of rows makes, held whole or sent to disk.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memcert.datasets.problems import Findings
from memcert.datasets.tables import Part, Reading, finished, joined
from memcert.kernel.certificate import Original


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows.

    Args:
        part: their coordinates, n d numbers, row after row, over a denominator of their own.
        labels: n labels of one kind; cells of text, yet to be typed, where the stream says so.
        rows: the row of the file, from 0, of each.
        lines: the line of a text file on which each starts, from 1.
    """

    part: Part
    labels: Sequence[Original]
    rows: Sequence[int]
    lines: Sequence[int] | None = None


@dataclass(slots=True)
class Stream:
    """A table whose rows are read when they are asked for, once.

    Args:
        dimension: d.
        columns: names of the coordinates, or None.
        label_column: name or number of the column of the labels; None: they come separately.
        text: labels are cells of text: integers iff every one of them spells one, else strings.
        blocks: the rows in order; what is wrong with some goes to the findings.
        size: the rows of the file so far, good and bad; final when `blocks` has ended.
        rows_ahead: how many rows the file's header promises; None: it has no such header.
    """

    dimension: int
    columns: tuple[str, ...] | None
    label_column: str | int | None
    text: bool
    blocks: Iterator[Block]
    size: int = 0
    rows_ahead: int | None = None


def gathered(stream: Stream, findings: Findings) -> Reading:
    """Return the whole table, without the rows in which something is wrong.

    Raises:
        DatasetError, UndecidedError: as `finished` and `joined`.
    """
    blocks = list(stream.blocks)
    labels: Sequence[Original] = [label for block in blocks for label in block.labels]
    return finished(
        joined([block.part for block in blocks], stream.dimension, findings),
        labels,
        findings,
        rows=_chained([block.rows for block in blocks]),
        size=stream.size,
        columns=stream.columns,
        label_column=stream.label_column,
        lines=_chained([block.lines for block in blocks if block.lines is not None]) or None,
        text=stream.text,
    )


def _chained(pieces: Sequence[Sequence[int]]) -> Sequence[int]:
    first, last = (pieces[0], pieces[-1]) if pieces else ((), ())
    if all(isinstance(piece, range) for piece in pieces) and pieces:
        return range(first[0], last[-1] + 1)  # blocks of such readers leave nothing out
    return [row for piece in pieces for row in piece]
