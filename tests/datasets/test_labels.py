from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from memcert.datasets import labels
from memcert.datasets.dataset import Dataset
from memcert.datasets.labels import contradictions, distinct, numbered, refuse_contradictions, valued
from memcert.errors import BuildError, DatasetError
from memcert.kernel.certificate import Number, Original


def labelled(*originals: Original) -> Dataset:
    return strategies.dataset([[i] for i in range(len(originals))], originals)


few: st.SearchStrategy[Number] = st.sampled_from([0, 1, 2**62, 2**62 + 1, Fraction(1, 3)])


@given(st.one_of(strategies.datasets(max_size=12), strategies.datasets(max_size=12, entries=few)))
def test_distinct_rows_are_first_occurrences_and_groups_lead_to_equal_points(data: Dataset) -> None:
    found = distinct(data)
    points = [data.point(row) for row in range(data.size)]
    assert [points[row] for row in found.rows] == list(dict.fromkeys(points))
    assert list(found.rows) == [points.index(point) for point in dict.fromkeys(points)]
    assert [points[found.rows[group]] for group in found.groups] == points


def test_equal_hashes_of_different_points_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "_hashes", lambda points: (0 for _ in points))
    found = distinct(strategies.dataset([[1], [2], [1], [3], [2]], [0] * 5))
    assert (found.rows, found.groups) == ((0, 1, 3), (0, 1, 0, 2, 1))


def test_many_rows_are_compared_without_looking_at_all_pairs() -> None:
    rows = np.arange(200_000) % 100_000
    data = Dataset("many", None, np.stack([rows, rows * 7], axis=1), 1, (0,) * 200_000)
    found = distinct(data)
    assert found.rows == tuple(range(100_000))
    assert found.groups == tuple(rows.tolist())


@pytest.mark.parametrize("rule", ["equal", "argmax"])
@pytest.mark.parametrize(
    ("originals", "expected", "classes"),
    [
        ((10, 9, -1, 10), (2, 1, 0, 2), (-1, 9, 10)),
        (("b", "a", "B", "10", "9"), (4, 3, 2, 0, 1), ("10", "9", "B", "a", "b")),
        (("é", "z", "\U0001f600", "\uffff"), (1, 0, 3, 2), ("z", "é", "\uffff", "\U0001f600")),
        (("only",), (0,), ("only",)),
        ((7, 7), (0, 0), (7,)),
    ],
)
def test_classes_are_numbered_in_order(
    rule: str, originals: tuple[Original, ...], expected: tuple[int, ...], classes: tuple[Original, ...]
) -> None:
    found = numbered(labelled(*originals), rule)
    assert (found.labels, found.classes) == (expected, classes)


@pytest.mark.parametrize(
    ("originals", "expected"),
    [(("no", "yes", "no"), (-1, 1, -1)), ((1, -1), (1, -1)), ((5, 5), (-1, -1)), ((0, 1), (-1, 1))],
)
def test_two_classes_have_signs(originals: tuple[Original, ...], expected: tuple[int, ...]) -> None:
    assert numbered(labelled(*originals), "sign").labels == expected


def test_three_classes_have_no_signs() -> None:
    with pytest.raises(
        BuildError,
        match=r"expected labels of at most two classes, got 3: \[1, 2, 3\]; row 3.* has a third one, 3",
    ):
        numbered(labelled(1, 2, 1, 3, 2), "sign")


def test_values_are_no_classes() -> None:
    with pytest.raises(
        BuildError, match=r"row 1: expected labels that are integers or strings.*got the value 1/2"
    ):
        numbered(labelled(1, Fraction(1, 2)), "equal")


def test_within_takes_the_values_themselves() -> None:
    found = numbered(labelled(3, Fraction(1, 2), 3), "within")
    assert (found.labels, found.classes) == ((3, Fraction(1, 2), 3), None)
    spelled = numbered(labelled("0.50", "1/3", "-2e1"), "within")
    assert spelled.labels == (Fraction(1, 2), Fraction(1, 3), -20)


def test_within_needs_numbers() -> None:
    with pytest.raises(DatasetError, match=r"row 1: expected a label that is a number.*got '\[red\]cat'"):
        valued(labelled("1.5", "[red]cat"))


def test_valued_data_keep_everything_else() -> None:
    data = labelled("0.5", "2")
    changed = valued(data)
    assert changed.labels == (Fraction(1, 2), 2)
    assert (changed.numerators is data.numerators, changed.name) == (True, data.name)
    assert valued(labelled(1, 2)).labels == (1, 2)


def test_contradictions_are_told_by_the_first_row_of_their_point() -> None:
    data = strategies.dataset([[1], [2], [1], [1], [2]], ["a", "b", "a", "c", "d"])
    assert list(contradictions(data)) == [(0, 3), (1, 4)]
    message = "'hand': row 0 and row 3: expected equal points to have equal labels, got 'a' and 'c' at the "
    with pytest.raises(DatasetError) as caught:
        refuse_contradictions(data)
    assert str(caught.value) == message + "point [1]"


@given(strategies.datasets(max_size=12, entries=few))
def test_contradictions_are_found_exactly_where_a_label_differs(data: Dataset) -> None:
    points = [data.point(row) for row in range(data.size)]
    expected = [
        (points.index(point), row)
        for row, point in enumerate(points)
        if data.labels[row] != data.labels[points.index(point)]
    ]
    assert list(contradictions(data)) == expected


def test_equal_points_with_equal_labels_are_no_contradiction() -> None:
    refuse_contradictions(strategies.dataset([[1], [1]], ["a", "a"]))
