import os
import re
from fractions import Fraction
from pathlib import Path

import pytest
from data_files import text_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memcert.datasets import delimited, problems
from memcert.datasets import texts as text_files
from memcert.datasets.reading import read_dataset
from memcert.errors import DatasetError, UndecidedError, UsageError
from memcert.formats import files


def points(path: str, **options: str | bool) -> list[tuple[int | Fraction, ...]]:
    data = read_dataset(path, **options)  # type: ignore[arg-type]
    return [data.point(row) for row in range(data.size)]


def test_names_integers_and_the_last_column_as_label(tmp_path: Path) -> None:
    data = read_dataset(text_file(tmp_path, "a,b,c\n1,-2,3\n4,5,6\n"))
    assert data.columns == ("a", "b")
    assert data.numerators.tolist() == [[1, -2], [4, 5]]
    assert (data.denominator, data.labels, data.lines) == (1, (3, 6), (2, 3))
    assert data.name == "data.csv"


texts = st.builds(
    lambda sign, whole, part, exponent: f"{sign}{whole}{part}{exponent}",
    st.sampled_from(["", "-", "+"]),
    st.text("0123456789", min_size=1, max_size=25),
    st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=25).map(lambda d: "." + d)),
    st.one_of(st.just(""), st.integers(-30, 30).map(lambda e: f"e{e}")),
)
quotients = st.builds(lambda p, q: f"{p}/{q}", st.integers(-(10**20), 10**20), st.integers(1, 10**20))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(st.one_of(texts, quotients), texts), min_size=1, max_size=8),
    block=st.sampled_from([2, 5, 1 << 18]),
)
def test_every_cell_is_exactly_the_fraction_it_spells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str]], block: int
) -> None:
    # Blocks of few cells: each is read in its own way and over its own denominator.
    monkeypatch.setattr(delimited, "BLOCK", block)
    content = "p,q,label\n" + "".join(f"{a},{b},0\n" for a, b in rows)
    data = read_dataset(text_file(tmp_path, content))
    assert [data.point(i) for i in range(data.size)] == [(Fraction(a), Fraction(b)) for a, b in rows]
    assert data.labels == (0,) * len(rows)


def test_a_tiny_coordinate_beside_a_huge_one(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a,b,y\n1e-9,1e9,0\n-0.000000001,999999999.999999999,1\n")
    assert points(path) == [
        (Fraction(1, 10**9), 10**9),
        (Fraction(-1, 10**9), Fraction(10**18 - 1, 10**9)),
    ]


def test_numbers_beyond_62_bits_become_python_integers(tmp_path: Path) -> None:
    data = read_dataset(text_file(tmp_path, f"a,y\n{2**62 - 1},0\n{-(2**62)},1\n{10**40},2\n"))
    assert data.numerators.dtype == object
    assert data.numerators.ravel().tolist() == [2**62 - 1, -(2**62), 10**40]
    assert (
        read_dataset(text_file(tmp_path, f"a,y\n{2**62 - 1},0\n{1 - 2**62},1\n")).numerators.dtype == "int64"
    )


def test_the_denominator_is_the_least_common_one(tmp_path: Path) -> None:
    data = read_dataset(text_file(tmp_path, "a,y\n5.00,0\n2.50,1\n1/6,2\n"))
    assert data.denominator == 6
    assert data.numerators.ravel().tolist() == [30, 15, 1]
    assert read_dataset(text_file(tmp_path, "a,y\n5.00,0\n2.0,1\n")).denominator == 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("label,a,b", 0),
        ("a,class,b", 1),
        ("a,target,b", 1),
        ("a,y,b", 1),
        ("y,class,label", 2),
        ("y,class,b", 1),
        ("Label,a,b", 0),
        ("a,TARGET,y", 1),
        ("x,Y,z", 2),
        ("a,b,species", 2),
        (" label ,a,b", 0),
        ("Label,label,a", 1),
    ],
)
def test_which_column_holds_the_labels(tmp_path: Path, header: str, expected: int) -> None:
    cells = ["1", "2", "3"]
    data = read_dataset(text_file(tmp_path, f"{header}\n{','.join(cells)}\n"))
    assert data.labels == (int(cells.pop(expected)),)
    assert data.numerators.tolist() == [[int(cell) for cell in cells]]


