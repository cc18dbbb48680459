"""Theorem 1: projection, halving, rounds, table and read-out in series, with their witness.

Source: Theorem 1 with w = 2/3.
Departure: ReLU ramps in gaps between the samples for the paper's STEP units.
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.blocks.assembly import network, outline, probe
from memcert.blocks.part import Part, serial
from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.park_lee_yun_shin import sizes
from memcert.constructions.park_lee_yun_shin.halving import halving
from memcert.constructions.park_lee_yun_shin.plan import Plan, plan
from memcert.constructions.park_lee_yun_shin.rounds import rounds_part
from memcert.constructions.park_lee_yun_shin.table import table_part
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.stored import LINEAR, read_out
from memcert.constructions.windows import APART, NEURON, RAMP
from memcert.contracts import mechanisms
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Witness

PROJECTION, READ_OUT = "projection", "read_out"
CONTRACTS = (mechanisms.carry(), RAMP, APART, NEURON, LINEAR)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of a task, with its outline and witness.

    Args:
        task: distinct points and numbered labels.
        options: `directions`.

    Returns:
        Exactly the size that `predict` says; O(N^(2/3) c^(1/3)) parameters and what the projection
        and the halving of long keys take. Cost: as `plan`, and linear in the size of the network.

    Raises:
        BuildError: the rule is argmax and there is one class.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made = plan(task, coded, options)
    part = compose(made)
    named = {o.contract for o in part.outlines}
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=tuple(contract for contract in CONTRACTS if contract.id in named),
        blocks=outline(part),
        witness=_witness(task, made, part),
        box_radius=made.line.box(made.room),
        direction=made.line.weights,
        margin=coded.margin,
        notes={
            "halvings": str(len(made.halvings)),
            "rounds": str(len(made.rounds)),
            "pieces": str(sum(len(taken.pieces) for taken in made.rounds)),
            "words": str(len(made.table.words)),
            "labels_a_word": str(made.table.labels),
            "label_bits": str(made.table.label_bits),
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
    stages = [made.line.part(PROJECTION)]
    if made.halvings:
        stages.append(halving(made.halvings, made.width))
    if made.rounds:
        stages.append(rounds_part(made.rounds, made.width))
    return serial([*stages, table_part(made.table, made.width), read_out(made.coded, READ_OUT)])


def _witness(task: Task, made: Plan, part: Part) -> Witness:
    """Quote the values before and after the shifts, every word and place in it, the codes."""
    places = [0] * len(made.line.order)
    for place, point in enumerate(made.line.order):
        places[point] = place
    rows = [places[group] for group in task.groups]
    before, labels = made.line.values, made.table.labels
    unit = made.line.denominator
    after = [
        exact(n % unit + key * unit, unit) for n, key in zip(made.line.numerators, made.keys, strict=True)
    ]
    rest = [
        exact(n % unit + key % labels * unit, unit)
        for n, key in zip(made.line.numerators, made.keys, strict=True)
    ]
    codes = [made.coded.codes[i] for i in made.line.order]
    # Words without a sample are not quoted.
    used = sorted({key // labels for key in made.keys})
    classes = {word: k for k, word in enumerate(used)}
    numbers = made.table.numbers
    shifted = 1 + (len(made.halvings) + 1 if made.halvings else 0) + 2 * len(made.rounds)
    probes = (
        probe(part, ("projected", 1, {"x": 1}), tuple(before[place] for place in rows)),
        probe(part, ("shifted", shifted, {"x": 1}), tuple(after[place] for place in rows)),
        probe(part, ("place", shifted + 2, {"r": 1}), tuple(rest[place] for place in rows)),
        probe(part, ("words", shifted + 2, {"p": 1}), tuple(numbers[word] for word in used), "word"),
        probe(part, ("code", part.depth - 1, {"y": 1}), tuple(codes[place] for place in rows)),
    )
    return Witness({"word": tuple(classes[made.keys[place] // labels] for place in rows)}, probes)
