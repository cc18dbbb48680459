"""Theorem 3.1 with one weight changed: what survives is harmless, and nothing false survives."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random

import pytest
from naive_evaluator import prepared, run
from proof_tools import proved, with_weight
from strategies import dataset, number

from memcert.constructions.assemble import build
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.network import Network
from memcert.proofs.blocks import as_it_is
from memcert.proofs.concrete import examine
from memcert.proofs.matching import Unmatched, matched
from memcert.proofs.outline import PlacedBlock, outline_of
from memcert.proofs.prove import prove
from memcert.proofs.result import ProofResult

POINTS = [[Fraction(k), Fraction((7 * k * k + 3) % 11)] for k in range(15)] + [[Fraction(5, 2), Fraction(-6)]]
LABELS = [("red", "green", "blue")[(k * k + k // 3) % 3] for k in range(16)]
CHANGES = 8
"""Random changes a contract and kind."""
NEW = (Fraction(1), Fraction(-1), Fraction(1, 1000), Fraction(2**80))
FACTORS = (Fraction(2), Fraction(3), Fraction(1, 2))
KINDS = ("to zero", "from zero", "a little", "much", "sign")


@cache
def built() -> Certificate:
    certificate = build(dataset(POINTS, LABELS))
    assert {"slots": "2"}.items() <= certificate.annotations.items()
    return certificate


Change = tuple[int, int, int | None, Number]


def changes() -> Iterator[tuple[str, str, Change]]:
    """Yield (contract, kind, (layer, neuron, source or None, new value)), over all stages."""
    random = Random(7)  # noqa: S311 - the same changes in every run
    certificate = built()
    placed = outline_of(certificate).blocks
    for contract in certificate.contracts:
        blocks = [p for p in placed if p.block.contract == contract.id]
        for kind in KINDS:
            for _ in range(CHANGES):
                change = _change(random, certificate.network, random.choice(blocks), kind)
                if change is not None:
                    yield contract.id, kind, change


def _change(random: Random, network: Network, placed: PlacedBlock, kind: str) -> Change | None:
    k = random.randrange(len(placed.neurons))
    at, neuron = placed.block.first_layer + k, random.choice(placed.neurons[k])
    layer = network.layers[at]
    weights: dict[int | None, Number] = {None: layer.bias[neuron], **dict(layer.row(neuron))}
    places: list[int | None] = [*range(layer.shape[1]), None]
    zero = [place for place in places if not weights.get(place, 0)]
    if kind == "from zero":
        if not zero:
            return None
        return (
            at,
            neuron,
            random.choice(zero),
            random.choice((Fraction(1), Fraction(-1), Fraction(1, 1000), Fraction(2**80))),
        )
    place = random.choice([place for place in places if place not in zero] or places[-1:])
    old = weights.get(place, 0)
    new = {
        "to zero": Fraction(0),
        "a little": old + Fraction(random.choice([-1, 1]), 2**20),
        "much": old * random.choice(FACTORS) + random.choice([0, 1]),
        "sign": Fraction(-old),
    }[kind]
    return None if new == old else (at, neuron, place, number(new))


@cache
def outcomes() -> list[tuple[str, str, Change, Certificate, ProofResult]]:
    found = []
    for contract, kind, change in changes():
        digests = replace(built().digests, network=None)
        changed = replace(built(), network=with_weight(built().network, *change), digests=digests)
        found.append((contract, kind, change, changed, prove(changed)))
    return found


def right(certificate: Certificate) -> bool:
    network = prepared(certificate.network)
    labels = certificate.dataset.labels or ()
    return all(run(network, x)[-1] == (y,) for x, y in zip(POINTS, labels, strict=True))


def test_the_unchanged_certificate_is_proved_by_its_own_mechanisms() -> None:
    result = proved(built())
    assert result.concrete_blocks == 0
    assert not result.regions
    assert result.obligations <= 40
    assert isinstance(result.smallest_radius, int | Fraction)
    assert result.smallest_radius >= built().claim.box_radius > 0  # type: ignore[operator]


def test_there_are_two_hundred_changes_over_all_contracts_and_kinds() -> None:
    kinds = Counter((contract, kind) for contract, kind, *_ in outcomes())
    assert sum(kinds.values()) >= 200
    assert {contract for contract, _ in kinds} == {c.id for c in built().contracts}
    assert {kind for _, kind in kinds} == set(KINDS)


def test_nothing_survives_while_the_naive_evaluator_disagrees() -> None:
    verdicts = Counter[tuple[str, bool]]()
    for _, _, change, changed, result in outcomes():
        correct = right(changed)
        verdicts[result.verdict, correct] += 1
        assert result.verdict != "undecided"
        assert result.verdict == "refuted" or correct, change
        if result.refutation is not None:
            assert result.refutation.samples_wrong is not correct, change
    assert verdicts["proved", True] > 0
    assert verdicts["refuted", True] > 0
    assert verdicts["refuted", False] > 50


def test_what_survives_keeps_its_contract_with_its_actual_weights() -> None:
    for _, _, (at, neuron, *_), changed, result in outcomes():
        if result.verdict != "proved":
            continue
        outline = outline_of(changed)
        placed = outline.by_index[outline.owners[at][neuron]]
        found = matched(changed.network, placed)
        block = as_it_is(changed.network, placed, found.parameters)
        assert examine(placed.pattern.contract, block).status == "proved"
        assert isinstance(found, Unmatched) == bool(result.concrete_blocks)


def test_what_survives_holds_on_its_boxes() -> None:
    random = Random(11)  # noqa: S311 - the same corners in every run
    for _, _, _, changed, result in outcomes():
        if result.verdict != "proved":
            continue
        network = prepared(changed.network)
        for point, label, radius in zip(POINTS, changed.dataset.labels or (), result.radii, strict=True):
            assert radius is not None and not isinstance(radius, str)
            corner = [x + random.choice([-1, 1]) * radius for x in point]
            assert run(network, corner)[-1] == (label,)


def test_a_refused_change_names_a_block() -> None:
    for _, _, change, _, result in outcomes():
        if result.refutation is not None and result.refutation.rule not in ("equal", "box_radius"):
            assert result.refutation.block is not None, change


@pytest.mark.parametrize("row", range(len(POINTS)))
def test_a_label_changed_is_refuted_at_that_row(row: int) -> None:
    certificate = built()
    labels = list(certificate.dataset.labels or ())
    labels[row] = (int(labels[row]) + 1) % 3
    digests = replace(certificate.digests, dataset=None)
    lying = replace(certificate, dataset=replace(certificate.dataset, labels=tuple(labels)), digests=digests)
    found = prove(lying).refutation
    assert found is not None
    assert (found.rule, found.sample, found.samples_wrong) == ("equal", row, True)


def test_a_radius_that_is_a_little_too_large_is_refuted() -> None:
    certificate = built()
    least = proved(certificate).smallest_radius
    assert isinstance(least, int | Fraction)
    for factor, verdict in ((1, "proved"), (1 + Fraction(1, 2**30), "refuted")):
        claim = replace(certificate.claim, box_radius=least * factor)
        result = prove(replace(certificate, claim=claim))
        assert result.verdict == verdict
        if result.refutation is not None:
            assert result.refutation.rule == "box_radius"
            assert result.refutation.samples_wrong is False
