"""The canonical text of a data set, `memcert-data/1`: written and read as the kernel spells it.

UNTRUSTED. The lines are defined in `memcert.kernel.data`; a test compares both, byte by byte.
"""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from memcert.errors import UndecidedError, UsageError
from memcert.formats.atomic import atomic_write
from memcert.formats.dataset import Dataset, exact
from memcert.formats.files import Options, check_cells
from memcert.formats.problems import Findings
from memcert.formats.tables import Part, Reading, finished, joined, part_of
from memcert.kernel.certificate import Number, Original
from memcert.kernel.data import Table, data_header, data_line, text_table
from memcert.kernel.rational import text
from memcert.kernel.verdict import Failure, LimitReached, shown

BLOCK = 1 << 18
"""Numbers that are kept as Python objects at once."""


def lines(dataset: Dataset) -> Iterator[str]:
    """Yield the canonical text, the header and then row by row.

    Cost: a table look-up a number where few different ones occur. Raises: never.
    """
    yield data_header(dataset.size, dataset.dimension, dataset.columns)
    spelled = _Spellings(dataset.denominator)
    endings = {label: data_line((), label) for label in set(dataset.labels)}
    for row, label in enumerate(dataset.labels):
        point = dataset.numerators[row].tolist()
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


def dataset_digest(dataset: Dataset) -> str:
    """Return the digest of the canonical text, as `kernel.data.dataset_digest` does. Raises: never."""
    return digest_and_size(dataset)[0]


def digest_and_size(dataset: Dataset) -> tuple[str, int]:
    """Return the digest of the canonical text, and its bytes. Raises: never."""
    digest, size = hashlib.sha256(), 0
    for line in lines(dataset):
        digest.update(line.encode())
        size += len(line)  # canonical text is ASCII
    return f"sha256:{digest.hexdigest()}", size


def write_canonical(dataset: Dataset, path: Path) -> str:
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


def read(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read canonical text; it names its columns and its last number or string is the label.

    Raises:
        DatasetError: it is not canonical, or labels are partly numbers, partly strings.
        UsageError: a label column or a file of labels was asked for.
        UndecidedError: a limit was reached.
    """
    if options.label is not None or options.labels is not None:
        raise UsageError(f"{shown(findings.file)}: the labels of a memcert-data/1 text are fixed")
    file = io.TextIOWrapper(io.BytesIO(content), encoding="ascii", errors="replace", newline="\n")
    try:
        table = text_table(iter(file))
        check_cells(findings.file, table.size, table.dimension)
        # Only hexadecimal spells a number of more than a few words, and it may be short.
        parts, labels = _rows(table, findings, long=b"0x" in content)
    except LimitReached as error:
        raise UndecidedError(f"{shown(findings.file)}: {error}") from None
    except Failure as error:
        raise findings.error(str(error)) from None
    return finished(
        joined(parts, table.dimension, findings),
        labels,
        findings,
        rows=range(len(labels)),
        size=len(labels),
        columns=table.columns,
        label_column=None,
        lines=range(3, len(labels) + 3),
    )


def _rows(table: Table, findings: Findings, *, long: bool) -> tuple[list[Part], list[Original]]:
    parts: list[Part] = []
    labels: list[Original] = []
    flat: list[Number] = []
    for point, label in table.rows:
        if labels and isinstance(label, str) != isinstance(labels[0], str):
            raise findings.error(
                f"line {len(labels) + 3}: expected labels that are all numbers or all strings, got "
                f"{shown(label)} after {shown(labels[0])}"
            )
        labels.append(label)
        if long:
            findings.spend(sum(x.numerator.bit_length() + x.denominator.bit_length() for x in point))
        flat += point
        if len(flat) >= BLOCK:
            parts.append(part_of(flat, findings))
            flat = []
    if flat:
        parts.append(part_of(flat, findings))
    return parts, labels
