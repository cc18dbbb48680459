"""The stages in series, with outline and witness: projection, block selection, decoding, comparison.

x and v = a_1.a_2...a_n pass through n slots; each peels a field off v, compares it with x, and adds
what the tent gives to y. F = +-(y - 1/4), positive or negative as the stored label is.

Source: Theorem 4.1, F = f_3 o f_2 o f_1 - 0.05.
Departure: 1/4 in place of 0.05, as the tents are wider; the sum of the first slot and what no later
slot needs are left out.
UNTRUSTED.
"""

from collections.abc import Iterator

from memcert.blocks.assembly import network, outline, probe
from memcert.blocks.part import Part, Row, block, carry, neuron, parallel, serial
from memcert.constructions.directions import search
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import Built, Size, Task
from memcert.constructions.yu_gao_zhang_miao import sizes
from memcert.constructions.yu_gao_zhang_miao.block_selection import (
    RISE,
    SWITCH,
    in_series,
    side_by_side,
)
from memcert.constructions.yu_gao_zhang_miao.comparison import TENT, THRESHOLD, tent
from memcert.constructions.yu_gao_zhang_miao.decoding import PEEL, peel, rest
from memcert.constructions.yu_gao_zhang_miao.decoding import STAGE as DECODING
from memcert.constructions.yu_gao_zhang_miao.plan import Plan
from memcert.constructions.yu_gao_zhang_miao.projection import projection
from memcert.contracts import mechanisms
from memcert.kernel.certificate import Contract, Number, Promise, Witness

STAGE = "read_out"
LINEAR = mechanisms.linear()
CANDIDATES = 8
"""Directions tried for the separation claim, where the projection lets equal labels meet."""


def build(task: Task, made: Plan, promises: tuple[Promise, ...] = ()) -> Built:
    """Build the network of a plan.

    Returns:
        Exactly the size that `predict` says; the claimed margin is THRESHOLD, which the points that
        are not stored have. Cost: linear in the size of the network and the points.

    Raises:
        BuildError: never, for distinct points.
    """
    part = compose(made)
    used = {o.contract for o in part.outlines}
    several = None if made.line.separates else search(distinct_points(task), CANDIDATES, task.seed).vector
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=tuple(contract for contract in contracts(made.width) if contract.id in used),
        blocks=outline(part),
        witness=_witness(task, made, part),
        box_radius=made.radius,
        direction=several or made.line.vector,
        margin=THRESHOLD,
        promises=promises,
        notes={
            "keys": str(len({key for word in made.words for key in word.keys})),
            "words": str(len(made.words)),
            "slots": str(made.slots),
            "key_bits": str(made.width),
            "stored_label": str(made.stored),
        },
    )


def predict(made: Plan) -> Size:
    """Return the size of the network of a plan, from its tables alone. Raises: never."""
    shape = made.shape
    return Size(
        parameters=sizes.parameters(shape),
        edges=sizes.edges(shape),
        dense=sizes.dense(shape),
        width=sizes.width(shape),
        depth=sizes.depth(shape),
        bits=made.bits,
    )


def contracts(width: int) -> tuple[Contract, ...]:
    """Return every contract that a network of fields of that many bits can meet. Raises: never."""
    carries = {c.id: c for c in (mechanisms.carry(), mechanisms.carry(2), mechanisms.carry(width))}
    return (*carries.values(), SWITCH, RISE, PEEL, TENT, LINEAR)


def compose(made: Plan) -> Part:
    """Put the stages of a plan in series. Raises: ValueError, never for a plan made here."""
    parts = [projection(made.line)]
    if made.ramps:
        parts.append((side_by_side if made.wide else in_series)(made.words, made.ramps))
    parts += (_slot(made, j) for j in range(made.slots))
    row: Row = dict.fromkeys(["y", "g"] if made.slots > 1 else ["g"], made.stored)
    out = neuron("out0", row, -made.stored * THRESHOLD)
    return serial([*parts, block("read_0", STAGE, LINEAR.id, [[out]])])


def _slot(made: Plan, j: int) -> Part:
    return serial([parallel(*_decoding(made, j)), parallel(*_comparison(made, j))])


def _decoding(made: Plan, j: int) -> Iterator[Part]:
    """The w layers in which field j is peeled off v, beside x, y and v."""
    w, behind = made.width, made.width * (made.slots - 1 - j)
    # With one word there is nothing to select: it is a constant of the first layer.
    constant = j == 0 and not made.ramps
    row: Row = {} if constant else {"v": 1}
    number: Number = made.words[0].value if constant else 0
    yield carry(f"x_{j}", DECODING, "x", depth=w)
    if j > 0:
        yield carry(f"y_{j}", DECODING, "y", depth=w, row={"y": 1, "g": 1} if j > 1 else {"g": 1})
    yield carry(f"v_{j}", DECODING, "v", depth=w, row=row, bias=number)
    bits = range(w - 1, -1, -1)
    sources = [(row, number), *((rest(bit, behind), 0) for bit in bits[:-1])]
    yield serial(
        peel(f"bit_{j}_{bit}", *source, bit, behind) for bit, source in zip(bits, sources, strict=True)
    )


def _comparison(made: Plan, j: int) -> Iterator[Part]:
    """The two layers in which x is compared with key j, v less what is left of it."""
    left = rest(0, made.width * (made.slots - 1 - j))
    if j > 0:
        yield carry(f"y_{j}_tent", DECODING, "y", depth=2)
    if j < made.slots - 1:
        yield carry(f"x_{j}_tent", DECODING, "x", depth=2)
        shifted = {name: weight << made.width for name, weight in _whole(left).items()}
        yield carry(f"v_{j}_tent", DECODING, "v", depth=2, row=shifted)
    yield tent(f"tent_{j}", {"x": 1, "v": -1, **left})


def _whole(row: Row) -> dict[str, int]:
    return {name: int(weight) for name, weight in row.items()}


def _witness(task: Task, made: Plan, part: Part) -> Witness:
    """Quote the values, and for every word its number and its keys."""
    places = [0] * len(made.line.order)
    for place, point in enumerate(made.line.order):
        places[point] = place
    rows = [places[group] for group in task.groups]
    blocks, values = made.block_of(), made.line.values
    first = 1 + (0 if not made.ramps else 2 if made.wide else 2 * len(made.ramps))
    probes = [probe(part, ("projected", 1, {"x": 1}), tuple(values[place] for place in rows))]
    if made.ramps:
        words = tuple(word.value for word in made.words)
        probes.append(probe(part, ("words", first, {"v": 1}), words, "interval"))
    for j in range(made.slots):
        after = first + j * (made.width + 2) + made.width
        left = rest(0, made.width * (made.slots - 1 - j))
        key: Row = {"v": 1, **{name: -weight for name, weight in left.items()}}
        keys = tuple(word.keys[j] for word in made.words)
        probes.append(probe(part, (f"key_{j}", after, key), keys, "interval"))
    return Witness({"interval": tuple(blocks[place] for place in rows)}, tuple(probes))
