"""Numbers and rows from Python are exact, or refused."""

from fractions import Fraction

import pytest

from memcert.datasets.arguments import exact_number, selected
from memcert.errors import UsageError


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), ("-0.25", Fraction(-1, 4)), ("6/3", 2), (Fraction(4, 2), 2), ("1e-3", Fraction(1, 1000))],
)
def test_a_number_is_what_it_says(value: object, number: int | Fraction) -> None:
    found = exact_number(value, "radius")
    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize("value", [0.5, True, "half", "1/0", None, "nan"])
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="radius: expected an integer, a Fraction, or text such as"):
        exact_number(value, "radius")


def test_rows_are_ascending_and_each_is_there_once() -> None:
    assert selected([4, 0, 4, 2], 5, "rows") == (0, 2, 4)
    for rows in ([], [5], [-1, 0]):
        with pytest.raises(UsageError, match="rows: expected rows from 0 to 4"):
            selected(rows, 5, "rows")
