"""Certificates small enough to be written by hand, for the tests of the prover.

Rows are written as sums over the layer before: `x0`, `x1` are its neurons (or the input's
coordinates), as in `net(2, ["x0 - 1", "x1"], ["2*x0 + x1"])`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from memcert.contracts.neurons import neuron_outline
from memcert.contracts.notation import atoms, inputs, layer, outputs, parameters, term
from memcert.kernel.certificate import (
    Block,
    Case,
    Certificate,
    Claim,
    Contract,
    Digests,
    Number,
    Samples,
    Witness,
)
from memcert.kernel.network import Layer, Network
from memcert.proofs.prove import prove
from memcert.proofs.result import ProofResult, Refutation

Indices = Sequence[Sequence[int | tuple[int, int]]]


def net(dimension: int, *layers: Sequence[str], relus: Sequence[bool] | None = None) -> Network:
    """Return a network from rows in words; ReLU after all layers but the last, or as `relus` says."""
    made, before = [], dimension
    for k, rows in enumerate(layers):
        relu = k < len(layers) - 1 if relus is None else relus[k]
        made.append(_layer(rows, before, relu))
        before = len(rows)
    return Network(dimension, tuple(made))


def _layer(rows: Sequence[str], before: int, relu: bool) -> Layer:
    indptr, indices, data, bias = [0], [], [], []
    for words in rows:
        weights: dict[int, Number] = {}
        constant: Number = 0
        for coefficient, names in term(words):
            if names:
                weights[int(names[0][1:])] = coefficient
            else:
                constant = coefficient
        for index in sorted(weights):
            assert index < before, words
            indices.append(index)
            data.append(weights[index])
        indptr.append(len(indices))
        bias.append(constant)
    return Layer((len(rows), before), tuple(indptr), tuple(indices), tuple(data), tuple(bias), relu)


def contract(
    name: str,
    rows: Sequence[Sequence[str]],
    reads: str,
    gives: str,
    *cases: Case,
    bound: Sequence[tuple[str, str, str | None]] = (),
    assumes: str = "",
    relus: Sequence[bool] | None = None,
) -> Contract:
    """Return a contract in words: rows by layer, inputs, outputs, cases, parameters, side conditions."""
    flags = relus or [True] * len(rows)
    layers = tuple(layer(*words, relu=flag) for words, flag in zip(rows, flags, strict=True))
    return Contract(
        name, parameters(*bound), atoms(assumes), inputs(reads), layers, outputs(gives), tuple(cases)
    )


def block(
    name: str,
    contract_id: str,
    first: int,
    last: int | None = None,
    neurons: Indices | None = None,
    **hints: Number,
) -> Block:
    """Return a block; without `last` it has one layer, without `neurons` it takes whole layers."""
    lists = None if neurons is None else tuple(tuple(indices) for indices in neurons)
    return Block(name, "hand", first, first if last is None else last, contract_id, lists, hints)


def cert(
    network: Network,
    contracts: Sequence[Contract],
    blocks: Sequence[Block],
    points: Sequence[Sequence[int | Fraction]],
    labels: Sequence[int | Fraction],
    *,
    rule: str = "equal",
    radius: Number | str | None = None,
    excepted: Sequence[int] = (),
    tolerance: Number | None = None,
) -> Certificate:
    """Return a certificate that claims the labels, and nothing of what a proof does not examine."""
    exact = tuple(tuple(_number(x) for x in point) for point in points)
    samples = Samples("hand", len(points), network.input_size, None, None, exact, tuple(map(_number, labels)))
    claim = Claim(rule, tolerance, tuple(excepted), None, None, 0, None, radius, (), 0, 0, 0, 0, 0)
    nothing = Witness({}, ())
    return Certificate(
        None, None, samples, network, claim, tuple(contracts), tuple(blocks), nothing, Digests(None, None), {}
    )


def by_neurons(
    network: Network,
    points: Sequence[Sequence[int | Fraction]],
    labels: Sequence[int | Fraction],
    *,
    rule: str = "equal",
    radius: Number | str | None = None,
    excepted: Sequence[int] = (),
    tolerance: Number | None = None,
) -> Certificate:
    """Return a certificate whose outline is one block a neuron."""
    contracts, blocks = neuron_outline(network)
    return cert(
        network,
        contracts,
        blocks,
        points,
        labels,
        rule=rule,
        radius=radius,
        excepted=excepted,
        tolerance=tolerance,
    )


def refutation(certificate: Certificate) -> Refutation:
    """Return why a certificate is refuted; it must be."""
    result = prove(certificate)
    assert result.verdict == "refuted", result.verdict
    assert result.status == 1
    assert result.refutation is not None
    assert result.radii == ()
    return result.refutation


def proved(certificate: Certificate) -> ProofResult:
    """Return the result of a proof that must succeed."""
    result = prove(certificate)
    assert result.verdict == "proved", result.refutation or result.open
    assert result.status == 0
    assert len(result.radii) == certificate.dataset.size
    return result


def with_weight(network: Network, at: int, row: int, column: int | None, value: Number) -> Network:
    """Return the network with one weight (column None: the bias) changed; 0 removes an entry."""
    old = network.layers[at]
    rows = [dict(old.row(i)) for i in range(old.shape[0])]
    bias = list(old.bias)
    if column is None:
        bias[row] = value
    elif value == 0:
        rows[row].pop(column, None)
    else:
        rows[row][column] = value
    indptr = [0]
    for entries in rows:
        indptr.append(indptr[-1] + len(entries))
    indices = tuple(j for entries in rows for j in sorted(entries))
    data = tuple(entries[j] for entries in rows for j in sorted(entries))
    made = Layer(old.shape, tuple(indptr), indices, data, tuple(bias), old.relu)
    return replace(network, layers=(*network.layers[:at], made, *network.layers[at + 1 :]))


def values_of(found: Refutation) -> Mapping[str, Number]:
    """Return the exact numbers of a refutation by name."""
    return dict(found.values)


def _number(value: int | Fraction) -> Number:
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact
