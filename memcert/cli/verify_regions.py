"""`memcert verify --regions`: around each row the largest box on which the network is one affine map.

UNTRUSTED.
"""

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.verify_sections import Section
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memcert.kernel.certificate import Number
    from memcert.questions.model import VerifiedModel
    from memcert.regions.radii import Region

PANEL = "Activation regions"
Regions = Annotated[
    bool,
    typer.Option(
        "--regions",
        help="The largest box inside each row's activation region, and with its label, exactly.",
        rich_help_panel=PANEL,
    ),
]
RegionFile = Annotated[
    str | None,
    typer.Option(
        "--region-file",
        metavar="FILE",
        help="With --regions: write radii and witnesses of each row, a JSON object a line; .gz packs.",
        rich_help_panel=PANEL,
    ),
]
RegionMaps = Annotated[
    bool,
    typer.Option(
        "--region-maps", help="With --region-file: and the affine map of each region.", rich_help_panel=PANEL
    ),
]


def confirm_options(*, regions: bool, path: str | None, maps: bool) -> None:
    """Refuse options about regions that are not asked for. Raises: UsageError."""
    for name, given in {"--region-file": path is not None, "--region-maps": maps}.items():
        if given and not regions:
            raise UsageError(f"{name}: says something about regions: give --regions")
    if maps and path is None:
        raise UsageError("--region-maps: needs --region-file, where the maps are written")


class Answer(NamedTuple):
    """The section, and the radius that a certificate may claim."""

    section: Section
    box_radius: "Number | str | None"


def regions_section(verified: "VerifiedModel", path: Path | None, *, maps: bool) -> Answer:
    """Find every row's region, write each, and tell of them all.

    Args:
        verified: the model, and the verdicts of its rows.
        path: of the file of JSON lines, if one is wanted.
        maps: whether it has the affine maps too.

    Raises:
        LimitReached: numbers grow too long.
        UsageError, OSError: the file cannot be written.
    """
    from memcert.questions.regions import maps_of, regions_of, write_regions
    from memcert.regions.summary import Summary
    from memcert.reports.regions import as_data, lines

    summary = Summary()
    network, rows = verified.network, verified.rows

    def each() -> "Iterator[Region]":
        for region in regions_of(network, rows):
            summary.take(region)
            yield region

    if path is None:
        deque(each(), maxlen=0)
    else:
        write_regions(path, each(), maps_of(network, rows) if maps else None)
    report = [*lines(summary), *([] if path is None else [f"wrote {shown(str(path))}"])]
    return Answer(Section(report=tuple(report), data=as_data(summary)), summary.box_radius)
