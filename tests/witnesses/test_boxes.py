"""Intervals with open and closed ends, and the finite decimals in them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.witnesses.boxes import Interval, clamped, is_decimal, rounded

NUMBERS = st.fractions(-3, 3, max_denominator=30)
INTERVALS = st.builds(
    lambda a, b, c, d: Interval(min(a, b), max(a, b), c, d), NUMBERS, NUMBERS, st.booleans(), st.booleans()
)


@given(INTERVALS, NUMBERS)
def test_the_nearest_number_lies_inside_and_is_decimal_where_one_is(
    interval: Interval, value: Fraction
) -> None:
    found = interval.nearest(value)
    if found is None:
        assert interval.empty
        return
    assert interval.holds(found)
    if interval.holds(value):
        assert found == value
    else:
        assert interval.low is not None
        assert interval.high is not None
        assert is_decimal(found) or interval.low == interval.high
        end = interval.low if value <= interval.low else interval.high
        assert abs(Fraction(found) - end) <= (Fraction(interval.high) - interval.low) / 2


@given(INTERVALS, INTERVALS, NUMBERS)
def test_a_number_lies_in_the_meet_iff_in_both(a: Interval, b: Interval, value: Fraction) -> None:
    assert a.meet(b).holds(value) == (a.holds(value) and b.holds(value))
    assert Interval().meet(a) == a.meet(Interval()) == a


@pytest.mark.parametrize(
    ("interval", "value", "found"),
    [
        (Interval(0, 1), Fraction(5, 4), 1),
        (Interval(0, 1, high_open=True), Fraction(5, 4), Fraction(9, 10)),
        (Interval(low=Fraction(1, 3)), 0, 1),
        (Interval(high=Fraction(-1, 3)), 0, -1),
        (Interval(Fraction(1, 3), Fraction(1, 3)), 0, Fraction(1, 3)),
        (Interval(1, 1, low_open=True), 0, None),
    ],
)
def test_the_nearest_number_by_hand(interval: Interval, value: Fraction, found: Fraction | None) -> None:
    assert interval.nearest(value) == found


@pytest.mark.parametrize(
    ("number", "expected"), [(Fraction(7, 40), True), (Fraction(1, 3), False), (6, True)]
)
def test_a_finite_decimal_has_no_other_prime_than_2_and_5(number: Fraction, expected: bool) -> None:
    assert is_decimal(number) == expected


@given(st.fractions().filter(bool), st.integers(1, 20))
def test_a_rounded_number_is_off_by_half_a_unit_of_its_last_digit(number: Fraction, digits: int) -> None:
    found = Fraction(rounded(number, digits))
    size = 0
    while abs(number) >= Fraction(10) ** size:
        size += 1
    while abs(number) < Fraction(10) ** (size - 1):
        size -= 1
    assert abs(found - number) <= Fraction(10) ** (size - digits) / 2
    assert is_decimal(found)


def test_rounding_takes_numbers_beyond_decimal_text() -> None:
    assert rounded(Fraction(10**6000 + 1, 3 * 10**5999), 3) == Fraction(333, 100)


def test_an_input_is_moved_to_its_interval_alone() -> None:
    assert clamped({0: Interval(0, 1)}, {0: 2, 1: 7}) == {0: 1, 1: 7}
    assert clamped({0: Interval(1, 0)}, {0: 2}) is None
