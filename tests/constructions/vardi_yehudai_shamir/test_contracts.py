"""The contracts of the stages are proved, and claimed radii are exactly those that are proved."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from strategies import dataset

from memcert.constructions.assemble import build
from memcert.constructions.vardi_yehudai_shamir.comparison import COMPARISON
from memcert.constructions.vardi_yehudai_shamir.composition import CONTRACTS
from memcert.constructions.vardi_yehudai_shamir.interval_indicator import INTERVAL_INDICATOR
from memcert.datasets.dataset import Dataset
from memcert.kernel.certificate import Contract
from memcert.proofs.obligations import obligations
from memcert.proofs.prove import prove
from memcert.proofs.solvers import discharge


def random_data(count: int, dimension: int, classes: int) -> Dataset:
    generator = np.random.Generator(np.random.PCG64(count))
    points = np.unique(generator.integers(-(10**4), 10**4, size=(count, dimension)), axis=0).tolist()
    return dataset(points, tuple(i * i % classes for i in range(len(points))))


@pytest.mark.parametrize("contract", [*CONTRACTS, INTERVAL_INDICATOR, COMPARISON], ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


def test_a_gate_whose_window_is_one_wider_than_promised_is_refuted() -> None:
    gate = next(contract for contract in CONTRACTS if contract.id == "gate")
    left = next(case for case in gate.cases if case.name == "left")
    nearer = replace(left, requires=left.requires[1:])
    (outcome,) = discharge(obligations((replace(gate, cases=(nearer,)),)))
    assert outcome.status == "sat"


@pytest.mark.parametrize("sizing", ["balanced", "literal"])
@pytest.mark.parametrize(
    ("count", "dimension", "classes"), [(12, 1, 2), (40, 3, 10), (90, 2, 3), (20, 1, 20)]
)
def test_the_claimed_radius_is_the_smallest_that_is_proved(
    count: int, dimension: int, classes: int, sizing: str
) -> None:
    certificate = build(random_data(count, dimension, classes), sizing=sizing)
    result = prove(certificate)
    assert result.verdict == "proved"
    assert result.obligations == 14
    radii = [radius for radius in result.radii if not isinstance(radius, str | None)]
    assert len(radii) == certificate.dataset.size
    # A sample of label 0 needs no open gate: it may have more room than its window.
    assert min(radii) >= Fraction(certificate.claim.box_radius or 0)


def test_a_claim_of_a_larger_radius_is_refuted() -> None:
    certificate = build(random_data(60, 3, 4))
    radius = Fraction(certificate.claim.box_radius or 0)
    larger = replace(certificate, claim=replace(certificate.claim, box_radius=radius * Fraction(11, 10)))
    assert prove(certificate).verdict == "proved"
    assert prove(larger).verdict == "refuted"


@pytest.mark.parametrize(("rule", "classes"), [("sign", 2), ("argmax", 3), ("equal", 1)])
def test_every_rule_and_the_constant_network_are_proved(rule: str, classes: int) -> None:
    assert prove(build(random_data(15, 2, classes), rule=rule)).verdict == "proved"
