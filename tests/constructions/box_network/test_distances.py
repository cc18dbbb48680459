from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.box_network.distances import closest_opposite, greedy_net, net

SPANS = [2, 300, 40_000, 2**40, 2**62 - 1, 10**30]
"""Coordinates at which the machine integers that hold differences change."""


@st.composite
def coded(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    dimension, span = draw(st.integers(1, 5)), draw(st.sampled_from(SPANS))
    entries = st.one_of(st.integers(-span, span), st.sampled_from([-span, 0, span]))
    rows = st.lists(entries, min_size=dimension, max_size=dimension)
    points = draw(st.lists(rows, min_size=2, max_size=12))
    codes = draw(st.lists(st.integers(0, 2), min_size=len(points), max_size=len(points)))
    codes[:2] = [0, 1]
    return points, codes


def array(points: Sequence[Sequence[int]]) -> np.ndarray:
    small = all(abs(x) < 2**62 for point in points for x in point)
    return np.array(points, dtype=np.int64 if small else object)


def apart(left: Sequence[int], right: Sequence[int]) -> int:
    return max(abs(a - b) for a, b in zip(left, right, strict=True))


@given(coded())
def test_the_closest_opposite_pair_is_the_smallest_of_all_pairs(
    data: tuple[list[list[int]], list[int]],
) -> None:
    points, codes = data
    found = closest_opposite(array(points), codes)
    i, j = found.pair
    pairs = [(a, b) for a in range(len(points)) for b in range(a) if codes[a] != codes[b]]
    assert found.distance == min(apart(points[a], points[b]) for a, b in pairs)
    assert i < j
    assert codes[i] != codes[j]
    assert apart(points[i], points[j]) == found.distance


@given(coded(), st.integers(0, 400))
def test_the_greedy_net_takes_every_point_that_is_far_from_those_before(
    data: tuple[list[list[int]], list[int]], reach: int
) -> None:
    points, _ = data
    kept: list[int] = []
    for i, point in enumerate(points):
        if all(apart(point, points[j]) > reach for j in kept):
            kept.append(i)
    assert greedy_net(array(points), reach) == tuple(kept)


@given(coded())
def test_every_point_is_told_its_nearest_net_point_of_its_own_code(
    data: tuple[list[list[int]], list[int]],
) -> None:
    points, codes = data
    table = array(points)
    distance = closest_opposite(table, codes).distance
    if distance == 0:
        return
    found = net(table, codes, distance // 3)
    for i, point in enumerate(points):
        own = [
            (apart(point, points[j]), place) for place, j in enumerate(found.points) if codes[i] == codes[j]
        ]
        assert (found.distances[i], found.nearest[i]) == min(own)
        assert found.distances[i] <= distance // 3


def test_points_of_one_code_have_no_opposite_pair() -> None:
    with pytest.raises(ValueError, match="two codes"):
        closest_opposite(np.array([[1], [2]]), [4, 4])


def test_many_rows_that_differ_in_late_coordinates_only_are_told_apart() -> None:
    generator = np.random.Generator(np.random.PCG64(4))
    points = np.zeros((600, 40), dtype=np.int64)
    points[:, :20] = generator.integers(0, 3, size=(600, 20))
    points[:, 20:] = generator.integers(0, 2, size=(600, 20))
    points[37, 39] = 500
    codes = [0] * 600
    codes[37] = 1
    assert closest_opposite(points, codes).distance == 499
    assert 37 in greedy_net(points, 400)
    assert len(greedy_net(points, 400)) == 2


@pytest.mark.parametrize("seed", range(4))
def test_of_more_rows_than_order_the_coordinates_the_closest_pair_is_found(seed: int) -> None:
    generator = np.random.Generator(np.random.PCG64(seed))
    points = generator.integers(0, 10**6, size=(2_500, 4))
    codes = generator.integers(0, 2, size=2_500)
    zeros, ones = points[codes == 0], points[codes == 1]
    smallest = min(int(np.abs(ones - point).max(axis=1).min()) for point in zeros)
    assert closest_opposite(points, codes.tolist()).distance == smallest
