"""`memcert verify --regions`: around each row the largest box on which the network is one affine map.

UNTRUSTED.
"""

import json
from contextlib import nullcontext
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from memcert.cli.verify_sections import Section
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.kernel.certificate import Number
    from memcert.kernel.network import Network
    from memcert.verification.verdicts import Verified

PANEL = "Activation regions"
ROWS_AT_ONCE = 4_000
"""Rows that are held while their regions are found; the network is prepared once for so many."""
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


def regions_of(network: "Network", found: "Verified", path: Path | None, *, maps: bool) -> Answer:
    """Find every row's region, write each, and tell of them all.

    Args:
        network: whose regions they are.
        found: the rows and their verdicts.
        path: of the file of JSON lines, if one is wanted.
        maps: whether it has the affine maps too.

    Raises:
        LimitReached: numbers grow too long.
        OSError: the file cannot be written.
    """
    from memcert.formats.atomic import atomic_write
    from memcert.regions.radii import Rows, affine_maps, regions
    from memcert.regions.summary import Summary
    from memcert.reports.regions import as_data, lines, row_facts

    summary = Summary()
    with nullcontext() if path is None else atomic_write(path) as file:
        for part, labels, start in found.parts(ROWS_AT_ONCE):
            margins = found.margins[start : start + part.size]
            asked = Rows(part, found.rule, labels, margins, found.tolerance)
            mapped = affine_maps(network, part) if maps and file is not None else repeat(None)
            for near, own in zip(regions(network, asked), mapped, strict=False):
                region = replace(near, row=start + near.row)
                summary.take(region)
                if file is not None:
                    file.write(json.dumps({"row": region.row, **row_facts(region, own)}) + "\n")
    report = [*lines(summary), *([] if path is None else [f"wrote {shown(str(path))}"])]
    return Answer(Section(report=tuple(report), data=as_data(summary)), summary.box_radius)
