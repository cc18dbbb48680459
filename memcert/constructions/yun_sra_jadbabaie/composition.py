"""Borders, slots and read-out in series, with their sizes and witness.

Source: Yun, Sra, Jadbabaie 2019, three-layer ReLU networks.
Departure: explicit; the split into m groups of n is the one with the fewest weights, zeros counted.
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.blocks.assembly import network, outline
from memcert.blocks.part import Part, serial
from memcert.constructions.coding import Coding, coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.directions import search
from memcert.constructions.line import Line, bits, lined
from memcert.constructions.points import distinct_points
from memcert.constructions.read_out import LINEAR, ReadOut, nonzeros, read_out
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.yun_sra_jadbabaie.borders import BORDER, biases, borders
from memcert.constructions.yun_sra_jadbabaie.slots import SLOT, Slot, ends, slot_layer, slots
from memcert.contracts import mechanisms
from memcert.kernel.certificate import Number, Probe, Witness


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables of a network.

    Args:
        line: t at every point.
        size: n, the points of a group.
        ends: the last value of a group and where the next one's form begins, m - 1 of them.
        slots: n of them.
        outputs: the last layer.
    """

    line: Line
    size: int
    ends: tuple[tuple[int, int], ...]
    slots: tuple[Slot, ...]
    outputs: ReadOut

    @property
    def numbers(self) -> list[Number]:
        """All weights and biases of the slots. Raises: never."""
        return [x for slot in self.slots for row, bias in (slot.plus, slot.minus) for x in (*row, bias)]


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network for a task, with its outline and witness.

    Returns:
        Depth 3, widths 2 m - 1 and 2 n, and exactly the size that `predict` says. The claimed radius
        is 0: the last point of a group stands on its border.

    Raises:
        BuildError: the rule is argmax and there is one class.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made = plan(task, coded, options)
    part = compose(made)
    used = {o.contract for o in part.outlines}
    contracts = (mechanisms.carry(), BORDER, SLOT, LINEAR)
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=tuple(contract for contract in contracts if contract.id in used),
        blocks=outline(part),
        witness=_witness(task, coded, made),
        box_radius=0,
        direction=made.line.vector,
        margin=coded.margin,
        notes={"groups": str(len(made.ends) + 1), "slots": str(made.size)},
    )


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make, from its tables alone.

    Raises:
        BuildError: as `build`.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant_size(task, coded)
    made = plan(task, coded, options)
    groups, outputs = len(made.ends) + 1, len(coded.readings)
    first = biases(made.line, made.ends)
    rows = [row for slot in made.slots for row in (slot.plus, slot.minus)]
    edges = nonzeros(made.line.vector) * (2 * groups - 1) + made.outputs.edges
    edges += sum(nonzeros(weights) for weights, _ in rows)
    return Size(
        parameters=edges + nonzeros(first) + nonzeros(bias for _, bias in rows) + made.outputs.biases,
        edges=edges,
        dense=dense(task.dataset.dimension, groups, made.size, outputs),
        width=max(2 * groups - 1, 2 * made.size),
        depth=3,
        bits=bits([1, *made.line.weights, *first, *made.numbers, *made.outputs.numbers]),
    )


def dense(dimension: int, groups: int, size: int, outputs: int) -> int:
    """Return (d + 1)(2 m - 1) + 4 m n + k (2 n + 1), all weights and biases. Raises: never."""
    return (dimension + 1) * (2 * groups - 1) + 4 * groups * size + outputs * (2 * size + 1)


def split(points: int, dimension: int, outputs: int) -> tuple[int, int]:
    """Return (m, n), m n >= N, with the smallest dense count, the fewest slots among equals.

    Raises:
        ValueError: points < 1.
    """
    sizes = ((-(-points // n), n) for n in range(1, points + 1))
    return min(sizes, key=lambda pair: dense(dimension, pair[0], pair[1], outputs))


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Plan:
    """Choose the direction, cut the line into groups and fill the slots. Raises: never."""
    direction = search(distinct_points(task), int(options["directions"] or 0), task.seed)
    line = lined(direction, task.dataset.denominator, direction.gap, Fraction(direction.gap))
    values, codes = line.keys, [coded.codes[i] for i in line.order]
    _, size = split(len(values), task.dataset.dimension, len(coded.readings))
    starts = range(0, len(values), size)
    groups = [(values[k : k + size], codes[k : k + size]) for k in starts]
    form: dict[str, Number] = {f"{name}{k}": sign for k in range(size) for name, sign in _SIGNS}
    return Plan(
        line=line,
        size=size,
        ends=tuple(ends(groups, direction.gap)),
        slots=slots(groups, direction.gap),
        outputs=ReadOut(form, 0, coded.readings),
    )


_SIGNS = (("plus", 1), ("minus", -1))


def compose(made: Plan) -> Part:
    """Put the layers in series. Raises: never."""
    first = borders(made.line, made.ends)
    names = [n.name for n in first.layers[0]]
    return serial([first, slot_layer(made.slots, names), read_out(made.outputs)])


def _witness(task: Task, coded: Coding, made: Plan) -> Witness:
    """Quote the projected values, the group and place of every sample, and the code it gets."""
    places = [0] * len(made.line.order)
    for place, point in enumerate(made.line.order):
        places[point] = place
    rows = [places[group] for group in task.groups]
    values = made.line.values
    neurons = tuple(range(2 * made.size))
    signs = tuple(sign for _ in range(made.size) for _, sign in _SIGNS)
    codes = tuple(coded.codes[group] for group in task.groups)
    probes = (
        Probe("projected", 1, (0,), (1,), None, tuple(values[place] for place in rows)),
        Probe("code", 2, neurons, signs, None, codes),
    )
    partitions = {
        "group": tuple(place // made.size for place in rows),
        "slot": tuple(place % made.size for place in rows),
    }
    return Witness(partitions, probes)
