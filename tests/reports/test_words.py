from fractions import Fraction

import pytest

from memcert.reports.words import printable, rough, word


@pytest.mark.parametrize("name", ["gate_0", "x", "Theorem-3.1", "9lives"])
def test_a_plain_word_is_printed_as_it_is(name: str) -> None:
    assert word(name) == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "''"),
        ("a b", "'a b'"),
        ("[bold]", "'[bold]'"),
        ("a\n", "'a\\n'"),
        ("\x1b[2J", "'\\x1b[2J'"),
        ("\u202e", "'\\u202e'"),
        ("-o", "'-o'"),
        ("::error::", "'::error::'"),
    ],
)
def test_anything_else_is_quoted_and_escaped(name: str, told: str) -> None:
    assert word(name) == told


def test_a_long_name_is_bounded() -> None:
    assert len(word("a" * 10_000)) < 300


def test_only_what_can_be_seen_is_printed() -> None:
    assert printable("ä\n\x1b[0m\u202e\x00") == "ä\n\\x1b[0m\\u202e\\x00"


def test_a_size_stands_beside_a_number_that_nobody_sees() -> None:
    assert rough(12345678) == "12345678"
    assert rough(Fraction(1, 3)) == "1/3"
    assert rough(Fraction(13579, 57052074165)) == "13579/57052074165 (about 2.38E-7)"
    assert rough(Fraction(10**5000, 3**9)).endswith("(about 5.08E+4995)")
