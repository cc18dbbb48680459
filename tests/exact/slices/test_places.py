"""Places that hold digits in few rows or none are found, and multiplied for those rows alone."""

from fractions import Fraction

import numpy as np
import pytest
from naive_evaluator import evaluate
from strategies import layer

from memcert.exact.slices.places import ALL, NONE, Places, Sums, looked_at, whole
from memcert.exact.slices.plan import plan
from memcert.exact.slices.run import Runner
from memcert.exact.slices.stage import Stage
from memcert.kernel.network import Network


def test_rows_with_digits_are_found_from_both_ends() -> None:
    full = np.zeros((6, 3, 40))
    full[1, 2, 7] = 1
    full[2:4] = 5
    full[5, 0, [3, 9]] = -1
    found = looked_at(whole(full))
    assert found.live[0] is NONE
    assert found.live[1].tolist() == [7]
    assert found.live[2] is ALL
    assert found.live[3] is ALL
    assert found.live[4] is NONE
    assert found.live[5].tolist() == [3, 9]
    assert found.many() == (2, 3)
    assert found.at(0) is None
    assert looked_at(whole(np.zeros((2, 3, 4)))).many() == (0, -1)


def test_a_place_between_two_that_count_is_not_looked_at() -> None:
    full = np.ones((3, 2, 16))
    full[1] = 0
    assert all(rows is ALL for rows in looked_at(whole(full)).live)


def test_a_place_is_cleared_when_it_is_first_added_to() -> None:
    sums = Sums((), np.full((2, 1, 3), np.nan))
    sums.opened(1)[:, 0] += 4
    sums.opened(1)[:, 0] += 1
    found = sums.places()
    assert found.at(0) is None
    assert found.full[1].tolist() == [[5, 0, 0]]
    assert sums.untouched(0)
    assert not sums.untouched(1)


@pytest.fixture
def lone() -> Network:
    """Weights 2**-90 on the last input, which few rows have; dense and large ones on the others."""
    generator = np.random.default_rng(0)
    rows = [[Fraction(n) for n in row] for row in generator.integers(-99, 99, (12, 7)).tolist()]
    for row in rows:
        row[-1] = row[-1] / 2**90 + Fraction(1, 2**91)
    last = [[Fraction(n, 128) for n in row] for row in generator.integers(-99, 99, (4, 12)).tolist()]
    hidden = layer(rows, [3] * 12, relu=True)
    # Weights of two slices: where digits of few rows and of all rows meet, both count.
    long = generator.integers(-(2**44), 2**44, (12, 12)).tolist()
    middle = layer([[Fraction(n, 2**22) for n in row] for row in long], [0] * 12, relu=True)
    return Network(7, (hidden, middle, layer(last, [0] * 4, relu=False)))


def test_low_digits_of_few_rows_count_for_these_rows(lone: Network) -> None:
    points = np.random.default_rng(1).integers(-255, 256, (200, 7))
    points[:, -1] = 0
    points[[3, 77], -1] = 1, -5
    how = plan(lone, np.abs(points).max(axis=0).tolist(), 1)
    seen: list[Places] = []

    def watch(_: int, __: Stage, before: Places, ___: Places) -> None:
        seen.append(before)

    unit = Fraction(2) ** how.exponent / how.scale
    found = Runner(how, watch).outputs(points)
    assert any(rows.tolist() == [3, 77] for places in seen for rows in places.live)
    assert len(how.stages[1].main) > 1
    for row in (0, 3, 77, 199):
        assert [column[row] * unit for column in found] == list(evaluate(lone, points[row].tolist()))


def test_a_chunk_without_low_digits_leaves_nothing_to_the_next(lone: Network) -> None:
    # The buffers of a chunk are used again: what the first left there must not count.
    points = np.random.default_rng(2).integers(-255, 256, (2048 + 5, 7))
    points[1024:, -1] = 0
    how = plan(lone, np.abs(points).max(axis=0).tolist(), 1)
    found = Runner(how).outputs(points)
    alone = Runner(how).outputs(points[1500:1510])
    assert [column[1500:1510] for column in found] == alone
