from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases, run_part
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.windows import APART, apart, beside, gate, ramp, steps
from memcert.contracts import mechanisms
from memcert.proofs.obligations import obligations
from memcert.proofs.solvers import discharge


def test_every_case_of_the_window_is_proved() -> None:
    outcomes = discharge(obligations((APART,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * 3


@given(st.fractions(-9, 9), st.fractions(0, 5), st.fractions(-4, 4))
def test_a_window_keeps_its_contract(x: Fraction, window: Fraction, bias: Fraction) -> None:
    values = run_part(apart("a", "s", {"x": 3}, bias, window), {"x": x})[-1]
    off = values["e1"] + values["e2"]
    inputs, bound = {"v": 3 * x + bias}, {"w": -window}
    assert met_cases(APART, bound, inputs)
    assert broken_cases(APART, bound, inputs, {"off": off}) == []
    assert off == max(3 * x + bias, -window - 3 * x - bias, 0)


@given(st.fractions(-9, 9), st.fractions(-4, 4), st.fractions(Fraction(1, 10), 3))
def test_a_ramp_ends_where_asked(x: Fraction, top: Fraction, rise: Fraction) -> None:
    values = run_part(ramp("7", "s", {"x": 2}, top, rise), {"x": x})[-1]
    step = values["low7"] - values["high7"]
    assert step == min(max(2 * x - top + rise, 0), rise)
    assert broken_cases(mechanisms.ramp(), {"w": rise}, {"u": 2 * x - top}, {"step": step}) == []


def test_steps_read_ramps_with_opposite_signs() -> None:
    assert steps(["a", "b"], [2, Fraction(-1, 2)]) == {
        "lowa": 2,
        "higha": -2,
        "lowb": Fraction(-1, 2),
        "highb": Fraction(1, 2),
    }


def test_a_ramp_that_does_not_rise_and_an_empty_window_are_refused() -> None:
    with pytest.raises(ValueError, match="rises"):
        ramp("", "s", {"x": 1}, 0, 0)
    with pytest.raises(ValueError, match="length -1"):
        apart("a", "s", {"x": 1}, 0, -1)


def test_what_is_missing_is_left_out() -> None:
    part = beside(None, gate("g", "s", "g", {"x": -1}), None)
    assert run_part(part, {"x": 2})[-1] == {"g": 0}
    assert run_part(part, {"x": Fraction(-1, 2)})[-1] == {"g": Fraction(1, 2)}
