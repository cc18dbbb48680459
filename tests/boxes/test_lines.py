"""Lines at a ReLU: valid at both ends whatever the bounds, and however a slope was rounded."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.boxes.document import Neurons
from memcert.boxes.lines import DROPPED, KEPT, STEPS, Lines, lines, lines_of

positive = st.one_of(
    st.builds(Fraction, st.integers(1, 10**6), st.integers(1, 10**6)),
    st.builds(lambda m, k: Fraction(m) * Fraction(2) ** k, st.integers(1, 2**20), st.integers(-90, 60)),
)


def valid(line: Lines, z: Fraction) -> bool:
    return line.lower * z <= max(z, Fraction(0)) <= line.upper * z + line.intercept


@given(positive, positive, st.fractions(0, 1))
def test_lines_enclose_the_relu_between_the_bounds(low: Fraction, high: Fraction, t: Fraction) -> None:
    line = lines(-low, high)
    assert 0 <= line.lower <= 1 and 0 <= line.upper <= 1
    for z in (-low, high, Fraction(0), -low + t * (low + high)):
        assert valid(line, z)


@given(positive, positive)
def test_the_line_above_is_the_triangle_up_to_one_step_of_the_slope(low: Fraction, high: Fraction) -> None:
    line = lines(-low, high)
    slope = high / (low + high)
    assert abs(line.upper - slope) <= Fraction(1, 2 * STEPS)
    # The intercept of the exact triangle is slope * low.
    assert 0 <= line.intercept - slope * low <= (low + high) / (2 * STEPS)


def test_a_rounded_slope_with_the_intercept_of_the_triangle_would_be_no_bound_and_is_not_what_is_used() -> (
    None
):
    low, high = Fraction(-1), Fraction(2)
    rounded = Fraction(round(STEPS * 2 / 3) - 1, STEPS)
    assert rounded * high - rounded * low < high, "s z - s L, with s rounded down, is below the ReLU at U"
    line = lines(low, high)
    assert line.upper.denominator == STEPS
    assert line.upper * high + line.intercept >= high
    assert line.upper * low + line.intercept >= 0


@pytest.mark.parametrize(("low", "high", "slope"), [(-1, 1, 1), (-2, 1, 0), (-1, 2, 1)])
def test_the_slope_below_is_that_of_the_smaller_area(low: int, high: int, slope: int) -> None:
    assert lines(low, high).lower == slope


def test_signs_give_exact_lines_and_bounds_give_theirs_in_order() -> None:
    said = Neurons("+*-*", ((-1, 1), (-3, 1)))
    assert lines_of(said) == [KEPT, lines(-1, 1), DROPPED, lines(-3, 1)]
    own = lines_of(said, [Fraction(1, 3), Fraction(1, 2)])
    assert [line.lower for line in own] == [1, Fraction(1, 3), 0, Fraction(1, 2)]
