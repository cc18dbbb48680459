"""Proposition 3.4: projection, plateaus, decoder and read-out in series, with their witness.

Source: Proposition 3.4.
Departure: an explicit version with the proposition's width and bounded weights; its depth is not
reached.
UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction

from memcert.blocks.assembly import network, outline, probe
from memcert.blocks.part import Part, serial
from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.nagler_langer import sizes
from memcert.constructions.nagler_langer.decoder import decoder
from memcert.constructions.nagler_langer.plan import Plan, plan
from memcert.constructions.nagler_langer.plateaus import plateaus
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.stored import LINEAR, read_out
from memcert.constructions.windows import APART, NEURON, RAMP
from memcert.contracts import mechanisms
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number, Witness

PROJECTION, READ_OUT = "projection", "read_out"
CONTRACTS = (mechanisms.carry(), RAMP, APART, NEURON, LINEAR)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of a task, with its outline and witness.

    Args:
        task: distinct points and numbered labels.
        options: `width` and `directions`.

    Returns:
        Width at most `width`; weights and biases after the first layer at most max(2 3^n, 8), but
        for the read-out of the rule within, which has the labels' own scale. Exactly the size that
        `predict` says. Cost: linear in the size of the network, and as `plan`.

    Raises:
        BuildError: the rule is argmax and there is one class.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made = plan(task, coded, options)
    part = compose(made)
    named = {o.contract for o in part.outlines}
    shape = made.shape
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=tuple(contract for contract in CONTRACTS if contract.id in named),
        blocks=outline(part),
        witness=_witness(task, made, part),
        box_radius=made.line.box(made.room),
        direction=made.line.weights,
        margin=made.coded.margin,
        notes={
            "blocks": str(shape.blocks),
            "slots": str(shape.slots),
            "digits": str(shape.digits),
            "key_groups": str(shape.key_groups),
            "label_groups": str(shape.label_groups),
            "stored": str(len(made.stored)),
        },
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
    counts = sizes.layers(made.shape)
    return Size(
        parameters=sizes.parameters(made.shape),
        edges=sum(edges for _, edges, _ in counts),
        dense=sizes.dense(made.shape),
        width=max(neurons for neurons, _, _ in counts[:-1]),
        depth=len(counts),
        bits=made.bits,
    )


def compose(made: Plan) -> Part:
    """Put the stages of a plan in series. Raises: ValueError, never for a plan made here."""
    return serial(
        [
            made.line.part(PROJECTION, unit=made.unit),
            plateaus(made.shape, made.starts, made.heights),
            decoder(made.shape),
            read_out(made.coded, READ_OUT),
        ]
    )


def _witness(task: Task, made: Plan, part: Part) -> Witness:
    """Quote the values on the line, the words by block, the labels by block and slot, the codes."""
    places = [0] * len(made.line.order)
    for place, point in enumerate(made.line.order):
        places[point] = place
    rows = [places[group] for group in task.groups]
    shape, unit, blocks = made.shape, made.unit, made.blocks
    values = [_number(unit * Fraction(value)) for value in made.line.values]
    codes = [made.coded.codes[i] for i in made.line.order]
    head = 2 + len(shape.hinges) + shape.key_groups
    words = tuple(_number(number) for number in made.words)
    probes = [
        probe(part, ("projected", 1, {"x": 1}), tuple(values[place] for place in rows)),
        probe(part, ("words", head, {"p": 1}), words, "block"),
    ]
    for s in range(shape.slots):
        after = head + 2 * shape.groups * (s + 1)
        labels = made.labels[s :: shape.slots]
        padded = labels + (0,) * (shape.blocks - len(labels))
        probes.append(probe(part, (f"label_{s}", after, {"lab": 1}), padded, "block"))
    probes.append(probe(part, ("code", part.depth - 1, {"y": 1}), tuple(codes[place] for place in rows)))
    return Witness({"block": tuple(blocks[place] for place in rows)}, tuple(probes))


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
