"""What the bounds depend on, counted on the network and measured on the data; nothing is taken from a claim.

UNTRUSTED.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from memcert.constructions.registry import Facts
from memcert.datasets.dataset import Dataset
from memcert.datasets.labels import distinct, numbered, valued
from memcert.errors import UsageError
from memcert.exact.samples import own_dataset
from memcert.exact.separation import data_radius_squared, squared_separation
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.check import sizes
from memcert.kernel.network import Network


@dataclass(frozen=True, slots=True)
class Measured:
    """Data and network in numbers.

    Args:
        facts: of the data.
        labels_apart: how many labels there are, of which the rule lets no two be confused.
        excepted: samples that the network gets wrong, by its own claim.
        sizes: parameters, edges, dense, width, depth, bits, total_bits and largest_later_weight (behind the
            first layer, rounded up) by name.
        units: neurons of each layer, the last one's outputs among them.
        reached: nonzero parameters of the layers up to each.
        unread: coordinates that the first layer does not read.
    """

    facts: Facts
    labels_apart: int
    excepted: int
    sizes: dict[str, int]
    units: tuple[int, ...]
    reached: tuple[int, ...]
    unread: int


def measure(certificate: Certificate, dataset: Dataset | None = None) -> Measured:
    """Count and measure.

    Args:
        certificate: that was checked with these data.
        dataset: the samples, where the certificate does not hold them.

    Cost: that of the separation, pairs of points times d.

    Raises:
        UsageError: the data are detached and none are given.
        DatasetError: labels do not suit the rule.
    """
    data = dataset if dataset is not None else own_dataset(certificate)
    if data is None:
        raise UsageError("the certificate does not hold its data: give them with --dataset")
    claim = certificate.claim
    if claim.rule == "within":
        data = valued(data)
    kept, labels = distinct(data), numbered(data, claim.rule)
    values = {labels.labels[row] for row in kept.rows}
    covering, apart = len(values), len(values)
    if claim.rule == "within":
        covering, apart = _covered(values, Fraction(claim.tolerance or 0))
    facts = Facts(
        points=len(kept.rows),
        dimension=data.dimension,
        class_count=covering,
        radius_squared=data_radius_squared(data),
        separation_squared=squared_separation(data) if len(kept.rows) > 1 else None,
        rule=claim.rule,
    )
    network = certificate.network
    per_layer = [len(layer.data) + sum(b != 0 for b in layer.bias) for layer in network.layers]
    return Measured(
        facts=facts,
        labels_apart=apart,
        excepted=len(claim.excepted),
        sizes=_sizes(network),
        units=tuple(layer.shape[0] for layer in network.layers),
        reached=tuple(accumulate(per_layer)),
        unread=network.input_size - len(set(network.layers[0].indices)),
    )


def _covered(values: Iterable[Number], tolerance: Fraction) -> tuple[int, int]:
    """Return how many pieces of length 2 q cover the labels, and how many are more than 2 q apart."""
    ascending = sorted(map(Fraction, values))
    apart, last = 0, None
    for value in ascending:
        if last is None or value - last > 2 * tolerance:
            apart, last = apart + 1, value
    if tolerance == 0:
        return len(ascending), apart
    return max(1, -((ascending[0] - ascending[-1]) // (2 * tolerance))), apart


def _sizes(network: Network) -> dict[str, int]:
    counted = sizes(network)
    numbers = [x for layer in network.layers for x in (*layer.data, *layer.bias) if x]
    later = [x for layer in network.layers[1:] for x in (*layer.data, *layer.bias)]
    widths = [network.input_size, *(layer.shape[0] for layer in network.layers)]
    return {
        "parameters": counted["parameters"],
        "edges": counted["edges"],
        "dense": sum(after * (before + 1) for before, after in pairwise(widths)),
        "width": counted["width"],
        "depth": counted["depth"],
        "bits": counted["bit_complexity"],
        "largest_later_weight": max((_ceiling(x) for x in later), default=0),
        "total_bits": sum(abs(x.numerator).bit_length() + x.denominator.bit_length() for x in numbers),
    }


def _ceiling(number: Number) -> int:
    """Return the least integer that is at least |number|."""
    return -(-abs(number.numerator) // number.denominator)
