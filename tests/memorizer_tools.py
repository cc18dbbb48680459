"""What every construction's tests ask of it: odd data, predictions, probes, single weights changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
from naive_evaluator import failing_rows, holds, layers
from proof_tools import with_weight
from strategies import dataset, number

from memcert.constructions.assemble import build, prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import construction
from memcert.datasets.dataset import Dataset
from memcert.exact.check import fast_check
from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.check import check
from memcert.kernel.check import sizes as counted
from memcert.kernel.network import Network
from memcert.kernel.verdict import Failure
from memcert.proofs.prove import prove
from memcert.proofs.result import ProofResult

ODD: dict[str, tuple[Sequence[Sequence[int | Fraction]], list[int]]] = {
    "one point": ([(7,)], [0]),
    "one class": ([(1, 2), (3, 4), (-5, 6)], [0, 0, 0]),
    "two points": ([(0,), (1,)], [0, 1]),
    "equal points": ([(3, 1), (3, 1), (2, 2), (3, 1)], [1, 1, 0, 1]),
    "tiny beside huge": (
        [(10**9, Fraction(1, 10**9)), (10**9, Fraction(2, 10**9)), (-(10**9), 0), (5, 5)],
        [0, 1, 2, 1],
    ),
    "negative": ([(-5,), (-3,), (-4,), (-100,), (-7,)], [1, 0, 1, 0, 2]),
    "decimals": ([(Fraction(k * k, 10), Fraction(k, 1000)) for k in range(12)], [k % 3 for k in range(12)]),
    "sixty digits": ([(10**60,), (10**60 + 1,), (-(10**60),)], [0, 1, 0]),
    "a grid": (
        [(a, b) for a in range(5) for b in range(5)],
        [(a * b) % 4 for a in range(5) for b in range(5)],
    ),
    "a line of integers": ([(k,) for k in range(30)], [k * k % 7 % 3 for k in range(30)]),
    "as many classes as points": ([(i * i, i) for i in range(17)], list(range(17))),
    "one point of its class": ([(i * i, i) for i in range(17)], [0] * 9 + [1] + [0] * 7),
    "all but one": ([(i * i, i) for i in range(17)], [1] * 9 + [0] + [1] * 7),
}


def odd(name: str) -> Dataset:
    """Return odd but honest data."""
    return dataset(*ODD[name])


def contradiction_free(data: Dataset) -> Dataset:
    """Return the data with the label of its first occurrence given to every repeated point."""
    first: dict[tuple[Number, ...], Original] = {}
    labels = tuple(first.setdefault(data.point(row), data.labels[row]) for row in range(data.size))
    return Dataset(data.name, None, data.numerators, data.denominator, labels)


def random_data(count: int, dimension: int, classes: int, span: int = 10**4) -> Dataset:
    """Return distinct integer points with random labels, all of which occur."""
    generator = np.random.Generator(np.random.PCG64(1000 * count + 10 * dimension + classes))
    points = np.unique(generator.integers(-span, span, size=(2 * count, dimension)), axis=0)
    points = generator.permutation(points)[:count]
    labels = generator.integers(0, classes, size=count)
    labels[:classes] = np.arange(classes)
    return dataset(points.tolist(), tuple(labels.tolist()))


def accepted(
    name: str, data: Dataset, rule: str | None = None, *, tolerance: str | None = None, **options: Any
) -> Certificate:
    """Build; everything that could be wrong must be right: sizes, rule, probes, kernel, engine, proof."""
    certificate = build(data, name, rule, tolerance, **options)
    made_by = construction(name)
    task = prepare(data, rule or made_by.rules[0], tolerance)
    size = made_by.predict(task, resolved(made_by, options))
    found = counted(certificate.network)
    predicted = (size.parameters, size.edges, size.width, size.depth)
    assert predicted == tuple(found[key] for key in ("parameters", "edges", "width", "depth"))
    assert size.dense == dense(certificate.network)
    assert size.bits >= found["bit_complexity"]
    assert failing_rows(certificate) == []
    assert probes_wrong(certificate) == []
    check(certificate)
    fast_check(certificate)
    result = prove(certificate)
    assert result.verdict == "proved", result.refutation or result.open
    assert result.concrete_blocks == 0
    return certificate


def dense(network: Network) -> int:
    """Return the weights and biases of the network, zeros included, straight from the shapes."""
    return sum(rows * columns + rows for rows, columns in (layer.shape for layer in network.layers))


def probes_wrong(certificate: Certificate) -> list[str]:
    """Return every probe that does not have its value, by the naive evaluator."""
    found = []
    for row, point in enumerate(certificate.dataset.points or ()):
        values = layers(certificate.network, point)
        for probe in certificate.witness.probes:
            pairs = zip(probe.coefficients, probe.neurons, strict=True)
            got = sum((Fraction(c) * values[probe.after_layer][i] for c, i in pairs), Fraction(0))
            parts = certificate.witness.partitions
            place = row if probe.partition is None else parts[probe.partition][row]
            if got != probe.values[place]:
                found.append(f"{probe.name} at row {row}: {got}, not {probe.values[place]}")
    return found


def corners_wrong(certificate: Certificate, seed: int = 5) -> list[int]:
    """Return rows where a random corner of the claimed box has another answer."""
    random = Random(seed)  # noqa: S311 - the same corners in every run
    radius = certificate.claim.box_radius
    assert radius is not None
    assert not isinstance(radius, str)
    assert radius > 0
    samples, claim = certificate.dataset, certificate.claim
    found = []
    for row, (point, label) in enumerate(zip(samples.points or (), samples.labels or (), strict=True)):
        corner = [x + random.choice([-1, 1]) * Fraction(radius) for x in point]
        if not holds(claim.rule, layers(certificate.network, corner)[-1], label, claim.tolerance):
            found.append(row)
    return found


def changed_weights(certificate: Certificate, wanted: int, seed: int = 3) -> Counter[str]:
    """Change single weights at random until `wanted` changes are refuted; nothing false may be proved.

    A change is refuted where the proof refuses it or the check rejects it, harmless where both
    accept. Every verdict is compared with the naive evaluator.
    """
    random = Random(seed)  # noqa: S311 - the same changes in every run
    found = Counter[str]()
    digests = replace(certificate.digests, network=None)
    for _ in range(40 * wanted):
        network = with_weight(certificate.network, *_change(random, certificate.network))
        changed = replace(certificate, network=network, digests=digests)
        proof, rejected = prove(changed), _rejected(changed)
        right = not failing_rows(changed)
        assert proof.verdict != "undecided"
        assert proof.verdict == "refuted" or right
        assert right or rejected
        refuted = proof.verdict == "refuted" or rejected
        found["refuted" if refuted else "harmless"] += 1
        found[_kind(proof, right)] += 1
        if found["refuted"] == wanted:
            return found
    raise AssertionError(f"only {found} of {40 * wanted} changes")


def _kind(proof: ProofResult, right: bool) -> str:
    return f"{proof.verdict}, {'right' if right else 'wrong'}"


def _rejected(certificate: Certificate) -> bool:
    found: dict[str, Any] = {**counted(certificate.network)}
    sized = replace(certificate.claim, **found)
    try:
        fast_check(replace(certificate, claim=sized))
    except Failure:
        return True
    return False


def _change(random: Random, network: Network) -> tuple[int, int, int | None, Number]:
    at = random.randrange(len(network.layers))
    layer = network.layers[at]
    row = random.randrange(layer.shape[0])
    weights: dict[int | None, Number] = {**dict(layer.row(row)), None: layer.bias[row]}
    place = random.choice(list(weights))
    old = Fraction(weights[place])
    new = random.choice([-old, old * 2, old / 2, old + 1, old - 1, old * Fraction(11, 10), Fraction(0)])
    return at, row, place, number(new if new != old else old + 1)
