from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from data_files import json_file, text_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memcert.datasets import json_points
from memcert.datasets.reading import read_dataset
from memcert.errors import DatasetError, UndecidedError, UsageError


def test_points_labels_and_names(tmp_path: Path) -> None:
    value = {"points": [[1, "1/3"], [0.1, 1e-9]], "labels": ["a", "b"], "columns": ["p", "q"]}
    data = read_dataset(json_file(tmp_path, value))
    assert data.point(0) == (1, Fraction(1, 3))
    assert data.point(1) == (Fraction(1, 10), Fraction(1, 10**9))
    assert (data.columns, data.labels) == (("p", "q"), ("a", "b"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=12), min_size=1, max_size=6))
def test_decimals_are_exactly_what_they_spell(tmp_path: Path, values: list[Any]) -> None:
    points = ", ".join(f"[{value}]" for value in values)
    data = read_dataset(
        text_file(tmp_path, f'{{"points": [{points}], "labels": {[0] * len(values)}}}', "d.json")
    )
    assert [data.point(i)[0] for i in range(data.size)] == [Fraction(value) for value in values]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([3, -1], (3, -1)),
        (["1", "0.5"], ("1", "0.5")),
        ([0.5, 1.0], (Fraction(1, 2), 1)),
        ([2**70, 0], (2**70, 0)),
    ],
)
def test_labels_keep_their_kind(tmp_path: Path, labels: list[Any], expected: tuple[Any, ...]) -> None:
    data = read_dataset(json_file(tmp_path, {"points": [[0], [1]], "labels": labels}))
    assert data.labels == expected
    assert [type(label) for label in data.labels] == [type(label) for label in expected]


def test_integers_of_any_length_below_the_limit(tmp_path: Path) -> None:
    content = '{"points": [[%s], [1]], "labels": [1, 2]}' % ("9" * 3_999)
    assert read_dataset(text_file(tmp_path, content, "d.json")).point(0) == (10**3_999 - 1,)


def test_what_starts_with_a_brace_is_json_whatever_its_name(tmp_path: Path) -> None:
    content = ' \n{"points": [[1]], "labels": [2]}'
    assert read_dataset(text_file(tmp_path, content, "data")).labels == (2,)
    own = text_file(tmp_path, "x\n", "labels.txt")
    assert read_dataset(text_file(tmp_path, '{"points": [[1]]}', "data"), labels=own).labels == ("x",)


P = '"points": [[1, 2], [3, 4]]'
REFUSED = {
    "empty file": ("", "line 1, character 1: expected JSON"),
    "not JSON": ("{", "line 1, character 2: expected JSON"),
    "after the end": ('{"points": [[1]], "labels": [1]} x', "expected JSON: Extra data"),
    "repeated key": ('{"points": [[1]], "labels": [1], "labels": [2]}', "expected each key once"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "an array": (
        "[[1, 2]]",
        'expected {"points": [[..]..], "labels": [..], "columns": [..]}, got an array of 1',
    ),
    "no labels": (f"{{{P}}}", "got keys ['points']"),
    "unknown key": (f'{{{P}, "labels": [1, 2], "extra": 1}}', "got keys ['points', 'labels', 'extra']"),
    "no points": (
        '{"points": [], "labels": []}',
        "expected an array of at least one point, got an array of 0",
    ),
    "points no array": (
        '{"points": {}, "labels": []}',
        "expected an array of at least one point, got an object",
    ),
    "no coordinates": ('{"points": [[]], "labels": [1]}', "row 0: expected an array of at least one number"),
    "flat": ('{"points": [[1], 2], "labels": [1, 2]}', "row 1: expected an array of 1 numbers, got 2"),
    "ragged": (
        '{"points": [[1, 2], [3]], "labels": [1, 2]}',
        "row 1: expected as many cells as there are columns, 2",
    ),
    "null": (
        '{"points": [[1], [null]], "labels": [1, 2]}',
        "row 1, column 0: expected a value, got none: null",
    ),
    "true": ('{"points": [[1], [true]], "labels": [1, 2]}', "row 1, column 0: expected a number such as"),
    "nan": ('{"points": [[NaN]], "labels": [1]}', "row 0, column 0: expected a finite number, got 'NaN'"),
    "infinity": ('{"points": [[-Infinity]], "labels": [1]}', "expected a finite number, got '-Infinity'"),
    "nested": (
        '{"points": [[[1]]], "labels": [1]}',
        "expected a number such as 3, -0.25, 1e-9 or 1/3, got an array of",
    ),
    "word": ('{"points": [["[red]x"]], "labels": [1]}', "1/3, got '[red]x'"),
    "few labels": (f'{{{P}, "labels": [1]}}', "labels: expected an array of 2, one for each point, got 1"),
    "labels no array": (f'{{{P}, "labels": 5}}', "labels: expected an array of 2, one for each point, got 5"),
    "mixed labels": (
        f'{{{P}, "labels": [1, "1"]}}',
        "expected all numbers or all strings, got 1 in row 0 and '1'",
    ),
    "null label": (
        f'{{{P}, "labels": [1, null]}}',
        "row 1, column 'labels': expected a value, got none: null",
    ),
    "empty label": (
        f'{{{P}, "labels": ["a", ""]}}',
        "row 1, column 'labels': expected a value, got none: ''",
    ),
    "true label": (f'{{{P}, "labels": [1, true]}}', "row 1, column 'labels': expected a label"),
    "nan label": (
        f'{{{P}, "labels": [1, NaN]}}',
        "row 1, column 'labels': expected a finite number, got 'NaN'",
    ),
    "surrogate": (f'{{{P}, "labels": ["a", "\\ud800"]}}', "label: expected Unicode text, got '\\ud800'"),
    "few names": (f'{{{P}, "labels": [1, 2], "columns": ["a"]}}', "columns: expected 2 names, got 1"),
    "numbers as names": (
        f'{{{P}, "labels": [1, 2], "columns": [1.5, 2]}}',
        "columns: expected an array of names",
    ),
    "certificate": ('{"format": "memcert/1"}', "expected data, got a certificate"),
    "contradiction": ('{"points": [[1], [1.0]], "labels": [1, 2]}', "row 0 and row 1: expected equal points"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    content, message = REFUSED[name]
    with pytest.raises(DatasetError) as caught:
        read_dataset(text_file(tmp_path, content, "d.json"))
    assert message in str(caught.value)


def test_what_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected JSON in UTF-8, got byte 0xff at offset 1"):
        read_dataset(text_file(tmp_path, b'{\xff"', "d.json"))


@pytest.mark.parametrize("value", ["1e999999999", "9" * 5_000, "-" + "1" * 1_000_000])
def test_numbers_beyond_the_limit_are_undecided(tmp_path: Path, value: str) -> None:
    path = text_file(tmp_path, f'{{"points": [[1], [{value}]], "labels": [1, 2]}}', "d.json")
    with pytest.raises(UndecidedError, match="row 1, column 0: expected a number of at most 4,000 digits"):
        read_dataset(path)


def test_long_texts_are_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_points, "MAX_JSON_BYTES", 10)
    with pytest.raises(UndecidedError, match="expected at most 10 bytes of JSON, got 33"):
        read_dataset(text_file(tmp_path, '{"points": [[1]], "labels": [22]}', "d.json"))


def test_json_has_no_label_column(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="JSON data have no label column"):
        read_dataset(text_file(tmp_path, '{"points": [[1]], "labels": [2]}', "d.json"), label="a")
