"""The certificate of a network made elsewhere: it says which rows fail.

UNTRUSTED.
"""

from dataclasses import dataclass

from memcert.contracts.neurons import neuron_outline
from memcert.datasets.canonical import digest_and_size
from memcert.datasets.stored import Rows
from memcert.exact.separation import data_radius_squared, few_points, squared_separation
from memcert.kernel import certificate as c
from memcert.kernel.check import sizes
from memcert.kernel.data import network_digest
from memcert.kernel.network import Network
from memcert.verification.labels import certified_classes
from memcert.verification.verdicts import Verified

INLINE_BYTES = 16_000_000
"""Data whose canonical text is longer are left out of the certificate, unless it is asked for."""
EXACT_POINTS = 2_000
"""Up to so many distinct points the exact separation is claimed."""


@dataclass(frozen=True, slots=True)
class DigestsFound(c.Digests):
    """Digests of data and network, and the bytes of the data's canonical text."""

    bytes: int


def digests_of(network: Network, dataset: Rows) -> DigestsFound:
    """Return both digests. Cost: one pass over all numbers. Raises: never."""
    data, size = digest_and_size(dataset)
    return DigestsFound(data, network_digest(network), size)


def certificate_of(
    network: Network,
    model: c.Model | None,
    found: Verified,
    box_radius: c.Number | str | None = None,
    *,
    digests: DigestsFound | None = None,
    detach: bool | None = None,
) -> c.Certificate:
    """Return the certificate: the network, the rows that fail, and an outline of its neurons.

    Args:
        network: any.
        model: where it came from.
        found: the verdicts of the rows.
        box_radius: the radius that is claimed for every row, where one was found.
        digests: of the network and the data, where they are known already.
        detach: leave the data out; None: where their text has more than INLINE_BYTES.

    Cost: one comparison of all pairs of points, up to EXACT_POINTS distinct ones.

    Raises:
        UsageError: as `certified_classes`.
    """
    dataset = found.dataset
    classes = certified_classes(dataset, found.rule, found.classes)
    contracts, blocks = neuron_outline(network)
    points = few_points(dataset, EXACT_POINTS)
    claim = c.Claim(
        rule=found.rule,
        tolerance=found.tolerance,
        excepted=tuple(found.excepted),
        separation_squared=None if points is None else squared_separation(points),
        separation_direction=None,
        data_radius_squared=data_radius_squared(dataset),
        margin=None if found.rule == "equal" else found.margin,
        box_radius=box_radius,
        promises=(),
        **sizes(network),
    )
    digests = digests or digests_of(network, dataset)
    inline = digests.bytes <= INLINE_BYTES if detach is None else not detach
    return c.Certificate(
        construction=None,
        model=model,
        dataset=c.Samples(
            name=dataset.name,
            size=dataset.size,
            dimension=dataset.dimension,
            columns=dataset.columns,
            classes=classes,
            points=tuple(dataset.point(row) for row in range(dataset.size)) if inline else None,
            labels=tuple(found.labels) if inline else None,
        ),
        network=network,
        claim=claim,
        contracts=contracts,
        blocks=blocks,
        witness=c.Witness({}, ()),
        digests=c.Digests(digests.dataset, digests.network),
        annotations={},
    )
