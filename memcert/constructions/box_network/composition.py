"""S boxes in series: two layers a box, a distance and a step of the level, beside carried points.

Source: Yu, Gao, Zhang 2024, Theorem on robust memorization in the maximum norm: width 3d + 1.
Departure: depth 2S + 1 for S boxes instead of 2N + 1 for all points.
UNTRUSTED.
"""

from collections.abc import Sequence

from memcert.blocks.assembly import network, outline
from memcert.blocks.part import Part, Row, block, carry, neuron, parallel, position, serial
from memcert.constructions.box_network.level import LOWER, RAISE, START, level, start, step
from memcert.constructions.box_network.plan import Plan
from memcert.constructions.box_network.vee import VEE, vee
from memcert.constructions.coding import Coding
from memcert.constructions.registry import Built, Task
from memcert.contracts import mechanisms
from memcert.kernel.certificate import Number, Probe, Witness

CARRIED, LEVEL, READ_OUT = "shift", "level", "read_out"
LINEAR = mechanisms.linear()
CONTRACTS = (mechanisms.carry(), mechanisms.carry(2), VEE, START, RAISE, LOWER, LINEAR)


def compose(made: Plan) -> Part:
    """Put the boxes of a plan in series and read the level.

    Returns:
        2S + 1 layers, of width 3d + 1, or 3d for a single box.

    Raises:
        ValueError: never for a plan made by `plan`.
    """
    return serial([_first(made), *(_later(made, box) for box in range(1, len(made.codes))), _read_out(made)])


def built(
    task: Task,
    coded: Coding,
    made: Plan,
    *,
    places: Sequence[int],
    radius: Number,
    notes: dict[str, str],
) -> Built:
    """Return the network of a plan with its outline and witness.

    Args:
        task: whose rows the witness speaks of.
        coded: its codes and readings.
        made: the plan.
        places: the box of every distinct point, S where it needs none.
        radius: to be claimed around every sample.
        notes: to be kept in the certificate.

    Cost: linear in the size of the network. Raises: ValueError, as `compose`.
    """
    part = compose(made)
    used = {block.contract for block in part.outlines}
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=tuple(contract for contract in CONTRACTS if contract.id in used),
        blocks=outline(part),
        witness=_witness(task, made, part, places),
        box_radius=radius,
        margin=coded.margin,
        notes={"boxes": str(len(made.codes)), **notes},
    )


def _first(made: Plan) -> Part:
    ends = made.ends(0)
    kept = [
        carry(f"shift_0_{k}", CARRIED, f"x{k}", depth=2, row={f"in{k}": 1}, bias=shift)
        for k, shift in enumerate(made.shifts)
    ]
    distances = parallel(*(vee(0, k, f"in{k}", both) for k, both in enumerate(ends)))
    height = abs(made.codes[0] - made.level)
    return parallel(*kept, serial([distances, start(_distance(made), height)]))


def _later(made: Plan, box: int) -> Part:
    before, sense = made.senses()[box - 1], made.senses()[box]
    kept = [carry(f"shift_{box}_{k}", CARRIED, f"x{k}", depth=2) for k in range(len(made.shifts))]
    # After the first box the level is a constant and what was added to it.
    told = {"e": before} if box == 1 else level(before)
    bias = made.level if box == 1 else 0
    distances = [vee(box, k, f"x{k}", both) for k, both in enumerate(made.ends(box))]
    layer = parallel(*distances, carry(f"kept_{box}", LEVEL, "y", row=told, bias=bias))
    return parallel(*kept, serial([layer, step(box, _distance(made), made.codes[box], sense)]))


def _distance(made: Plan) -> Row:
    return {f"{side}{k}": -made.factor for k in range(len(made.shifts)) for side in "pq"}


def _told(made: Plan, weight: Number) -> Row:
    """Return weight times what moves of the level after the last box."""
    sense = made.senses()[-1]
    return {"e": sense * weight} if len(made.codes) == 1 else level(sense, weight)


def _read_out(made: Plan) -> Part:
    rows = [neuron(f"out{k}", _told(made, weight), bias) for k, (weight, bias) in enumerate(made.outputs())]
    return parallel(*(block(f"read_{k}", READ_OUT, LINEAR.id, [[row]]) for k, row in enumerate(rows)))


def _witness(task: Task, made: Plan, part: Part, places: Sequence[int]) -> Witness:
    """Quote the level at the end by the box of each sample; the last class has none."""
    after = part.depth - 1
    form = sorted((position(part, after - 1, name), weight) for name, weight in _told(made, 1).items())
    base = made.level if len(made.codes) == 1 else 0
    probe = Probe(
        name="level",
        after_layer=after,
        neurons=tuple(place for place, _ in form),
        coefficients=tuple(weight for _, weight in form),
        partition="box",
        values=tuple(code - base for code in (*made.codes, made.level)),
    )
    return Witness({"box": tuple(places[group] for group in task.groups)}, (probe,))
