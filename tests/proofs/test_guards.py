"""Statements on regions, against the same statements evaluated sample by sample in fractions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import dataset

from memcert.contracts.terms import exact
from memcert.proofs.columns import Column, Space, Value
from memcert.proofs.directions import points_of
from memcert.proofs.guards import decide
from memcert.proofs.instances import Statement
from memcert.proofs.integers import integers
from memcert.proofs.masks import Masks
from memcert.proofs.partitions import Partition
from memcert.proofs.radius import Radius
from memcert.proofs.regions import Ends, ends, frozen

Small = st.integers(-6, 6)
Rational = st.builds(Fraction, Small, st.sampled_from([1, 2, 3, 2**40]))
Radii = st.one_of(st.none(), st.builds(Fraction, st.integers(0, 6), st.sampled_from([1, 2, 7])))


@dataclass
class Drawn:
    """Forms by class over Q^2, in plain fractions, and the same as a column."""

    points: list[list[Fraction]]
    classes: list[int]
    forms: list[tuple[Fraction, Fraction, Fraction]]
    absent: list[bool]
    radius: Fraction | None

    def least(self, sample: int, sense: int) -> Fraction | None:
        """Return the least (sense 1) or largest value on the region; None: there is none."""
        c = self.classes[sample]
        base, *slopes = self.forms[c]
        norm = sum((abs(s) for s in slopes), Fraction(0))
        if self.absent[c] or (self.radius is None and norm):
            return None
        value = base + sum(s * x for s, x in zip(slopes, self.points[sample], strict=True))
        return value - sense * norm * (self.radius or 0)

    def column(self, space: Space, vectors: Sequence[tuple[int, int]] = ((1, 0), (0, 1))) -> Column:
        """Return the column; its directions are `vectors`, an integer basis with determinant 1."""
        (a, b), (c, d) = vectors
        assert a * d - b * c == 1
        numbers, factors = [], []
        for vector in vectors:
            number, factor = space.directions.find({k: x for k, x in enumerate(vector) if x})
            numbers.append(number)
            factors.append(factor)
        scale = 6 * 2**40 * space.points.denominator
        rows = []
        for base, x, y in self.forms:
            # x e1 + y e2 = (x d - y c) v1 + (y a - x b) v2
            entries = [
                base * space.points.denominator,
                (x * d - y * c) / factors[0],
                (y * a - x * b) / factors[1],
            ]
            rows.append([int(e * scale / space.points.denominator) for e in entries])
        matrix = np.array(rows, dtype=object).T
        partition = Partition(np.array(self.classes, dtype=np.int32), len(self.forms))
        absent = np.array(self.absent) if any(self.absent) else None
        order = sorted(range(2), key=numbers.__getitem__)
        kept = [k for k in order if any(matrix[k + 1])]
        made = integers(matrix[[k + 1 for k in kept]]) if kept else None
        directions = tuple(numbers[k] for k in kept)
        return Column(partition, scale, integers(matrix[0]), directions, made, absent)


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    size = draw(st.integers(1, 6))
    points = draw(st.lists(st.lists(Rational, min_size=2, max_size=2), min_size=size, max_size=size))
    count = draw(st.integers(1, size))
    classes = [
        *range(count),
        *draw(st.lists(st.integers(0, count - 1), min_size=size - count, max_size=size - count)),
    ]
    flat = draw(st.booleans())
    slope = st.just(Fraction(0)) if flat else Rational
    forms = [(draw(Rational), draw(Rational), draw(slope)) for _ in range(count)]
    absent = [draw(st.sampled_from([False, False, False, True])) for _ in range(count)]
    return Drawn(points, classes, forms, absent, draw(Radii))


def space_of(found: Drawn) -> Space:
    radius = None if found.radius is None else exact(found.radius)
    return Space(points_of(dataset(found.points, [0] * len(found.points))), radius)


Basis = st.sampled_from([((1, 0), (0, 1)), ((1, 1), (0, 1)), ((2, 1), (1, 1)), ((1, -3), (0, 1))])


@given(drawn(), Basis, st.sampled_from([1, -1]), Rational, st.booleans())
def test_a_statement_is_decided_as_its_worst_corner(
    found: Drawn, basis: Sequence[tuple[int, int]], sense: int, number: Fraction, strict: bool
) -> None:
    space = space_of(found)
    masks = Masks(space.partitions)
    guard = decide(
        space, masks, found.column(space, basis), Statement(((0, 1),), sense, exact(number), strict)
    )
    for sample, bit in enumerate(masks.lifted(guard.mask).tolist()):
        worst = found.least(sample, sense)
        margin = None if worst is None else sense * (worst - number)
        assert bit == (margin is not None and (margin > 0 if strict else margin >= 0))


@given(drawn(), Basis, st.sampled_from([1, -1]), Rational, st.booleans())
def test_the_radius_of_a_guard_is_its_slack_over_its_norm(
    found: Drawn, basis: Sequence[tuple[int, int]], sense: int, number: Fraction, strict: bool
) -> None:
    found.radius = Fraction(0)
    space = space_of(found)
    masks = Masks(space.partitions)
    guard = decide(
        space, masks, found.column(space, basis), Statement(((0, 1),), sense, exact(number), strict)
    )
    radius = Radius(space, masks)
    if guard.limit is not None:
        radius.note(guard.limit, guard.mask)
    for sample, (limit, is_open) in enumerate(radius.limits()):
        slopes = found.forms[found.classes[sample]][1:]
        norm = sum((abs(s) for s in slopes), Fraction(0))
        value = found.least(sample, sense)
        if not masks.lifted(guard.mask)[sample] or not norm:
            assert limit is None
        else:
            assert value is not None
            assert limit == sense * (value - number) / norm
            assert is_open == strict


@given(drawn(), Basis)
def test_ends_are_both_corners(found: Drawn, basis: Sequence[tuple[int, int]]) -> None:
    space = space_of(found)
    column = found.column(space, basis)
    for sample in range(len(found.points)):
        expected = Ends(found.least(sample, 1), found.least(sample, -1))
        assert ends(space, Value(column, column), sample) == expected


@given(drawn(), Basis, st.sampled_from([1, -1]))
def test_a_frozen_bound_is_the_number_at_the_worst_corner(
    found: Drawn, basis: Sequence[tuple[int, int]], sense: int
) -> None:
    space = space_of(found)
    column = found.column(space, basis)
    made = frozen(space, column, sense)
    assert made.factors is None
    assert (made is column) == (column.factors is None)
    for sample in range(len(found.points)):
        got = ends(space, Value(made, made), sample)
        worst = found.least(sample, sense)
        assert (got.least, got.largest) == (worst, worst)
