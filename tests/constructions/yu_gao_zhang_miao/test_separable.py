"""Lemma G.4: width 1 iff linearly separable, decided exactly, floats or no floats."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from construction_tools import tasks
from hypothesis import given, settings
from hypothesis import strategies as st
from memorizer_tools import accepted, changed_weights, corners_wrong, random_data
from strategies import dataset, datasets, rationals

from memcert.constructions.assemble import build
from memcert.constructions.directions import Integers
from memcert.constructions.points import distinct_points
from memcert.constructions.yu_gao_zhang_miao import nearest_point, separable
from memcert.constructions.yu_gao_zhang_miao.separation import Apart, Mixed, decide
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError, UndecidedError
from memcert.evidence.check import check as check_evidence
from memcert.evidence.document import EvidenceError
from memcert.kernel.data import Table
from memcert.proofs.prove import prove

TINY = Fraction(1, 10**9)


def two_labels(data: Dataset) -> Dataset:
    """Give each point the label of its first occurrence, -1 or +1."""
    first: dict[object, int] = {}
    labels = tuple(
        first.setdefault(data.point(i), 2 * (int(data.labels[i]) % 2) - 1) for i in range(data.size)
    )
    return Dataset(data.name, None, data.numerators, data.denominator, labels)


def evidence(data: Dataset) -> EvidenceError:
    """Build, which must end in evidence that the user's data bear out."""
    with pytest.raises(EvidenceError) as raised:
        build(data, "separable")
    rows = Table(data.size, data.dimension, data.columns, list(data.rows()))
    assert check_evidence(raised.value.document, rows).given
    return raised.value


def separable_in_the_plane(points: list[tuple[int, int]], labels: list[int]) -> bool:
    """Whether a line through two points, turned or shifted a little, keeps the labels apart: by cases.

    Two finite sets of the plane are strictly separable iff no point of one is in the hull of the
    other and no segments of the two meet; hulls are unions of triangles.
    """
    sides = [[p for p, y in zip(points, labels, strict=True) if y == sign] for sign in (-1, 1)]

    def area(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def on(p: tuple[int, int], a: tuple[int, int], b: tuple[int, int]) -> bool:
        between = all(min(x, y) <= z <= max(x, y) for x, y, z in zip(a, b, p, strict=True))
        return area(a, b, p) == 0 and between

    def meet(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int], d: tuple[int, int]) -> bool:
        if on(a, c, d) or on(b, c, d) or on(c, a, b) or on(d, a, b):
            return True
        return area(a, b, c) * area(a, b, d) < 0 and area(c, d, a) * area(c, d, b) < 0

    def within(p: tuple[int, int], triangle: tuple[tuple[int, int], ...]) -> bool:
        signs = [area(a, b, p) for a, b in zip(triangle, triangle[1:] + triangle[:1], strict=True)]
        flat = area(*triangle) == 0
        return not flat and (min(signs) >= 0 or max(signs) <= 0)

    low, high = sides
    if set(low) & set(high):
        return False
    for mine, theirs in ((low, high), (high, low)):
        if any(on(p, a, b) for p in mine for a, b in combinations(theirs, 2)):
            return False
        if any(within(p, t) for p in mine for t in combinations(theirs, 3)):
            return False
    return not any(meet(a, b, c, d) for a, b in combinations(low, 2) for c, d in combinations(high, 2))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=9, unique=True),
    st.data(),
    st.booleans(),
)
def test_the_decision_in_the_plane_is_that_of_the_cases(
    points: list[tuple[int, int]], draw: st.DataObject, guessing: bool
) -> None:
    labels = draw.draw(st.lists(st.sampled_from([-1, 1]), min_size=len(points), max_size=len(points)))
    labels[:2] = [-1, 1]
    found = decide(np.array(points), labels, guessing=guessing)
    assert isinstance(found, Apart) == separable_in_the_plane(points, labels)
    bears_out(np.array(points), labels, found)


