from dataclasses import replace
from hashlib import sha256

import pytest
from contract_samples import BIT, GATE, SELECT, SIMPLE, with_case

from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.notation import atoms
from memcert.kernel.verdict import LimitReached, Malformed
from memcert.proofs import obligations as module
from memcert.proofs.obligations import Stand, obligations, of_case, reachability
from memcert.proofs.solvers import discharge


def test_every_case_of_every_contract_is_asked_in_order() -> None:
    contracts = (BIT, SELECT, GATE)
    found = obligations(contracts)
    assert [(stand.contract, stand.case) for one in found for stand in one.stands] == [
        *((0, k) for k in range(4)),
        *((1, k) for k in range(3)),
        *((2, k) for k in range(4)),
    ]
    assert all(len(one.stands) == 1 for one in found)


def test_only_identical_texts_are_one_obligation() -> None:
    first, second = obligations((carry(), neuron()))
    assert [(s.contract, s.case) for s in first.stands] == [(0, 0), (1, 0)]
    assert [s.names for s in first.stands] == [("u", "c1"), ("u", "y")]
    assert [(s.contract, s.case) for s in second.stands] == [(1, 1)]
    assert first.text != second.text


def test_obligations_that_differ_only_in_strictness_are_two() -> None:
    weak = replace(SIMPLE, id="weak", assumes=atoms("w >= 0"))
    found = obligations((SIMPLE, weak))
    assert len(found) == len({one.digest for one in found}) == 4


def test_the_digest_is_that_of_the_text() -> None:
    for one in obligations((ramp(),)):
        assert one.digest == sha256(one.text.encode()).hexdigest()
        assert one.text.startswith(f"(set-logic {one.logic})")
        assert one.free == 2


def test_contracts_are_validated_before_anything_is_printed() -> None:
    with pytest.raises(Malformed) as caught:
        obligations((linear(), replace(SIMPLE, cases=())))
    assert (caught.value.rule, caught.value.at) == ("empty", "contracts[1].cases")


def test_more_cases_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OBLIGATIONS", 3)
    with pytest.raises(LimitReached) as caught:
        obligations((BIT,))
    assert (caught.value.rule, caught.value.got) == ("obligations", "4")


def test_a_stand_names_its_contract_and_case() -> None:
    assert of_case((SIMPLE, BIT), Stand(1, 2, ())) == (BIT, BIT.cases[2])


def test_a_contradictory_case_is_proved_and_reported_as_impossible() -> None:
    vacuous = with_case(replace(SIMPLE, id="vacuous"), "never", "u >= 1, u <= 0", "y = 77")
    by_parameter = with_case(replace(SIMPLE, id="odd", assumes=atoms("w > 1, w <= 1")), "never", "", "y = 77")
    contracts = (vacuous, by_parameter, SIMPLE)
    assert {one.status for one in discharge(obligations(contracts))} == {"unsat"}
    asked = reachability(contracts, [(0, 0), (1, 0), (2, 0), (2, 1)])
    assert [one.status for one in discharge(asked)] == ["unsat", "unsat", "sat", "sat"]
