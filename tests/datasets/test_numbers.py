import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.datasets.numbers import MAX_DIGITS, fault, integer, is_integer_label, number, short_decimals
from memcert.errors import UndecidedError

digits = st.text("0123456789", min_size=1, max_size=30)
signs = st.sampled_from(["", "-", "+"])
decimals = st.builds(
    lambda sign, whole, part, exponent: sign + whole + part + exponent,
    signs,
    digits,
    st.one_of(st.just(""), st.just("."), digits.map(lambda d: "." + d)),
    st.one_of(
        st.just(""), st.integers(-40, 40).map(lambda e: f"e{e}"), st.integers(0, 40).map(lambda e: f"E+{e}")
    ),
)


@given(decimals)
def test_a_decimal_is_the_fraction_that_it_spells(text: str) -> None:
    # Fraction reads no point without digits behind it.
    assert number(text) == Fraction(re.sub(r"\.(?![0-9])", ".0", text))


@given(signs, digits, digits.filter(lambda d: int(d) > 0))
def test_a_quotient_is_the_fraction_that_it_spells(sign: str, p: str, q: str) -> None:
    value = number(f"{sign}{p}/{q}")
    assert value == Fraction(int(sign + p), int(q))
    assert type(value) is int or value.denominator > 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("-0.0", 0),
        ("1e-9", Fraction(1, 10**9)),
        ("1E9", 10**9),
        (" \t2/4 ", Fraction(1, 2)),
        ("-6/3", -2),
        ("007", 7),
        ("0e999999999999", 0),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("0.1234567890123456789", Fraction(1234567890123456789, 10**19)),
    ],
)
def test_spellings_of_numbers(text: str, value: int | Fraction) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "e5",
        "1e",
        "1_000",
        "1,5",
        "0x10",
        "1/0",
        "1/00",
        "1/-2",
        "1/ 2",
        "1.5/2",
        "--1",
        "+-1",
        "1 2",
        "\u0663",
        "½",
        "1e5.0",
        "nan",
        "inf",
        "True",
        "1\n",
        "\uff11",
    ],
)
def test_what_spells_no_number_is_none(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "1e999999999",
        "1e-999999999",
        "-1e99999999999999999999",
        "9" * 1_000_000,
        "0." + "1" * 1_000_000,
        "1/" + "3" * 10_000,
        "1" + "0" * MAX_DIGITS,
        f"1e{MAX_DIGITS}",
        f"1e-{MAX_DIGITS + 1}",
    ],
    ids=lambda text: text[:12],
)
def test_more_digits_than_the_limit_are_refused_before_they_are_written_out(text: str) -> None:
    with pytest.raises(UndecidedError, match="at most 4,000 digits"):
        number(text)


@pytest.mark.parametrize(
    "text", ["9" * MAX_DIGITS, f"1e{MAX_DIGITS - 1}", f"1e-{MAX_DIGITS}", "0." + "7" * MAX_DIGITS]
)
def test_as_many_digits_as_the_limit_are_read(text: str) -> None:
    whole, _, part = text.partition(".")
    if "e" in text:
        expected = Fraction(10) ** int(text[2:])
    elif part:
        expected = Fraction(7 * (10**MAX_DIGITS - 1) // 9, 10**MAX_DIGITS)
    else:
        expected = Fraction(10 ** len(whole) - 1)
    assert number(text) == expected


@given(st.integers(0, 3_900), st.integers(1, 9))
def test_long_integers_do_not_depend_on_the_interpreters_limit(length: int, digit: int) -> None:
    assert integer(str(digit) * (length + 1)) == digit * (10 ** (length + 1) - 1) // 9
    assert integer("-" + str(digit) * (length + 1)) == -digit * (10 ** (length + 1) - 1) // 9


def test_the_one_spelling_of_an_integer_label() -> None:
    assert all(map(is_integer_label, ["0", "7", "-1", "10", "9" * 50]))
    assert not any(map(is_integer_label, ["", "-0", "+1", "01", "1.0", "1e2", " 1", "1\n", "\u0663", "1_0"]))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "missing"),
        ("NA", "missing"),
        ("?", "missing"),
        ("null", "missing"),
        ("NaN", "not-finite"),
        ("-Infinity", "not-finite"),
        ("+inf", "not-finite"),
        ("abc", "not-a-number"),
        ("infer", "not-a-number"),
    ],
)
def test_what_is_wrong_with_a_cell(text: str, kind: str) -> None:
    assert fault(text) == kind


short = st.builds(
    lambda sign, whole, part: sign + whole + part,
    st.sampled_from(["", "-"]),
    st.text("0123456789", max_size=7),
    st.one_of(st.just(""), st.just("."), st.text("0123456789", max_size=6).map(lambda d: "." + d)),
)


@given(st.lists(short, min_size=1, max_size=20))
def test_a_block_of_short_decimals_is_read_as_one_by_one_or_not_at_all(cells: list[str]) -> None:
    values = [number(cell) for cell in cells]
    block = short_decimals(cells)
    if any(value is None for value in values):
        assert block is None
    else:
        assert block is not None
        assert [Fraction(n, block[1]) for n in block[0].tolist()] == values


@given(st.lists(st.text("0123456789.-+e/ nNé", max_size=8), min_size=1, max_size=6))
def test_a_block_of_anything_never_reads_what_is_no_number(cells: list[str]) -> None:
    block = short_decimals(cells)
    if block is not None:
        assert [Fraction(n, block[1]) for n in block[0].tolist()] == [number(cell) for cell in cells]


def test_blocks_at_the_limit_of_18_digits() -> None:
    largest, smallest = "9" * 18, "-" + "9" * 17
    block = short_decimals([largest, smallest, "0"])
    assert block is not None
    assert block[0].tolist() == [10**18 - 1, -(10**17 - 1), 0]
    assert short_decimals(["9" * 19]) is None
    # Together they would need 17 + 2 digits.
    assert short_decimals(["9" * 17, "0.01"]) is None


def test_one_long_cell_does_not_make_room_for_all() -> None:
    assert short_decimals(["1" * 100_000, *["2"] * 200_000]) is None
