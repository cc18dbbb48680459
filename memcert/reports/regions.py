"""What `memcert verify --regions` tells: radii of rows, the walls that end them, the radius of all.

UNTRUSTED. All figures are exact; decimals stand beside them only to be read.
"""

from typing import Any

from memcert.kernel.rational import spell
from memcert.regions.radii import Wall
from memcert.regions.records import wall_record
from memcert.regions.summary import Summary
from memcert.reports.words import rough

DEFINITION = (
    "closed activation-pattern polytope; contained in, and possibly smaller than, the maximal affine piece"
)
"""What a region is, in the words in which every output names it."""


def as_data(found: Summary) -> dict[str, Any]:
    """Return the figures of all rows. Raises: never."""
    common, median = found.box_radius, found.median
    return {
        "regions": {
            "definition": DEFINITION,
            "rows": found.rows,
            "holding": found.holding,
            "unbounded": found.unbounded,
            "ended_by_neuron": found.by_neuron,
            "ended_by_label": found.by_label,
            "smallest": [{"row": row, **wall_record(wall)} for row, wall in found.smallest],
            "median": None if median is None else spell(median),
            "box_radius": common if common is None or isinstance(common, str) else spell(common),
        }
    }


def _told(wall: Wall) -> str:
    radius = rough(wall.radius)
    if wall.layer is not None:
        return f"radius {radius}: neuron {wall.index} of layer {wall.layer} becomes 0"
    relation = "below " if wall.strict else ""
    return f"radius {relation}{radius}: the label ends, statement or output {wall.index}"


def lines(found: Summary) -> list[str]:
    """Return the figures for a person. Raises: never."""
    report = [
        f"regions: of {found.holding:,} rows that hold, {found.by_neuron:,} boxes end at a neuron, "
        f"{found.by_label:,} at the label, {found.unbounded:,} nowhere; sup norm, in the data's own "
        "coordinates",
        f"  region: {DEFINITION}",
    ]
    report += [f"  row {row}: {_told(wall)}" for row, wall in found.smallest]
    if found.median is not None:
        report.append(f"  median: radius {rough(found.median)}")
    common = found.box_radius
    if not found.holding:
        report.append("  one radius for all rows: none is told, as no row holds")
    elif common is None:
        report.append("  one radius for all rows: 0")
    else:
        told = common if isinstance(common, str) else rough(common)
        report.append(f"  one radius for all rows, which `memcert prove` confirms: {told}")
    return report
