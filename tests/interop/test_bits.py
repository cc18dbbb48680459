"""Numbers of binary formats, both ways: decoded from patterns, and nearest to any rational."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.interop.bits import DOUBLE, HALF, SINGLE, Layout, decoded, nearest

FORMATS: list[tuple[Layout, Any, Any]] = [
    (HALF, np.float16, np.uint16),
    (SINGLE, np.float32, np.uint32),
    (DOUBLE, np.float64, np.uint64),
]


@pytest.mark.parametrize(("layout", "kind", "bits"), FORMATS)
def test_the_nearest_number_to_a_number_of_the_format_is_itself(layout: Layout, kind: Any, bits: Any) -> None:
    @given(st.integers(0, 2 ** (1 + layout.exponent + layout.significand) - 1))
    def run(pattern: int) -> None:
        value = decoded(pattern, layout)
        with np.errstate(all="ignore"):
            stored = np.array([pattern], dtype=bits).view(kind)[0]
        if value is None:
            assert not np.isfinite(stored)
        else:
            assert nearest(value, layout) == value == Fraction(float(stored))

    run()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_to_fewer_bits_is_what_the_processor_does(value: float) -> None:
    for layout, kind, _ in FORMATS[:2]:
        with np.errstate(all="ignore"):
            expected = kind(value)
        found = nearest(Fraction(value), layout)
        assert (found is None) == bool(np.isinf(expected))
        assert found is None or found == Fraction(float(expected))


def test_ties_go_to_even_and_what_is_too_large_has_no_nearest_number() -> None:
    largest = Fraction(2**24 - 1) * 2**104
    half = Fraction(2**103)
    assert nearest(largest + half - 1, SINGLE) == largest
    assert nearest(largest + half, SINGLE) is None
    assert nearest(Fraction(1, 2**150), SINGLE) == 0
    assert nearest(Fraction(3, 2**150), SINGLE) == Fraction(2, 2**149)
    assert nearest(-1 - Fraction(1, 2**24), SINGLE) == -1
