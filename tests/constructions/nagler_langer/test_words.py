from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.nagler_langer.words import codes, word


def test_a_word_by_hand() -> None:
    # 101 1 and 010 0: 1/3 + 1/27 + 1/81 + 1/3^6.
    expected = Fraction(1, 3) + Fraction(1, 27) + Fraction(1, 81) + Fraction(1, 3**6)
    assert word([5, 2], [1, 0], 3, 1) == expected


def test_codes_by_hand() -> None:
    assert codes(1) == (0, 1)
    assert codes(3) == (0, 1, 3, 4, 9, 10, 12, 13)


@given(st.data(), st.integers(1, 4))
def test_the_value_of_a_group_is_told_by_ramps_off_the_words(draw: st.DataObject, n: int) -> None:
    key, rest = draw.draw(st.integers(0, 2**n - 1)), draw.draw(st.lists(st.integers(0, 1), max_size=20))
    tail = int("".join(map(str, rest)) or "0", 2)
    p = word([key], [tail], n, max(1, len(rest)))
    slope = 2 * 3**n
    ramps = [slope * (p - Fraction(code, 3**n)) for code in codes(n)[1:]]
    assert all(u <= -1 or u >= 0 for u in ramps)
    assert sum(u >= 0 for u in ramps) == key
    after = 3**n * p - codes(n)[key]
    assert after == word([tail], [0], max(1, len(rest)), 1)


def test_words_longer_than_python_reads_at_once() -> None:
    many = 700
    assert word([5] * many, [3] * many, 9, 2) == sum(
        Fraction(int("00000010111", 3), 3 ** (11 * (s + 1))) for s in range(many)
    )


@pytest.mark.parametrize(("keys", "labels"), [([4], [0]), ([0], [2]), ([-1], [0])])
def test_fields_that_are_too_long_are_refused(keys: list[int], labels: list[int]) -> None:
    with pytest.raises(ValueError, match="bits"):
        word(keys, labels, 2, 1)
