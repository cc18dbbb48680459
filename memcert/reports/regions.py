"""What `memcert verify --regions` tells: radii of rows, the walls that end them, the radius of all.

UNTRUSTED. All figures are exact; decimals stand beside them only to be read.
"""

from typing import Any

from memcert.kernel.rational import spell
from memcert.regions.radii import Map, Region, Wall
from memcert.regions.summary import Summary
from memcert.reports.words import rough

DEFINITION = (
    "closed activation-pattern polytope; contained in, and possibly smaller than, the maximal affine piece"
)
"""What a region is, in the words in which every output names it."""


def row_facts(region: Region, mapped: Map | None = None) -> dict[str, Any]:
    """Return what is told of one row.

    Args:
        region: of the row.
        mapped: its affine map, if that is asked for.

    Returns:
        Keys `holds`, `region` and `label`, each a wall or null (none: no limit; for `label` also where
        the rule fails), and `map`. `region` ends the box in the polytope, `label` the box in which the
        label is shown too: the first of neurons and statements, for beyond the polytope the affine map
        says nothing of the network. A wall has its exact `radius`, whether the box of that radius is
        `attained`, what it is, and the `witness`: signs by coordinate, so that x + radius * witness
        lies on it.

    Raises:
        never.
    """
    label = region.nearest if region.holds else None
    facts: dict[str, Any] = {
        "holds": region.holds,
        "region": None if region.neuron is None else _wall(region.neuron),
        "label": None if label is None else _wall(label),
    }
    if mapped is not None:
        gradient, constant = mapped
        facts["map"] = {
            "gradient": [[spell(x) for x in line] for line in gradient],
            "constant": [spell(x) for x in constant],
        }
    return facts


def _wall(wall: Wall) -> dict[str, Any]:
    signs = {0: "0", 1: "+", 255: "-"}
    what = {"against": wall.index} if wall.layer is None else {"layer": wall.layer, "neuron": wall.index}
    return {
        "radius": spell(wall.radius),
        "attained": not wall.strict,
        **what,
        "witness": "".join(signs[move] for move in wall.direction),
    }


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
            "smallest": [_smallest(row, wall) for row, wall in found.smallest],
            "median": None if median is None else spell(median),
            "box_radius": common if common is None or isinstance(common, str) else spell(common),
        }
    }


def _smallest(row: int, wall: Wall) -> dict[str, Any]:
    facts = _wall(wall)
    del facts["witness"]
    return {"row": row, **facts}


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
    if common is None:
        report.append("  one radius for all rows: 0")
    else:
        told = common if isinstance(common, str) else rough(common)
        report.append(f"  one radius for all rows, which `memcert prove` confirms: {told}")
    return report
