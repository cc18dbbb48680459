"""Labels in a file of their own: IDX, NPY, or text with one label a line.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from memcert.datasets.arrays import labels_of
from memcert.datasets.binary import NPY_MAGIC, StoredArray, idx_array, looks_like_idx, npy_array
from memcert.datasets.problems import Findings
from memcert.datasets.stream import Block, Stream
from memcert.datasets.tables import missing_label, typed_labels
from memcert.datasets.texts import lines_of, text_of
from memcert.errors import DatasetError
from memcert.formats.files import DataFile, Options, open_data
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import shown

BLOCK = 1 << 16
"""Labels that are read at once."""


def beside(stream: Stream, options: Options, findings: Findings) -> Stream:
    """Give the rows of a table the labels of `options.labels`, as they are read.

    Args:
        stream: the rows; what labels they have are replaced.
        options: the file has one label for each row of the table's file. Text has one label a line and no
            header; the labels are integers iff every line is one, else strings.
        findings: of the table.

    Raises:
        UsageError: while reading, the file cannot be opened.
        DatasetError: while reading, it is malformed, or holds another number of labels.
        UndecidedError: while reading, a limit was reached.
    """
    stream.label_column, stream.blocks = None, _labelled(stream, stream.blocks, options, findings.file)
    return stream


def read_labels(path: str, size: int, data: str) -> tuple[Original, ...]:
    """Return as many labels as there are points, for a table that is held in memory.

    Args:
        path: the file.
        size: the number of points.
        data: the name of the file of the points, for messages.

    Raises:
        UsageError, DatasetError, UndecidedError: as `beside` says of reading.
    """
    with open_data(path, whole=True) as file:
        labels = _Labels(file, Findings(path), data)
        found = labels.of(range(size))
        labels.finish(size)
    return typed_labels([str(label) for label in found]) if labels.text else tuple(found)


def _labelled(stream: Stream, blocks: Iterator[Block], options: Options, data: str) -> Iterator[Block]:
    path = options.labels or ""
    findings = Findings(path)
    with open_data(path, whole=options.whole) as file:
        labels = _Labels(file, findings, data)
        stream.text = labels.text
        if stream.rows_ahead is not None and labels.ahead is not None:
            labels.confirm(stream.rows_ahead, labels.ahead)
        for block in blocks:
            yield replace(block, labels=labels.of(block.rows))
        labels.finish(stream.size)


class _Labels:
    """The labels of a file, taken as the rows come that they belong to."""

    def __init__(self, data: DataFile, findings: Findings, table: str) -> None:
        self.findings, self.table = findings, table
        self.ahead: int | None = None
        head = data.head()
        self.text = not (looks_like_idx(head) or head.startswith(NPY_MAGIC))
        if self.text:
            chunks = _lines(data, findings)
        else:
            array = (idx_array if looks_like_idx(head) else npy_array)(data.bytes(), findings)
            self.ahead = array.size
            chunks = _numbers(array, data, findings)
        self._labels = chain.from_iterable(chunks)
        self._given = self._taken = 0

    def of(self, rows: Sequence[int]) -> list[Original]:
        """Return the labels of rows of the table, which only ascend; where there are none left, any."""
        start, wanted = self._taken, rows[-1] + 1 - self._taken
        found = list(islice(self._labels, wanted))
        self._given, self._taken = self._given + len(found), start + wanted
        found += [""] * (wanted - len(found))
        return found if wanted == len(rows) else [found[row - start] for row in rows]

    def finish(self, rows: int) -> None:
        """Refuse labels of another number, or in which something is wrong."""
        count = self._given + sum(1 for _ in self._labels)
        self.findings.settle()
        self.confirm(rows, count)

    def confirm(self, rows: int, count: int) -> None:
        """Refuse another number of labels than there are rows."""
        if count != rows:
            raise DatasetError(
                f"{shown(self.findings.file)}: expected {rows} labels, one for each row of "
                f"{shown(self.table)}, got {count}"
            )


def _numbers(array: StoredArray, data: DataFile, findings: Findings) -> Iterator[Sequence[Original]]:
    if len(array.shape) != 1:
        raise findings.error(f"labels: expected one dimension, got shape {shown(array.shape)}")
    array.confirm(data.following())
    first = 0
    for block in array.blocks(BLOCK):
        yield labels_of(block.ravel(), findings, None, first)
        first += len(block)


def _lines(data: DataFile, findings: Findings) -> Iterator[Sequence[Original]]:
    text = text_of(data, findings, "labels as IDX, NPY or text in UTF-8")
    lines: list[Original] = []
    count = 0
    for count, line in enumerate(lines_of(text, findings), 1):
        lines.append(_stripped(line))
        if not lines[-1]:
            findings.add(missing_label(count - 1, count, None))
        if len(lines) == BLOCK:
            yield lines
            lines = []
    if count == 0:
        findings.add(missing_label(0, 1, None))
    yield lines


def _stripped(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r").strip(" \t")
