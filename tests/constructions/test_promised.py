from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memorizer_tools import random_data

from memcert.constructions.assemble import prepare
from memcert.constructions.directions import search
from memcert.constructions.points import distinct_points
from memcert.constructions.promised import line_length, root_above, separated, two_labels, withheld
from memcert.constructions.registry import Facts
from memcert.exact.separation import data_radius_squared, squared_separation


@given(st.fractions(0, 10**12))
def test_a_root_is_rounded_up(square: Fraction) -> None:
    root = root_above(square)
    assert root**2 >= square
    assert root == 0 or (root - 1) ** 2 < square


@pytest.mark.parametrize(("square", "root"), [(0, 0), (1, 1), (2, 2), (4, 2), (Fraction(1, 9), 1), (5, 3)])
def test_roots_by_hand(square: Fraction | int, root: int) -> None:
    assert root_above(square) == root


def test_the_length_of_a_line_by_hand() -> None:
    # N = 10, d = 1, r = 5, delta = 1, gaps of 2: 2 * 1.0941 * 100 * 5 sqrt(pi) = 1939.2 and a bit.
    facts = Facts(10, 1, 2, 25, 1, "equal")
    assert line_length(facts, 2) == 1940
    assert line_length(facts, 4) == 3879


@pytest.mark.parametrize(("count", "dimension"), [(10, 1), (40, 3), (100, 8)])
def test_the_best_of_many_directions_is_no_longer_than_promised(count: int, dimension: int) -> None:
    data = random_data(count, dimension, 2, span=10**5)
    found = search(distinct_points(prepare(data, "equal")), 64, 0)
    spread = Fraction(found.values[-1] - found.values[0], found.gap)
    facts = Facts(count, dimension, 2, data_radius_squared(data), squared_separation(data), "equal")
    assert spread <= line_length(facts, 1)


def test_one_point_has_no_line() -> None:
    with pytest.raises(ValueError, match="no smallest gap"):
        line_length(Facts(1, 1, 1, 0, None, "equal"), 1)


def test_conditions_tell_what_was_found() -> None:
    facts = Facts(10, 1, 3, 25, Fraction(1, 4), "equal")
    assert separated(facts).found == "N = 10, delta^2 = 1/4"
    assert (two_labels(facts).holds, two_labels(facts).found) == (False, "C = 3")
    (told,) = withheld("Theorem 9", (two_labels(facts),))
    assert (told.measure, told.theorem, told.hypotheses) == ("parameters", "Theorem 9", (two_labels(facts),))


def test_the_constants_are_on_the_safe_side() -> None:
    from memcert.constructions.promised import PI, RANGE

    # pi to ten digits; sqrt 8 rounded down to ten.
    assert Fraction(31415926535, 10**10) < PI < Fraction(31415930, 10**7)
    assert Fraction(isqrt(8 * 10**20), 10**10) - 1 < 2
    assert 2 / (Fraction(isqrt(8 * 10**20), 10**10) - 1) < RANGE
