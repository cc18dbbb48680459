from dataclasses import replace

import pytest
from contract_samples import BIT, GATE, SIMPLE, with_case

from memcert.contracts.mechanisms import carry, neuron
from memcert.contracts.notation import case
from memcert.kernel.certificate import Number
from memcert.proofs.answers import Status
from memcert.proofs.obligations import obligations
from memcert.proofs.result import Open
from memcert.proofs.settle import settle
from memcert.proofs.solvers import Outcome, discharge

FALSE = with_case(SIMPLE, "on", "u >= 0", "y = u + 2w")


def outcome(status: Status, model: tuple[Number, ...] | None = None, reason: str = "") -> Outcome:
    return Outcome(status, model, reason, 0.0, "z3", "0")


def test_what_z3_proves_is_proved_for_every_stand() -> None:
    contracts = (carry(), neuron(), BIT)
    asked = obligations(contracts)
    found = settle(contracts, asked, discharge(asked))
    assert found.proved == {(0, 0), (1, 0), (1, 1), *((2, k) for k in range(4))}
    assert (found.refutations, found.open) == ((), ())


def test_a_false_promise_is_refuted_with_exact_values() -> None:
    asked = obligations((carry(), FALSE))
    found = settle((carry(), FALSE), asked, discharge(asked))
    assert found.proved == {(0, 0)}
    (refutation,) = found.refutations
    values = dict(refutation.values)
    assert values["w"] > 0
    assert values["u"] >= 0
    assert values["y"] == values["u"] + values["w"]
    assert (refutation.rule, refutation.at) == ("ensures", "contracts[1].cases[0]")
    assert (refutation.contract, refutation.case) == ("simple", "on")
    assert refutation.expected.startswith("y = u + 2w (")


def test_a_refutation_shows_the_values_that_a_person_computes() -> None:
    asked = obligations((FALSE,))
    (refutation,) = settle((FALSE,), asked, [outcome("sat", (3, 1))]).refutations
    assert refutation.values == (("w", 3), ("u", 1), ("y", 4))
    assert str(refutation) == "ensures at contracts[0].cases[0]: expected y = u + 2w (7), got 4"


@pytest.mark.parametrize("model", [(0, 1), (-1, 1), (1, -1)])
def test_a_counterexample_outside_of_the_premises_leaves_the_case_open(model: tuple[int, int]) -> None:
    found = settle((FALSE,), obligations((FALSE,)), [outcome("sat", model)])
    assert (found.proved, found.refutations) == (frozenset(), ())
    (missing,) = found.open
    assert missing == Open("simple", "on", None, "the solver's counterexample is none by exact arithmetic")


def test_a_counterexample_to_a_true_promise_leaves_the_case_open() -> None:
    true = with_case(SIMPLE, "on", "u >= 0", "y = u + w")
    found = settle((true,), obligations((true,)), [outcome("sat", (3, 1))])
    assert (found.proved, found.refutations) == (frozenset(), ())
    assert len(found.open) == 1


@pytest.mark.parametrize("one", [outcome("undecided", None, "timeout"), outcome("sat", None)])
def test_undecided_proves_nothing(one: Outcome) -> None:
    found = settle((FALSE,), obligations((FALSE,)), [one])
    assert (found.proved, found.refutations, len(found.open)) == (frozenset(), (), 1)


def test_one_outcome_fewer_than_obligations_leaves_the_last_open() -> None:
    asked = obligations((GATE,))
    found = settle((GATE,), asked, [outcome("unsat")] * 3)
    assert found.proved == {(0, 0), (0, 1), (0, 2)}
    assert [missing.case for missing in found.open] == ["right"]


def test_only_the_weakened_case_of_bit_is_refuted() -> None:
    # The word `bit` is promised to be 0 without the premise that says which end is higher.
    weak = case("low_zero", "p >= 0, q >= 0, 2p <= 1, 2q <= 1", "p3 = 2p, q3 = 2q, bit = 0")
    false = replace(BIT, cases=(weak, *BIT.cases[1:]))
    asked = obligations((false,))
    found = settle((false,), asked, discharge(asked))
    assert found.proved == {(0, 1), (0, 2), (0, 3)}
    (refutation,) = found.refutations
    values = dict(refutation.values)
    assert values["bit"] == values["k"] * (2 * values["q"] - 2 * values["p"]) > 0
