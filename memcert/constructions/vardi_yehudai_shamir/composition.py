"""Theorem A.1: projection, subset selection, lookup and read-out in series, with their witness.

Source: Theorem 3.1 / A.1, F = F_3 o F_2 o F_1.
Departure: the last layer reads the label for any rule (coding.py), and one class needs no more than
a constant (constant.py).
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.blocks.assembly import network, outline
from memcert.blocks.part import Part, Row, block, neuron, parallel, position, serial
from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.vardi_yehudai_shamir import sizes
from memcert.constructions.vardi_yehudai_shamir.bit_extraction import BIT
from memcert.constructions.vardi_yehudai_shamir.lookup import GATE, field_form, lookup
from memcert.constructions.vardi_yehudai_shamir.plan import Plan, plan
from memcert.constructions.vardi_yehudai_shamir.projection import projection
from memcert.constructions.vardi_yehudai_shamir.subset_selection import SELECT, subset_selection
from memcert.contracts import mechanisms
from memcert.kernel.certificate import Number, Probe, Witness

STAGE = "read_out"
LINEAR = mechanisms.linear()
CONTRACTS = (mechanisms.carry(), mechanisms.carry(3), SELECT, BIT, GATE, LINEAR)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of Theorem 3.1 for a task, with its outline and witness.

    Args:
        task: distinct points and numbered labels.
        options: `sizing` and `directions`.

    Returns:
        Width at most 12, depth 3 m + n (3 max(rho, c) + 3) + 5, and exactly the size that
        `predict` says. Cost: linear in N d per direction tried, and in the size of the network.

    Raises:
        BuildError: no direction was found that the literal sizing could use, or the rule is
            argmax and there is one class.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made = plan(task, coded, options)
    part = compose(made)
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=CONTRACTS,
        blocks=outline(part),
        witness=_witness(task, made, part),
        box_radius=made.projection.radius,
        direction=made.projection.weights,
        margin=coded.margin,
        notes=_notes(made),
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
    shape = made.shape
    return Size(
        parameters=sizes.parameters(shape),
        edges=sizes.edges(shape),
        dense=sizes.dense(shape),
        width=sizes.width(shape),
        depth=sizes.depth(shape),
        bits=made.bits,
    )


def compose(made: Plan) -> Part:
    """Put the stages of a plan in series. Raises: ValueError, never for a plan made here."""
    return serial(
        [
            projection(made.projection),
            subset_selection(made.intervals),
            lookup(made.fields),
            _read_out(made),
        ]
    )


def _read_out(made: Plan) -> Part:
    rows = [neuron(f"out{k}", {"y": weight}, bias) for k, (weight, bias) in enumerate(made.readings)]
    return parallel(*(block(f"read_{k}", STAGE, LINEAR.id, [[row]]) for k, row in enumerate(rows)))


def _notes(made: Plan) -> dict[str, str]:
    split = made.split
    return {
        "intervals": str(split.intervals),
        "slots": str(split.slots),
        "key_bits": str(made.fields.key_bits),
        "label_bits": str(made.fields.label_bits),
    }


def _witness(task: Task, made: Plan, part: Part) -> Witness:
    """Quote the projected values, and for every interval its words and their fields."""
    places = [0] * len(made.projection.order)
    for place, point in enumerate(made.projection.order):
        places[point] = place
    rows = [places[group] for group in task.groups]
    slots = made.split.slots
    values = made.projection.values
    first = 2 + 3 * len(made.intervals)
    words = {"u": tuple(j.key_word for j in made.intervals), "w": tuple(j.label_word for j in made.intervals)}
    probes = [
        _probe(part, "projected", 2, {"x": 1}, values=tuple(values[place] for place in rows)),
        _probe(part, "key_words", first, {"yu": 1}, values=words["u"], partition="interval"),
        _probe(part, "label_words", first, {"yw": 1}, values=words["w"], partition="interval"),
    ]
    for j in range(slots):
        after = first + 1 + j * made.fields.slot_depth + 3 * made.fields.longer
        probes += _slot_probes(part, made, j, after)
    partitions = {
        "interval": tuple(place // slots for place in rows),
        "slot": tuple(place % slots for place in rows),
    }
    return Witness(partitions, tuple(probes))


def _slot_probes(part: Part, made: Plan, j: int, after: int) -> list[Probe]:
    keys = tuple(interval.keys[j] for interval in made.intervals)
    labels = tuple(interval.labels[j] for interval in made.intervals)
    (u, key_bits), (w, label_bits) = made.fields.streams
    longer = made.fields.longer
    return [
        _probe(part, f"key_{j}", after, field_form(u, key_bits, longer), values=keys, partition="interval"),
        _probe(
            part, f"label_{j}", after, field_form(w, label_bits, longer), values=labels, partition="interval"
        ),
    ]


def _probe(
    part: Part, name: str, after: int, form: Row, *, values: tuple[Number, ...], partition: str | None = None
) -> Probe:
    places = sorted((position(part, after - 1, neuron_name), weight) for neuron_name, weight in form.items())
    return Probe(
        name=name,
        after_layer=after,
        neurons=tuple(i for i, _ in places),
        coefficients=tuple(weight for _, weight in places),
        partition=partition,
        values=values,
    )
