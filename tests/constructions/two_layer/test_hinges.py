"""Tables of hinges: through every point, as few as stated, in ramps and teeth."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memcert.constructions.two_layer.hinges import Hinges, between, interpolated, substituted

GAP = 3


@st.composite
def labelled_line(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Ascending values at least GAP apart, from GAP on, with codes."""
    steps = draw(st.lists(st.integers(GAP, 50), min_size=2, max_size=25))
    values = [sum(steps[: k + 1]) for k in range(len(steps))]
    codes = draw(st.lists(st.integers(0, draw(st.integers(1, 6))), min_size=len(steps), max_size=len(steps)))
    return values, codes


def at(hinges: Hinges, t: int | Fraction) -> Fraction:
    """Return y(t), hinge by hinge."""
    total = Fraction(hinges.start)
    for place, change in hinges.turns:
        total += Fraction(change) * max(t - Fraction(place), Fraction(0))
    return total


def slope(hinges: Hinges, t: int) -> Fraction:
    """Return the slope just right of t."""
    return sum((Fraction(c) for place, c in hinges.turns if Fraction(place) <= t), Fraction(0))


@given(labelled_line())
def test_forward_substitution_has_as_many_hinges_as_points_and_meets_them(
    line: tuple[list[int], list[int]],
) -> None:
    values, codes = line
    hinges = substituted(values, codes, GAP)
    assert len(hinges.turns) == len(values)
    assert [place for place, _ in hinges.turns] == [values[0] - GAP, *values[:-1]]
    assert [at(hinges, t) for t in values] == codes


@given(labelled_line())
def test_interpolation_has_a_hinge_where_the_slope_changes_and_meets_the_points(
    line: tuple[list[int], list[int]],
) -> None:
    values, codes = line
    hinges = interpolated(values, codes)
    slopes = [
        Fraction(y1 - y0, t1 - t0)
        for (t0, t1), (y0, y1) in zip(pairwise(values), pairwise(codes), strict=True)
    ]
    assert len(hinges.turns) == sum(a != b for a, b in pairwise([Fraction(0), *slopes]))
    assert [at(hinges, t) for t in values] == codes


@settings(max_examples=300)
@given(labelled_line(), st.booleans())
def test_hinges_between_the_points_meet_them_with_one_size_of_slope(
    line: tuple[list[int], list[int]], flat: bool
) -> None:
    values, codes = line
    if len(set(codes)) == 1:
        with pytest.raises(ValueError, match="equal"):
            between(values, codes, GAP, flat=flat)
        return
    hinges = between(values, codes, GAP, flat=flat)
    assert [at(hinges, t) for t in values] == codes
    slopes = {abs(slope(hinges, t)) for t in values}
    assert slopes - {0} <= {Fraction(hinges.steepest)}
    assert not {place for place, _ in hinges.turns} & set(values)
    changes = sum(a != b for a, b in pairwise(codes))
    if flat:
        assert slopes == {0}
        assert len(hinges.turns) == 2 * changes
    else:
        assert len(hinges.turns) <= 2 * changes


@settings(max_examples=300)
@given(labelled_line())
def test_they_are_no_more_than_interpolation_needs_unless_its_slopes_agree(
    line: tuple[list[int], list[int]],
) -> None:
    values, codes = line
    if len(set(codes)) == 1:
        return
    rises = zip(pairwise(values), pairwise(codes), strict=True)
    slopes = [Fraction(y1 - y0, t1 - t0) for (t0, t1), (y0, y1) in rises]
    by_chance = sum(a == b != 0 for a, b in pairwise(slopes))
    assert len(between(values, codes, GAP).turns) <= len(interpolated(values, codes).turns) + by_chance


@settings(max_examples=200)
@given(labelled_line(), st.booleans())
def test_blocks_are_ramps_and_teeth_but_for_two_hinges_at_the_end(
    line: tuple[list[int], list[int]], flat: bool
) -> None:
    values, codes = line
    if len(set(codes)) == 1:
        return
    single = 0
    for block in between(values, codes, GAP, flat=flat).blocks:
        places = [Fraction(place) for place, _ in block]
        changes = [Fraction(change) for _, change in block]
        assert places == sorted(places)
        if len(block) == 1:
            single += 1
        elif len(block) == 2:
            assert changes[0] == -changes[1]
        else:
            assert changes == [changes[0], -2 * changes[0], changes[0]]
    assert single <= 2


@given(labelled_line())
def test_numbers_stay_short_between_the_points(line: tuple[list[int], list[int]]) -> None:
    values, codes = line
    if len(set(codes)) == 1:
        return
    for place, change in between(values, codes, GAP).turns:
        for number in (Fraction(place), Fraction(change)):
            # Powers of two, no gap in any denominator.
            assert number.denominator & (number.denominator - 1) == 0
            assert number.denominator <= 64


def midpoint_bits(values: Sequence[int], codes: Sequence[int]) -> int:
    """Return the longest weight of forward substitution with hinges at the midpoints."""
    places = [Fraction(values[0] - 1), *(Fraction(a + b, 2) for a, b in pairwise(values))]
    weights: list[Fraction] = []
    for t, y in zip(values, codes, strict=True):
        known = sum((w * (t - b) for w, b in zip(weights, places, strict=False)), Fraction(0))
        weights.append((y - known) / (t - places[len(weights)]))
    return max(w.numerator.bit_length() + w.denominator.bit_length() for w in weights)


def longest(hinges: Hinges) -> int:
    """Return the longest weight."""
    weights = [Fraction(change) for _, change in hinges.turns]
    return max(w.numerator.bit_length() + w.denominator.bit_length() for w in weights)


def test_hinges_at_midpoints_make_numbers_grow_with_every_substitution() -> None:
    midpoints, at_points = [], []
    for count in (20, 40, 80):
        values = sorted({k * k * 37 % 40_009 for k in range(1, count + 1)})
        codes = [k * k % 7 % 2 for k in range(len(values))]
        midpoints.append(midpoint_bits(values, codes))
        at_points.append(longest(substituted(values, codes, 1)))
    assert midpoints[1] > 1.5 * midpoints[0]
    assert midpoints[2] > 1.5 * midpoints[1]
    # A weight is a difference of two slopes: four numbers of the size of a gap, whatever N.
    assert max(at_points) <= 4 * (40_009).bit_length()


@pytest.mark.parametrize(
    ("codes", "count"),
    [([0, 0, 1, 1], 2), ([0, 1, 0, 1], 3), ([0, 0, 1, 0, 0], 3), ([0, 1, 1, 0, 2, 2], 5), ([1, 1, 1, 0], 1)],
)
def test_counts_by_hand(codes: list[int], count: int) -> None:
    assert len(between([3 * k + 3 for k in range(len(codes))], codes, 3).turns) == count
