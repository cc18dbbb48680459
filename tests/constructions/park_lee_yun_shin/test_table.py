from fractions import Fraction

import pytest
from construction_tools import run_part
from hypothesis import given, settings
from hypothesis import strategies as st

from memcert.constructions.park_lee_yun_shin.table import table, table_part


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.data())
def test_the_table_answers_every_key_off_the_integers(
    labels: int, label_bits: int, draw: st.DataObject
) -> None:
    keys = draw.draw(st.sets(st.integers(0, 11), min_size=1))
    codes = {key: draw.draw(st.integers(0, 2**label_bits - 1)) for key in keys}
    width = Fraction(1, 5)
    part = table_part(table(codes, max(keys) + 1, labels, label_bits), width)
    for key in range(max(keys) + 1):
        x = key + draw.draw(st.sampled_from([Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)]))
        assert run_part(part, {"x": x})[-1]["y"] == codes.get(key, 0)


def test_words_by_hand() -> None:
    made = table({0: 1, 1: 2, 4: 3}, 5, 2, 2)
    # Bits 01 10 and 00 00 and 11 00, each bit a digit 0 or 3 in base 4.
    assert made.numbers == [Fraction(3 * 16 + 3 * 4, 256), 0, Fraction(3 * 64 + 3 * 16, 256)]
    assert made.equal_words == 0
    assert table({0: 0, 5: 1}, 6, 2, 1).equal_words == 1


def test_a_code_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="codes of 1 bits"):
        table({0: 2}, 1, 1, 1)
