"""Labels as a rule compares them, and which points are equal.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.datasets.numbers import number
from memcert.errors import BuildError, DatasetError
from memcert.kernel.certificate import Number, Original
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]
KNOWN = 1 << 16
"""Labels that are remembered, so that what they spell is read once."""


class Labelled(Protocol):
    """Rows with labels, in memory or on disk."""

    @property
    def name(self) -> str:
        """What the data are called."""

    @property
    def labels(self) -> Sequence[Original]:
        """One a row, as the file has them."""

    def place(self, row: int) -> str:
        """Return where a row stands."""


@dataclass(frozen=True, slots=True)
class Distinct:
    """Which rows hold the same point.

    Args:
        rows: the row of the first occurrence of each distinct point, ascending.
        groups: for every row of the data set, the index in `rows` of its point.
    """

    rows: tuple[int, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """One number a row of the data set, and the original label of each number.

    Args:
        labels: what the rule compares.
        classes: the distinct originals, strictly sorted (number i, or for `sign` -1 and +1, stands
            for the first, second, ..); None for `within`: the labels are values.
    """

    labels: tuple[Number, ...]
    classes: tuple[int | str, ...] | None


def distinct(dataset: Dataset) -> Distinct:
    """Return which rows hold the same point. Cost: one hash of every row. Raises: never."""
    points = np.ascontiguousarray(dataset.numerators)
    seen: dict[int, list[int]] = {}
    rows: list[int] = []
    groups: list[int] = []
    for row, key in enumerate(_hashes(points)):
        alike = seen.setdefault(key, [])
        # Equal hashes are rare among different points; equality alone decides.
        group = next((g for g in alike if np.array_equal(points[rows[g]], points[row])), None)
        if group is None:
            group = len(rows)
            alike.append(group)
            rows.append(row)
        groups.append(group)
    return Distinct(tuple(rows), tuple(groups))


def _hashes(points: Array) -> Iterator[int]:
    if points.dtype == object:
        return (hash(tuple(row.tolist())) for row in points)
    return (hash(row.tobytes()) for row in points)


def numbered(dataset: Dataset, rule: str) -> Numbered:
    """Return the labels as the rule compares them.

    Args:
        dataset: labels of one kind.
        rule: `equal` and `argmax`: distinct labels are 0, 1, .. in order, integers numerically,
            strings by code point; `sign`: the first is -1, the second +1; `within`: the values.

    Raises:
        BuildError: `sign` with more than two classes, or values where classes are needed.
        DatasetError: `within` with a label that is no number.
    """
    if rule == "within":
        return Numbered(valued(dataset).labels, None)  # type: ignore[arg-type]
    numbers, classes = numbers_of(dataset, rule)
    return Numbered(tuple(numbers[label] for label in dataset.labels), classes)


def numbers_of(dataset: Labelled, rule: str) -> tuple[dict[Original, Number], tuple[int | str, ...]]:
    """Return the number of each label that occurs, for equal, argmax or sign, and the originals in order.

    Raises:
        BuildError: as `numbered`.
    """
    classes = tuple(sorted(set(_classes(dataset))))
    if rule == "sign" and len(classes) > 2:
        seen = tuple(dict.fromkeys(dataset.labels))
        place = dataset.place(dataset.labels.index(seen[2]))
        raise BuildError(
            f"rule sign: expected labels of at most two classes, got {len(classes)}: {shown(classes)}; "
            f"{place} has a third one, {shown(seen[2])}"
        )
    numbers: dict[Original, Number] = dict(
        zip(classes, (-1, 1) if rule == "sign" else range(len(classes)), strict=False)
    )
    return numbers, classes


def _classes(dataset: Labelled) -> Iterator[int | str]:
    for row, label in enumerate(dataset.labels):
        if not isinstance(label, int | str):
            raise BuildError(
                f"{dataset.place(row)}: expected labels that are integers or strings, as names of classes, "
                f"got the value {shown(label)}; the rule for values is within"
            )
        yield label


def valued(dataset: Dataset) -> Dataset:
    """Return the data set with each label as the number it spells, for the rule `within`.

    Raises:
        DatasetError: a label is no number.
        UndecidedError: a number has too many digits.
    """
    if not any(isinstance(label, str) for label in dataset.labels):
        return dataset
    confirm_values(dataset)
    return replace(dataset, labels=tuple(map(value_of, dataset.labels)))


def confirm_values(dataset: Labelled) -> None:
    """Refuse labels that spell no numbers. Raises: as `valued`."""
    known: set[Original] = set()
    for row, label in enumerate(dataset.labels):
        if label in known or not isinstance(label, str):
            continue
        if number(label) is None:
            raise DatasetError(
                f"{shown(dataset.name)}: {dataset.place(row)}: expected a label that is a number, for the "
                f"rule within, got {shown(label)}"
            )
        if len(known) < KNOWN:
            known.add(label)


@lru_cache(KNOWN)
def value_of(label: Original) -> Number:
    """Return the number that a label spells.

    Raises:
        DatasetError: it spells none.
        UndecidedError: it has too many digits.
    """
    value = number(label) if isinstance(label, str) else label
    if value is None:
        raise DatasetError(f"expected a label that is a number, got {shown(label)}")
    return value


def contradictions(dataset: Dataset) -> Iterator[tuple[int, int]]:
    """Yield (first, row) for each row whose label is not that of the first row with its point.

    Raises: never.
    """
    found = distinct(dataset)
    if len(found.rows) == dataset.size:
        return
    for row, group in enumerate(found.groups):
        first = found.rows[group]
        if dataset.labels[row] != dataset.labels[first]:
            yield first, row


def refuse_contradictions(dataset: Dataset) -> None:
    """Refuse data that no function fits.

    Raises:
        DatasetError: equal points with different labels; names both rows, the point and the labels.
    """
    for first, row in contradictions(dataset):
        raise DatasetError(
            f"{shown(dataset.name)}: {dataset.place(first)} and {dataset.place(row)}: expected equal points "
            f"to have equal labels, got {shown(dataset.labels[first])} and {shown(dataset.labels[row])} "
            f"at the point {shown(dataset.point(row))}"
        )


def called(number: Number | None, rule: str, classes: Sequence[int | str] | None) -> int | str:
    """Return what a decision of argmax or sign is called: the original label, or `tie` for None.

    A sign that no row has, where all rows have one label, is called by its number.

    Raises: IndexError (a number of no class).
    """
    if number is None:
        return "tie"
    if classes is None:
        return int(number)
    if rule == "sign":
        return classes[int(number > 0)] if number < len(classes) else int(number)
    return classes[int(number)]
