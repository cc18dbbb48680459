"""Variants zhang and merged: points on a line, hinges along it, and the sum of the hinges.

UNTRUSTED.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from memcert.blocks.assembly import network, outline
from memcert.blocks.part import Part, serial
from memcert.constructions.coding import Coding
from memcert.constructions.directions import search
from memcert.constructions.line import bits, lined
from memcert.constructions.points import distinct_points
from memcert.constructions.read_out import LINEAR, ReadOut, leeway, nonzeros, read_out
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.two_layer.hinge_layer import CONTRACTS, HingeLayer, hinge_layer
from memcert.constructions.two_layer.hinges import Hinges, between, interpolated, substituted
from memcert.contracts import mechanisms
from memcert.contracts.terms import exact
from memcert.errors import BuildError
from memcert.kernel.certificate import Number, Probe, Witness

MOST_WORK = 200_000_000_000
"""Most bits that an exact evaluation at all points may multiply: points, hinges, bits of a weight."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables of a network: its hidden layer, its outputs, the radius around every sample."""

    layer: HingeLayer
    outputs: ReadOut
    radius: Number


def build(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of the chosen variant. Cost: linear in its size.

    Raises:
        BuildError: hinges at the points, and so many that their sum is too long to evaluate.
    """
    made = plan(task, coded, options)
    _refuse_long(made)
    part = compose(made)
    kinds = sorted({len(block) for block in made.layer.hinges.blocks})
    carried = (mechanisms.carry(),) if made.layer.shared else ()
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=(*carried, *(CONTRACTS[kind] for kind in kinds), LINEAR),
        blocks=outline(part),
        witness=_witness(task, made),
        box_radius=made.radius,
        direction=made.layer.line.vector,
        margin=coded.margin,
        notes={
            "variant": str(options["variant"]),
            "hinges": str(len(made.layer.hinges.turns)),
            "layers": "3: hinges share a projection neuron" if made.layer.shared else "2",
        },
    )


def predict(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Size:
    """Return the size from the tables. Raises: never."""
    made = plan(task, coded, options)
    layer, dimension, outputs = made.layer, task.dataset.dimension, len(coded.readings)
    hinges = len(layer.hinges.turns)
    weights = nonzeros(layer.line.vector)
    first = weights + hinges if layer.shared else weights * hinges
    biases = nonzeros(layer.biases) + (layer.shared and layer.line.offset != 0)
    edges = first + made.outputs.edges
    hidden = dimension + 1 + 2 * hinges if layer.shared else (dimension + 1) * hinges
    return Size(
        parameters=edges + biases + made.outputs.biases,
        edges=edges,
        dense=hidden + outputs * (hinges + 1),
        width=hinges,
        depth=3 if layer.shared else 2,
        bits=bits([1, *layer.line.weights, layer.line.offset, *layer.biases, *made.outputs.numbers]),
    )


def _refuse_long(made: Plan) -> None:
    """Refuse weights whose common denominator makes an exact check hopeless."""
    turns = made.layer.hinges.turns
    bits_in_all = lcm(*{change.denominator for _, change in turns}).bit_length()
    size = len(made.layer.line.order)
    if size * len(turns) * bits_in_all > MOST_WORK:
        raise BuildError(
            f"hinges at the points: {len(turns)} slopes have a common denominator of {bits_in_all} bits, "
            f"too long for an exact check at {size} points; merged hinges in the gaps have none"
        )


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Plan:
    """Choose the direction and place the hinges. Raises: BuildError, never for distinct points."""
    direction = search(distinct_points(task), int(options["directions"] or 0), task.seed)
    # Whole values, the first as large as the smallest gap, so that no box reaches 0.
    line = lined(direction, task.dataset.denominator, direction.gap, Fraction(direction.gap))
    values = line.keys
    hinges = _hinges(values, [coded.codes[i] for i in line.order], direction.gap, options)
    layer = HingeLayer(line, hinges, options["projection"] == "shared")
    outputs = ReadOut(layer.changes, hinges.start, coded.readings)
    room = room_at(values, [place for place, _ in hinges.turns])
    if layer.shared:
        room = min(room, Fraction(values[0]))
    if hinges.steepest:
        room = min(room, leeway(task, coded) / hinges.steepest)
    return Plan(layer, outputs, line.box(room))


def _hinges(
    values: Sequence[int], codes: Sequence[int], gap: int, options: Mapping[str, OptionValue]
) -> Hinges:
    if options["variant"] == "zhang":
        return substituted(values, codes, gap)
    if options["hinges"] == "points":
        return interpolated(values, codes)
    return between(values, codes, gap, flat=options["hinges"] == "flat")


def room_at(values: Sequence[int], places: Sequence[Number]) -> Fraction:
    """Return the least distance of a value to a place.

    Args:
        values: ascending, at least one.
        places: at least one, in any order.

    Cost: N log N. Raises: IndexError, without values.
    """
    unit = lcm(*(place.denominator for place in places))
    scaled = [value * unit for value in values]
    least: int | None = None
    for place in places:
        at = place.numerator * (unit // place.denominator)
        k = bisect_left(scaled, at)
        for value in scaled[max(0, k - 1) : k + 1]:
            least = abs(value - at) if least is None else min(least, abs(value - at))
    return Fraction(least or 0, unit)


def compose(made: Plan) -> Part:
    """Put the layers in series. Raises: never."""
    return serial([hinge_layer(made.layer), read_out(made.outputs)])


def _witness(task: Task, made: Plan) -> Witness:
    """Quote the projected values, where a neuron has them."""
    if not made.layer.shared:
        return Witness({}, ())
    line = made.layer.line
    values: list[Number] = [0] * len(line.order)
    for point, value in zip(line.order, line.values, strict=True):
        values[point] = exact(value)
    projected = tuple(values[group] for group in task.groups)
    return Witness({}, (Probe("projected", 1, (0,), (1,), None, projected),))
