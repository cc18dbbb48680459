"""What is wrong with rows of a data file: gathered while reading, then told or refused.

UNTRUSTED.
"""

from dataclasses import dataclass

from memcert.errors import DatasetError, UndecidedError
from memcert.kernel.verdict import Words, shown

MAX_TABLE_BITS = 1 << 34
"""Most bits that the long numbers of a file may need together (2 GiB), each counted with OBJECT_BITS."""
OBJECT_BITS = 320
"""What a Python integer in an array needs beside its digits."""
WANTED = {
    "missing": "a value, got none:",
    "not-finite": "a finite number, got",
    "not-a-number": "a number such as 3, -0.25, 1e-9 or 1/3, got",
    "ragged": "as many cells as there are columns,",
    "label": "a label, an integer or a string, got",
}
"""The kinds of problems, and what their messages ask for."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place.

    Args:
        kind: a key of WANTED.
        row: the row of the file, counted from 0; the header is none.
        line: the line of a text file on which the row starts, counted from 1.
        column: the name of the column, or its number where columns have no names.
        value: what was there; untrusted, shown quoted.
    """

    kind: str
    row: int
    line: int | None
    column: str | int | None
    value: object

    def place(self) -> str:
        """Return row, line and column, safe to print. Raises: never."""
        line = "" if self.line is None else f" (line {self.line})"
        column = "" if self.column is None else f", column {shown(self.column)}"
        return f"row {self.row}{line}{column}"

    def sentence(self) -> str:
        """Return place, expectation and value in one line, safe to print. Raises: never."""
        return f"{self.place()}: expected {WANTED[self.kind]} {shown(self.value)}"


class Findings:
    """The problems of one file.

    Args:
        file: its name, for messages.
        collect: the rows with problems are to be left out instead of refused.
    """

    KEPT = 10_000
    """Problems whose details are kept; all are counted."""

    def __init__(self, file: str, *, collect: bool = False) -> None:
        self.file = file
        self.collect = collect
        self.problems: list[Problem] = []
        self.count = 0
        self.rows: set[int] = set()
        self.bits = 0

    def add(self, problem: Problem) -> None:
        """Take note of a problem. Raises: never."""
        self.count += 1
        if self.collect or self.count <= self.KEPT:
            self.rows.add(problem.row)
        if len(self.problems) < self.KEPT:
            self.problems.append(problem)

    def spend(self, bits: int) -> None:
        """Count the bits of numbers that need Python integers, before or while they are made.

        Raises:
            UndecidedError: more than MAX_TABLE_BITS in one file.
        """
        self.bits += bits
        if self.bits > MAX_TABLE_BITS:
            raise UndecidedError(
                f"{shown(self.file)}: expected numbers that need at most {MAX_TABLE_BITS:,} bits in all, "
                "got more"
            )

    def begin_block(self) -> None:
        """Count bits anew: what was read is no longer held. Raises: never."""
        self.bits = 0

    def settle(self) -> None:
        """Refuse the file if something is wrong in it and rows are not to be left out.

        Raises:
            DatasetError: names the first row concerned, and how many problems there are.
        """
        if self.collect or not self.problems:
            return
        first = min(self.problems, key=lambda problem: problem.row)
        more = f" (the first of {self.count:,} problems; inspect lists them)" if self.count > 1 else ""
        raise self.error(first.sentence() + more)

    def error(self, message: str) -> DatasetError:
        """Return the error that says this of the file. Raises: never."""
        return DatasetError(f"{shown(self.file)}: {message}")


def ragged(found: int, expected: int) -> Words:
    """Return the value of a `ragged` problem. Raises: never."""
    return Words(f"{expected}, got {found}")
