from fractions import Fraction
from pathlib import Path

import pytest
import strategies
from data_files import json_file, npz_file, text_file
from hypothesis import given, settings

from memcert import inspection
from memcert.data import digits_path
from memcert.datasets.dataset import Dataset
from memcert.errors import DatasetError
from memcert.inspection import Measured, inspect

BAD = "a,b,label\n1,2,x\n,3,y\n1,2\n1,nan,z\n1,2,y\n3,[red],k\n5,6,\n1,2.0,x\n3,3,q\n"


def measured(source: str | Dataset) -> Measured:
    found = inspect(source).measured
    assert found is not None
    return found


def test_every_problem_is_listed_by_row_and_the_good_rows_are_measured(tmp_path: Path) -> None:
    found = inspect(text_file(tmp_path, BAD))
    assert [(p.kind, p.row, p.line, p.column) for p in found.problems] == [
        ("missing", 1, 3, "a"),
        ("ragged", 2, 4, None),
        ("not-finite", 3, 5, "b"),
        ("not-a-number", 5, 7, "b"),
        ("missing", 6, 8, "label"),
    ]
    assert (found.rows, found.good, found.problem_count, found.sound) == (9, 4, 5, False)
    assert (found.columns, found.label_column, found.predictions) == (("a", "b"), "label", ())
    facts = found.measured
    assert facts is not None
    # Rows are those of the file, not of the good ones.
    assert (facts.contradictions, facts.contradiction_count) == (((0, 4),), 1)
    assert (facts.duplicates, facts.duplicate_count, facts.distinct) == (((0, 4), (0, 7)), 2, 2)
    assert facts.classes == (("q", 1), ("x", 2), ("y", 1))


def test_missing_labels_do_not_turn_integers_into_strings(tmp_path: Path) -> None:
    assert measured(text_file(tmp_path, "a,y\n1,2\n3,\n4,5\n")).classes == ((2, 1), (5, 1))


def test_problems_of_arrays_and_json_are_listed_too(tmp_path: Path) -> None:
    found = inspect(npz_file(tmp_path, X=[[1.0], [float("nan")], [3.0]], y=[1.0, 2.0, float("inf")]))
    assert [(p.kind, p.row, p.column) for p in found.problems] == [
        ("not-finite", 1, 0),
        ("not-finite", 2, "y"),
    ]
    assert found.good == 1
    listed = inspect(json_file(tmp_path, {"points": [[1], [None], [1, 2], [4]], "labels": [1, 2, 3, None]}))
    assert [(p.kind, p.row) for p in listed.problems] == [("missing", 1), ("ragged", 2), ("missing", 3)]
    assert listed.good == 1


def test_no_good_row_is_told_and_not_measured(tmp_path: Path) -> None:
    found = inspect(text_file(tmp_path, "a,y\nx,1\n,2\n1,2,3\n"))
    assert (found.good, found.measured, found.problem_count, found.sound) == (0, None, 3, False)
    only_ragged = inspect(text_file(tmp_path, "a,y\n1\n"))
    assert (only_ragged.rows, only_ragged.good, only_ragged.measured) == (1, 0, None)


def test_many_problems_are_counted_and_the_first_kept(tmp_path: Path) -> None:
    found = inspect(text_file(tmp_path, "a,y\n" + "x,1\n" * 12_000))
    assert (found.problem_count, len(found.problems), found.problems[-1].row) == (12_000, 10_000, 9_999)


def test_a_file_that_is_no_data_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="got none"):
        inspect(text_file(tmp_path, "a,y\n"))


def test_ranges_bits_and_separation(tmp_path: Path) -> None:
    facts = measured(text_file(tmp_path, "a,b,y\n0,-5,0\n0.5,3,1\n1/3,3,1\n"))
    assert facts.ranges == ((0, Fraction(1, 2)), (-5, 3))
    assert facts.denominator == 6
    # -5: 3 bits and 1 of its denominator; 1/3: 1 and 2.
    assert facts.bits == 4
    assert facts.separation_squared == Fraction(1, 36)
    assert facts.separation_note is None


def test_one_point_has_no_separation(tmp_path: Path) -> None:
    facts = measured(text_file(tmp_path, "a,y\n2,0\n2,0\n"))
    assert (facts.separation_squared, facts.separation_note) == (None, "all points are equal")


def test_a_long_measurement_is_made_only_if_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "SEPARATION_WORK", 8)
    path = text_file(tmp_path, "a,y\n1,0\n2,0\n5,1\n")
    facts = measured(path)
    assert facts.separation_squared is None
    assert facts.separation_note == "not measured unasked: 3 distinct points in 1 dimensions"
    asked = inspect(path, separation=True).measured
    assert asked is not None
    assert asked.separation_squared == 1


@settings(deadline=None, max_examples=30)
@given(strategies.datasets(max_size=6, entries=strategies.wild_rationals()))
def test_measures_agree_with_their_definitions(data: Dataset) -> None:
    facts = measured(data)
    points = [data.point(row) for row in range(data.size)]
    assert facts.distinct == len(set(points))
    assert facts.ranges == tuple((min(values), max(values)) for values in zip(*points, strict=True))
    assert facts.bits == max(
        abs(x.numerator).bit_length() + x.denominator.bit_length() for point in points for x in point
    )
    distances = [
        sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for p in points for q in points if p != q
    ]
    assert facts.separation_squared == min(distances, default=None)


def test_what_could_be_built_from_sound_data(tmp_path: Path) -> None:
    found = inspect(text_file(tmp_path, "a,y\n1,0\n2,1\n5,1\n"))
    assert found.sound
    by_name = {prediction.construction: prediction for prediction in found.predictions}
    prediction = by_name["vardi-yehudai-shamir"]
    assert prediction.refusal is None
    assert prediction.size is not None
    assert prediction.size.width <= 12
    assert prediction.rule == "equal"


def test_a_refusal_is_told_in_place_of_a_size() -> None:
    found = inspect(strategies.dataset([[0], [1]], [Fraction(1, 2), 1]))
    assert found.sound
    prediction = found.predictions[0]
    assert prediction.size is None
    assert prediction.refusal is not None
    assert "integers or strings" in prediction.refusal


def test_the_shipped_digits_are_sound() -> None:
    found = inspect(str(digits_path()))
    assert (found.sound, found.rows, found.label_column) == (True, 1797, "label")
    assert found.measured is not None
    assert [label for label, _ in found.measured.classes] == list(range(10))
