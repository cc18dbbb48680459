"""A margin that is promised on the boxes: proved up to the exact number, and not beyond."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memorizer_tools import random_data
from strategies import dataset

from memcert.constructions.assemble import build
from memcert.kernel.certificate import Certificate, Number, Promise
from memcert.kernel.verdict import Malformed, Unsupported
from memcert.proofs.margins import promised_margin
from memcert.proofs.prove import prove
from memcert.proofs.result import ProofResult

POINTS = [(0, 0), (4, 1), (9, -3), (2, 7), (-5, 2)]


def with_margin(certificate: Certificate, *margins: Number) -> Certificate:
    promises = tuple(Promise("margin", {"margin": margin}) for margin in margins)
    return replace(certificate, claim=replace(certificate.claim, promises=promises))


def tried(rule: str, margin: Number, tolerance: str | None = None) -> ProofResult:
    labels = (0, 1, 1, 0, 1) if rule != "within" else (0, 1, Fraction(1, 2), 3, 4)
    certificate = build(dataset(POINTS, labels), "robust-boxes", rule, tolerance)
    return prove(with_margin(certificate, margin))


@pytest.mark.parametrize("rule", ["sign", "argmax"])
def test_the_margin_one_of_codes_is_proved_on_boxes_and_nothing_more(rule: str) -> None:
    assert tried(rule, 1).verdict == "proved"
    above = tried(rule, 1 + Fraction(1, 2**40))
    assert above.verdict == "refuted"
    assert above.refutation is not None
    assert "with margin" in above.refutation.expected
    assert above.refutation.samples_wrong is False


def test_a_margin_within_a_tolerance_is_what_the_tolerance_leaves() -> None:
    # Pieces of length 3/2 from 0 on, their middles 3/4, 9/4, 15/4; 3 and 0 are 3/4 from theirs.
    labels = (Fraction(1, 4), 1, Fraction(1, 2), 3, 4, 0)
    certificate = build(dataset([*POINTS, (20, 20)], labels), "robust-boxes", "within", "3/4")
    assert certificate.claim.margin == 0
    claim = replace(certificate.claim, tolerance=Fraction(7, 8))
    certificate, slack = replace(certificate, claim=claim), Fraction(1, 8)
    assert prove(with_margin(certificate, slack)).verdict == "proved"
    assert prove(with_margin(certificate, slack + Fraction(1, 1000))).verdict == "refuted"


def test_of_several_margins_the_largest_counts() -> None:
    certificate = build(dataset(POINTS, (0, 1, 1, 0, 1)), "robust-boxes", "sign")
    assert promised_margin(certificate.claim) == 0
    assert promised_margin(with_margin(certificate, 1, 2, Fraction(1, 2)).claim) == 2
    assert prove(with_margin(certificate, Fraction(1, 2), 1)).verdict == "proved"
    assert prove(with_margin(certificate, 2, Fraction(1, 2))).verdict == "refuted"


def test_a_rule_without_margin_is_refused() -> None:
    with pytest.raises(Unsupported, match="margin"):
        tried("equal", 1)


@pytest.mark.parametrize(
    "values", [{}, {"margin": 0}, {"margin": -1}, {"margin": 1, "more": 1}, {"least": 1}]
)
def test_a_margin_that_is_none_is_malformed(values: dict[str, Number]) -> None:
    certificate = build(dataset(POINTS, (0, 1, 1, 0, 1)), "robust-boxes", "sign")
    claim = replace(certificate.claim, promises=(Promise("margin", values),))
    with pytest.raises(Malformed, match="promise"):
        prove(replace(certificate, claim=claim))


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 9), st.integers(1, 3), st.integers(1, 2**20))
def test_no_margin_above_that_of_the_samples_is_ever_proved(count: int, dimension: int, more: int) -> None:
    data = random_data(count, dimension, 2, span=30)
    certificate = build(data, "yu-gao-zhang-miao-cells", "sign")
    margin = certificate.claim.margin
    assert margin is not None
    assert prove(with_margin(certificate, margin + Fraction(more, 2**30))).verdict == "refuted"
