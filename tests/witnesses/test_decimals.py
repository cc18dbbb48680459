"""Equations met in finite decimals: exactly, near, and not where there are none."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from memcert.witnesses.boxes import is_decimal
from memcert.witnesses.decimals import decimal_points
from memcert.witnesses.region_forms import CONSTANT

FACTORS = st.lists(st.integers(-(10**12), 10**12).filter(bool), min_size=2, max_size=4)
COORDINATES = st.fractions(-2, 2, max_denominator=10**6)


@given(FACTORS, st.lists(COORDINATES, min_size=4, max_size=4), st.integers(1, 1 << 30))
def test_the_row_is_zero_at_decimals_near_the_point(
    factors: list[int], point: list[Fraction], scale: int
) -> None:
    start = dict(enumerate(point[: len(factors)]))
    row = {v: Fraction(a, scale) for v, a in enumerate(factors)}
    # The constant is rounded to a decimal in units of the row, and one coordinate takes up the rest.
    row[CONSTANT] = Fraction(round(-sum(row[v] * start[v] for v in start) * scale), scale)
    start[0] -= (sum(row[v] * start[v] for v in start) + row[CONSTANT]) / row[0]
    for found in decimal_points(row, start):
        assert sum((row[v] * x for v, x in found.items()), row[CONSTANT]) == 0
        assert all(map(is_decimal, found.values()))
        smallest = min(abs(a) for a in factors)
        assert all(
            abs(found[v] - x) <= Fraction(sum(map(abs, factors)), smallest) / 10**15 for v, x in start.items()
        )


def test_an_equation_that_decimals_meet_is_met() -> None:
    row = {0: Fraction(3), 1: Fraction(7), CONSTANT: Fraction(-1)}
    found = next(decimal_points(row, {0: Fraction(1, 6), 1: Fraction(1, 14)}))
    assert 3 * found[0] + 7 * found[1] == 1
    assert all(map(is_decimal, found.values()))


def test_an_equation_that_no_decimals_meet_gives_nothing() -> None:
    row = {0: Fraction(3), 1: Fraction(6), CONSTANT: Fraction(-1)}
    assert list(decimal_points(row, {0: Fraction(1, 9), 1: Fraction(1, 9)})) == []
    assert list(decimal_points({0: Fraction(3), CONSTANT: Fraction(-1)}, {0: Fraction(1, 3)})) == []