def bears_out(points: Integers, labels: list[int], found: Apart | Mixed) -> None:
    """What is said of the points is true, by Python integers."""
    rows = [[int(x) for x in point] for point in points.tolist()]
    if isinstance(found, Apart):
        values = [sum(w * x for w, x in zip(found.weights, row, strict=True)) for row in rows]
        assert min(values) == found.least
        assert max(v for v, y in zip(values, labels, strict=True) if y < 0) == found.low
        assert min(v for v, y in zip(values, labels, strict=True) if y > 0) == found.high > found.low
        return
    assert min(found.multipliers) > 0
    signed = [m * labels[i] for i, m in zip(found.rows, found.multipliers, strict=True)]
    assert sum(signed) == 0
    for j in range(points.shape[1]):
        assert sum(s * rows[i][j] for i, s in zip(found.rows, signed, strict=True)) == 0
    # Caratheodory: no more rows than are affinely independent.
    assert len(found.rows) <= points.shape[1] + 2


@pytest.mark.parametrize("guessing", [True, False], ids=["guessed", "exact"])
@pytest.mark.parametrize(("count", "dimension"), [(6, 1), (40, 3), (60, 12), (200, 20)])
@pytest.mark.parametrize("linear", [True, False])
def test_the_guess_and_the_exact_search_decide_alike(
    count: int, dimension: int, linear: bool, guessing: bool
) -> None:
    generator = np.random.Generator(np.random.PCG64(count))
    points = generator.integers(-99, 100, size=(count, dimension))
    signs = points @ generator.integers(1, 5, size=dimension) > 0 if linear else np.arange(count) % 2 > 0
    labels = [1 if sign else -1 for sign in signs.tolist()]
    found = decide(points, labels, guessing=guessing)
    assert isinstance(found, Apart) == linear or dimension > count // 3
    bears_out(points, labels, found)


@settings(max_examples=40, deadline=None)
@given(datasets(max_size=9, max_dimension=3, entries=rationals(8)))
def test_random_data_have_a_proved_network_or_evidence(data: Dataset) -> None:
    data = two_labels(data)
    try:
        accepted("separable", data)
    except EvidenceError:
        evidence(data)


SEPARABLE: dict[str, tuple[list[tuple[int | Fraction, ...]], list[int]]] = {
    "one point": ([(7,)], [0]),
    "one class": ([(1, 2), (3, 4)], [0, 0]),
    "two points": ([(0,), (1,)], [1, 0]),
    "equal points": ([(3, 1), (3, 1), (2, 2), (3, 1)], [1, 1, 0, 1]),
    "1e-9 beside 1e9 in two coordinates": ([(10**9, TINY), (10**9, 2 * TINY), (-(10**9), 0)], [0, 1, 0]),
    "1e-9 beside 1e9 in one coordinate": ([(0,), (TINY,), (10**9,)], [0, 1, 1]),
    "a constant coordinate": ([(5, 1), (5, 2), (5, 9)], [0, 1, 1]),
    "sixty digits": ([(10**60,), (10**60 + 1,), (-(10**60),)], [0, 1, 0]),
    "negative": ([(-5,), (-3,), (-4,), (-100,)], [0, 1, 1, 0]),
    "a bias that vanishes": ([(1,), (2,), (3,)], [0, 1, 1]),
    "touching cones": ([(0, 0), (1, 10**9), (1, 10**9 + 1)], [0, 0, 1]),
}


@pytest.mark.parametrize("name", SEPARABLE)
def test_odd_but_separable_data_have_a_network_of_width_one(name: str) -> None:
    made = accepted("separable", dataset(*SEPARABLE[name]), "sign")
    assert made.claim.width == 1
    if len(set(SEPARABLE[name][1])) > 1:
        assert corners_wrong(made) == []


