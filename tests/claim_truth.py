"""What a check decides, decided a second time: claim by claim, by its definition, from the naive evaluator.

Shared by the tests of single edits and the mutation score. Imports data classes and digests only.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import naive_evaluator

from memcert.kernel.certificate import Certificate, Number, Probe
from memcert.kernel.data import dataset_digest as digest_of
from memcert.kernel.data import inline_table, network_digest

ZERO = Fraction(0)


def _squared(p: Sequence[Any], q: Sequence[Any]) -> Fraction:
    return sum(((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(p, q, strict=True)), ZERO)


def _bits(x: Fraction) -> int:
    # ceil(log2(|p| + 1)) + ceil(log2(q + 1)), by counting.
    return sum(next(k for k in range(10**6) if 2**k >= n + 1) for n in (abs(x.numerator), x.denominator))


def _sizes_are_true(certificate: Certificate) -> bool:
    claim, layers = certificate.claim, certificate.network.layers
    weights = [Fraction(x) for layer in layers for x in layer.data]
    biases = [Fraction(x) for layer in layers for x in layer.bias]
    return (
        claim.depth == len(layers)
        and claim.width == max([layer.shape[0] for layer in layers[:-1]] + [0])
        and claim.edges == len(weights)
        and claim.parameters == len(weights) + len([b for b in biases if b != 0])
        and claim.bit_complexity == max(map(_bits, weights + biases))
    )


def _geometry_is_true(certificate: Certificate) -> bool:
    claim, points = certificate.claim, certificate.dataset.points or ()
    distinct = sorted(set(points))
    if claim.data_radius_squared != max(_squared(p, [0] * len(p)) for p in points):
        return False
    stated, v = claim.separation_squared, claim.separation_direction
    if stated is None:
        return True
    if len(distinct) == 1:
        return False
    if v is None:
        return stated == min(_squared(p, q) for p, q in combinations(distinct, 2))
    along = [sum((Fraction(a) * Fraction(x) for a, x in zip(v, p, strict=True)), ZERO) for p in distinct]
    gap = min(abs(a - b) for a, b in combinations(along, 2))
    return Fraction(stated) * _squared(v, [0] * len(v)) <= gap**2


def _margin(certificate: Certificate, outputs: Sequence[Fraction], label: Number) -> Fraction:
    rule = certificate.claim.rule
    if rule == "argmax":
        return min(outputs[int(label)] - other for k, other in enumerate(outputs) if k != label)
    if rule == "sign":
        return abs(outputs[0])
    return Fraction(certificate.claim.tolerance or 0) - abs(outputs[0] - Fraction(label))


def _probe_is_true(
    certificate: Certificate, probe: Probe, runs: Sequence[Sequence[Sequence[Fraction]]]
) -> bool:
    for row, run in enumerate(runs):
        place = row if probe.partition is None else certificate.witness.partitions[probe.partition][row]
        form = sum(
            Fraction(a) * run[probe.after_layer][j]
            for j, a in zip(probe.neurons, probe.coefficients, strict=True)
        )
        if form != probe.values[place]:
            return False
    return True


def _digests_are_true(certificate: Certificate) -> bool:
    own = inline_table(certificate)
    assert own is not None
    true = {"dataset": digest_of(own), "network": network_digest(certificate.network)}
    return all(getattr(certificate.digests, name) in (None, digest) for name, digest in true.items())


def is_true(certificate: Certificate) -> bool:
    """Decide every claim that a check decides, by its definition."""
    claim, data = certificate.claim, certificate.dataset
    assert data.points is not None
    assert data.labels is not None
    network = naive_evaluator.prepared(certificate.network)
    runs = [naive_evaluator.run(network, point) for point in data.points]
    held = [
        naive_evaluator.holds(claim.rule, run[-1], label, claim.tolerance)
        for run, label in zip(runs, data.labels, strict=True)
    ]
    if [row for row, good in enumerate(held) if not good] != list(claim.excepted):
        return False
    margins = [
        _margin(certificate, run[-1], label)
        for run, label, good in zip(runs, data.labels, held, strict=True)
        if good
    ]
    return (
        (claim.margin is None or claim.margin == min(margins))
        and _sizes_are_true(certificate)
        and _geometry_is_true(certificate)
        and all(_probe_is_true(certificate, probe, runs) for probe in certificate.witness.probes)
        and _digests_are_true(certificate)
    )
