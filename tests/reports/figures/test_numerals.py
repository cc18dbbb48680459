"""Numbers for people: in full, rounded to three digits, or as a place on paper."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.kernel.rational import parse_text
from memcert.reports.figures.numerals import (
    MOST_DIGITS,
    decades,
    exact_text,
    percent,
    position,
    power_of_ten,
    rough,
)

MINUS = "\u2212"
RAISED = "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0"),
        (7, "7"),
        (-12, f"{MINUS}12"),
        (Fraction(1, 3), "0.333"),
        (Fraction(-1, 26345), f"{MINUS}3.8\u00b710\u207b\u2075"),
        (Fraction(1, 10**9), "10\u207b\u2079"),
        (123456, "123000"),
        (1234567, "1.23\u00b710\u2076"),
        (10**400, "10\u2074\u2070\u2070"),
    ],
)
def test_three_digits_of_a_number(number: int | Fraction, told: str) -> None:
    assert rough(number) == told


def read(told: str) -> Fraction:
    """Read back what `rough` writes: a decimal, or a factor (1 if left out) and a power of ten."""
    found = re.fullmatch(rf"({MINUS}?)(?:([0-9.]+)|(?:([0-9.]+)\u00b7)?10([{RAISED}]+))", told)
    assert found, told
    power = int((found[4] or RAISED[1]).translate(str.maketrans(RAISED, "-0123456789")))
    return (-1 if found[1] else 1) * Fraction(found[2] or found[3] or "1") * Fraction(10) ** power


@given(st.fractions())
def test_three_digits_are_within_half_a_unit_of_the_third(number: Fraction) -> None:
    assert abs(read(rough(number)) - number) <= abs(number) / 200


@given(st.fractions())
def test_a_number_in_full_is_that_number(number: Fraction) -> None:
    assert Fraction(exact_text(number).replace(MINUS, "-")) == number


def test_a_number_too_long_for_decimal_text_is_spelled_as_in_files() -> None:
    long = 3**20_000
    assert len(str(long.bit_length())) < MOST_DIGITS
    assert parse_text(exact_text(long)) == long
    assert exact_text(long).startswith("0x")


def test_places_on_paper_end_where_floats_end() -> None:
    assert position(Fraction(1, 4)) == 0.25
    assert position(10**400) == 1e300
    assert position(-(10**400)) == -1e300
    assert position(Fraction(1, 10**400)) == 0


def test_the_logarithm_of_a_number_of_any_length() -> None:
    assert decades(10**400) == pytest.approx(400)
    assert decades(Fraction(1, 10**400)) == pytest.approx(-400)


def test_percents_are_rounded_down() -> None:
    assert percent(9_999, 10_000) == "99.99 %"
    assert percent(99_999, 100_000) == "99.99 %"
    assert percent(1, 1) == "100.00 %"


def test_powers_of_ten_are_raised() -> None:
    assert power_of_ten(-12) == "10\u207b\u00b9\u00b2"
