from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256

import pytest
from attacks import spelled
from bases import Json, sign, tent
from hypothesis import given
from hypothesis import strategies as st
from strategies import network, rationals
from wrong_form import HEAD, ROWS

from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.data import (
    Row,
    Table,
    data_header,
    data_line,
    dataset_digest,
    inline_table,
    network_digest,
    network_lines,
    numbering,
    original,
    text_table,
)
from memcert.kernel.decode import decode
from memcert.kernel.verdict import Malformed


def _digest(text: str) -> str:
    return f"sha256:{sha256(text.encode('ascii')).hexdigest()}"


def _decoded(value: Json) -> Certificate:
    return decode(spelled(value).encode())


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_the_digest_of_data_is_that_of_the_text_written_by_hand() -> None:
    rows: list[Row] = [((1, Fraction(-1, 2)), 'caf\u00e9 "a"'), ((2**60, 0), 7)]
    text = 'memcert-data/1 2 2\ncolumns null\n1 -1/2 "caf\\u00e9 \\"a\\""\n0x1p+60 0 7\n'
    assert dataset_digest(Table(2, 2, None, rows)) == _digest(text)
    named = text.replace("columns null", 'columns ["x", "\\u03b1"]')
    assert dataset_digest(Table(2, 2, ("x", "\u03b1"), rows)) == _digest(named)


def test_digits_that_move_between_numbers_change_the_digest() -> None:
    one, other = (Table(1, 2, None, [(point, 0)]) for point in ((1, 23), (12, 3)))
    assert dataset_digest(one) == _digest("memcert-data/1 1 2\ncolumns null\n1 23 0\n")
    assert dataset_digest(other) == _digest("memcert-data/1 1 2\ncolumns null\n12 3 0\n")
    assert dataset_digest(one) != dataset_digest(other)


def test_a_number_and_a_word_that_spells_it_have_two_digests() -> None:
    word, bare = (dataset_digest(Table(1, 1, None, [((0,), label)])) for label in ("5", 5))
    assert word == _digest('memcert-data/1 1 1\ncolumns null\n0 "5"\n')
    assert bare == _digest("memcert-data/1 1 1\ncolumns null\n0 5\n")


def test_the_digest_of_a_network_is_that_of_the_text_written_by_hand() -> None:
    made = network(([[1, 0, Fraction(1, 3)], [0, 0, 0]], [0, -2]), ([[0, 5]], [2**53]))
    text = "memcert-network/1 3 2\nlayer 2 3 2 1\n0 0:1 2:1/3\n-2\nlayer 1 2 1 0\n0x1p+53 1:5\n"
    assert "".join(network_lines(made)) == text
    assert network_digest(made) == _digest(text)


def test_a_certificates_own_samples_have_the_labels_of_the_file() -> None:
    table = inline_table(_decoded(tent()))
    assert table is not None
    assert (table.size, table.dimension, table.columns) == (5, 2, ("x", "y"))
    assert [label for _, label in table.rows] == ["a", "b", "c", "b", "a"]
    assert dataset_digest(table) == _digest(HEAD + ROWS)


def test_detached_samples_are_none() -> None:
    value = tent()
    value["dataset"] |= {"points": None, "labels": None}
    value["digests"]["dataset"] = _digest(HEAD + ROWS)
    assert inline_table(_decoded(value)) is None


@pytest.mark.parametrize(
    ("change", "numbers", "label", "file_has"),
    [
        (tent, {"a": 0, "b": 1, "c": 2}, 2, "c"),
        (sign, {"no": -1, "yes": 1}, -1, "no"),
        (lambda: sign() | {"dataset": sign()["dataset"] | {"classes": None}}, None, -1, -1),
    ],
)
def test_labels_are_numbered_as_the_rule_needs(
    change: Callable[[], Json], numbers: dict[Original, Number] | None, label: int, file_has: Original
) -> None:
    certificate = _decoded(change())
    assert numbering(certificate) == numbers
    assert original(certificate, label) == file_has


def test_one_class_under_sign_is_minus_one() -> None:
    value = sign()
    value["dataset"] |= {"classes": ["no"], "labels": [-1] * 5}
    assert numbering(_decoded(value)) == {"no": -1}


