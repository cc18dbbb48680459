from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases, run_part
from hypothesis import given
from hypothesis import strategies as st
from strategies import rationals

from memcert.blocks.part import Part
from memcert.constructions.vardi_yehudai_shamir.comparison import COMPARISON, comparison


def same(key: int, x: Fraction, wide: bool) -> Fraction:
    part = Part(comparison({"acc": 1, "bit": 1}, wide), ())
    last = run_part(part, {"acc": key - key % 2, "bit": key % 2, "x": x})[-1]
    return last["s1"] + last["s2"] - 1


@given(st.integers(0, 40), rationals(6), st.booleans())
def test_the_contract_holds_at_random_points(key: int, x: Fraction, wide: bool) -> None:
    inputs, parameters = {"v": 2 * key - 2 * x - wide}, {"e": -4 if wide else -2}
    assert broken_cases(COMPARISON, parameters, inputs, {"both": same(key, x, wide) + 1}) == []
    assert "ramp" in met_cases(COMPARISON, parameters, inputs)


@given(st.integers(0, 40), rationals(6))
def test_the_papers_window_is_key_to_key_plus_one(key: int, x: Fraction) -> None:
    if key <= x <= key + 1:
        assert same(key, x, wide=False) == 1
    if x <= key - Fraction(1, 2) or x >= key + Fraction(3, 2):
        assert same(key, x, wide=False) == 0


@given(st.integers(0, 40), rationals(6))
def test_the_wide_window_reaches_one_half_further(key: int, x: Fraction) -> None:
    if key - Fraction(1, 2) <= x <= key + Fraction(3, 2):
        assert same(key, x, wide=True) == 1
    if x <= key - 1 or x >= key + 2:
        assert same(key, x, wide=True) == 0


@pytest.mark.parametrize(("wide", "size"), [(False, 11), (True, 12)])
def test_the_size_is_as_stated(wide: bool, size: int) -> None:
    neurons = [n for pair in comparison({"acc": 1, "bit": 1}, wide) for n in pair]
    assert sum(len(n.row) + (n.bias != 0) for n in neurons) == size


def test_a_key_that_reads_x_is_refused() -> None:
    with pytest.raises(ValueError, match="reads x"):
        comparison({"x": 1}, wide=True)
