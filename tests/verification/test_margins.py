"""Margins in few bytes are the numbers that were packed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.verification.margins import Margins, packed

BATCHES = st.lists(
    st.tuples(
        st.lists(st.integers(-(2**140), 2**140), min_size=1, max_size=5),
        st.builds(Fraction, st.integers(1, 9), st.integers(1, 2**70)),
    ),
    min_size=1,
    max_size=4,
)


@given(BATCHES)
def test_packed_margins_are_the_numbers_themselves(batches: list[tuple[list[int], Fraction]]) -> None:
    margins = Margins([packed(numbers, unit) for numbers, unit in batches])
    expected = [n * unit for numbers, unit in batches for n in numbers]
    assert list(margins) == expected
    assert len(margins) == len(expected)
    assert [margins[row] for row in range(len(expected))] == expected
    assert margins[-1] == expected[-1]
    assert margins[1:3] == tuple(expected[1:3])
    assert margins == tuple(expected)
    assert margins != (*expected[:-1], expected[-1] + 1)


def test_a_margin_that_is_an_integer_is_an_int() -> None:
    margins = Margins([packed([3, -128, 127, 255], Fraction(1, 1))])
    assert [type(m) for m in margins] == [int] * 4
    assert list(margins) == [3, -128, 127, 255]


def test_a_margin_of_134_bits_takes_17_bytes() -> None:
    part = packed([2**133, -(2**133), 0], Fraction(1, 2**90))
    assert (part.width, len(part.content)) == (17, 51)


def test_a_row_that_is_not_there_is_refused() -> None:
    margins = Margins([packed([1, 2], Fraction(1))])
    for row in (2, -3):
        with pytest.raises(IndexError):
            margins[row]
    assert len(Margins(())) == 0
