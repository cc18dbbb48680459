"""A labelled data set, exactly: integers over one denominator, and labels as they were read.

UNTRUSTED. Readers make it; builders and the fast engine use it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.errors import DatasetError
from memcert.kernel.certificate import Number, Original
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """N labelled points of Q^d, N >= 1, d >= 1, in file order, duplicates kept.

    Point i is numerators[i] / denominator, in lowest terms as a whole set is not required.

    Args:
        name: what the data are called; not part of the digest.
        columns: d column names, or None where the file has none.
        numerators: integers of shape (N, d); dtype int64, or object (Python int) where
            a value needs more than 62 bits.
        denominator: positive, common to all coordinates.
        labels: N labels as the file has them, all int or all str; Fractions only for
            the rule `within`.
        lines: where the data came from text, the line on which each row starts, from 1.
    """

    name: str
    columns: tuple[str, ...] | None
    numerators: np.ndarray[Any, Any]
    denominator: int
    labels: tuple[Original, ...]
    lines: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """The number N of rows. Raises: never."""
        return int(self.numerators.shape[0])

    @property
    def dimension(self) -> int:
        """The number d of coordinates. Raises: never."""
        return int(self.numerators.shape[1])

    @property
    def bounds(self) -> tuple[int, ...]:
        """The largest absolute numerator of each column. Cost: one pass over all. Raises: never."""
        low, high = self.numerators.min(axis=0).tolist(), self.numerators.max(axis=0).tolist()
        return tuple([max(abs(a), abs(b)) for a, b in zip(low, high, strict=True)])

    def between(self, start: int, stop: int) -> "Dataset":
        """Return consecutive rows, from start to below stop. Raises: never."""
        chosen = slice(start, stop)
        lines = None if self.lines is None else self.lines[chosen]
        return replace(self, numerators=self.numerators[chosen], labels=self.labels[chosen], lines=lines)

    def parts(self, rows: int) -> "Iterator[Dataset]":
        """Yield all rows in order, so many at a time. Raises: never."""
        for start in range(0, self.size, rows):
            yield self.between(start, start + rows)

    def point(self, row: int) -> tuple[Number, ...]:
        """Return point `row` as exact numbers. Raises: IndexError."""
        if self.denominator == 1:
            return tuple(int(x) for x in self.numerators[row].tolist())
        return tuple(exact(x, self.denominator) for x in self.numerators[row].tolist())

    def rows(self) -> Iterator[tuple[tuple[Number, ...], Original]]:
        """Yield (point, label as the file has it), row by row. Raises: never."""
        for row, label in enumerate(self.labels):
            yield self.point(row), label

    def place(self, row: int) -> str:
        """Return where a row stands, such as `row 3 (line 5)`. Raises: IndexError."""
        return f"row {row}" if self.lines is None else f"row {row} (line {self.lines[row]})"


def confirm_dimension(name: str, dimension: int, expected: int | None) -> None:
    """Refuse rows of another length than a network takes; None: any. Raises: DatasetError."""
    if expected is not None and dimension != expected:
        raise DatasetError(
            f"{shown(name)}: expected rows of {expected} numbers, as the model takes, got {dimension}"
        )


def joined_rows(parts: Sequence[Dataset]) -> Dataset:
    """Return the rows of several parts of one data set, over one denominator, as one. Raises: IndexError."""
    if len(parts) == 1:
        return parts[0]
    every = [part.lines for part in parts]
    return replace(
        parts[0],
        numerators=np.concatenate([part.numerators for part in parts]),
        labels=tuple([label for part in parts for label in part.labels]),
        lines=None if every[0] is None else tuple([line for lines in every for line in lines or ()]),
    )


def exact(numerator: int, denominator: int) -> Number:
    """Return the fraction as an int where it is one. Raises: ZeroDivisionError."""
    value = Fraction(numerator, denominator)
    return value.numerator if value.denominator == 1 else value