MIXED: dict[str, tuple[list[tuple[int | Fraction, ...]], list[int], int]] = {
    "XOR": ([(0, 0), (1, 1), (0, 1), (1, 0)], [0, 0, 1, 1], 4),
    "between": ([(0,), (1,), (2,)], [0, 1, 0], 3),
    "1e-9 beside 1e9": ([(0,), (TINY,), (10**9,)], [0, 1, 0], 3),
    "hulls that touch at one point": ([(0, 0), (2, 2), (1, 1), (5, -7)], [0, 0, 1, 1], 3),
    "a rounding from touching": (
        [(0, 0), (10**18, 10**18), (10**17, 10**17), (7, -7)],
        [0, 0, 1, 1],
        3,
    ),
    "the cube's corners, by parity": (
        [tuple(c) for c in product((0, 1), repeat=3)],
        [sum(c) % 2 for c in product((0, 1), repeat=3)],
        5,
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_mixed_labels_have_evidence_of_few_rows(name: str) -> None:
    points, labels, most = MIXED[name]
    document = evidence(dataset(points, labels)).document
    assert document.kind == "not-separable"
    assert len(document.rows) <= most
    assert [row.index for row in document.rows] == sorted(row.index for row in document.rows)


def test_a_point_off_a_segment_by_one_part_in_10_to_the_18_is_decided_exactly() -> None:
    far = 10**18
    for off, expected in ((1, Apart), (0, Mixed)):
        points = np.array([(0, 0), (far, far), (far // 2, far // 2 + off)])
        assert isinstance(decide(points, [-1, -1, 1]), expected)


def test_784_dimensions_are_decided() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    points = generator.integers(0, 256, size=(60, 784))
    accepted("separable", dataset(points.tolist(), tuple(i % 2 for i in range(60))))
    middle = points[:20].sum(axis=0)
    mixed = np.vstack([points[:20] * 20, middle[None, :]])
    document = evidence(dataset(mixed.tolist(), (0,) * 20 + (1,))).document
    assert len(document.rows) == 21


def test_a_thousand_rows_in_ten_dimensions_have_a_network() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    points = generator.integers(-(10**4), 10**4, size=(1000, 10))
    labels = tuple((points @ generator.integers(-5, 6, size=10) > 0).astype(int).tolist())
    made = build(dataset(points.tolist(), labels), "separable")
    assert prove(made).verdict == "proved"
    assert made.claim.parameters <= 13


def test_no_label_holds_on_all_boxes_of_the_limit_and_all_hold_below() -> None:
    task = tasks([(0, 0), (3, 1), (5, 2)], [0, 1, 1], "sign")
    made = build(task.dataset, "separable")
    result = prove(made)
    limits = [limit for limit in result.radii if not isinstance(limit, str | None)]
    claimed = Fraction(made.claim.box_radius or 0)
    assert min(limits) * Fraction(1023, 1024) == claimed
    assert Fraction(made.claim.margin or 0) > 0


def test_the_margin_is_half_the_gap_along_the_weights() -> None:
    made = build(dataset([(0,), (10,), (14,)], (0, 1, 1)), "separable")
    assert made.network.layers[0].data == (1,)
    assert made.claim.margin == 5
    assert made.claim.box_radius == 5 * Fraction(1023, 1024)


def test_three_labels_are_refused() -> None:
    with pytest.raises(BuildError, match="at most two classes"):
        build(random_data(9, 2, 3), "separable")


def test_a_size_is_not_predicted_where_there_is_no_network() -> None:
    task = tasks([(0,), (1,), (2,)], [0, 1, 0], "sign")
    with pytest.raises(BuildError, match=r"not linearly separable, as rows \[0, 1, 2\] show"):
        separable.predict(task, {})


def test_an_exact_search_that_is_too_long_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_point, "WORK", 5)
    with pytest.raises(UndecidedError, match="at most 5 exact products"):
        decide(
            distinct_points(tasks([(0, 0), (1, 1), (0, 1), (1, 0)], [0, 0, 1, 1])),
            [-1, -1, 1, 1],
            guessing=False,
        )


def test_single_weights_changed_are_refuted_or_harmless() -> None:
    generator = np.random.Generator(np.random.PCG64(8))
    points = generator.integers(-20, 20, size=(14, 3))
    labels = tuple((points @ np.array([2, -3, 1]) > 1).astype(int).tolist())
    assert changed_weights(build(dataset(points.tolist(), labels), "separable"), 20)["refuted"] == 20
