"""Tools of the tests of constructions for two labels: data, sizes, networks with a weight changed."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from proof_tools import with_weight
from strategies import dataset, number

from memcert.constructions.assemble import prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import construction
from memcert.datasets.dataset import Dataset
from memcert.kernel.certificate import Certificate
from memcert.kernel.check import check, sizes
from memcert.kernel.network import Network
from memcert.kernel.verdict import Rejected
from memcert.proofs.prove import prove


def random_data(count: int, dimension: int, seed: int = 1, most: int = 1000) -> Dataset:
    """Return that many integer points, fewer if some are equal, with labels drawn."""
    random = Random(seed)  # noqa: S311 - the same data in every run
    points = list({tuple(random.randint(0, most) for _ in range(dimension)) for _ in range(count)})
    return dataset(points, [random.choice(["even", "odd"]) for _ in points])


def without_contradictions(data: Dataset) -> Dataset:
    """Give every repeated point the label of its first occurrence."""
    first: dict[Any, Any] = {}
    labels = tuple(first.setdefault(data.point(row), data.labels[row]) for row in range(data.size))
    return Dataset(data.name, None, data.numerators, data.denominator, labels)


def assert_predicted(data: Dataset, made: Certificate) -> None:
    """Compare the size that the construction predicts, from the same options, with the network's."""
    assert made.construction is not None
    known = construction(made.construction.name)
    options = {k: v for k, v in made.construction.options.items() if k not in ("seed", "separation")}
    size = known.predict(prepare(data, "sign"), resolved(known, options))
    found = sizes(made.network)
    exact = {"parameters": size.parameters, "edges": size.edges, "width": size.width, "depth": size.depth}
    assert exact == {name: found[name] for name in exact}
    assert size.bits >= found["bit_complexity"]
    widths = [made.network.input_size, *(layer.shape[0] for layer in made.network.layers)]
    assert size.dense == sum(n * (before + 1) for before, n in pairwise(widths))


def with_network(made: Certificate, network: Network) -> Certificate:
    """Return the certificate of another network: its sizes claimed, nothing said of margin or probes."""
    counted: Any = sizes(network)
    claim = replace(made.claim, margin=None, **counted)
    digests = replace(made.digests, network=None)
    witness = replace(made.witness, probes=())
    return replace(made, network=network, digests=digests, claim=claim, witness=witness)


def refuted_and_harmless(made: Certificate, wanted: int, seed: int = 5) -> tuple[int, int]:
    """Change single weights until `wanted` changes are refuted; never may a proof accept what is wrong."""
    random = Random(seed)  # noqa: S311 - the same changes in every run
    refuted = harmless = 0
    while refuted < wanted:
        at = random.randrange(len(made.network.layers))
        layer = made.network.layers[at]
        row = random.randrange(layer.shape[0])
        weights: dict[int | None, Fraction] = {None: Fraction(layer.bias[row])}
        weights |= {j: Fraction(w) for j, w in layer.row(row)}
        place = random.choice(list(weights))
        new = random.choice([Fraction(0), weights[place] * 2 + 1, -weights[place], weights[place] + 1])
        if new == weights[place]:
            continue
        changed = with_network(made, with_weight(made.network, at, row, place, number(new)))
        proved = prove(changed).verdict == "proved"
        try:
            check(changed)
            right = True
        except Rejected:
            right = False
        assert right or not proved, (at, row, place, new)
        refuted += not (proved and right)
        harmless += proved and right
    return refuted, harmless
