from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.yu_gao_zhang_miao.projection import START, Line, Placing, projected
from memcert.constructions.yu_gao_zhang_miao.words import (
    ENOUGH,
    Key,
    borders,
    keys_of,
    ramps_of,
    words_of,
)


def line_of(values: list[Fraction]) -> Line:
    """A line with these values, as if projected; they are moved by START."""
    unit = 8 * 3 * 7
    numerators = tuple(int((value + START) * unit) for value in values)
    return Line((1,), 0, tuple(range(len(values))), numerators, unit, (1,), True)


def key_list(widths: list[int]) -> list[Key]:
    found = [Key(10 * k, (Fraction(10 * k), Fraction(10 * k + width))) for k, width in enumerate(widths)]
    return [*found, Key(10 * len(widths), None)]


def test_keys_are_the_distinct_floors_of_the_stored_values_with_the_widest_space_between() -> None:
    values = [Fraction(0), Fraction(1, 3), Fraction(5), Fraction(9), Fraction(28, 3), Fraction(20)]
    stored = [True, True, False, True, True, True]
    keys = keys_of(line_of(values), stored)
    assert [key.number for key in keys] == [0, 9, 20]
    # Between 1/3 and 9 there is a sample at 5: the wider part is [1/3, 5].
    assert keys[0].space == (Fraction(1, 3) + START, 5 + START)
    assert keys[1].space == (Fraction(28, 3) + START, 20 + START)
    assert keys[2].space is None


def test_no_stored_point_is_refused() -> None:
    with pytest.raises(ValueError, match="no point"):
        keys_of(line_of([Fraction(0)]), [False])


@given(st.lists(st.integers(1, 5), max_size=14), st.integers(1, 6))
def test_borders_are_as_few_as_possible_and_the_narrowest_is_as_wide_as_can_be(
    widths: list[int], slots: int
) -> None:
    keys = key_list(widths)
    starts = borders(keys, slots)
    ends = [*starts[1:], len(keys)]
    assert starts[0] == 0
    assert all(0 < end - start <= slots for start, end in zip(starts, ends, strict=True))
    assert len(starts) == -(-len(keys) // slots)
    assert narrowest(widths, starts) == best_of_all(widths, slots, len(starts))


def narrowest(widths: list[int], starts: tuple[int, ...]) -> int:
    return min((min(widths[start - 1], ENOUGH) for start in starts[1:]), default=ENOUGH)


def best_of_all(widths: list[int], slots: int, blocks: int) -> int:
    """Try every choice of block starts."""
    size = len(widths) + 1

    def better(start: int, left: int) -> int:
        if left == 1:
            return ENOUGH if size - start <= slots else 0
        ends = range(start + 1, min(start + slots, size - 1) + 1)
        return max((min(widths[end - 1], ENOUGH, better(end, left - 1)) for end in ends), default=0)

    return better(0, blocks)


def test_no_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        borders(key_list([1]), 0)


def test_words_hold_the_fields_behind_the_point_and_repeat_the_last_key() -> None:
    keys = [Key(1, None), Key(2, None), Key(7, None)]
    first, second = words_of(keys, (0, 2), 2, 3)
    assert (first.keys, first.value) == ((1, 2), 1 + Fraction(2, 8))
    assert (second.keys, second.value) == ((7, 7), 7 + Fraction(7, 8))


def test_a_block_of_more_keys_than_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="3 keys"):
        words_of([Key(k, None) for k in range(3)], (0,), 2, 3)


@given(st.fractions(0, 100), st.fractions(Fraction(1, 10**6), 1000))
def test_a_ramp_stands_strictly_inside_its_space_and_has_a_power_of_two_as_width(
    low: Fraction, width: Fraction
) -> None:
    (ramp,) = ramps_of([Key(0, (low, low + width)), Key(9, None)], (0, 1))
    start, end = Fraction(ramp.start), Fraction(ramp.end)
    assert low < start < end < low + width
    assert (end - start).numerator == 1
    assert (end - start).denominator & ((end - start).denominator - 1) == 0
    if width >= ENOUGH:
        assert min(start - low, low + width - end) >= Fraction(1, 2)


def test_a_ramp_without_space_is_refused() -> None:
    with pytest.raises(ValueError, match="no space"):
        ramps_of([Key(0, None), Key(9, None)], (0, 1))


@given(st.sets(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=12), st.data())
def test_opposite_labels_are_at_least_four_apart_and_exactly_so_somewhere(
    points: set[tuple[int, int]], draw: st.DataObject
) -> None:
    rows = sorted(points)
    labels = draw.draw(st.lists(st.sampled_from([-1, 1]), min_size=len(rows), max_size=len(rows)))
    labels[:2] = [-1, 1]
    line = projected(np.array(rows), 3, labels, Placing(first=2, candidates=5, seed=0))
    values = {
        point: Fraction(n, line.denominator) for point, n in zip(line.order, line.numerators, strict=True)
    }
    gaps = [abs(values[i] - values[j]) for i in range(len(rows)) for j in range(i) if labels[i] != labels[j]]
    assert min(gaps) == 4
    assert min(values.values()) == 2 + START
    for k, row in enumerate(rows):
        total = sum(
            (Fraction(w) * Fraction(x, 3) for w, x in zip(line.weights, row, strict=True)), Fraction(0)
        )
        assert total + line.bias == values[k]


def test_a_share_stretches_the_line() -> None:
    placing = Placing(first=0, candidates=0, seed=0, share=Fraction(1, 100), longest=Fraction(7))
    line = projected(np.array([[0], [1]]), 1, [1, -1], placing)
    assert line.numerators[1] - line.numerators[0] == 700 * line.denominator
