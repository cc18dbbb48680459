from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from construction_tools import run_part
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.directions import search
from memcert.constructions.line import bits, distance_to_integers, lined, off_integers

POINTS = st.sets(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=2, max_size=20)


@given(POINTS, st.integers(1, 9), st.integers(1, 4), st.fractions(0, 5))
def test_values_are_as_far_apart_and_start_where_asked(
    points: set[tuple[int, int]], denominator: int, gap: int, first: Fraction
) -> None:
    table = sorted(points)
    line = lined(search(np.array(table), 4, 0), denominator, gap, first)
    values = [Fraction(value) for value in line.values]
    assert values[0] == first
    assert min(after - before for before, after in pairwise(values)) == gap
    assert line.keys == [value // 1 for value in values]
    part = line.part("projection", unit=Fraction(1, 2))
    for place, index in enumerate(line.order):
        point = {f"in{j}": Fraction(x, denominator) for j, x in enumerate(table[index])}
        assert run_part(part, point)[-1]["x"] == values[place] / 2


@given(POINTS, st.integers(1, 9), st.integers(1, 4))
def test_values_keep_half_of_the_largest_gap_to_the_integers(
    points: set[tuple[int, int]], denominator: int, gap: int
) -> None:
    line = off_integers(search(np.array(sorted(points)), 4, 0), denominator, gap, 2)
    values = [Fraction(value) for value in line.values]
    assert 2 <= values[0] < 3
    distance = distance_to_integers(line)
    assert distance == min(min(value % 1, -value % 1) for value in values)
    assert distance >= Fraction(1, 2 * len(points))
    assert min(after - before for before, after in pairwise(values)) == gap


def test_values_that_are_all_whole_come_to_stand_in_the_middle() -> None:
    line = off_integers(search(np.array([[0], [3], [6], [12]]), 4, 0), 1, 3, 4)
    assert line.values == [Fraction(9, 2), Fraction(15, 2), Fraction(21, 2), Fraction(33, 2)]
    assert distance_to_integers(line) == Fraction(1, 2)


def test_a_box_of_that_radius_moves_a_value_by_the_room() -> None:
    line = lined(search(np.array([[0, 1], [4, 7], [-3, 2]]), 4, 0), 1, 3, Fraction(3))
    radius = Fraction(line.box(Fraction(3, 8)))
    assert radius * sum(abs(Fraction(weight)) for weight in line.weights) == Fraction(3, 8)


@pytest.mark.parametrize(("numbers", "expected"), [([], 0), ([7, Fraction(-1, 8)], 5), ([0], 1)])
def test_bits_are_those_of_the_longest_number(numbers: list[int | Fraction], expected: int) -> None:
    assert bits(numbers) == expected
