import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.vardi_yehudai_shamir.sizes import Split
from memcert.constructions.vardi_yehudai_shamir.tables import Interval, intervals, packed


@given(st.lists(st.integers(0, 31), min_size=1, max_size=40))
def test_a_word_is_its_fields_in_base_32_with_the_first_leading(fields: list[int]) -> None:
    assert packed(fields, 5) == sum(f * 32 ** (len(fields) - 1 - i) for i, f in enumerate(fields))


def test_a_field_too_wide_or_negative_is_refused() -> None:
    with pytest.raises(ValueError, match="fields of 3 bits"):
        packed([1, 8], 3)
    with pytest.raises(ValueError, match="fields of 3 bits"):
        packed([1, -1], 3)


def test_a_short_last_interval_is_padded_with_zeros() -> None:
    cut = intervals([2, 5, 9], [1, 0, 1], Split(2, 2), (4, 1), wide=False)
    assert cut == (
        Interval((4, 12), (2, 5), (1, 0), 0b00100101, 0b10),
        Interval((18, 20), (9, 0), (1, 0), 0b10010000, 0b10),
    )


def test_wide_windows_reach_one_half_further_on_both_sides() -> None:
    (cut,) = intervals([2, 5], [1, 0], Split(1, 2), (4, 1), wide=True)
    assert cut.ends == (3, 13)
