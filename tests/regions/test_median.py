from fractions import Fraction
from statistics import median_high

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.regions import median
from memcert.regions.median import Median

NEAR = st.builds(lambda k, n: 1 + Fraction(k, 3 * 2**n), st.integers(0, 9), st.integers(60, 62))
NUMBERS = st.one_of(NEAR, st.fractions(min_value=0), st.integers(0, 10**400), st.just(Fraction(1, 10**400)))


@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_the_median_is_exact_among_numbers_that_are_one_double(numbers: list[Fraction]) -> None:
    found = Median()
    for number in numbers:
        found.take(number)
    assert found.value() == median_high(numbers)


def test_no_numbers_have_no_median() -> None:
    assert Median().value() is None


def test_blocks_of_keys_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(median, "BLOCK", 3)
    found = Median()
    for number in (5, 1, Fraction(7, 2), 1, 9, 2, Fraction(1, 3)):
        found.take(number)
    assert found.value() == 2
