"""A second, deliberately different evaluation of networks: the oracle of the tests.

One point at a time, one `Fraction` operation at a time, straight from the definition; it shares
no arithmetic with the kernel or the fast engine, and imports their data classes only.
"""

from collections.abc import Sequence
from fractions import Fraction

from memcert.kernel.certificate import Certificate
from memcert.kernel.network import Network

Row = tuple[list[tuple[int, Fraction]], Fraction]
"""The incoming edges (input, weight) of one neuron, and its bias."""
Prepared = list[tuple[list[Row], bool]]
"""Layers of rows with every weight a Fraction, and whether a ReLU follows."""


def prepared(network: Network) -> Prepared:
    """Convert every weight to a Fraction, once."""
    layers: Prepared = []
    for layer in network.layers:
        rows: list[Row] = []
        for i in range(layer.shape[0]):
            edges = range(layer.indptr[i], layer.indptr[i + 1])
            row = [(layer.indices[e], Fraction(layer.data[e])) for e in edges]
            rows.append((row, Fraction(layer.bias[i])))
        layers.append((rows, layer.relu))
    return layers


def run(network: Prepared, point: Sequence[int | Fraction]) -> list[tuple[Fraction, ...]]:
    """Return the input and every layer's output at one point."""
    values = [tuple(Fraction(x) for x in point)]
    for rows, relu in network:
        after = []
        for edges, bias in rows:
            total = bias
            for source, weight in edges:
                total = total + weight * values[-1][source]
            after.append(max(total, Fraction(0)) if relu else total)
        values.append(tuple(after))
    return values


def layers(network: Network, point: Sequence[int | Fraction]) -> list[tuple[Fraction, ...]]:
    """Return the input and every layer's output at one point (L + 1 tuples)."""
    return run(prepared(network), point)


def evaluate(network: Network, point: Sequence[int | Fraction]) -> tuple[Fraction, ...]:
    """Return F(point)."""
    return layers(network, point)[-1]


def holds(
    rule: str,
    outputs: Sequence[int | Fraction],
    label: int | Fraction,
    tolerance: int | Fraction | None = None,
) -> bool:
    """Decide the rule for one sample, as the format defines it."""
    if rule == "argmax":
        others = [value for index, value in enumerate(outputs) if index != label]
        return all(value < outputs[int(label)] for value in others)
    (value,) = outputs
    if rule == "equal":
        return value == label
    if rule == "sign":
        return (value > 0 and label == 1) or (value < 0 and label == -1)
    if rule == "within":
        return abs(Fraction(value) - label) <= Fraction(tolerance if tolerance is not None else 0)
    raise ValueError(f"no rule {rule!r}")


def failing_rows(certificate: Certificate) -> list[int]:
    """Return the rows where the claimed rule fails; the data must be inline."""
    claim, samples = certificate.claim, certificate.dataset
    if samples.points is None or samples.labels is None:
        raise ValueError("the data are detached")
    network = prepared(certificate.network)
    return [
        row
        for row, (point, label) in enumerate(zip(samples.points, samples.labels, strict=True))
        if not holds(claim.rule, run(network, point)[-1], label, claim.tolerance)
    ]


def memorizes(certificate: Certificate) -> bool:
    """Whether the rule fails on the rows in `except` and on no other."""
    return failing_rows(certificate) == sorted(certificate.claim.excepted)
