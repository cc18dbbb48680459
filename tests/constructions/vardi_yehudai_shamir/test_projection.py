from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import isqrt

import numpy as np
import pytest
from construction_tools import run_part
from hypothesis import given
from hypothesis import strategies as st
from strategies import integers, separated_points

from memcert.constructions.vardi_yehudai_shamir import projection as module
from memcert.constructions.vardi_yehudai_shamir.projection import Projection, balanced, literal, projection
from memcert.constructions.vardi_yehudai_shamir.sizes import theorem_bounds
from memcert.contracts.mechanisms import carry
from memcert.errors import BuildError

Points = Sequence[tuple[int, ...]]


def values_at(stage: Projection, points: Points, denominator: int) -> list[Fraction]:
    """Return s relu(v . x + b), written out."""
    found = []
    for point in points:
        total = Fraction(stage.bias)
        for weight, x in zip(stage.weights, point, strict=True):
            total += Fraction(weight) * Fraction(x, denominator)
        found.append(Fraction(stage.scale) * max(total, Fraction(0)))
    return found


def literal_of(points: Points, denominator: int, seed: int = 0) -> Projection:
    exact = [[Fraction(x, denominator) for x in point] for point in points]
    radius = max(sum(x * x for x in point) for point in exact)
    separation = min(
        sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for i, p in enumerate(exact) for q in exact[:i]
    )
    bounds = theorem_bounds(len(points), len(points[0]), 2, radius, separation)
    return literal(np.array(points, dtype=np.int64), denominator, bounds, seed)


@given(separated_points(7, 3, integers(9)), st.integers(1, 9), st.integers(0, 2))
def test_balanced_values_start_at_one_with_gaps_of_exactly_three_or_more(
    points: Points, denominator: int, seed: int
) -> None:
    stage = balanced(np.array(points, dtype=np.int64), denominator, 10, seed)
    values = values_at(stage, points, denominator)
    ascending = [values[i] for i in stage.order]
    assert ascending == stage.values
    assert ascending[0] == 1
    assert min(b - a for a, b in pairwise(ascending)) == 3
    assert stage.keys == [value.numerator // value.denominator for value in ascending]
    assert max(stage.keys).bit_length() == stage.key_bits


@given(separated_points(5, 2, integers(7)), st.integers(1, 5))
def test_literal_values_are_nonnegative_with_gaps_of_at_least_two(points: Points, denominator: int) -> None:
    stage = literal_of(points, denominator)
    values = values_at(stage, points, denominator)
    ascending = [values[i] for i in stage.order]
    assert ascending == stage.values
    assert min(values) >= 0
    assert min(b - a for a, b in pairwise(ascending)) >= 2
    assert max(stage.keys) < 2**stage.key_bits


@given(separated_points(5, 2, integers(7)))
def test_a_literal_direction_is_a_unit_vector_truncated_to_binary_places(points: Points) -> None:
    stage = literal_of(points, 1)
    assert sum(Fraction(w) ** 2 for w in stage.weights) <= 1
    for weight in stage.weights:
        denominator = Fraction(weight).denominator
        assert denominator & (denominator - 1) == 0
    # Truncation loses less than one unit in the last place of each coordinate.
    unit = max(Fraction(w).denominator for w in stage.weights)
    assert isqrt(sum((int(abs(Fraction(w)) * unit) + 1) ** 2 for w in stage.weights)) >= unit


@given(separated_points(6, 2, integers(6)), st.integers(1, 4), st.sampled_from(["balanced", "literal"]))
def test_the_radius_is_the_least_room_in_a_window_over_the_rows_norm(
    points: Points, denominator: int, sizing: str
) -> None:
    if sizing == "balanced":
        stage, extra = balanced(np.array(points, dtype=np.int64), denominator, 5, 0), Fraction(1, 2)
    else:
        stage, extra = literal_of(points, denominator), Fraction(0)
    norm = Fraction(stage.scale) * sum((abs(Fraction(w)) for w in stage.weights), Fraction(0))
    rooms = []
    for value in values_at(stage, points, denominator):
        key = value.numerator // value.denominator
        rooms.append(min(value - (key - extra), key + 1 + extra - value))
    assert stage.radius * norm == min(rooms)
    assert stage.radius > 0 or sizing == "literal"


def test_a_literal_value_on_the_border_of_its_cell_has_radius_zero() -> None:
    # In one dimension u = +-1 exactly, so integers project to integers.
    assert literal_of([(1,), (4,)], 1).radius == 0


def test_the_five_copies_are_the_value_thrice_and_two_zeros() -> None:
    points = [(3, -4), (0, 9), (-7, 1)]
    stage = balanced(np.array(points, dtype=np.int64), 2, 10, 0)
    part = projection(stage)
    for point, value in zip(points, values_at(stage, points, 2), strict=True):
        last = run_part(part, {f"in{j}": Fraction(x, 2) for j, x in enumerate(point)})[-1]
        assert last == {"x": value, "xu": value, "yu": 0, "xw": value, "yw": 0}
    assert {outline.contract for outline in part.outlines} == {carry().id}


def test_the_stage_has_the_size_that_it_states() -> None:
    stage = balanced(np.array([[5, 1, 0], [5, 8, 3], [5, 2, 9]], dtype=np.int64), 1, 10, 0)
    rows = [n for layer in projection(stage).layers for n in layer]
    assert [len(layer) for layer in projection(stage).layers] == [1, 5]
    nonzero = sum(bool(w) for w in stage.weights)
    assert nonzero == 2
    assert sum(len(n.row) + (n.bias != 0) for n in rows) == nonzero + (stage.bias != 0) + 3


def test_a_literal_direction_that_is_never_found_is_a_build_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LITERAL_TRIALS", 0)
    with pytest.raises(BuildError, match="none of 0 unit vectors"):
        literal_of([(1, 2), (3, 4)], 1)
