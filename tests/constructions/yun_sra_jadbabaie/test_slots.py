"""Slots as functions on the line: affine on groups, continuous, their sum the code."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.yun_sra_jadbabaie.slots import Slot, ends, slots, stepped
from memcert.kernel.certificate import Number

GAP = 2
Group = tuple[list[int], list[int]]


@st.composite
def cut_line(draw: st.DrawFn) -> list[Group]:
    size = draw(st.integers(1, 5))
    steps = draw(st.lists(st.integers(GAP, 9), min_size=1, max_size=20))
    values = [sum(steps[: k + 1]) for k in range(len(steps))]
    codes = draw(st.lists(st.integers(0, 4), min_size=len(steps), max_size=len(steps)))
    return [(values[k : k + size], codes[k : k + size]) for k in range(0, len(values), size)]


def first_layer(groups: list[Group], t: int | Fraction) -> list[Fraction]:
    found = [Fraction(t)]
    for leaving, entering in ends(groups, GAP):
        found += [max(Fraction(t - leaving), Fraction(0)), max(Fraction(t - entering), Fraction(0))]
    return found


def row(form: tuple[tuple[Number, ...], Number], groups: list[Group], t: int | Fraction) -> Fraction:
    weights, bias = form
    return sum(
        (Fraction(w) * x for w, x in zip(weights, first_layer(groups, t), strict=True)), Fraction(bias)
    )


def added(slot: Slot, groups: list[Group], t: int) -> Fraction:
    return max(row(slot.plus, groups, t), Fraction(0)) - max(row(slot.minus, groups, t), Fraction(0))


@given(cut_line())
def test_the_slots_add_up_to_the_code_at_every_point(groups: list[Group]) -> None:
    made = slots(groups, GAP)
    assert len(made) == len(groups[0][0])
    for values, codes in groups:
        assert [sum(added(slot, groups, t) for slot in made) for t in values] == codes


@given(cut_line())
def test_a_row_is_affine_on_every_group_and_idle_at_minus_one(groups: list[Group]) -> None:
    for slot in slots(groups, GAP):
        for values, _ in groups:
            if len(values) < 3:
                continue
            low, high = values[0], values[-1]
            for form in (slot.plus, slot.minus):
                ends = row(form, groups, low), row(form, groups, high)
                for t in values[1:-1]:
                    assert row(form, groups, t) == ends[0] + (ends[1] - ends[0]) * Fraction(
                        t - low, high - low
                    )


@given(cut_line())
def test_one_of_the_two_signs_is_idle_on_every_group(groups: list[Group]) -> None:
    for slot in slots(groups, GAP):
        for values, _ in groups:
            rows = [[row(form, groups, t) for t in values] for form in (slot.plus, slot.minus)]
            assert any(set(found) == {-1} for found in rows)


def test_a_slot_that_no_group_wants_is_two_dead_neurons() -> None:
    made = slots([([2, 4], [0, 2]), ([6, 8], [0, 0])], GAP)
    assert [weight for weight in made[0].plus[0] if weight] == []
    assert made[0].plus[1] == made[0].minus[1] == -1


@given(cut_line(), st.integers(0, 6))
def test_every_slope_between_two_hinges_is_0_or_sigma_up_or_down(groups: list[Group], more: int) -> None:
    run = Fraction(1, 4 << more)
    for values, codes in groups:
        turns = stepped(values, codes, run)
        slope = Fraction(0)
        before = [values[0] - GAP, *values]
        for k, (place, change) in enumerate(turns):
            assert before[k] <= place <= values[k]
            slope += change
            assert slope * run in (-1, 0, 1)


@given(cut_line())
def test_slopes_change_between_the_groups_a_power_of_two_apart(groups: list[Group]) -> None:
    for (leaving, entering), (before, after) in zip(ends(groups, GAP), pairwise(groups), strict=True):
        assert before[0][-1] == leaving
        assert entering == leaving + 2 <= after[0][0]


def test_no_weight_has_a_denominator_that_is_no_power_of_two() -> None:
    for slot in slots([([3, 8, 20], [1, 4, 2]), ([29, 34, 40], [0, 4, 4]), ([51], [3])], 5):
        for weights, bias in (slot.plus, slot.minus):
            for number in map(Fraction, (*weights, bias)):
                assert number.denominator & (number.denominator - 1) == 0
