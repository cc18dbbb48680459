"""Groups and their forms: zero on the group alone, refused where that cannot be."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import integers, separated_points

from memcert.constructions.two_layer.groups import Table, adaptive, fixed, labelled
from memcert.errors import BuildError


def table_of(points: Sequence[tuple[int, ...]]) -> Table:
    return Table(np.array(points, dtype=object).reshape(len(points), len(points[0])))


def value(form: tuple[int, ...], point: tuple[int, ...]) -> int:
    return sum(a * x for a, x in zip(form, (*point, 1), strict=True))


@st.composite
def some_points(draw: st.DrawFn) -> list[tuple[int, ...]]:
    size, dimension = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    # Few bits: points on common lines and planes are the rule.
    found = draw(separated_points(size, dimension, integers(draw(st.integers(3, 5)))))
    return [tuple(map(int, point)) for point in found]


@settings(max_examples=150, deadline=None)
@given(some_points())
def test_adaptive_groups_never_refuse_and_vanish_on_their_members_alone(
    points: list[tuple[int, ...]],
) -> None:
    table = table_of(points)
    groups = adaptive(table, range(len(points)), 0)
    assert [i for group in groups for i in group.members] == list(range(len(points)))
    for group in groups:
        assert len(group.members) <= len(points[0])
        values = [value(group.form, point) for point in points]
        assert values == table.values(group.form)
        assert {i for i, v in enumerate(values) if v == 0} == set(group.members)
        others = [abs(v) for v in values if v]
        assert group.nearest == min(others, default=2)


@settings(max_examples=150, deadline=None)
@given(some_points(), st.integers(0, 5))
def test_labels_of_a_group_are_met_by_an_affine_form(points: list[tuple[int, ...]], spread: int) -> None:
    table = table_of(points)
    for group in adaptive(table, range(len(points)), 0):
        codes = [(7 * i) % (spread + 1) for i in group.members]
        form, denominator = labelled(table, group.members, codes)
        assert denominator > 0
        assert [value(form, points[i]) for i in group.members] == [denominator * code for code in codes]


def test_an_affinely_dependent_group_is_refused_by_its_rows() -> None:
    table = table_of([(0, 0, 5), (1, 1, 5), (2, 2, 5), (3, 1, 4)])
    with pytest.raises(BuildError, match=r"rows 10, 11, 12: affinely dependent"):
        fixed(table, range(4), [10, 11, 12, 13], 0)


def test_a_row_on_the_hyperplane_of_a_group_is_named_last() -> None:
    table = table_of([(0, 0), (1, 1), (5, 2), (3, 3)])
    with pytest.raises(BuildError, match=r"rows 7, 3, 4: the last lies on the hyperplane"):
        fixed(table, range(4), [7, 3, 5, 4], 0)


def test_a_row_in_the_hull_of_an_incomplete_group_is_named_last() -> None:
    # The second group has two points of a line that holds row 2 as well, in dimension 3.
    points = [(9, 0, 1), (0, 9, 2), (2, 2, 2), (1, 1, 1), (3, 3, 3)]
    with pytest.raises(BuildError, match=r"rows 3, 4, 2: the last lies in the affine hull"):
        fixed(table_of(points), range(5), list(range(5)), 0)


def test_forms_are_primitive_and_the_origin_is_a_point_like_any_other() -> None:
    (group, _) = fixed(table_of([(0, 0), (2, 4), (1, 9)]), range(3), list(range(3)), 0)
    assert group.form in ((2, -1, 0), (-2, 1, 0))
    assert group.nearest == 7
