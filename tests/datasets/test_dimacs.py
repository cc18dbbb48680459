from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.datasets.dimacs import formula
from memcert.datasets.problems import Findings
from memcert.datasets.reading import read_dataset
from memcert.errors import DatasetError, UnsupportedError, UsageError

GOOD = "c a comment\np cnf 7 2\n1 -2 3\n4 5 -7 0 -1 -3 -4 -5 6\nc another\n\n7 0\n"
ORIGIN = Fraction(11, 30)


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_formula_is_read_as_the_points_of_the_reduction(tmp_path: Path) -> None:
    data = read_dataset(write(tmp_path / "f.cnf", GOOD))
    assert (data.size, data.dimension) == (4 * 7 + 2, 7)
    assert data.columns == ("x1", "x2", "x3", "x4", "x5", "x6", "x7")
    assert data.labels == (1, -1, 1, -1) * 7 + (1, 1)
    shifts = [[Fraction(x) - ORIGIN for x in data.point(row)] for row in range(data.size)]
    for i in range(7):
        for k, step in enumerate((Fraction(1, 3), ORIGIN, -Fraction(1, 3), -ORIGIN)):
            assert shifts[4 * i + k] == [step if j == i else 0 for j in range(7)]
    assert [12 * x for x in shifts[28]] == [1, -1, 1, 1, 1, 0, -1]
    assert [12 * x for x in shifts[29]] == [-1, 0, -1, -1, -1, 1, 1]
    assert all(0 <= x <= 1 for row in range(data.size) for x in data.point(row))


def test_a_formula_is_known_by_its_name_or_by_its_header(tmp_path: Path) -> None:
    text = GOOD.partition("\n")[2]
    assert read_dataset(write(tmp_path / "formula", text)).size == 30
    assert read_dataset(write(tmp_path / "formula.CNF", text)).size == 30


def test_a_formula_without_clauses_has_the_points_of_its_variables(tmp_path: Path) -> None:
    assert read_dataset(write(tmp_path / "f.cnf", "p cnf 6 0\n")).size == 24


MALFORMED = {
    "no header": ("c nothing\n", "expected a line `p cnf VARIABLES CLAUSES`, got none"),
    "a late header": ("1 2 0\np cnf 6 1\n", "line 1: expected `p cnf VARIABLES CLAUSES` first, got '1 2 0'"),
    "two headers": ("p cnf 6 0\np cnf 6 0\n", "line 2: expected one line"),
    "no numbers": ("p cnf six 0\n", "line 1: expected one line `p cnf"),
    "a sign": ("p cnf -6 0\n", "line 1: expected one line"),
    "a header of weights": ("p wcnf 6 0\n", "line 1: expected one line"),
    "no literal": ("p cnf 6 1\n1 2 x 0\n", "line 2: expected a literal from -6 to 6, or 0, got 'x'"),
    "a large literal": ("p cnf 6 1\n1 -7 0\n", "got '-7'"),
    "minus zero": ("p cnf 6 1\n1 2 3 4 5 6 -0\n", "got '-0'"),
    "leading zeros": ("p cnf 6 1\n01 2 3 4 5 6 0\n", "got '01'"),
    "a plus": ("p cnf 6 1\n+1 2 3 4 5 6 0\n", r"got '\+1'"),
    "an open clause": ("p cnf 6 1\n1 2 3 4 5 6\n", r"expected 0 at the end of the last clause, got \[1, 2"),
    "too few": ("p cnf 6 2\n1 2 3 4 5 6 0\n", "expected 2 clauses, as the header says, got 1"),
    "too many": ("p cnf 6 0\n1 2 3 4 5 6 0\n", "expected 0 clauses, as the header says, got 1"),
    "an end mark": ("p cnf 6 1\n1 2 3 4 5 6 0\n%\n0\n", "line 3: expected a literal"),
    "another alphabet": ("p cnf 6 1\n1 2 3 4 5 \u0666 0\n", "line 2: expected ASCII"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_formula_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    text, message = MALFORMED[name]
    with pytest.raises(DatasetError, match=message):
        read_dataset(write(tmp_path / "f.cnf", text))


UNSUPPORTED = {
    "five variables": ("p cnf 5 0\n", "expected at least 6 variables, got 5"),
    "five literals": ("p cnf 6 1\n1 2 3 4 5 0\n", r"clause 1: expected 6 literals .*, got \[1, 2, 3, 4, 5\]"),
    "seven literals": ("p cnf 7 1\n1 2 3 4 5 6 7 0\n", "clause 1: expected 6 literals"),
    "a variable twice": (
        "p cnf 7 2\n1 2 3 4 5 6 0 1 2 3 4 5 -5 0\n",
        "clause 2: expected 6 literals of diff",
    ),
    "a literal twice": ("p cnf 7 1\n1 2 3 4 5 6 6 0\n", "clause 1: expected 6 literals of different"),
    "an empty clause": ("p cnf 6 1\n0\n", r"clause 1: .*, got \[\]"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_formula_without_a_reduction_is_unsupported(name: str, tmp_path: Path) -> None:
    text, message = UNSUPPORTED[name]
    with pytest.raises(UnsupportedError, match=message):
        read_dataset(write(tmp_path / "f.cnf", text))


def test_a_label_column_or_a_delimiter_is_no_matter_of_formulas(tmp_path: Path) -> None:
    path = write(tmp_path / "f.cnf", GOOD)
    with pytest.raises(UsageError, match="labels of a formula"):
        read_dataset(path, label="x1")
    with pytest.raises(UsageError, match="delimiter"):
        read_dataset(path, delimiter=";")


@given(st.binary(max_size=50).map(lambda tail: b"p cnf 6 1\n" + tail))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        variables, clauses = formula(content, Findings("f.cnf"))
    except DatasetError:
        return
    assert (variables, len(clauses)) == (6, 1)
