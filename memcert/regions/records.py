"""What a file tells of a row's region, as JSON values.

UNTRUSTED. Numbers are spelled as in certificates.
"""

from typing import Any

from memcert.kernel.rational import spell
from memcert.regions.radii import Map, Region, Wall

SIGNS = {0: "0", 1: "+", 255: "-"}
"""A byte of a wall's direction, as it is written."""


def record(region: Region, mapped: Map | None = None) -> dict[str, Any]:
    """Return what is told of one row.

    Args:
        region: of the row.
        mapped: its affine map, if that is asked for.

    Returns:
        Keys `row`, `holds`, `region` and `label`, each a wall or null (none: no limit; for `label` also
        where the rule fails), and `map`. `region` ends the box in the polytope, `label` the box in which
        the label is shown too: the first of neurons and statements, for beyond the polytope the affine map
        says nothing of the network. A wall has its exact `radius`, whether the box of that radius is
        `attained`, what it is, and the `witness`: signs by coordinate, so that x + radius * witness
        lies on it.

    Raises:
        never.
    """
    label = region.nearest if region.holds else None
    facts: dict[str, Any] = {
        "row": region.row,
        "holds": region.holds,
        "region": None if region.neuron is None else _with_witness(region.neuron),
        "label": None if label is None else _with_witness(label),
    }
    if mapped is not None:
        gradient, constant = mapped
        facts["map"] = {
            "gradient": [[spell(x) for x in line] for line in gradient],
            "constant": [spell(x) for x in constant],
        }
    return facts


def wall_record(wall: Wall) -> dict[str, Any]:
    """Return a wall without its witness. Raises: never."""
    what = {"against": wall.index} if wall.layer is None else {"layer": wall.layer, "neuron": wall.index}
    return {"radius": spell(wall.radius), "attained": not wall.strict, **what}


def _with_witness(wall: Wall) -> dict[str, Any]:
    return {**wall_record(wall), "witness": "".join(SIGNS[move] for move in wall.direction)}
