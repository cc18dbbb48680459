"""True certificates of any network and points, every claim computed the naive way."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from naive_evaluator import holds, layers, prepared, run
from strategies import number

from memcert.kernel import certificate as c
from memcert.kernel.data import dataset_digest, inline_table, network_digest
from memcert.kernel.network import Network

Point = tuple[c.Number, ...]


def certificate(
    network: Network,
    points: Sequence[Point],
    labels: Sequence[c.Number],
    rule: str,
    *,
    tolerance: c.Number | None = None,
    classes: tuple[int | str, ...] | None = None,
    direction: Point | None = None,
    probes: tuple[tuple[int, tuple[int, ...], Point, tuple[int, ...] | None], ...] = (),
) -> c.Certificate:
    """Return a certificate whose claims are all true, rows that fail the rule being excepted.

    `probes` are (after_layer, neurons, coefficients, classes of the samples or None); samples of
    one class must have equal forms.
    """
    outputs = [run(prepared(network), point)[-1] for point in points]
    failing = [
        row
        for row, (found, label) in enumerate(zip(outputs, labels, strict=True))
        if not holds(rule, found, label, tolerance)
    ]
    made = c.Certificate(
        construction=c.Construction("hand", "none", "none", {}),
        model=None,
        dataset=c.Samples("hand", len(points), len(points[0]), None, classes, tuple(points), tuple(labels)),
        network=network,
        claim=c.Claim(
            rule=rule,
            tolerance=tolerance,
            excepted=tuple(failing),
            separation_squared=_separation(points, direction),
            separation_direction=direction if len(set(points)) > 1 else None,
            data_radius_squared=number(max(_square(point) for point in points)),
            margin=_margin(rule, outputs, labels, tolerance, failing),
            box_radius=None,
            promises=(),
            **_sizes(network),
        ),
        contracts=(),
        blocks=(),
        witness=_witness(network, points, probes),
        digests=c.Digests(None, network_digest(network)),
        annotations={},
    )
    table = inline_table(made)
    if table is None:
        raise ValueError("the samples are inline")
    object.__setattr__(made, "digests", c.Digests(dataset_digest(table), network_digest(network)))
    return made


def _square(point: Point) -> Fraction:
    return sum((Fraction(x) ** 2 for x in point), Fraction(0))


def _separation(points: Sequence[Point], direction: Point | None) -> c.Number | None:
    pairs = list(combinations(set(points), 2))
    if not pairs:
        return None
    if direction is None:
        return number(
            min(_square(tuple(Fraction(a) - b for a, b in zip(p, q, strict=True))) for p, q in pairs)
        )
    values = []
    for point in set(points):
        value = Fraction(0)
        for v, x in zip(direction, point, strict=True):
            value += v * Fraction(x)
        values.append(value)
    gap = min(abs(a - b) for a, b in combinations(values, 2))
    return number(gap**2 / _square(direction))


def _margin(
    rule: str,
    outputs: Sequence[tuple[Fraction, ...]],
    labels: Sequence[c.Number],
    tolerance: c.Number | None,
    failing: Sequence[int],
) -> c.Number | None:
    measured = []
    for row, (found, label) in enumerate(zip(outputs, labels, strict=True)):
        if row in failing:
            continue
        if rule == "sign":
            measured.append(abs(found[0]))
        elif rule == "argmax":
            runner_up = max(x for k, x in enumerate(found) if k != label)
            measured.append(found[int(label)] - runner_up)
        else:
            measured.append(Fraction(tolerance or 0) - abs(found[0] - label))
    return None if rule == "equal" or not measured else number(min(measured))


def _sizes(network: Network) -> dict[str, int]:
    numbers = [x for part in network.layers for x in (*part.data, *part.bias)]
    edges = sum(len(part.data) for part in network.layers)
    longest = max((abs(x.numerator).bit_length() + x.denominator.bit_length() for x in numbers), default=0)
    return {
        "width": max((len(part.bias) for part in network.layers[:-1]), default=0),
        "depth": len(network.layers),
        "parameters": edges + sum(b != 0 for part in network.layers for b in part.bias),
        "edges": edges,
        "bit_complexity": longest,
    }


def _witness(
    network: Network,
    points: Sequence[Point],
    probes: tuple[tuple[int, tuple[int, ...], Point, tuple[int, ...] | None], ...],
) -> c.Witness:
    partitions: dict[str, tuple[int, ...]] = {}
    made = []
    for k, (after, neurons, coefficients, classes) in enumerate(probes):
        forms = []
        for point in points:
            values = layers(network, point)[after]
            terms = [Fraction(w) * values[j] for j, w in zip(neurons, coefficients, strict=True)]
            forms.append(number(sum(terms, Fraction(0))))
        if classes is not None:
            partitions[f"classes{k}"] = classes
            first = {c: row for row, c in reversed(list(enumerate(classes)))}
            forms = [forms[first[c]] if c in first else 0 for c in range(max(classes) + 1)]
        name = None if classes is None else f"classes{k}"
        made.append(c.Probe(f"probe{k}", after, neurons, coefficients, name, tuple(forms)))
    return c.Witness(partitions, tuple(made))
