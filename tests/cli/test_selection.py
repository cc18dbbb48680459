from fractions import Fraction

import pytest

from memcert.cli.selection import pairs, rational, rows, share
from memcert.errors import UsageError


def test_rows_and_closed_ranges_are_merged_and_sorted() -> None:
    assert rows("10-12,0, 5,11", 13) == (0, 5, 10, 11, 12)


@pytest.mark.parametrize(
    "text", ["", ",", "1,", "a", "-1", "3-1", "10", "0-10", "1.0", "\u0661", "0x1", "1--2"]
)
def test_a_list_of_rows_that_is_empty_or_leaves_the_data_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--samples"):
        rows(text, 10)


def test_numbers_are_read_exactly() -> None:
    assert rational("0.1", "--tolerance") == Fraction(1, 10)
    assert rational("-2/6", "--tolerance") == Fraction(-1, 3)
    assert type(rational("4/2", "--tolerance")) is int
    assert rational("2.5e-3", "--tolerance") == Fraction(1, 400)
    assert (rational("1E2", "--tolerance"), type(rational("1E2", "--tolerance"))) == (100, int)


@pytest.mark.parametrize(
    "text",
    ["", "1e", "1e1000", "1e+3", "1e3/2", "1_0", " 1", "1/0", "1/00", "nan", "inf", "+1", "1/-2", "٣", "1\n"],
)
def test_other_spellings_of_numbers_are_usage_errors(text: str) -> None:
    with pytest.raises(UsageError, match="--tolerance"):
        rational(text, "--tolerance")


def test_a_share_lies_between_zero_and_one() -> None:
    assert share("0.999", "--min-accuracy") == Fraction(999, 1000)
    with pytest.raises(UsageError, match="from 0 to 1"):
        share("1.001", "--min-accuracy")


def test_option_pairs_keep_later_equal_signs() -> None:
    assert pairs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}


@pytest.mark.parametrize("texts", [["a"], ["=b"], ["a=1", "a=2"]])
def test_an_option_pair_without_name_or_given_twice_is_a_usage_error(texts: list[str]) -> None:
    with pytest.raises(UsageError, match="--option"):
        pairs(texts)
