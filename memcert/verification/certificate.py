"""The certificate of a network made elsewhere: it says which rows fail.

UNTRUSTED.
"""

from memcert.contracts.neurons import neuron_outline
from memcert.exact.separation import data_radius_squared, squared_separation
from memcert.formats.canonical import dataset_digest
from memcert.formats.labels import distinct
from memcert.kernel import certificate as c
from memcert.kernel.check import sizes
from memcert.kernel.data import network_digest
from memcert.kernel.network import Network
from memcert.verification.verdicts import Verified

INLINE_NUMBERS = 4_000_000
"""Data of more coordinates are left out of the certificate."""
EXACT_POINTS = 2_000
"""Up to so many distinct points the exact separation is claimed."""


def certificate_of(
    network: Network, model: c.Model | None, found: Verified, box_radius: c.Number | str | None = None
) -> c.Certificate:
    """Return the certificate: the network, the rows that fail, and an outline of its neurons.

    Args:
        network: any.
        model: where it came from.
        found: the verdicts of the rows.
        box_radius: the radius that is claimed for every row, where one was found.

    Cost: one comparison of all pairs of points, up to EXACT_POINTS distinct ones. Raises: never.
    """
    dataset = found.dataset
    contracts, blocks = neuron_outline(network)
    points = len(distinct(dataset).rows)
    claim = c.Claim(
        rule=found.rule,
        tolerance=found.tolerance,
        excepted=found.excepted,
        separation_squared=squared_separation(dataset) if 1 < points <= EXACT_POINTS else None,
        separation_direction=None,
        data_radius_squared=data_radius_squared(dataset),
        margin=None if found.rule == "equal" else found.margin,
        box_radius=box_radius,
        promises=(),
        **sizes(network),
    )
    inline = dataset.size * dataset.dimension <= INLINE_NUMBERS
    return c.Certificate(
        construction=None,
        model=model,
        dataset=c.Samples(
            name=dataset.name,
            size=dataset.size,
            dimension=dataset.dimension,
            columns=dataset.columns,
            classes=found.classes,
            points=tuple(dataset.point(row) for row in range(dataset.size)) if inline else None,
            labels=found.labels if inline else None,
        ),
        network=network,
        claim=claim,
        contracts=contracts,
        blocks=blocks,
        witness=c.Witness({}, ()),
        digests=c.Digests(dataset_digest(dataset), network_digest(network)),
        annotations={},
    )
