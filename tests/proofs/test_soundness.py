"""Nothing false is proved: certificates made to deceive, at random, against exact evaluation at many points.

A longer run of the same: `python benchmarks/soundness.py N`.
"""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from proof_tools import by_neurons, net, proved
from soundness_tools import assembled, contradiction, edited, found_by, honest, read, widened

from memcert.kernel.certificate import Certificate
from memcert.kernel.verdict import LimitReached, Malformed, Mismatch, Rejected, Unsupported
from memcert.proofs.result import ProofResult

FAILURES = (LimitReached, Malformed, Mismatch, Rejected, Unsupported)
PARTS = 4
"""The seeds are run in so many tests."""


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same certificates in every run


def verdict(certificate: Certificate, random: Random) -> tuple[str, ProofResult | None]:
    """Return the verdict, having made sure that it contradicts no point that was evaluated."""
    found = found_by(certificate)
    if not isinstance(found, ProofResult):
        assert isinstance(found, FAILURES), found
        return type(found).__name__, None
    if found.verdict == "proved":
        assert contradiction(certificate, found, random) is None
    return found.verdict, found


@pytest.mark.parametrize("part", range(PARTS))
def test_no_network_of_true_and_false_mechanisms_is_proved_beyond_what_it_does(part: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(part, 120, PARTS):
        random = seeded(seed)
        certificate = assembled(random)
        word, result = verdict(certificate, random)
        counts[word] += 1
        wider = widened(certificate, result, random) if result is not None and word == "proved" else None
        if wider is not None:
            counts["wider " + verdict(wider, random)[0]] += 1
    # Neither all nor none: else nothing would have been tried.
    assert counts["proved"] >= 2
    assert counts["refuted"] >= 5


@pytest.mark.parametrize("part", range(PARTS))
def test_no_edits_of_a_true_certificate_make_a_false_one_that_is_proved(part: int) -> None:
    counts: Counter[str] = Counter()
    random = seeded(10_000 + part)
    base = honest(random)
    for seed in range(part, 60, PARTS):
        random = seeded(seed)
        certificate = read(edited(base, random))
        counts[verdict(certificate, random)[0] if certificate is not None else "not read"] += 1
    assert counts["proved"] >= 1
    assert counts["refuted"] + counts["Malformed"] >= 3


def test_the_oracle_sees_a_box_that_was_claimed_too_large() -> None:
    # F(x) = |x| is 1 at x = 1, and within 1/2 of it on the box of radius 1/2 but on none larger.
    network = net(1, ["x0", "-x0"], ["x0 + x1"])
    true = by_neurons(network, [[1]], [1], rule="within", tolerance=Fraction(1, 2), radius=Fraction(1, 2))
    larger = by_neurons(network, [[1]], [1], rule="within", tolerance=Fraction(1, 2), radius=Fraction(9, 16))
    result = proved(true)
    assert contradiction(true, result, seeded(0)) is None
    assert contradiction(larger, result, seeded(0)) is not None
    excepted = by_neurons(network, [[1]], [1], rule="within", tolerance=Fraction(1, 2), excepted=[0])
    assert contradiction(excepted, result, seeded(0)) == "row 0 is excepted, and holds"
