"""One cell of text as a number, its faults noted with their place.

UNTRUSTED.
"""

from memcert.datasets.numbers import fault, number
from memcert.datasets.problems import Findings, Problem
from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown


def read_cell(
    text: str, findings: Findings, row: int, line: int | None, column: str | int | None
) -> Number | None:
    """Return the number that a cell spells, or None with a problem noted.

    Args:
        text: the cell.
        findings: takes the problem, and counts the bits of long numbers.
        row: of the file, from 0.
        line: where the file is text, from 1.
        column: name or number.

    Raises:
        UndecidedError: too many digits, here or in the whole table.
    """
    try:
        value = number(text)
    except UndecidedError as error:
        place = Problem("not-a-number", row, line, column, text).place()
        raise UndecidedError(f"{shown(findings.file)}: {place}: {error}") from None
    if value is None:
        findings.add(Problem(fault(text), row, line, column, text))
    elif len(text) > 60 or "e" in text or "E" in text:
        findings.spend(value.numerator.bit_length() + value.denominator.bit_length())
    return value
