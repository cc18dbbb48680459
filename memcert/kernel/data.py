"""Samples as the check reads them, and the canonical texts whose SHA-256 are the digests.

TRUSTED. A data set's text, `memcert-data/1`: the line `memcert-data/1 N d`, the line `columns` and
a JSON array of names or null, then one line a sample: its d numbers and its original label (a
number bare, a string as JSON in ASCII), separated by single spaces. A network's text,
`memcert-network/1`: the line `memcert-network/1 INPUTS LAYERS`; for each layer the line
`layer OUTPUTS INPUTS NONZEROS RELU` (RELU 1 or 0) and one line a neuron: its bias, then
`column:weight` for every nonzero weight. Every line ends in one line feed.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.network import Network
from memcert.kernel.rational import parse_text, text
from memcert.kernel.reading import reader
from memcert.kernel.verdict import Failure, Malformed

Row = tuple[tuple[Number, ...], Original]
MAX_LINE = 1 << 26
_FIRST = re.compile("memcert-data/1 ([1-9][0-9]{0,15}) ([1-9][0-9]{0,15})\n")


@dataclass(frozen=True, slots=True)
class Table:
    """N samples: what the header says, and the rows (point, label as the file has it) in order."""

    size: int
    dimension: int
    columns: tuple[str, ...] | None
    rows: Iterable[Row]


def data_header(size: int, dimension: int, columns: tuple[str, ...] | None) -> str:
    """Return the first two lines of the canonical text. Raises: never."""
    names = None if columns is None else list(columns)
    return f"memcert-data/1 {size} {dimension}\ncolumns {json.dumps(names)}\n"


def data_line(point: Iterable[Number], label: Original) -> str:
    """Return the line of one sample. Raises: never."""
    last = json.dumps(label) if isinstance(label, str) else text(label)
    return f"{' '.join(map(text, point))} {last}\n"


def hashed(table: Table, digest: "hashlib._Hash") -> Iterator[Row]:
    """Yield the rows, feeding their canonical text to the digest. Raises: what reading raises."""
    digest.update(data_header(table.size, table.dimension, table.columns).encode())
    for point, label in table.rows:
        digest.update(data_line(point, label).encode())
        yield point, label


def dataset_digest(table: Table) -> str:
    """Return the digest of a data set, reading all its rows once. Raises: what reading raises."""
    digest = hashlib.sha256()
    for _ in hashed(table, digest):
        pass
    return f"sha256:{digest.hexdigest()}"


def network_lines(network: Network) -> Iterator[str]:
    """Yield the lines of the canonical text. Raises: never."""
    yield f"memcert-network/1 {network.input_size} {len(network.layers)}\n"
    for layer in network.layers:
        yield f"layer {layer.shape[0]} {layer.shape[1]} {len(layer.data)} {int(layer.relu)}\n"
        for i, bias in enumerate(layer.bias):
            weights = "".join(f" {j}:{text(weight)}" for j, weight in layer.row(i))
            yield f"{text(bias)}{weights}\n"


def network_digest(network: Network) -> str:
    """Return the digest of a network. Raises: never."""
    digest = hashlib.sha256()
    for line in network_lines(network):
        digest.update(line.encode())
    return f"sha256:{digest.hexdigest()}"


def inline_table(certificate: Certificate) -> Table | None:
    """Return the certificate's own samples, or None where they are detached. Raises: never."""
    data = certificate.dataset
    if data.points is None or data.labels is None:
        return None
    originals = [original(certificate, label) for label in data.labels]
    return Table(data.size, data.dimension, data.columns, list(zip(data.points, originals, strict=True)))


def original(certificate: Certificate, label: Number) -> Original:
    """Return the label as the data file has it. Raises: IndexError for a label of no class."""
    classes = certificate.dataset.classes
    if classes is None:
        return label
    return classes[int(label > 0) if certificate.claim.rule == "sign" else int(label)]


def numbering(certificate: Certificate) -> dict[Original, Number] | None:
    """Return the number of each original label; None: labels are compared as they are. Raises: never."""
    classes = certificate.dataset.classes
    if classes is None:
        return None
    shift = (-1, 1) if certificate.claim.rule == "sign" else range(len(classes))
    return dict(zip(classes, shift, strict=False))


def text_table(lines: Iterator[str]) -> Table:
    """Return the samples of a canonical text, read as it is consumed.

    Raises:
        Malformed: at once or while reading, the text is not canonical.
    """
    first, second = next(lines, ""), next(lines, "")
    found = _FIRST.fullmatch(first)
    if found is None:
        raise Malformed("data", "line 1", "memcert-data/1 and N, d >= 1", first[:200])
    size, dimension = int(found[1]), int(found[2])
    try:
        columns = reader(tuple[str, ...] | None)(json.loads(second.removeprefix("columns ")))
    except (ValueError, RecursionError, Malformed):
        columns = None
    if first + second != data_header(size, dimension, columns):
        raise Malformed("data", "line 2", "columns and null or their names", second[:200])
    return Table(size, dimension, columns, _text_rows(lines, size, dimension))


def _text_rows(lines: Iterator[str], size: int, dimension: int) -> Iterator[Row]:
    known: dict[str, Number] = {}  # data repeat their numbers: pixels are 256 different ones
    count = 0
    for count, line in enumerate(lines, 1):
        *parts, last = line.split(" ", dimension)
        if len(parts) != dimension or count > size:
            raise Malformed("data", f"line {count + 2}", f"{size} rows of {dimension} numbers", line[:200])
        try:
            known.update({part: parse_text(part) for part in parts if part not in known})
            label = _label(last.removesuffix("\n"))
        except Failure as failure:
            failure.at = f"line {count + 2}"
            raise
        if not line.endswith("\n") or data_line((), label) != f" {last}":
            raise Malformed("data", f"line {count + 2}", "a canonical label and line end", last[:200])
        yield tuple([known[part] for part in parts]), label
        if len(known) > 1 << 16:
            known.clear()
    if count != size:
        raise Malformed("data", f"line {count + 3}", f"{size} rows", count)


def _label(spelled: str) -> Original:
    if not spelled.startswith('"'):
        return parse_text(spelled)
    try:
        return str(json.loads(spelled))
    except ValueError:
        raise Malformed("data", "", "a label", spelled[:200]) from None