def test_the_label_column_that_the_user_names(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a,b,label\n1,2,3\n")
    data = read_dataset(path, label="b")
    assert (data.columns, data.labels, data.numerators.tolist()) == (("a", "label"), (2,), [[1, 3]])
    with pytest.raises(DatasetError, match=re.escape("expected one of ['a', 'b', 'label'], got 'B'")):
        read_dataset(path, label="B")


def test_a_label_name_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    path = text_file(tmp_path, "label,a,label\n1,2,3\n")
    with pytest.raises(DatasetError, match=re.escape("got columns [0, 2]")):
        read_dataset(path)
    assert read_dataset(path, label="a").columns == ("label", "label")


def test_without_header_columns_have_numbers(tmp_path: Path) -> None:
    path = text_file(tmp_path, "1,2,3\n4,5,6\n")
    data = read_dataset(path, header=False)
    assert (data.columns, data.labels, data.lines) == (None, (3, 6), (1, 2))
    assert read_dataset(path, header=False, label="0").labels == (1, 4)
    assert read_dataset(path, header=False, label="-2").labels == (2, 5)
    for wrong in ("3", "-4", "a", "\u0661", ""):
        with pytest.raises(DatasetError, match="expected a number from 0 to 2"):
            read_dataset(path, header=False, label=wrong)


def test_a_first_row_of_numbers_is_not_swallowed_as_names(tmp_path: Path) -> None:
    path = text_file(tmp_path, "5.1,3.5,setosa\n4.9,3.0,setosa\n")
    with pytest.raises(DatasetError, match="if this row is data, say so with --no-header"):
        read_dataset(path)
    assert read_dataset(path, header=False).size == 2
    assert read_dataset(text_file(tmp_path, "0,1,2\n7,8,9\n")).columns == ("0", "1")  # a data frame's
    assert read_dataset(text_file(tmp_path, "5,7,kind\n7,8,9\n"), label="kind").columns == ("5", "7")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["3", "-1", "0"], (3, -1, 0)),
        (["3", "01", "0"], ("3", "01", "0")),
        (["3", "-0", "1"], ("3", "-0", "1")),
        (["3", "+1", "1"], ("3", "+1", "1")),
        (["1.0", "2", "3"], ("1.0", "2", "3")),
        (["9" * 50, "2", "3"], (int("9" * 50), 2, 3)),
        (["\u0663", "2", "3"], ("\u0663", "2", "3")),
        (["cat", " dog ", "7"], ("cat", "dog", "7")),
        (["NA", "nan", "?"], ("NA", "nan", "?")),
    ],
)
def test_labels_are_integers_only_if_each_is_spelled_as_one(
    tmp_path: Path, cells: list[str], expected: tuple[int | str, ...]
) -> None:
    content = "a,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    assert read_dataset(text_file(tmp_path, content)).labels == expected


def test_strange_labels_are_kept_as_they_are(tmp_path: Path) -> None:
    strange = ["[red]x[/red]", "\x1b[31mx", "two\nlines", 'quo"te', "é☃", "::error::x", "</script>"]
    quoted = ['"' + label.replace('"', '""') + '"' for label in strange]
    data = read_dataset(text_file(tmp_path, "a,y\n" + "".join(f"{i},{q}\n" for i, q in enumerate(quoted))))
    assert data.labels == tuple(strange)
    # A quoted line feed: the next row starts one line later.
    assert data.lines == (2, 3, 4, 6, 7, 8, 9)


