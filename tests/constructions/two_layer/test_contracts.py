"""The contracts are proved, hold at random points, and fail where one number is wrong."""

from dataclasses import replace
from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases
from hypothesis import given
from strategies import rationals

from memcert.constructions.two_layer.bumps import BUMP
from memcert.constructions.two_layer.hinge_layer import TOOTH
from memcert.constructions.two_layer.plates import PLATE
from memcert.constructions.yun_sra_jadbabaie.borders import BORDER
from memcert.constructions.yun_sra_jadbabaie.slots import SLOT
from memcert.contracts.meaning import outputs_at
from memcert.contracts.notation import ensure
from memcert.kernel.certificate import Contract
from memcert.proofs.obligations import obligations
from memcert.proofs.solvers import discharge

EVERY = (BUMP, TOOTH, PLATE, BORDER, SLOT)


@pytest.mark.parametrize("contract", EVERY, ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


@pytest.mark.parametrize(
    ("contract", "case", "said"),
    [
        (BUMP, "inside", "step = 2h"),
        (TOOTH, "above", "step = a - b"),
        (PLATE, "inside", "step = q - p"),
        (BORDER, "between", "leaving = 0"),
        (SLOT, "taken", "step = v"),
    ],
    ids=lambda x: x.id if isinstance(x, Contract) else str(x),
)
def test_a_wrong_promise_is_refuted(contract: Contract, case: str, said: str) -> None:
    (place,) = (k for k, c in enumerate(contract.cases) if c.name == case)
    old = contract.cases[place]
    new = replace(old, ensures=(ensure(said), *old.ensures[1:]))
    cases = (*contract.cases[:place], new, *contract.cases[place + 1 :])
    outcomes = discharge(obligations((replace(contract, cases=cases),)))
    assert sorted(outcome.status for outcome in outcomes).count("sat") == 1


@given(rationals(5), rationals(4), rationals(4))
def test_bumps_and_plates_hold_at_random_points(u: Fraction, v: Fraction, size: Fraction) -> None:
    h, t = {"h": abs(size) + 1}, {"t": abs(size)}
    assert broken_cases(BUMP, h, {"u": u}, outputs_at(BUMP, {"u": u, **h})) == []
    pq = {"p": u, "q": v}
    assert broken_cases(PLATE, t, pq, outputs_at(PLATE, {**pq, **t})) == []
    assert "anywhere" in met_cases(BUMP, h, {"u": u})


@given(rationals(5), rationals(4), rationals(4))
def test_a_tooth_has_a_case_everywhere(u: Fraction, first: Fraction, second: Fraction) -> None:
    known = {"a": abs(first) + abs(second), "b": abs(second)}
    assert broken_cases(TOOTH, known, {"u": u}, outputs_at(TOOTH, {"u": u, **known})) == []
    assert met_cases(TOOTH, known, {"u": u})
