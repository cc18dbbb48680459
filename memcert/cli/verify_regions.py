"""`memcert verify --regions`: around each row the largest box on which the network is one affine map.

UNTRUSTED.
"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.verify_sections import Section

if TYPE_CHECKING:
    from memcert.kernel.certificate import Number
    from memcert.kernel.network import Network
    from memcert.regions.radii import Region
    from memcert.verification.verdicts import Verified

Regions = Annotated[
    bool,
    typer.Option(
        "--regions", help="The largest box inside each row's activation region, and with its label, exactly."
    ),
]


class Answer(NamedTuple):
    """What was found: the section, every row's region, and the radius that a certificate may claim."""

    section: Section
    rows: "tuple[Region, ...]"
    box_radius: "Number | str | None"


def regions_of(network: "Network", found: "Verified") -> Answer:
    """Find every row's region, and tell of them. Raises: LimitReached."""
    from memcert.regions.claimed import common_radius
    from memcert.regions.radii import Rows, regions
    from memcert.reports.regions import as_data, lines

    asked = Rows(found.dataset, found.rule, found.labels, found.margins, found.tolerance)
    rows = tuple(regions(network, asked))
    radius = common_radius(rows)
    return Answer(Section(report=tuple(lines(rows, radius)), data=as_data(rows, radius)), rows, radius)
