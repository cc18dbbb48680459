"""Variants bubeck and baum: groups of points, four neurons around the hyperplane of each.

UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memcert.blocks.assembly import coordinates, network, outline
from memcert.blocks.part import Part, block, neuron, parallel, serial
from memcert.constructions.coding import Coding
from memcert.constructions.directions import search
from memcert.constructions.line import bits
from memcert.constructions.points import distinct_points
from memcert.constructions.read_out import LINEAR, ReadOut, leeway, nonzeros, read_out
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.two_layer.bumps import BUMP, bump
from memcert.constructions.two_layer.groups import Group, Table, adaptive, fixed, labelled
from memcert.constructions.two_layer.plates import PLATE, Plate, plate
from memcert.contracts.terms import exact
from memcert.errors import BuildError
from memcert.kernel.certificate import Contract, Number, Probe, Witness

STAGE = "plates"
CANDIDATES = 8
"""Directions tried for the separation claim: the network itself needs none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables of a network.

    Args:
        contract: what each group's four neurons meet.
        groups: of points.
        plates: one a group.
        outputs: the last layer.
        radius: of the box around every sample.
        scale: the data's common denominator; forms speak of the numerators.
    """

    contract: Contract
    groups: tuple[Group, ...]
    plates: tuple[Plate, ...]
    outputs: ReadOut
    radius: Number
    scale: int

    @property
    def rows(self) -> list[tuple[tuple[int, ...], Number]]:
        """Weights and bias of every hidden neuron. Raises: never."""
        return [
            (tuple(self.scale * entry for entry in form), bias) for p in self.plates for form, bias in p.rows
        ]


def build(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of the chosen variant.

    Raises:
        BuildError: as `plan`.
    """
    made = plan(task, coded, options)
    part = compose(made)
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=(made.contract, LINEAR),
        blocks=outline(part),
        witness=_witness(task, coded, made),
        box_radius=made.radius,
        direction=search(distinct_points(task), CANDIDATES, task.seed).vector,
        margin=coded.margin,
        notes={"variant": str(options["variant"]), "groups": str(len(made.groups)), "layers": "2"},
    )


def predict(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Size:
    """Return the size from the tables. Raises: BuildError, as `plan`."""
    made = plan(task, coded, options)
    rows, dimension, outputs = made.rows, task.dataset.dimension, len(coded.readings)
    edges = sum(nonzeros(weights) for weights, _ in rows) + made.outputs.edges
    return Size(
        parameters=edges + nonzeros(bias for _, bias in rows) + made.outputs.biases,
        edges=edges,
        dense=len(rows) * (dimension + 1) + outputs * (len(rows) + 1),
        width=len(rows),
        depth=2,
        bits=bits([1, *(x for weights, bias in rows for x in (*weights, bias)), *made.outputs.numbers]),
    )


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Plan:
    """Group the points and place the plates.

    Raises:
        BuildError: a fixed group is affinely dependent, or another row lies on its hyperplane;
            baum is given more than two classes.
    """
    table = Table(distinct_points(task))
    if options["variant"] == "baum":
        return _baum(task, coded, table, str(options["groups"]))
    # Groups of one label need no fractions, and no slope.
    order = sorted(range(table.size), key=lambda i: coded.codes[i])
    groups = _grouped(task, table, order, str(options["groups"]))
    plates = []
    for group in groups:
        label, denominator = labelled(table, group.members, [coded.codes[i] for i in group.members])
        plates.append(plate(group, label, denominator, table))
    return _plan(task, coded, PLATE, groups=groups, plates=plates, code=(0, 1))


def _baum(task: Task, coded: Coding, table: Table, how: str) -> Plan:
    if coded.count > 2:
        raise BuildError(f"baum needs two labels, the data have {coded.count}")
    ones = sum(coded.codes)
    stored = int(2 * ones <= table.size)
    order = [i for i, code in enumerate(coded.codes) if code == stored]
    groups = _grouped(task, table, order, how)
    # The code is the sum of the bumps, or 1 less that sum.
    code = (0, 1) if stored else (1, -1)
    return _plan(task, coded, BUMP, groups=groups, plates=[bump(group) for group in groups], code=code)


def _grouped(task: Task, table: Table, order: Sequence[int], how: str) -> tuple[Group, ...]:
    if how == "adaptive":
        return adaptive(table, order, task.seed)
    return fixed(table, order, task.distinct, task.seed)


def _plan(
    task: Task,
    coded: Coding,
    contract: Contract,
    *,
    groups: Sequence[Group],
    plates: Sequence[Plate],
    code: tuple[int, int],
) -> Plan:
    start, sign = code
    form = {
        f"n{4 * g + k}": exact(sign * p.signs[k] * p.factor) for g, p in enumerate(plates) for k in range(4)
    }
    room = min(p.room for p in plates)
    steepest = max(p.steepest for p in plates)
    if steepest:
        room = min(room, leeway(task, coded) / steepest)
    scale = task.dataset.denominator
    outputs = ReadOut(form, start, coded.readings)
    return Plan(contract, tuple(groups), tuple(plates), outputs, exact(room / scale), scale)


def compose(made: Plan) -> Part:
    """Put the layers in series. Raises: never."""
    names = coordinates(len(made.groups[0].form) - 1)
    neurons = [
        neuron(f"n{j}", dict(zip(names, weights, strict=True)), bias)
        for j, (weights, bias) in enumerate(made.rows)
    ]
    blocks = [
        block(f"{made.contract.id}_{g}", STAGE, made.contract.id, [neurons[4 * g : 4 * g + 4]])
        for g in range(len(made.groups))
    ]
    return serial([parallel(*blocks), read_out(made.outputs)])


def _witness(task: Task, coded: Coding, made: Plan) -> Witness:
    """Quote the sum of the plates: the code of every sample, less the constant."""
    neurons = tuple(range(4 * len(made.groups)))
    codes = tuple(coded.codes[group] - made.outputs.start for group in task.groups)
    return Witness({}, (Probe("plates", 1, neurons, tuple(made.outputs.form.values()), None, codes),))
