from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import number

from memcert.kernel.rational import MAX_NUMBER_BITS, MAX_QUOTIENT, parse, parse_text, spell, text
from memcert.kernel.verdict import Failure, LimitReached, Malformed

SPELLINGS = [
    (0, 0),
    (-7, -7),
    (2**53 - 1, 2**53 - 1),
    (1 - 2**53, 1 - 2**53),
    ("0x1p+53", 2**53),
    ("-0x1p+53", -(2**53)),
    ("0x20000000000001", 2**53 + 1),
    ("0x5p+60", 5 * 2**60),
    ("1/2", Fraction(1, 2)),
    ("-3/4", Fraction(-3, 4)),
    ("1/3", Fraction(1, 3)),
    ("9007199254740991/2", Fraction(2**53 - 1, 2)),
    ("0x1p-53", Fraction(1, 2**53)),
    ("-0x3p-60", Fraction(-3, 2**60)),
    ("0x20000000000001p-1", Fraction(2**53 + 1, 2)),
    ("0x20000000000003/0x3", Fraction(2**53 + 3, 3)),
    ("0x1/0x20000000000001", Fraction(1, 2**53 + 1)),
    ("-0x5/0x3fffffffffffff", Fraction(-5, 2**54 - 1)),
]
BESIDE: list[object] = [
    False,
    True,
    None,
    "",
    "7",
    "0",
    "-0",
    "+1/2",
    "2/4",
    "3/1",
    "1/0",
    " 1/2",
    "1/2\n",
    "1_0/3",
    "1e3",
]
BESIDE += ["0.5", "0x7", "0x2p+53", "0x40000000000000", "0x1P+60", "0X1p+60", "0x1p+060", "0x1p-1", "0x1p-0"]
BESIDE += [
    "0x1/0x3",
    "0x1/0x0",
    "0x3/0x60000000000000",
    "\u0661/2",
    "1/\uff12",
    2**53,
    -(2**53),
    [1],
    {},
    "x",
    "0xg",
]


@pytest.mark.parametrize(("spelling", "value"), SPELLINGS)
def test_a_number_has_this_spelling_and_is_read_from_it(spelling: int | str, value: int | Fraction) -> None:
    assert spell(value) == spelling
    assert parse(spelling) == value
    assert type(parse(spelling)) is type(value)
    assert text(value) == str(spelling)
    assert parse_text(str(spelling)) == value


@pytest.mark.parametrize("value", BESIDE, ids=repr)
def test_any_other_spelling_is_refused(value: object) -> None:
    with pytest.raises(Malformed) as caught:
        parse(value)
    assert caught.value.rule == "number"


@pytest.mark.parametrize(
    "value", ["-0", "00", "01", "9007199254740992", "1.0", "", " 1", "12345678901234567", "true"]
)
def test_bare_text_is_refused_where_json_would_be(value: str) -> None:
    with pytest.raises(Malformed):
        parse_text(value)


def test_the_longest_power_is_read_and_the_next_is_not() -> None:
    assert parse(f"0x1p+{MAX_NUMBER_BITS - 1}") == 1 << (MAX_NUMBER_BITS - 1)
    assert parse(f"0x1p-{MAX_NUMBER_BITS - 1}") == Fraction(1, 1 << (MAX_NUMBER_BITS - 1))
    for sign in "+-":
        with pytest.raises(LimitReached, match="number_bits"):
            parse(f"0x1p{sign}{MAX_NUMBER_BITS}")
        with pytest.raises(LimitReached, match="number_bits"):
            parse(f"0x1p{sign}{10**9}")


def test_the_longest_text_is_read_and_the_next_is_not() -> None:
    digits = MAX_NUMBER_BITS // 4 - 2
    assert parse("0x" + "f" * digits) == 16**digits - 1
    with pytest.raises(LimitReached, match=f"at most {MAX_NUMBER_BITS // 4} characters, got {digits + 3}"):
        parse("0x" + "f" * (digits + 1))
    half = (MAX_QUOTIENT - 5) // 2
    assert parse(f"0x{'f' * half}/0x{'f' * (half - 1)}e") == Fraction(16**half - 1, 16**half - 2)
    with pytest.raises(LimitReached, match="number_length"):
        parse(f"0x{'f' * (half + 1)}/0x{'f' * half}e")


@given(st.integers(-(2**70), 2**70), st.integers(1, 2**70))
def test_every_quotient_is_read_back_from_its_spelling(p: int, q: int) -> None:
    value = number(Fraction(p, q))
    assert parse(spell(value)) == value
    assert parse_text(text(value)) == value


@given(st.integers(-(2**60), 2**60), st.integers(-200, 200))
def test_every_dyadic_is_read_back_from_its_spelling(p: int, power: int) -> None:
    value = number(Fraction(p) * Fraction(2) ** power)
    assert parse(spell(value)) == value


@given(st.text("0123456789abcdefxp+-/_ ", max_size=24))
def test_text_that_is_read_is_the_one_spelling_of_what_it_says(spelling: str) -> None:
    try:
        value = parse(spelling)
    except Failure:
        return
    assert spell(value) == spelling


def test_a_spelling_that_is_refused_is_refused_each_time_with_an_error_of_its_own() -> None:
    # Numbers that were read are remembered; the place of a failure is written into the failure.
    assert parse("1/2") == Fraction(1, 2)
    found = []
    for spelled in ("2/4", "2/4", "1/0", "1/0"):
        with pytest.raises(Malformed) as caught:
            parse(spelled)
        found.append(caught.value)
    assert len({id(failure) for failure in found}) == 4
    assert parse("1/2") is parse("1/2")