def test_a_canonical_text_is_read() -> None:
    table = text_table(iter(_lines(HEAD + ROWS)))
    assert (table.size, table.dimension, table.columns) == (5, 2, ("x", "y"))
    assert list(table.rows)[2] == ((2, Fraction(1, 2)), "c")
    again = text_table(iter(_lines(HEAD + ROWS)))
    assert dataset_digest(again) == _digest(HEAD + ROWS)


def test_many_different_numbers_are_read() -> None:
    rows = [((i, Fraction(1, 2 * i + 3)), i) for i in range(40_000)]
    text = data_header(40_000, 2, None) + "".join(data_line(point, label) for point, label in rows)
    assert list(text_table(iter(_lines(text))).rows) == rows


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", "line 1"),
        ("memcert-data/1 1\n", "line 1"),
        ("memcert-data/1 1 1\n", "line 2"),
        ("memcert-data/1 x 1\ncolumns null\n", "line 1"),
        ("memcert-data/1 1 1\ncolumns {\n", "line 2"),
        ("memcert-data/1 1 1\ncolumns " + "[" * 100_000 + "\n", "line 2"),
        ("memcert-data/1 1 1\ncolumns 1\n", "line 2"),
        ("memcert-data/1 1 1\ncolumns [null]\n", "line 2"),
        ("memcert-data/1 1 1\nnull\n", "line 2"),
        (f"memcert-data/1 {'1' * 17} 1\ncolumns null\n", "line 1"),
        ("memcert-data/1 01 1\ncolumns null\n", "line 1"),
        ("memcert-data/1 \u0661 1\ncolumns null\n", "line 1"),
        ("memcert-data/1 1 1\ncolumns  null\n", "line 2"),
        ("memcert-data/1 0 1\ncolumns null\n", "line 1"),
        ("memcert-data/1 1 0\ncolumns null\n", "line 1"),
    ],
)
def test_a_header_that_is_not_canonical_is_refused_at_once(text: str, at: str) -> None:
    with pytest.raises(Malformed) as caught:
        text_table(iter(_lines(text)))
    assert (caught.value.rule, caught.value.at) == ("data", at)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("0\n", "data"),
        ("0 0\n", "data"),
        ("0 0 0 0\n", "number"),
        ("0  0\n", "number"),
        ("0 00 1\n", "number"),
        ("0 1.0 1\n", "number"),
        ("0 0 x\n", "number"),
        ("0 0 null\n", "number"),
        ('0 0 "x\n', "data"),
        ('0 0 "\\u0078"\n', "data"),
        ('0 0 "\u00e9"\n', "data"),
        ('0 0 "x" \n', "data"),
        ("0 0 1", "data"),
        ("0 0 1\r\n", "number"),
    ],
)
def test_a_row_that_is_not_canonical_is_refused_at_its_line(row: str, rule: str) -> None:
    table = text_table(iter(["memcert-data/1 2 2\n", "columns null\n", "5 5 5\n", row]))
    with pytest.raises(Malformed) as caught:
        list(table.rows)
    assert (caught.value.rule, caught.value.at) == (rule, "line 4")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_or_too_many_rows_are_refused(count: int) -> None:
    table = text_table(iter(["memcert-data/1 2 1\n", "columns null\n", *["5 5\n"] * count]))
    with pytest.raises(Malformed, match="expected 2 rows"):
        list(table.rows)


def _tables(dimension: int) -> st.SearchStrategy[tuple[tuple[str, ...] | None, list[Row]]]:
    row = st.tuples(st.tuples(*[rationals(60)] * dimension), rationals(60) | st.text(max_size=3))
    columns = st.none() | st.tuples(*[st.text(max_size=3)] * dimension)
    return st.tuples(columns, st.lists(row, min_size=1, max_size=4))


@given(st.integers(1, 3).flatmap(_tables))
def test_a_canonical_text_is_read_back(made: tuple[tuple[str, ...] | None, list[Row]]) -> None:
    columns, rows = made
    size, dimension = len(rows), len(rows[0][0])
    text = data_header(size, dimension, columns) + "".join(data_line(point, label) for point, label in rows)
    table = text_table(iter([f"{line}\n" for line in text.split("\n")[:-1]]))
    assert (table.size, table.dimension, table.columns, list(table.rows)) == (size, dimension, columns, rows)