def test_byte_order_mark_line_ends_blank_lines_and_spaces(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbfa, "b", label \r\n\r\n 1 ,\t2, x \r\n\r\n3,4,"y"\r\n\r\n'
    data = read_dataset(text_file(tmp_path, content))
    assert data.columns == ("a", "b")
    assert (data.numerators.tolist(), data.labels, data.lines) == ([[1, 2], [3, 4]], ("x", "y"), (3, 5))
    assert points(text_file(tmp_path, "a,label\r1,2\r3,4\r")) == [(1,), (3,)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    content = "a,b,y\n1,2,3\n".replace(",", delimiter)
    assert points(text_file(tmp_path, content)) == [(1, 2)]


def test_the_delimiter_that_the_user_names(tmp_path: Path) -> None:
    assert points(text_file(tmp_path, "a:b\n1:2\n"), delimiter=":") == [(1,)]
    assert points(text_file(tmp_path, "a,b\ty\n1\t2\n"), delimiter="tab") == [(1,)]
    assert points(text_file(tmp_path, "a b  y\n1 2   3\n"), delimiter="space") == [(1, 2)]
    for wrong in ("", ",,", '"', "\n", "a", "1"):
        with pytest.raises(UsageError, match="delimiter: expected one character"):
            read_dataset(text_file(tmp_path, "a,b\n1,2\n"), delimiter=wrong)


def test_one_row_one_class_one_dimension(tmp_path: Path) -> None:
    data = read_dataset(text_file(tmp_path, "a,y\n7,only\n"))
    assert (data.size, data.dimension, data.labels) == (1, 1, ("only",))


def test_784_dimensions(tmp_path: Path) -> None:
    header = ",".join(f"p{i}" for i in range(784))
    rows = "".join(",".join(str((i * j) % 256) for j in range(784)) + f",{i}\n" for i in range(5))
    data = read_dataset(text_file(tmp_path, f"{header},label\n{rows}"))
    assert data.numerators.shape == (5, 784)
    assert data.numerators[4, 783] == 4 * 783 % 256


def test_labels_of_their_own_leave_every_column_a_coordinate(tmp_path: Path) -> None:
    own = text_file(tmp_path, "cat\ndog\n", "labels.txt")
    data = read_dataset(text_file(tmp_path, "a,label\n1,2\n3,4\n"), labels=own)
    assert (data.columns, data.labels) == (("a", "label"), ("cat", "dog"))
    one = read_dataset(text_file(tmp_path, "a\n1\n3\n", "one.csv"), labels=own)
    assert one.numerators.tolist() == [[1], [3]]
    with pytest.raises(DatasetError, match=r"labels.txt': expected 1 labels, one for each row of .*, got 2"):
        read_dataset(text_file(tmp_path, "a\n1\n", "short.csv"), labels=own)


def test_packed_csv(tmp_path: Path) -> None:
    import gzip

    assert points(text_file(tmp_path, gzip.compress(b"a,y\n1,2\n"), "data.csv.gz")) == [(1,)]


REFUSED = {
    "empty": ("", "expected rows of data, got an empty file"),
    "only blanks": ("\n \n\n", "expected rows of data, got an empty file"),
    "only a header": ("a,b,label\n", "expected rows of data, got none"),
    "one column": ("a\n1\n", "expected at least one coordinate and a label in a row, got ['a']"),
    "missing": ("a,b,y\n1,2,3\n1,,3\n", "row 1 (line 3), column 'b': expected a value, got none: ''"),
    "question mark": ("a,b,y\n1,?,3\n", "row 0 (line 2), column 'b': expected a value, got none: '?'"),
    "missing label": ("a,y\n1,2\n3,\n", "row 1 (line 3), column 'y': expected a value, got none: ''"),
    "nan": ("a,y\nNaN,0\n", "row 0 (line 2), column 'a': expected a finite number, got 'NaN'"),
    "infinity": ("a,y\n1,0\n-inf,0\n", "row 1 (line 3), column 'a': expected a finite number, got '-inf'"),
    "word": ("a,y\n1,0\nx,0\n", "row 1 (line 3), column 'a': expected a number such as 3, -0.25"),
    "zero denominator": (
        "a,y\n1/0,0\n",
        "column 'a': expected a number such as 3, -0.25, 1e-9 or 1/3, got '1/0'",
    ),
    "short row": (
        "a,b,y\n1,2,3\n1,2\n",
        "row 1 (line 3): expected as many cells as there are columns, 3, got 2",
    ),
    "stray column": (
        "a,b,y\n1,2,3,9\n",
        "row 0 (line 2): expected as many cells as there are columns, 3, got 4",
    ),
    "markup": ("a,y\n[red]1[/red],0\n", "got '[red]1[/red]'"),
    "escape code": ("a,y\n\x1b[31m1,0\n", "got '\\x1b[31m1'"),
    "quoted line feed": ('a,y\n"1\n2",0\n5,0\n', "row 0 (line 2), column 'a': expected a number such as 3,"),
    "after a quoted line feed": ('a,y\n1,"p\nq"\nx,0\n', "row 1 (line 4), column 'a'"),
    "open quote": ('a,y\n1,"x\n', "line 2: expected well-quoted cells"),
    "text after a quote": ('a,y\n1,"x"z\n', "line 2: expected well-quoted cells"),
    "contradiction": (
        "a,b,y\n1,0.5,x\n2,3,x\n1,1/2,z\n",
        "row 0 (line 2) and row 2 (line 4): expected equal points to have equal labels, got 'x' and 'z' "
        "at the point [1, 1/2]",
    ),
    "several": ("a,y\nx,0\n,1\n", "row 0 (line 2), column 'a': expected a number"),
    "count": ("a,y\nx,0\n,1\n", "(the first of 2 problems; inspect lists them)"),
    "nul": ("a,y\n1,\0\n", "line 2: expected text in UTF-8, got a NUL byte"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_place_and_value(tmp_path: Path, name: str) -> None:
    content, message = REFUSED[name]
    path = text_file(tmp_path, content)
    with pytest.raises(DatasetError) as caught:
        read_dataset(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith((repr(path), "'data.csv'"))


def test_a_header_of_hostile_names_is_shown_escaped(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        read_dataset(text_file(tmp_path, '"[b]\x1b[0m\n",y\nx,0\n'))
    assert "column '[b]\\x1b[0m\\n'" in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfea\x00,\x00y\x00", b"\xfe\xff\x00a", b"a,y\n1,\xff\n", os.urandom(4096)]
)
def test_what_is_not_utf_8_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DatasetError, match=r"expected .*UTF-8|expected undamaged"):
        read_dataset(text_file(tmp_path, content))


@pytest.mark.parametrize(
    "cell", ["1e999999999", "-1e-999999999", "9" * 5_000, "0." + "9" * 100_000, "1/" + "7" * 9_999]
)
def test_numbers_beyond_the_limit_are_undecided_and_placed(tmp_path: Path, cell: str) -> None:
    path = text_file(tmp_path, f"a,y\n1,0\n{cell},1\n")
    with pytest.raises(
        UndecidedError, match=r"row 1 \(line 3\), column 'a': .*at most 4,000 digits"
    ) as caught:
        read_dataset(path)
    assert len(str(caught.value)) < 1_000


def test_a_cell_of_a_million_digits_is_undecided(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="cells of at most"):
        read_dataset(text_file(tmp_path, f"a,y\n{'9' * 1_000_000},1\n"))


def test_a_label_of_too_many_digits_is_undecided(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="at most 4,000 digits"):
        read_dataset(text_file(tmp_path, f"a,y\n1,{'9' * 5_000}\n"))


def test_denominators_that_grow_together_are_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memcert.datasets import tables

    monkeypatch.setattr(tables, "MAX_TABLE_BITS", 50_000)
    content = "a,y\n" + "".join(f"1/{2 * i + 10**30 + 1},{i}\n" for i in range(40))
    with pytest.raises(UndecidedError, match="expected numbers that need at most 50,000 bits"):
        read_dataset(text_file(tmp_path, content))


def test_short_texts_of_long_numbers_are_undecided_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "MAX_TABLE_BITS", 100_000)
    content = "a,y\n" + "".join(f"{i}e3000,{i}\n" for i in range(1, 30))
    with pytest.raises(UndecidedError, match="expected numbers that need at most 100,000 bits in all"):
        read_dataset(text_file(tmp_path, content))


def test_tables_beyond_the_limits_are_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 4)
    monkeypatch.setattr(files, "MAX_CELLS", 10)
    content = "a,b,y\n" + "".join(f"{i},1,0\n" for i in range(20))
    with pytest.raises(UndecidedError, match=r"expected at most .* rows and 10 numbers"):
        read_dataset(text_file(tmp_path, content))
    monkeypatch.setattr(text_files, "MAX_LINE", 20)
    with pytest.raises(UndecidedError, match="line 3: expected at most 20 characters, got 31"):
        read_dataset(text_file(tmp_path, "a,b,y\n1,2,3\n" + "1" * 30 + "\n"))


def test_iris_and_wine_are_read_as_their_decimals(request: pytest.FixtureRequest) -> None:
    folder = request.config.rootpath / "tests" / "data"
    iris = read_dataset(str(folder / "iris.csv"))
    assert (iris.size, iris.dimension, iris.denominator) == (150, 4, 10)
    assert iris.point(0) == (Fraction(51, 10), Fraction(7, 2), Fraction(7, 5), Fraction(1, 5))
    assert set(iris.labels) == {"setosa", "versicolor", "virginica"}
    wine = read_dataset(str(folder / "wine.csv"))
    assert (wine.size, wine.dimension, set(wine.labels)) == (178, 13, {1, 2, 3})
    assert wine.point(0)[:2] == (Fraction(1423, 100), Fraction(171, 100))
