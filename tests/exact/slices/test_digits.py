"""Numbers cut into balanced digits and put together again."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.exact.slices.digits import (
    UnprovedError,
    count_of,
    dyadics,
    input_digits,
    int64s,
    integers,
    lengths,
    lowest,
    spread,
)

NONZERO = st.one_of(
    st.integers(-(2**62), 2**62),
    st.integers(-(2**200), 2**200),
    st.sampled_from([2**61 - 1, -(2**61), 2**62]),
).filter(bool)


@given(
    st.lists(st.tuples(NONZERO, st.integers(-1100, 1000)), min_size=1, max_size=8),
    st.integers(2, 26),
    st.integers(-9, 40),
)
def test_digits_add_up_to_the_numbers_and_are_balanced(
    numbers: list[tuple[int, int]], base: int, above: int
) -> None:
    found = dyadics(int64s([n for n, _ in numbers]), np.array([p for _, p in numbers]))
    low = int(found.power.min()) + above
    totals = [Fraction(0)] * len(numbers)
    for place, digits in spread(found, low, base).items():
        for entry, value in zip(digits.entries.tolist(), digits.values.tolist(), strict=True):
            assert 0 < abs(value) <= 2 ** (base - 1)
            totals[entry] += value * Fraction(2) ** (low + base * place)
    assert totals == [n * Fraction(2) ** p for n, p in numbers]


def test_the_top_place_takes_all_that_is_left() -> None:
    found = spread(dyadics(int64s([2**40 + 1, 5]), np.array([0, 30])), 0, 10, top=1)
    assert {place: d.values.tolist() for place, d in found.items()} == {0: [1], 1: [2**30, 5 * 2**20]}


def test_a_top_digit_of_more_than_53_bits_is_refused() -> None:
    assert spread(dyadics(int64s([2**53 - 1]), np.array([10])), 0, 10, top=1)[1].values.tolist() == [
        2**53 - 1
    ]
    with pytest.raises(UnprovedError, match=r"not below 2\*\*53"):
        spread(dyadics(int64s([2**53 - 1]), np.array([11])), 0, 10, top=1)


@given(st.lists(st.integers(-(2**70), 2**70), min_size=1, max_size=6), st.integers(8, 24))
def test_digits_of_inputs_make_the_same_integers_again(numbers: list[int], base: int) -> None:
    kind = object if max(map(abs, numbers)) >= 2**62 else np.int64
    count = count_of(max(map(abs, numbers)), base)
    out = np.empty((count, len(numbers)))
    input_digits(np.array(numbers, dtype=kind), count, base, out)
    assert np.abs(out).max() <= 2 ** (base - 1)
    assert integers(out, base) == numbers


def test_half_a_unit_is_the_lowest_balanced_digit_downwards() -> None:
    assert lowest(np.array([7, 8, 9, -8, -9]), 4).tolist() == [7, -8, -7, -8, 7]


def test_lengths_are_those_of_python() -> None:
    numbers = [1, 2, 3, 2**53 - 1, -(2**30), -5]
    assert lengths(np.array(numbers)).tolist() == [n.bit_length() for n in numbers]
    assert lengths(np.array([2**100, 1], dtype=object)).tolist() == [101, 1]
