from dataclasses import replace
from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases, run_part
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.box_network.composition import CONTRACTS
from memcert.constructions.box_network.level import LOWER, RAISE, START, start, step
from memcert.constructions.box_network.vee import VEE, vee
from memcert.contracts.notation import atoms
from memcert.kernel.certificate import Contract
from memcert.proofs.obligations import obligations
from memcert.proofs.solvers import discharge

NUMBERS = st.fractions(-20, 20, max_denominator=8)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


@pytest.mark.parametrize("contract", [RAISE, LOWER], ids=lambda c: c.id)
def test_a_level_that_starts_beyond_the_code_is_not_promised_to_reach_it(contract: Contract) -> None:
    opening = contract.cases[0]
    loose = replace(opening, requires=atoms("w = 0, y >= 0"))
    (outcome,) = discharge(obligations((replace(contract, cases=(loose,)),)))
    assert outcome.status == "sat"


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_distance_is_0_inside_and_counts_outside(x: Fraction, one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    (found,) = run_part(vee(3, 1, "x1", (low, high)), {"x1": x})
    assert found["p1"] + found["q1"] == max(x - high, low - x, 0)
    parameters, outputs = {"a": high, "b": low}, {"v": found["p1"] + found["q1"]}
    assert broken_cases(VEE, parameters, {"x": x}, outputs) == []
    assert "anywhere" in met_cases(VEE, parameters, {"x": x})


@given(
    st.integers(0, 9), st.fractions(0, 9, max_denominator=4), st.fractions(0, 20), st.sampled_from([1, -1])
)
def test_a_step_moves_the_level_towards_the_code_and_not_beyond(
    code: int, y: Fraction, away: Fraction, sense: int
) -> None:
    (found,) = run_part(step(1, {"v": -2}, code, sense), {"y": y, "v": away})
    z = found["y"] + sense * found["e"]
    moved = max(sense * (code - y) - 2 * away, Fraction(0))
    assert z == y + sense * moved
    contract = RAISE if sense > 0 else LOWER
    assert broken_cases(contract, {"l": code}, {"y": y, "w": -2 * away}, {"z": z}) == []


@given(st.integers(1, 9), st.fractions(0, 20))
def test_the_first_step_is_shut_where_the_distance_is_worth_its_height(height: int, away: Fraction) -> None:
    (found,) = run_part(start({"v": -3}, height), {"v": away})
    assert found["e"] == max(height - 3 * away, 0)
    assert met_cases(START, {"h": height}, {"w": -3 * away})
    assert broken_cases(START, {"h": height}, {"w": -3 * away}, {"e": found["e"]}) == []


def test_stages_without_meaning_are_refused() -> None:
    with pytest.raises(ValueError, match="interval"):
        vee(0, 0, "in0", (2, 1))
    with pytest.raises(ValueError, match="height"):
        start({"p0": -1}, 0)
    with pytest.raises(ValueError, match="sense"):
        step(1, {"p0": -1}, 2, 0)
