"""Tent keys: projection, selection, lookup and read-out in series, with their witness.

Source: none; the whole is proved, sample by sample, by its own certificate.
UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction

from memcert.blocks.assembly import network, outline, probe
from memcert.blocks.part import Part, carry, parallel, serial
from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.stored import LINEAR, read_out
from memcert.constructions.tent_keys import sizes
from memcert.constructions.tent_keys.lookup import lookup
from memcert.constructions.tent_keys.orbit import TENT, TENT_BIT
from memcert.constructions.tent_keys.plan import Plan, plan
from memcert.constructions.tent_keys.selection import selection
from memcert.constructions.windows import APART, NEURON, RAMP
from memcert.contracts import mechanisms
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Contract, Number, Witness

PROJECTION, READ_OUT = "projection", "read_out"
CONTRACTS = (mechanisms.carry(), RAMP, TENT, TENT_BIT, APART, NEURON, LINEAR)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of a task, with its outline and witness.

    Args:
        task: distinct points and numbered labels.
        options: `directions`.

    Returns:
        Width max(2 m - 1, 7) at most, exactly the size that `predict` says. Cost: linear in N d per
        direction tried, and in the size of the network.

    Raises:
        BuildError: the rule is argmax and there is one class.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made = plan(task, coded, options)
    part = compose(made)
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=_used(part),
        blocks=outline(part),
        witness=_witness(task, made, part),
        box_radius=made.line.box(made.room),
        direction=made.line.weights,
        margin=coded.margin,
        notes={
            "blocks": str(len(made.words)),
            "slots": str(made.slots),
            "key_bits": str(made.key_bits),
            "label_bits": str(made.label_bits),
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
    line = made.line.part(PROJECTION)
    if len(made.words) == 1:
        start = [parallel(line, carry("word", "selection", "p", row={}, bias=made.heights[0]))]
    else:
        start = [line, selection(made.starts, made.heights)]
    return serial([*start, lookup(made.shape, made.sharpness), read_out(made.coded, READ_OUT)])


def _used(part: Part) -> tuple[Contract, ...]:
    named = {o.contract for o in part.outlines}
    return tuple(contract for contract in CONTRACTS if contract.id in named)


def _witness(task: Task, made: Plan, part: Part) -> Witness:
    """Quote the values on the line, the words by block, what their orbits show by slot, the codes."""
    places = [0] * len(made.line.order)
    for place, point in enumerate(made.line.order):
        places[point] = place
    rows = [places[group] for group in task.groups]
    values, blocks, shape = made.line.values, made.blocks, made.shape
    codes = [made.coded.codes[i] for i in made.line.order]
    head = 1 if len(made.words) == 1 else 3
    numbers = tuple(_number(word.number) for word in made.words)
    probes = [
        probe(part, ("projected", 1, {"x": 1}), tuple(values[place] for place in rows)),
        probe(part, ("words", head, {"p": 1}), numbers, "block"),
    ]
    for s in range(made.slots):
        # The layer of step t is the one after head + t others.
        after = head + 1 + s * shape.period + made.label_bits
        keys = tuple(_number(word.keys[s]) for word in made.words)
        probes.append(probe(part, (f"key_{s}", after, {"p": 1 << made.key_bits}), keys, "block"))
        if made.label_bits:
            labels = tuple(word.labels[s] for word in made.words)
            probes.append(probe(part, (f"label_{s}", after, {"lab": 1}), labels, "block"))
    probes.append(probe(part, ("code", part.depth - 1, {"y": 1}), tuple(codes[place] for place in rows)))
    return Witness({"block": tuple(blocks[place] for place in rows)}, tuple(probes))


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
