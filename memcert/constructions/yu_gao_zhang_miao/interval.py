"""Lemma G.5: on the line, width 2 and depth 2 where the labels change at most twice, else evidence.

Source: Lemma G.5: such a network memorizes iff some closed interval holds exactly one label.
Departure: labels that change once, or never, have a branch of their own, of width 1; an interval
of label -1 has the negated network.
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from memcert.blocks.assembly import coordinates, network, outline
from memcert.blocks.part import Part, block, neuron, serial
from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.registry import Built, Evidence, OptionValue, Size, Task
from memcert.constructions.strictness import inside
from memcert.constructions.yu_gao_zhang_miao.hat import HAT, Hat, hat
from memcert.contracts import mechanisms
from memcert.datasets.dataset import exact
from memcert.errors import BuildError
from memcert.evidence.document import ALTERNATING
from memcert.kernel.certificate import Contract, Number, Witness
from memcert.kernel.verdict import shown

STAGE = "interval"
LINEAR = mechanisms.linear()
NEURON = mechanisms.neuron()
X = coordinates(1)[0]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours on the line with one label: the first and the last, as rows, and their points."""

    label: int
    rows: tuple[int, int]
    first: Fraction
    last: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """Two runs: F(x) = sign (relu(x - l) - c) with l and c as a hat has them.

    Args:
        before: the last point of the first run.
        first: the first point of the second run.
        sign: the second run's label.
    """

    before: Fraction
    first: Fraction
    sign: int

    @property
    def bias(self) -> Number:
        """-l. Raises: never."""
        middle = (self.before + self.first) / 2
        return exact(-middle.numerator, middle.denominator)

    @property
    def level(self) -> Fraction:
        """c, the smallest |F|. Raises: never."""
        return (self.first - self.before) / 4

    @property
    def read(self) -> tuple[int, Number]:
        """Weight and bias of the output. Raises: never."""
        bias = -self.sign * self.level
        return self.sign, exact(bias.numerator, bias.denominator)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built | Evidence:  # noqa: ARG001
    """Build the network of width at most 2 and depth 2, or tell which four rows exclude one.

    Args:
        task: distinct points of the line with labels -1 and +1.
        options: none.

    Returns:
        Three runs of labels: width 2. Two: width 1. One: the constant network. More: four rows
        whose labels alternate.

    Raises:
        BuildError: points have more than one coordinate.
    """
    runs = _runs(task)
    if len(runs) == 1:
        return constant(task, coding(task))
    if len(runs) > 3:
        return Evidence(ALTERNATING, _alternating(runs))
    made = _plan(runs)
    part, contracts = compose(made)
    limit = made.room if isinstance(made, Hat) else made.level
    return Built(
        network=network(part, 1),
        contracts=contracts,
        blocks=outline(part),
        witness=_witness(task, runs),
        box_radius=inside(limit),
        margin=exact(made.level.numerator, made.level.denominator),
        direction=(1,),
    )


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:  # noqa: ARG001
    """Return the size of the network that `build` would make.

    Raises:
        BuildError: points have more than one coordinate, or the labels change more than twice.
    """
    runs = _runs(task)
    if len(runs) == 1:
        return constant_size(task, coding(task))
    if len(runs) > 3:
        raise BuildError(f"the labels change more than twice, as rows {shown(_alternating(runs))} show")
    made = _plan(runs)
    width = 2 if isinstance(made, Hat) else 1
    hidden, read = (made.biases, made.weights) if isinstance(made, Hat) else ((made.bias,), made.read)
    return Size(
        parameters=2 * width + sum(bias != 0 for bias in hidden) + 1,
        edges=2 * width,
        dense=3 * width + 1,
        width=width,
        depth=2,
        bits=max(abs(x.numerator).bit_length() + x.denominator.bit_length() for x in (1, *hidden, *read)),
    )


def compose(made: Hat | Step) -> tuple[Part, tuple[Contract, ...]]:
    """Return the network as a part, and its contracts. Raises: never."""
    if isinstance(made, Hat):
        return hat(made, "hat", {X: 1}), (HAT,)
    weight, level = made.read
    climb = block("climb", STAGE, NEURON.id, [[neuron("low", {X: 1}, made.bias)]])
    read = block("read", "read_out", LINEAR.id, [[neuron("out", {"low": weight}, level)]])
    return serial([climb, read]), (NEURON, LINEAR)


def _runs(task: Task) -> list[Run]:
    """Return the runs of labels in ascending order of the points."""
    if task.dataset.dimension > 1:
        raise BuildError(
            f"expected points on the line, of one coordinate, got {task.dataset.dimension}: "
            f"{task.dataset.place(0)} is {shown(task.dataset.point(0))}"
        )
    values = [int(task.dataset.numerators[row, 0]) for row in task.distinct]
    ordered = sorted(range(len(values)), key=values.__getitem__)
    found = []
    for label, group in groupby(ordered, key=lambda i: int(task.labels[i])):
        members = list(group)
        ends = (members[0], members[-1])
        first, last = (Fraction(values[i], task.dataset.denominator) for i in ends)
        found.append(Run(label, (task.distinct[ends[0]], task.distinct[ends[1]]), first, last))
    return found


def _alternating(runs: list[Run]) -> tuple[int, ...]:
    return tuple(run.rows[0] for run in runs[:4])


def _plan(runs: list[Run]) -> Hat | Step:
    if len(runs) == 2:
        return Step(runs[0].last, runs[1].first, runs[1].label)
    left, middle, right = runs
    return Hat(left.last, middle.first, middle.last, right.first, middle.label)


def _witness(task: Task, runs: list[Run]) -> Witness:
    """Tell the run of every row."""
    lasts = [run.last for run in runs]
    points = (Fraction(int(x), task.dataset.denominator) for x in task.dataset.numerators[:, 0].tolist())
    return Witness({"run": tuple(next(k for k, last in enumerate(lasts) if x <= last) for x in points)}, ())
