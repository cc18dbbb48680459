"""What a data source holds and what could be built from it, told before anything is built.

UNTRUSTED. Whatever is wrong with single rows is listed instead of ending the reading.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

from memcert.datasets.dataset import Dataset, exact
from memcert.datasets.labels import Distinct, contradictions, distinct
from memcert.datasets.problems import Findings, Problem
from memcert.datasets.reading import read
from memcert.datasets.tables import Reading
from memcert.errors import MemcertError
from memcert.formats.files import Options, base_name
from memcert.kernel.certificate import Number, Original
from memcert.kernel.verdict import Failure

if TYPE_CHECKING:
    from memcert.constructions.registry import Construction, Size

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]

LISTED = 1_000
"""Pairs of rows that are listed; all are counted."""
SEPARATION_WORK = 20_000_000_000
"""Pairs of distinct points times d, up to which the smallest distance is measured unasked."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a construction would make of the data with its default options.

    Args:
        construction: its name.
        statement: its theorem.
        rule: the rule it would meet.
        size: of the network, or None where it refuses.
        refusal: why it refuses, or None.
    """

    construction: str
    statement: str
    rule: str
    size: "Size | None"
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the good rows are, N >= 1 of them.

    Args:
        dimension: d.
        classes: each label and how many rows have it, sorted.
        distinct: how many different points.
        duplicates: the first of the pairs (row of the first occurrence, row of an equal point).
        duplicate_count: how many rows repeat the point of an earlier one.
        contradictions: the first of the pairs of rows with equal points and different labels.
        contradiction_count: how many such rows.
        ranges: the smallest and largest value of each coordinate.
        denominator: the least common one of all coordinates.
        bits: the bit complexity of the coordinates: the largest
            ceil(log2(|p|+1)) + ceil(log2(q+1)) of one p/q.
        separation_squared: the smallest squared distance of two distinct points, if measured.
        separation_note: why it was not, or None.
    """

    dimension: int
    classes: tuple[tuple[Original, int], ...]
    distinct: int
    duplicates: tuple[Pair, ...]
    duplicate_count: int
    contradictions: tuple[Pair, ...]
    contradiction_count: int
    ranges: tuple[tuple[Number, Number], ...]
    denominator: int
    bits: int
    separation_squared: Number | None
    separation_note: str | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a data source holds. Rows count from 0, in the order of the file.

    Args:
        name: of the data.
        rows: all rows of the file, the header not among them.
        good: those in which nothing is wrong.
        columns: names of the coordinates, or None.
        label_column: the name, or number from 0, of the column of labels; None: they came apart.
        problems: what is wrong, by row; the first 10,000.
        problem_count: all of them.
        measured: facts about the good rows; None if there is none.
        predictions: what could be built; empty while something is wrong.
    """

    name: str
    rows: int
    good: int
    columns: tuple[str, ...] | None
    label_column: str | int | None
    problems: tuple[Problem, ...]
    problem_count: int
    measured: Measured | None
    predictions: tuple[Prediction, ...]

    @property
    def sound(self) -> bool:
        """Whether `build` would take the data as they are. Raises: never."""
        measured = self.measured
        return not self.problem_count and measured is not None and not measured.contradiction_count


def inspect(
    source: str | Dataset,
    *,
    label: str | None = None,
    labels: str | None = None,
    header: bool = True,
    delimiter: str | None = None,
    separation: bool = False,
) -> Inspection:
    """Return what the data are, with every problem listed by row.

    Args:
        source: as `read_dataset` takes it, or a data set.
        label: as in `read_dataset`.
        labels: as in `read_dataset`.
        header: as in `read_dataset`.
        delimiter: as in `read_dataset`.
        separation: measure the smallest distance however long it takes.

    Raises:
        DatasetError: the file as a whole cannot be read: no rows, no label column, binary junk.
        UsageError: it cannot be opened, or an option does not suit it.
        UnsupportedError: it needs an extra.
        UndecidedError: a limit was reached.
    """
    if isinstance(source, Dataset):
        findings = Findings(source.name)
        reading = Reading(source, range(source.size), source.size, source.columns, None, findings)
    else:
        reading = read(source, Options(label, labels, header, delimiter), Findings(source, collect=True))
    return _inspection(reading, separation)


def _inspection(reading: Reading, separation: bool) -> Inspection:
    dataset, findings = reading.dataset, reading.findings
    measured = None if dataset is None else _measured(dataset, reading.rows, separation)
    sound = dataset is not None and not findings.count
    return Inspection(
        name=base_name(findings.file),
        rows=reading.size,
        good=0 if dataset is None else dataset.size,
        columns=reading.columns,
        label_column=reading.label_column,
        problems=tuple(sorted(findings.problems, key=lambda problem: problem.row)),
        problem_count=findings.count,
        measured=measured,
        predictions=predictions(dataset) if sound and dataset is not None else (),
    )


def _measured(dataset: Dataset, rows: Sequence[int], separation: bool) -> Measured:
    """Measure the good rows; `rows` are their places in the file."""
    found = distinct(dataset)
    against = list(contradictions(dataset))
    squared, note = _separation(dataset, len(found.rows), separation)
    return Measured(
        dimension=dataset.dimension,
        classes=tuple(sorted(Counter(dataset.labels).items())),
        distinct=len(found.rows),
        duplicates=tuple((rows[i], rows[j]) for i, j in islice(_repeated(found), LISTED)),
        duplicate_count=dataset.size - len(found.rows),
        contradictions=tuple((rows[i], rows[j]) for i, j in against[:LISTED]),
        contradiction_count=len(against),
        ranges=_ranges(dataset),
        denominator=dataset.denominator,
        bits=_bits(dataset),
        separation_squared=squared,
        separation_note=note,
    )


def _repeated(found: Distinct) -> Iterator[Pair]:
    for row, group in enumerate(found.groups):
        if found.rows[group] != row:
            yield found.rows[group], row


def _ranges(dataset: Dataset) -> tuple[tuple[Number, Number], ...]:
    low, high = dataset.numerators.min(axis=0).tolist(), dataset.numerators.max(axis=0).tolist()
    bottom = dataset.denominator
    return tuple((exact(a, bottom), exact(b, bottom)) for a, b in zip(low, high, strict=True))


def _bits(dataset: Dataset) -> int:
    bottom = dataset.denominator
    if bottom == 1:
        # ceil(log2(q + 1)) of q = 1 is 1.
        return 1 + max(abs(int(dataset.numerators.min())), abs(int(dataset.numerators.max()))).bit_length()
    # bit_length is ceil(log2(n + 1)); only the different values are reduced.
    values: list[int] = np.unique(dataset.numerators).tolist()
    common = (gcd(n, bottom) for n in values)
    return max(
        (abs(n) // g).bit_length() + (bottom // g).bit_length() for n, g in zip(values, common, strict=True)
    )


def _separation(dataset: Dataset, size: int, wanted: bool) -> tuple[Number | None, str | None]:
    if size < 2:
        return None, "all points are equal"
    if size * size * dataset.dimension > SEPARATION_WORK and not wanted:
        return None, f"not measured unasked: {size:,} distinct points in {dataset.dimension} dimensions"
    from memcert.exact.separation import squared_separation

    return squared_separation(dataset), None


def predictions(dataset: Dataset) -> tuple[Prediction, ...]:
    """Return what each construction would make of the data, with its default options. Raises: never."""
    from memcert.constructions.registry import constructions

    single = [made_by for made_by in constructions().values() if not made_by.portfolio]
    return tuple(_prediction(dataset, made_by) for made_by in single)


def _prediction(dataset: Dataset, made_by: "Construction") -> Prediction:
    from memcert.constructions.assemble import prepare
    from memcert.constructions.option_values import resolved

    rule = made_by.rules[0]
    try:
        size = made_by.predict(prepare(dataset, rule), resolved(made_by, {}))
    except (MemcertError, Failure) as error:
        return Prediction(made_by.name, made_by.statement, rule, None, str(error))
    return Prediction(made_by.name, made_by.statement, rule, size, None)
