from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memcert.constructions.park_lee_yun_shin.halving import DRAWS, Halving, halvings
from memcert.constructions.park_lee_yun_shin.rounds import one_round


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def moved(keys: list[int], steps: tuple[Halving, ...]) -> list[int]:
    for step in steps:
        keys = [key + step.shift if key >= step.border else key for key in keys]
        assert all(0 <= key < step.border for key in keys)
    return keys


@settings(max_examples=60)
@given(st.sets(st.integers(0, 10**30), min_size=2, max_size=40), st.integers(0, 5))
def test_distinct_keys_stay_distinct_and_come_below_half_the_square(keys: set[int], seed: int) -> None:
    steps, found = halvings(sorted(keys), generator(seed))
    assert moved(sorted(keys), steps) == list(found)
    assert len(set(found)) == len(keys)
    assert max(found) < max(2 * (len(keys) ** 2 // 4), 8)
    assert all(after.border < before.border for before, after in pairwise(steps))


def test_as_many_steps_as_the_length_of_the_keys() -> None:
    keys = [k * k * 10**6 + k for k in range(30)]
    steps, _ = halvings(keys, generator())
    # From 8.4 10^8 to 450 by halves, but for N^2/4 a step.
    assert len(steps) <= 22


class Unlucky(np.random.Generator):
    """Draws the same bytes for ever."""

    drawn = 0

    def bytes(self, length: int) -> bytes:
        """Return zeros, and count."""
        self.drawn += 1
        return b"\0" * length


def test_a_shift_is_found_in_order_where_draws_fail() -> None:
    # A shift by -border brings 100 to where 0 stands, whenever the border is 100.
    keys = [0, 100, 199]
    unlucky = Unlucky(np.random.PCG64(0))
    steps, found = halvings(keys, unlucky)
    assert moved(keys, steps) == list(found)
    assert unlucky.drawn >= DRAWS
    assert len(set(found)) == 3


@settings(max_examples=60)
@given(st.sets(st.integers(0, 3000), min_size=2, max_size=60), st.integers(0, 5))
def test_a_round_halves_the_bound_and_keeps_keys_distinct(keys: set[int], seed: int) -> None:
    ordered, bound = sorted(keys), max(keys) + 1
    found = one_round(np.array(ordered), bound, generator(seed))
    half = -(-bound // 2)
    if half < len(keys):
        assert found is None
        return
    assert found is not None
    assert found.bound == half
    assert len(set(found.keys.tolist())) == len(keys)
    for key, after in zip(ordered, found.keys.tolist(), strict=True):
        shift = 0
        for piece in found.pieces:
            if key >= piece.start:
                shift = piece.shift
        assert after == key + shift
        assert 0 <= after < half


@pytest.mark.parametrize("module_limits", [(1, 64), (1 << 26, 64)], ids=["sorted", "marked"])
def test_few_candidates_and_long_tables_do_as_well(
    module_limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from memcert.constructions.park_lee_yun_shin import rounds

    mapped, sieved = module_limits
    monkeypatch.setattr(rounds, "MAPPED", mapped)
    monkeypatch.setattr(rounds, "SIEVED", sieved)
    monkeypatch.setattr(rounds, "LEAST_CANDIDATES", 2)
    keys = np.unique(generator(1).integers(0, 20_000, size=200))
    now, bound = keys, 20_000
    while (found := one_round(now, bound, generator(2))) is not None:
        now, bound = found.keys, found.bound
        assert len(np.unique(now)) == len(keys)
    assert bound < 2 * len(keys)
