"""The contracts of the stages are proved, and claimed radii are exactly those that are proved."""

from dataclasses import replace
from fractions import Fraction

import pytest
from strategies import number
from two_label_tools import random_data

from memcert.constructions.assemble import build
from memcert.constructions.yu_gao_zhang_miao.composition import contracts
from memcert.contracts.notation import atoms, parameters
from memcert.kernel.certificate import Contract
from memcert.proofs.obligations import obligations
from memcert.proofs.prove import prove
from memcert.proofs.solvers import discharge

WIDTH6, MISLEADING = "yu-gao-zhang-miao-width6", "yu-gao-zhang-miao-misleading"


@pytest.mark.parametrize("contract", contracts(30), ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


def test_the_printed_ramp_right_of_a_does_not_take_a_off_at_a() -> None:
    """Lemma B.4 uses z >= a; as printed, with relu(z - a) and relu(z - a - b), it needs z >= a + b."""
    peel = next(contract for contract in contracts(3) if contract.id == "peel")
    rows = dict(peel.layers[0].neurons)
    printed = {"r0": rows["r0"], "r1": rows["r2"], "r2": (*rows["r2"], (-1, ("b",)))}
    layer = replace(peel.layers[0], neurons=tuple(printed.items()))
    is_set = next(case for case in peel.cases if case.name == "set")
    bound = parameters(("a", "r1", None), ("b", "r2", None))
    wrong = replace(peel, parameters=bound, layers=(layer,), cases=(is_set,))
    (outcome,) = discharge(obligations((wrong,)))
    assert outcome.status == "sat"
    further = replace(is_set, requires=atoms("z >= a + b"))
    (outcome,) = discharge(obligations((replace(wrong, cases=(further,)),)))
    assert outcome.status == "unsat"


@pytest.mark.parametrize("name", [WIDTH6, MISLEADING])
@pytest.mark.parametrize(("count", "dimension", "most"), [(12, 1, 50), (60, 3, 1000), (150, 2, 100)])
def test_the_claimed_radius_is_the_largest_that_is_proved(
    name: str, count: int, dimension: int, most: int
) -> None:
    made = build(random_data(count, dimension, most=most), name, directions=12)
    radius = made.claim.box_radius
    assert isinstance(radius, int | Fraction)
    assert radius > 0
    assert prove(made).verdict == "proved"
    more = number(Fraction(radius) * Fraction(10**6 + 1, 10**6))
    assert prove(replace(made, claim=replace(made.claim, box_radius=more))).verdict == "refuted"
