import pytest
from hypothesis import given
from strategies import rationals

from memcert.contracts.meaning import outputs_at
from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.validation import validate
from memcert.kernel.certificate import Contract, Number
from memcert.proofs.obligations import obligations
from memcert.proofs.solvers import discharge


@pytest.mark.parametrize("contract", [carry(), carry(4), linear(), neuron(), ramp()], ids=lambda c: c.id)
def test_mechanisms_are_contracts_and_z3_proves_each_case(contract: Contract) -> None:
    validate(contract)
    assert [outcome.status for outcome in discharge(obligations([contract]))] == ["unsat"] * len(
        contract.cases
    )


def test_carry_has_one_neuron_a_layer_and_a_name_of_its_own() -> None:
    assert [carry(k).id for k in (1, 2, 3)] == ["carry", "carry2", "carry3"]
    assert [len(carry(k).layers) for k in (1, 2, 3)] == [1, 2, 3]
    with pytest.raises(ValueError, match="at least one layer"):
        carry(0)


@given(rationals(6), rationals(4))
def test_ramp_is_the_difference_of_two_relus(u: Number, w: Number) -> None:
    assert outputs_at(ramp(), {"u": u, "w": w}) == {"step": max(u + w, 0) - max(u, 0)}


@given(rationals(6))
def test_neuron_is_the_relu_and_linear_is_not(u: Number) -> None:
    assert outputs_at(neuron(), {"u": u}) == {"y": max(u, 0)}
    assert outputs_at(linear(), {"u": u}) == {"y": u}
