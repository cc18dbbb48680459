"""Read a labelled data set exactly, from any format that memcert knows.

UNTRUSTED. One module a format. The first bytes decide which it is; what looks like none is CSV.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from memcert.datasets.binary import NPY_MAGIC, looks_like_idx
from memcert.datasets.dataset import Dataset, confirm_dimension
from memcert.datasets.labels import refuse_contradictions
from memcert.datasets.problems import Findings
from memcert.datasets.stored import StoredDataset
from memcert.datasets.storing import stored
from memcert.datasets.stream import Stream, gathered
from memcert.datasets.tables import Reading
from memcert.errors import UsageError
from memcert.formats.files import Options, base_name, open_data, read_bounded
from memcert.kernel.verdict import shown

SKLEARN = "sklearn:"
"""What the name of a data set of scikit-learn starts with."""
_MAGIC = {
    b"PK\x03\x04": "npz",
    b"PK\x05\x06": "npz",
    b"PAR1": "parquet",
    b"memcert-data/": "canonical",
    b"p cnf ": "dimacs",
}
_NAMES = {
    ".npz": "npz",
    ".npy": "npy",
    ".parquet": "parquet",
    ".json": "json",
    ".idx": "idx",
    ".cnf": "dimacs",
}
_STREAMS = {
    "csv": ("delimited", "read"),
    "npz": ("npz", "read"),
    "npy": ("npz", "read_array"),
    "idx": ("idx", "read"),
    "parquet": ("parquet", "read"),
    "canonical": ("canonical", "read"),
}
"""The formats of rows, which are read block by block."""
_WHOLES = {"json": ("json_points", "read"), "dimacs": ("dimacs", "read")}


def read_dataset(
    source: str,
    *,
    label: str | None = None,
    labels: str | None = None,
    header: bool = True,
    delimiter: str | None = None,
    consistent: bool = True,
) -> Dataset:
    """Return the labelled points of a file, exactly, in file order, duplicates kept.

    Args:
        source: a file of any format below, gzipped or not, or `sklearn:NAME`.

            - CSV: numbers and one column of labels; decimals, exponents and `p/q` are read as what
              they say, never through a float. Spaces around cells and blank lines are ignored.
              The labels are integers iff each is spelled as one (`0|-?[1-9][0-9]*`), else strings.
            - NPZ with `X` and `y` (and, if it likes, `columns`); NPY with `labels`. Floats are the
              dyadic fractions of their bit patterns.
            - JSON: `{"points": [[..]..], "labels": [..], "columns": [..] or absent}`.
            - IDX, with `labels`. Parquet (extra). `memcert-data/1`, as `memcert convert` writes it.
            - CNF (DIMACS), clauses of six different variables: the points of the reduction that
              `nae-sat` memorizes.
        label: the column of the labels, by name, or by number from 0 where columns have no names;
            else the one called `label`, `class`, `target` (in any case) or `y`, else the last.
        labels: a file of the labels: IDX, NPY or text, one a line. All columns are then coordinates.
        header: whether the first row of a CSV holds names.
        delimiter: what separates the cells of a CSV; None: a comma, semicolon, tab or bar, whichever
            the first line has most of.
        consistent: refuse equal points with different labels. No network memorizes them, but any can
            be judged on them.

    Raises:
        DatasetError: malformed data, or equal points with different labels; the message names
            file, row (from 0), line (from 1) and column, and shows the values.
        UsageError: a file cannot be opened, or an option does not suit it.
        UnsupportedError: the format needs an extra that is not installed.
        UndecidedError: a limit on bytes, digits or numbers was reached.
    """
    reading = read(source, Options(label, labels, header, delimiter), Findings(source))
    if reading.dataset is None:
        raise reading.findings.error("expected rows of data, got none")
    if consistent:
        refuse_contradictions(reading.dataset)
    return reading.dataset


def read_rows(
    source: str,
    *,
    label: str | None = None,
    labels: str | None = None,
    header: bool = True,
    delimiter: str | None = None,
    dimension: int | None = None,
) -> "Dataset | StoredDataset":
    """Return the labelled points of a file of any size: what is more than a few megabytes goes to disk.

    Args:
        source: as `read_dataset` takes it. JSON, formulas and scikit-learn's sets are held in memory.
        label: as there.
        labels: as there.
        header: as there.
        delimiter: as there.
        dimension: how many numbers a row must have, refused before they are read; None: any.

    Cost: the numbers are read once; on disk each takes as few bytes as the longest of its block.
    Raises: as `read_dataset`; equal points with different labels are not looked for.
    """
    findings = Findings(source)
    options = Options(label, labels, header, delimiter, whole=False)
    with _opened(source, options, findings) as found:
        if isinstance(found, Stream):
            confirm_dimension(base_name(source), found.dimension, dimension)
            return stored(found, findings)
    if found.dataset is None:
        raise findings.error("expected rows of data, got none")
    confirm_dimension(found.dataset.name, found.dataset.dimension, dimension)
    return found.dataset


def read(source: str, options: Options, findings: Findings) -> Reading:
    """Return what a source holds, with the problems of its rows if `findings` gathers them.

    Contradictory labels are not looked for. Raises: as `read_dataset`.
    """
    with _opened(source, options, findings) as found:
        return gathered(found, findings) if isinstance(found, Stream) else found


@contextmanager
def _opened(source: str, options: Options, findings: Findings) -> Iterator[Reading | Stream]:
    if source.startswith(SKLEARN):
        reader = _function("sklearn", "read")
        yield reader(source.removeprefix(SKLEARN).encode(), replace(options, whole=True), findings)
        return
    with open_data(source, whole=options.whole) as data:
        kind = format_of(source, data.head())
        _confirm_options(kind, options)
        if kind in _WHOLES:
            yield _function(*_WHOLES[kind])(read_bounded(source), options, findings)
        else:
            yield _function(*_STREAMS[kind])(data, options, findings)


def _confirm_options(kind: str, options: Options) -> None:
    # An option that would do nothing is refused: the user means another file, or another column.
    if kind != "csv" and options.delimiter is not None:
        raise UsageError(f"delimiter: expected for CSV only, got one for a file of format {kind}")
    if kind != "csv" and not options.header:
        raise UsageError(f"header: expected to be said of CSV only, got a file of format {kind}")
    if options.label is not None and options.labels is not None:
        raise UsageError(
            f"label: expected no column of labels beside a file of labels, got {shown(options.label)}"
        )
    if options.label is not None and kind == "npz":
        raise UsageError(f"label: the labels of an NPZ are its array y, got {shown(options.label)}")


def _function(module: str, function: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(importlib.import_module(f"memcert.datasets.{module}"), function)
    return found


def format_of(source: str, content: bytes) -> str:
    """Return the name of the format of unpacked content, of which the first bytes will do. Raises: never."""
    for magic, kind in (*_MAGIC.items(), (NPY_MAGIC, "npy")):
        if content.startswith(magic):
            return kind
    if looks_like_idx(content):
        return "idx"
    name = source.casefold().removesuffix(".gz")
    for suffix, kind in _NAMES.items():
        if name.endswith(suffix):
            return kind
    if content.lstrip(b" \t\r\n")[:1] == b"{" and not name.endswith((".csv", ".tsv")):
        return "json"
    return "csv"
