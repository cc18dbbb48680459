"""The canonical text of a data set, `memcert-data/1`: written and read as the kernel spells it.

UNTRUSTED. The lines are defined in `memcert.kernel.data`; a test compares both, byte by byte.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memcert.datasets.dataset import exact
from memcert.datasets.problems import Findings
from memcert.datasets.stored import Rows
from memcert.datasets.stream import Block, Stream
from memcert.datasets.tables import part_of
from memcert.errors import UndecidedError, UsageError
from memcert.formats.atomic import atomic_write
from memcert.formats.files import DataFile, Options, check_cells
from memcert.kernel.certificate import Number, Original
from memcert.kernel.data import MAX_LINE, Table, data_header, data_line, text_table
from memcert.kernel.rational import text
from memcert.kernel.verdict import Failure, LimitReached, Words, shown

BLOCK = 1 << 18
"""Numbers that are kept as Python objects at once."""


def lines(dataset: Rows) -> Iterator[str]:
    """Yield the canonical text, the header and then row by row.

    Cost: a table look-up a number where few different ones occur. Raises: UndecidedError, for rows on disk.
    """
    yield data_header(dataset.size, dataset.dimension, dataset.columns)
    spelled = _Spellings(dataset.denominator)
    for part in dataset.parts(max(1, BLOCK // dataset.dimension)):
        endings = {label: data_line((), label) for label in set(part.labels)}
        for row, label in enumerate(part.labels):
            point = part.numerators[row].tolist()
            yield " ".join(map(spelled.__getitem__, point)) + endings[label]
            if len(spelled) > BLOCK:
                spelled.clear()


class _Spellings(dict[int, str]):
    """The spelling of n / denominator by n, found when it is first asked for."""

    def __init__(self, denominator: int) -> None:
        super().__init__()
        self.denominator = denominator

    def __missing__(self, numerator: int) -> str:
        self[numerator] = spelling = text(exact(numerator, self.denominator))
        return spelling


def dataset_digest(dataset: Rows) -> str:
    """Return the digest of the canonical text, as `kernel.data.dataset_digest` does. Raises: never."""
    return digest_and_size(dataset)[0]


def digest_and_size(dataset: Rows) -> tuple[str, int]:
    """Return the digest of the canonical text, and its bytes. Raises: never."""
    digest, size = hashlib.sha256(), 0
    for line in lines(dataset):
        digest.update(line.encode())
        size += len(line)  # canonical text is ASCII
    return f"sha256:{digest.hexdigest()}", size


def write_canonical(dataset: Rows, path: Path) -> str:
    """Write the canonical text, line by line, and return its digest, the data set's.

    Args:
        dataset: what to write.
        path: where; a name that ends in `.gz` is packed, the digest is of the text.

    Raises:
        UsageError: the file cannot be written.
        OSError: writing failed.
    """
    digest = hashlib.sha256()
    with atomic_write(path) as file:
        for line in lines(dataset):
            digest.update(line.encode())
            file.write(line)
    return f"sha256:{digest.hexdigest()}"


def read(data: DataFile, options: Options, findings: Findings) -> Stream:
    """Read canonical text; it names its columns and its last number or string is the label.

    Raises:
        DatasetError: now or while reading, it is not canonical, or labels are partly numbers, partly strings.
        UsageError: a label column or a file of labels was asked for.
        UndecidedError: now or while reading, a limit was reached.
    """
    if options.label is not None or options.labels is not None:
        raise UsageError(f"{shown(findings.file)}: the labels of a memcert-data/1 text are fixed")
    text = _Lines(io.TextIOWrapper(data.file, encoding="ascii", errors="replace", newline="\n"))
    with _told(findings):
        table = text_table(text)
    check_cells(findings.file, table.size, table.dimension, whole=options.whole)
    stream = Stream(table.dimension, table.columns, None, text=False, blocks=iter(()), rows_ahead=table.size)
    stream.blocks = _blocks(table, text, stream, findings)
    return stream


class _Lines(Iterator[str]):
    """The lines of a text; whether the last one may hold a number of more than a few words."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self.long = text, False

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE + 1)
        if not line:
            raise StopIteration
        if len(line) > MAX_LINE:
            raise LimitReached("line", "data", f"at most {MAX_LINE} characters", Words("more"))
        # Only hexadecimal spells a long number, and it may be short.
        self.long = "0x" in line
        return line


@contextmanager
def _told(findings: Findings) -> Iterator[None]:
    try:
        yield
    except LimitReached as error:
        raise UndecidedError(f"{shown(findings.file)}: {error}") from None
    except Failure as error:
        raise findings.error(str(error)) from None


def _blocks(table: Table, text: _Lines, stream: Stream, findings: Findings) -> Iterator[Block]:
    rows, first = iter(table.rows), None
    while True:
        labels: list[Original] = []
        flat: list[Number] = []
        with _told(findings):
            for point, label in rows:
                first = label if first is None else first
                if isinstance(label, str) != isinstance(first, str):
                    raise findings.error(
                        f"line {stream.size + len(labels) + 3}: expected labels that are all numbers or all "
                        f"strings, got {shown(label)} after {shown(first)}"
                    )
                if text.long:
                    findings.spend(sum(x.numerator.bit_length() + x.denominator.bit_length() for x in point))
                labels.append(label)
                flat += point
                if len(flat) >= BLOCK:
                    break
        if not labels:
            return
        start, stream.size = stream.size, stream.size + len(labels)
        yield Block(
            part_of(flat, findings), labels, range(start, stream.size), range(start + 3, stream.size + 3)
        )
