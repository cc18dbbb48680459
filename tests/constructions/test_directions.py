from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dataset, integers, separated_points

from memcert.constructions import directions
from memcert.constructions.directions import Table, measured, search
from memcert.errors import BuildError


def exact_values(points: Sequence[tuple[int, ...]], vector: tuple[int, ...]) -> list[int]:
    return [sum(v * x for v, x in zip(vector, point, strict=True)) for point in points]


@given(separated_points(6, 3, integers(10)), st.integers(0, 20), st.integers(0, 3))
def test_values_order_and_gap_are_those_of_the_vector(
    points: list[tuple[int, ...]], candidates: int, seed: int
) -> None:
    found = search(np.array(points, dtype=np.int64), candidates, seed)
    values = exact_values(points, found.vector)
    assert [values[i] for i in found.order] == sorted(values) == list(found.values)
    assert found.gap == min(abs(a - b) for a, b in combinations(values, 2)) > 0
    assert found.span == max(values) - min(values)


@given(
    separated_points(7, 2, integers(10)), st.lists(st.booleans(), min_size=7, max_size=7), st.integers(0, 20)
)
def test_with_labels_only_points_of_different_labels_are_kept_apart(
    points: list[tuple[int, ...]], drawn: list[bool], candidates: int
) -> None:
    marked = [False, True, *drawn][: len(points)]
    if len(points) < 2:
        return
    found = search(np.array(points, dtype=np.int64), candidates, 0, np.array(marked))
    values = exact_values(points, found.vector)
    assert [values[i] for i in found.order] == sorted(values) == list(found.values)
    pairs = combinations(zip(values, marked, strict=True), 2)
    assert found.gap == min(abs(a - b) for (a, left), (b, right) in pairs if left != right) > 0


def test_equal_labels_may_have_one_value_and_different_ones_may_not() -> None:
    table = Table(np.array([[0, 0], [1, 5], [1, 7]], dtype=np.int64))
    assert measured(table, (1, 0), np.array([1, 2, 2])).gap == 1
    with pytest.raises(BuildError, match="one value"):
        measured(table, (1, 0), np.array([1, 2, 1]))


def test_labels_count_where_the_upper_limbs_alone_decide() -> None:
    big = 2**40
    points = np.array([[0, 0], [big, 0], [big + 1, 0], [5 * big, 0]], dtype=np.int64)
    same = search(points, 12, 0, np.array([0, 1, 1, 0]))
    assert same.gap == big * abs(same.vector[0])
    assert search(points, 12, 0, np.array([0, 1, 0, 1])).gap == abs(same.vector[0])


@given(separated_points(5, 2, integers(6)), st.integers(0, 5))
def test_more_candidates_never_give_a_worse_ratio(points: list[tuple[int, ...]], seed: int) -> None:
    table = np.array(points, dtype=np.int64)
    few, many = search(table, 7, seed), search(table, 40, seed)
    if few.vector != search(table, 0, seed).vector:
        assert many.span * few.gap <= few.span * many.gap


def test_the_same_seed_gives_the_same_direction_and_another_seed_another() -> None:
    points = np.array([[i * i % 101, i] for i in range(80)], dtype=np.int64)
    assert search(points, 20, 5).vector == search(points, 20, 5).vector
    assert len({search(points, 20, seed).vector for seed in range(5)}) > 1


def test_without_candidates_the_powers_of_a_large_base_separate() -> None:
    points = np.array([[a, b, c] for a in range(3) for b in range(-1, 2) for c in (7, 9)], dtype=np.int64)
    found = search(points, 0, 0)
    assert found.vector == (1, 3, 9)
    assert found.gap == 1


def test_a_coordinate_that_never_changes_has_weight_zero() -> None:
    points = np.array([[i, 17, -i * i] for i in range(30)], dtype=np.int64)
    assert search(points, 50, 0).vector[1] == 0
    assert search(points, 0, 0).vector[1] == 0


def test_one_changing_coordinate_is_the_direction_itself() -> None:
    points = np.array([[3, -5 * i] for i in range(10)], dtype=np.int64)
    found = search(points, 50, 0)
    assert (found.vector, found.gap) == ((0, 1), 5)


def test_two_equal_points_are_refused() -> None:
    with pytest.raises(BuildError, match="two distinct points one value"):
        search(np.array([[1, 2], [1, 2], [3, 4]], dtype=np.int64), 5, 0)


def test_a_direction_that_merges_points_is_refused_and_shown() -> None:
    with pytest.raises(BuildError, match=r"\(1, -1\)"):
        measured(Table(np.array([[1, 1], [2, 2]], dtype=np.int64)), (1, -1))


@given(
    st.lists(st.tuples(integers(61), integers(61)), min_size=1, max_size=5),
    st.tuples(integers(62), integers(4)),
)
def test_projections_never_wrap(points: list[tuple[int, ...]], vector: tuple[int, ...]) -> None:
    table = Table(np.array(points, dtype=np.int64))
    assert table.project(vector).tolist() == exact_values(points, vector)


def test_the_int64_bound_is_exact() -> None:
    table = Table(np.array([[2**61], [-(2**61)]], dtype=np.int64))
    assert table.project((1,)).dtype == np.int64
    assert table.project((2,)).dtype == object
    assert table.project((2,)).tolist() == [2**62, -(2**62)]


def test_numbers_beyond_machine_integers_are_searched_exactly() -> None:
    points = [(10**30 + i, 5 * 10**25 * i) for i in range(12)]
    found = search(np.array(points, dtype=object), 10, 0)
    values = exact_values(points, found.vector)
    assert list(found.values) == sorted(values)
    assert len(set(values)) == 12


@given(
    st.lists(st.tuples(integers(61), integers(61)), min_size=2, max_size=6, unique=True),
    st.tuples(integers(29), integers(12)),
)
def test_a_spread_from_upper_limbs_is_within_a_thousandth(
    points: list[tuple[int, int]], vector: tuple[int, int]
) -> None:
    values = sorted(exact_values(points, vector))
    span, gap = values[-1] - values[0], min(b - a for a, b in pairwise(values))
    found = Table(np.array(points, dtype=np.int64)).spread(vector)
    if gap == 0:
        assert found[1] == 0
    else:
        # One limb less or more in range and gap, each at least a thousand limbs or exact.
        assert abs(Fraction(found[0], found[1]) / Fraction(span, gap) - 1) <= Fraction(3, 1000)


def test_decimals_read_from_floats_need_no_longer_keys_than_decimals() -> None:
    generator = np.random.Generator(np.random.PCG64(4))
    tenths = np.unique(generator.integers(0, 80, size=(150, 4)), axis=0)
    floats = [[Fraction(x / 10) for x in row] for row in tenths.tolist()]
    dyadic = dataset(floats, (0,) * len(floats)).numerators
    exact, disguised = search(tenths, 128, 0), search(dyadic, 128, 0)
    assert disguised.span * exact.gap <= 8 * exact.span * disguised.gap


def test_coordinates_of_a_hundred_bits_get_fewer_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.array([[i << 100, i * i] for i in range(20)], dtype=object)
    few = search(points, 4, 0)
    monkeypatch.setattr(directions, "OBJECT_WORK", 0)
    assert search(points, 1000, 0).vector == few.vector
