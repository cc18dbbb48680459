"""Small networks, boxes around their rows, and an exact oracle of the least value on a segment."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import naive_evaluator
import numpy as np
from strategies import dataset, network

from memcert.boxes.document import Boxes, BoxFile, BoxRow
from memcert.datasets.dataset import Dataset
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.data import Table
from memcert.kernel.network import Network
from memcert.regions.boxes import Budget, Decided, Decider
from memcert.verification.certificate import certificate_of
from memcert.verification.verdicts import Verified, verify

Point = Sequence[Number]


def random_network(seed: int, widths: Sequence[int], scale: float = 1.0) -> Network:
    """Return a network of float32 weights, as foreign ones are."""
    generator = np.random.default_rng(seed)
    parts = []
    for before, after in pairwise(widths):
        weights = (generator.normal(size=(after, before)) * scale / before**0.5).astype(np.float32)
        bias = (generator.normal(size=after) * 0.3).astype(np.float32)
        parts.append(
            ([[Fraction(float(w)) for w in row] for row in weights], [Fraction(float(b)) for b in bias])
        )
    return network(*parts)


def decided(
    net: Network,
    rows: Dataset,
    epsilon: Number,
    *,
    rule: str = "argmax",
    tolerance: Number | None = None,
    domain: tuple[tuple[Number, Number], ...] | None = None,
    budget: Budget | None = None,
) -> tuple[Certificate, BoxFile, list[Decided], Verified]:
    """Return the certificate of a network, and what becomes of the boxes around its rows."""
    found = verify(net, rows, rule, tolerance)
    certificate = certificate_of(net, None, found)
    digests = certificate.digests
    assert digests.network is not None and digests.dataset is not None
    boxes = Boxes(digests.network, digests.dataset, rule, tolerance, epsilon, domain)
    decider = Decider(net, boxes, budget or Budget(20, 400))
    made = [
        decider.decide(row, found.dataset.point(row), found.labels[row], found.margins[row])
        for row in range(found.dataset.size)
    ]
    return certificate, BoxFile(boxes, tuple(one.row for one in made), {}), made, found


def table(rows: Dataset) -> Table:
    """Return the rows as a checker reads them."""
    return Table(rows.size, rows.dimension, rows.columns, list(rows.rows()))


def own_labels(net: Network, points: Sequence[Point]) -> Dataset:
    """Return the points with the decisions of the network as labels."""
    outputs = [naive_evaluator.evaluate(net, point) for point in points]
    return dataset(points, [out.index(max(out)) for out in outputs])


def breakpoints(net: Network, low: Point, high: Point) -> list[tuple[Fraction, ...]]:
    """Return points of the segment from low to high between which the network is affine, ends included."""
    prepared = naive_evaluator.prepared(net)
    places = [Fraction(0), Fraction(1)]
    for depth, (rows, relu) in enumerate(prepared):
        if not relu:
            continue
        befores = {t: naive_evaluator.run(prepared[:depth], _at(low, high, t))[-1] for t in places}
        extra = set()
        for edges, bias in rows:
            values = {t: bias + sum((w * befores[t][k] for k, w in edges), Fraction(0)) for t in places}
            for a, b in pairwise(places):
                if values[a] * values[b] < 0:
                    extra.add(a + (b - a) * values[a] / (values[a] - values[b]))
        places = sorted({*places, *extra})
    return [_at(low, high, t) for t in places]


def _at(low: Point, high: Point, t: Fraction) -> tuple[Fraction, ...]:
    return tuple(Fraction(a) + t * (Fraction(b) - a) for a, b in zip(low, high, strict=True))


def holds_on_segment(
    net: Network, ends: tuple[Point, Point], rule: str, label: Number, tolerance: Number | None = None
) -> bool:
    """Whether the rule holds at every point of a segment: it does iff at every breakpoint."""
    outputs = (naive_evaluator.evaluate(net, point) for point in breakpoints(net, *ends))
    return all(naive_evaluator.holds(rule, found, label, tolerance) for found in outputs)


def with_row(file: BoxFile, row: BoxRow) -> BoxFile:
    """Return a file with one row put in the place of the first."""
    return replace(file, rows=(row, *file.rows[1:]))
