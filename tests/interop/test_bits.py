"""Rounding to binary floats against CPython's own division and struct, and decoding back."""

import struct
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memcert.interop.bits import BRAIN, DOUBLE, HALF, SINGLE, Layout, decoded, encoded


@given(st.fractions() | st.builds(Fraction, st.integers(-(2**1200), 2**1200), st.integers(1, 2**1200)))
@example(Fraction(0))
@example(Fraction(1, 2**1074))
@example(Fraction(1, 2**1075))
@example(Fraction(3, 2**1075))
@example(Fraction(2**1024 - 2**970))
@example(Fraction(2**1024 - 2**970 - 1))
@example(Fraction(2**53 + 1))
@example(Fraction(-(2**54) - 2))
def test_a_double_is_the_nearest_as_true_division_rounds_it(value: Fraction) -> None:
    try:
        expected = struct.unpack("<Q", struct.pack("<d", value.numerator / value.denominator))[0]
    except OverflowError:
        expected = None
    assert encoded(value, DOUBLE) == (0 if value == 0 or expected == 1 << 63 else expected)


@pytest.mark.parametrize("layout", [HALF, BRAIN, SINGLE, DOUBLE])
@given(pattern=st.integers(0, 2**64 - 1))
def test_what_is_decoded_is_encoded_to_the_same_pattern(layout: Layout, pattern: int) -> None:
    bits = layout.exponent + layout.significand
    pattern &= (1 << (bits + 1)) - 1
    value = decoded(pattern, layout)
    if value is not None:
        assert encoded(value, layout) == (pattern if value else 0)


@pytest.mark.parametrize("layout", [HALF, BRAIN, SINGLE, DOUBLE])
@given(pattern=st.integers(0, 2**63), part=st.integers(0, 64))
def test_between_two_floats_the_nearer_is_taken_and_a_tie_goes_to_the_even(
    layout: Layout, pattern: int, part: int
) -> None:
    below = pattern & ((1 << (layout.exponent + layout.significand)) - 1)
    low, high = decoded(below, layout), decoded(below + 1, layout)
    if low is not None and high is not None:
        value = low + (Fraction(high) - low) * Fraction(part, 64)
        up = part > 32 or (part == 32 and below & 1)
        assert encoded(value, layout) == below + bool(up)
        sign = 1 << (layout.exponent + layout.significand)
        assert encoded(-value, layout) == (below + bool(up) | sign if below + bool(up) else 0)


def test_half_an_ulp_beyond_the_largest_float_is_infinite_and_less_is_not() -> None:
    largest = (2**24 - 1) << 104
    assert encoded(largest + (1 << 103) - 1, SINGLE) == 0x7F7FFFFF
    assert encoded(largest + (1 << 103), SINGLE) is None
    assert encoded(-largest - (1 << 103), SINGLE) is None
    assert encoded(Fraction(1, 2**150), SINGLE) == 0
    assert encoded(Fraction(-1, 2**150), SINGLE) == 0
    assert encoded(Fraction(3, 2**151), SINGLE) == 1
