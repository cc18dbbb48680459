"""What `memcert verify --regions` tells: radii of rows, the walls that end them, the radius of all.

UNTRUSTED. All figures are exact; decimals stand beside them only to be read.
"""

from collections.abc import Sequence
from typing import Any

from memcert.kernel.certificate import Number
from memcert.kernel.rational import spell
from memcert.regions.radii import Map, Region, Wall
from memcert.reports.words import rough

DEFINITION = (
    "closed activation-pattern polytope; contained in, and possibly smaller than, the maximal affine piece"
)
"""What a region is, in the words in which every output names it."""
SMALLEST = 5
"""Rows that a person is told."""


def row_facts(region: Region, mapped: Map | None = None) -> dict[str, Any]:
    """Return what is told of one row.

    Args:
        region: of the row.
        mapped: its affine map, if that is asked for.

    Returns:
        Keys `region` and `label`, each a wall or null (none: no limit; for `label` also where the rule
        fails), and `map`. A wall has its exact `radius`, whether the box of that radius is `attained`,
        what it is, and the `witness`: signs by coordinate, so that x + radius * witness lies on it.

    Raises:
        never.
    """
    facts: dict[str, Any] = {
        "region": None if region.neuron is None else _wall(region.neuron),
        "label": None if region.label is None else _wall(region.label),
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


def as_data(found: Sequence[Region], common: Number | str | None) -> dict[str, Any]:
    """Return the facts of all rows, without witnesses and maps. Raises: never."""
    ends = [(region, region.nearest) for region in found if region.holds]
    bounded = [(region, wall) for region, wall in ends if wall is not None]
    bounded.sort(key=lambda pair: (pair[1].radius, pair[0].row))
    return {
        "regions": {
            "definition": DEFINITION,
            "rows": len(found),
            "holding": len(ends),
            "unbounded": len(ends) - len(bounded),
            "ended_by_neuron": sum(wall.layer is not None for _, wall in bounded),
            "ended_by_label": sum(wall.layer is None for _, wall in bounded),
            "smallest": [_smallest(region, wall) for region, wall in bounded[:SMALLEST]],
            "median": spell(bounded[len(bounded) // 2][1].radius) if bounded else None,
            "box_radius": common if common is None or isinstance(common, str) else spell(common),
        }
    }


def _smallest(region: Region, wall: Wall) -> dict[str, Any]:
    facts = _wall(wall)
    del facts["witness"]
    return {"row": region.row, **facts, "text": _told(wall)}


def _told(wall: Wall) -> str:
    radius = rough(wall.radius)
    if wall.layer is not None:
        return f"radius {radius}: neuron {wall.index} of layer {wall.layer} becomes 0"
    relation = "below " if wall.strict else ""
    return f"radius {relation}{radius}: the label ends, statement or output {wall.index}"


def lines(found: Sequence[Region], common: Number | str | None) -> list[str]:
    """Return the facts for a person. Raises: never."""
    facts = as_data(found, common)["regions"]
    report = [
        f"regions: of {facts['holding']:,} rows that hold, {facts['ended_by_neuron']:,} boxes end at a "
        f"neuron, {facts['ended_by_label']:,} at the label, {facts['unbounded']:,} nowhere; sup norm, in the "
        "data's own coordinates",
        f"  region: {DEFINITION}",
    ]
    report += [f"  row {entry['row']}: {entry['text']}" for entry in facts["smallest"]]
    if common is None:
        report.append("  one radius for all rows: 0")
    else:
        told = common if isinstance(common, str) else rough(common)
        report.append(f"  one radius for all rows, which `memcert prove` confirms: {told}")
    return report
