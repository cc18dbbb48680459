from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dataset, datasets, rationals, wild_rationals

from memcert.datasets.dataset import Dataset
from memcert.errors import UnsupportedError
from memcert.exact import separation
from memcert.exact.separation import data_radius_squared, direction_bound, squared_separation
from memcert.kernel.certificate import Number


def naive_separation(data: Dataset) -> Number | None:
    points = {data.point(i) for i in range(data.size)}
    squares = [
        sum((Fraction(a) - b) ** 2 for a, b in zip(p, q, strict=True)) for p, q in combinations(points, 2)
    ]
    return min(squares, default=None)


@given(datasets(max_size=14))
def test_separation_is_the_smallest_over_all_pairs_of_distinct_points(data: Dataset) -> None:
    assert squared_separation(data) == naive_separation(data)


@given(datasets(max_size=14, entries=wild_rationals()))
def test_separation_is_exact_beside_the_edges_of_machine_integers(data: Dataset) -> None:
    assert squared_separation(data) == naive_separation(data)


@settings(max_examples=30)
@given(datasets(max_size=14, entries=wild_rationals()))
def test_tiles_of_any_shape_give_the_same_separation(data: Dataset) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(separation, "ROWS", 3)
        patch.setattr(separation, "COLUMNS", 2)
        patch.setattr(separation, "CANDIDATES", 1)
        assert squared_separation(data) == naive_separation(data)


def test_two_billionths_apart_beside_a_billion() -> None:
    tiny = Fraction(1, 10**9)
    data = dataset([(tiny, 0), (10**9, 5), (0, 0), (-(10**9), tiny)], [0, 1, 2, 3])
    assert squared_separation(data) == tiny**2


def test_a_long_cluster_is_decided_by_its_last_digit() -> None:
    # 600 points, all of them within one unit of the cut coordinates; gaps 2 but for one of 1.
    steps = [2 * i for i in range(600)]
    steps[300] -= 1
    data = dataset([(10**30 + s, 0) for s in steps] + [(-(10**30), 10**30)], [0] * 601)
    assert squared_separation(data) == 1


def test_equal_points_do_not_count() -> None:
    assert squared_separation(dataset([(1, 2), (1, 2), (4, 6), (4, 6)], [0, 0, 1, 1])) == 25
    assert squared_separation(dataset([(1, 2), (1, 2)], [0, 0])) is None
    assert squared_separation(dataset([(Fraction(1, 3),)], [0])) is None


@pytest.mark.parametrize("seed", range(12))
def test_nearest_pair_is_found_among_pairs_that_the_cut_cannot_tell_apart(seed: int) -> None:
    # A far point makes the cut coarse: 2**21 apart, with noise, all neighbours look alike.
    random = np.random.default_rng(seed)
    lattice = np.stack(np.meshgrid(*[np.arange(5)] * 3), axis=-1).reshape(-1, 3) << 21
    points = np.concatenate([lattice + random.integers(0, 2**20, lattice.shape), [[2**46] * 3]])
    differences = (points[:, None, :] - points[None, :, :]).astype(object)
    squares = (differences**2).sum(axis=2)
    smallest = min(squares[i, j] for i in range(len(points)) for j in range(i))
    assert squared_separation(Dataset("lattice", None, points, 1, (0,) * len(points))) == smallest


def test_thousands_of_points_agree_with_a_matrix_of_integers() -> None:
    points = np.random.default_rng(5).integers(0, 10**6, (1500, 3))
    differences = points[:, None, :] - points[None, :, :]
    squares = (differences**2).sum(axis=2)
    np.fill_diagonal(squares, 2**62)
    data = Dataset("random", None, points, 7, (0,) * 1500)
    assert squared_separation(data) == Fraction(int(squares.min()), 49)


@given(datasets(max_size=8, max_dimension=3), st.data())
def test_direction_bound_is_at_most_the_separation(data: Dataset, draw: st.DataObject) -> None:
    direction = draw.draw(st.tuples(*[rationals(5)] * data.dimension))
    points = sorted({data.point(i) for i in range(data.size)})
    values = [sum((v * x for v, x in zip(direction, p, strict=True)), Fraction(0)) for p in points]
    if len(points) < 2 or len(set(values)) < len(points):
        with pytest.raises(UnsupportedError):
            direction_bound(data, direction)
        return
    gap = min(abs(a - b) for a, b in combinations(values, 2))
    bound = direction_bound(data, direction)
    assert bound == gap**2 / sum(Fraction(v) ** 2 for v in direction)
    exact = squared_separation(data)
    assert exact is not None
    assert bound <= exact


def test_direction_that_does_not_separate_names_the_rows_and_the_value() -> None:
    data = dataset([(1, 2), (5, 5), (1, 2), (1, 3)], [0, 0, 0, 0])
    with pytest.raises(UnsupportedError, match="rows 2 and 3 differ and both have 1"):
        direction_bound(data, (1, 0))


def test_large_weight_on_a_zero_column_is_no_obstacle() -> None:
    data = dataset([(0, 3), (0, 7)], [0, 1])
    assert direction_bound(data, (2**70, 1)) == Fraction(16, 2**140 + 1)


@given(datasets(entries=wild_rationals()))
def test_data_radius_is_the_largest_squared_norm(data: Dataset) -> None:
    norms = [sum(Fraction(x) ** 2 for x in data.point(i)) for i in range(data.size)]
    assert data_radius_squared(data) == max(norms)
