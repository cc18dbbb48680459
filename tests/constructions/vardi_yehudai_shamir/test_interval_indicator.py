from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases, run_part
from hypothesis import given
from hypothesis import strategies as st
from strategies import rationals

from memcert.blocks.part import Part
from memcert.constructions.vardi_yehudai_shamir.interval_indicator import (
    INTERVAL_INDICATOR,
    interval_indicator,
)


def indicator_at(start: int, end: int, x: Fraction) -> Fraction:
    first, second = interval_indicator("u", start, end)
    last = run_part(Part((first, second), ()), {"xu": x})[-1]
    return last["lu"] + last["ru"] - 1


@given(st.integers(-20, 20), st.integers(0, 9), rationals(6))
def test_the_contract_holds_at_random_points(start: int, length: int, x: Fraction) -> None:
    inside = indicator_at(start, start + length, x)
    parameters = {"a2": start, "b2": -start - length}
    assert broken_cases(INTERVAL_INDICATOR, parameters, {"x": x}, {"both": inside + 1}) == []
    assert "ramp" in met_cases(INTERVAL_INDICATOR, parameters, {"x": x})


@pytest.mark.parametrize(
    ("x", "inside"),
    [("5/2", 0), ("11/4", "1/2"), (3, 1), (4, 1), (5, 1), ("21/4", "1/2"), ("11/2", 0), (100, 0), (-100, 0)],
)
def test_the_indicator_of_three_to_five_by_hand(x: str, inside: str) -> None:
    assert indicator_at(6, 10, Fraction(x)) == Fraction(inside)


def test_it_has_eight_nonzero_parameters() -> None:
    neurons = [n for pair in interval_indicator("u", 6, 10) for n in pair]
    assert sum(len(n.row) + (n.bias != 0) for n in neurons) == 8


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an interval"):
        interval_indicator("u", 3, 2)
