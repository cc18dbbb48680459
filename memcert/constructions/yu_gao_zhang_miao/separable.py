"""Lemma G.4: a network of width 1 where the two labels are linearly separable, else evidence.

Source: Lemma G.4: a network of width 1 memorizes iff the labels are linearly separable, since it is
a monotone function of its first neuron.
Departure: the neuron's bias keeps it positive on every sample's box, so that the network is the
affine function there whose level 0 lies halfway between the labels.
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.blocks.assembly import coordinates, network, outline
from memcert.blocks.part import Part, block, carry, neuron, serial
from memcert.constructions.coding import coding
from memcert.constructions.constant import CANDIDATES, constant, constant_size
from memcert.constructions.directions import search
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import Built, Evidence, OptionValue, Size, Task
from memcert.constructions.strictness import inside
from memcert.constructions.yu_gao_zhang_miao.separation import Apart, Mixed, decide
from memcert.contracts import mechanisms
from memcert.datasets.dataset import exact
from memcert.errors import BuildError
from memcert.evidence.document import SEPARABLE
from memcert.kernel.certificate import Number, Probe, Witness
from memcert.kernel.verdict import shown

STAGE = "projection"
READ_OUT = "read_out"
LINEAR = mechanisms.linear()


@dataclass(frozen=True, slots=True)
class Plan:
    """F(x) = relu(w.x + shift) - level.

    Args:
        apart: w and what it gives on the integer points.
        denominator: D; the points are integers / D.
    """

    apart: Apart
    denominator: int

    @property
    def shift(self) -> Number:
        """What makes the smallest value half the gap, positive. Raises: never."""
        return exact(self.apart.gap - 2 * self.apart.least, 2 * self.denominator)

    @property
    def level(self) -> Number:
        """What the neuron gives halfway between the labels. Raises: never."""
        return exact(self.apart.high - self.apart.least, self.denominator)

    @property
    def margin(self) -> Number:
        """The smallest |F| of a sample: half the gap. Raises: never."""
        return exact(self.apart.gap, 2 * self.denominator)

    @property
    def radius(self) -> Number:
        """A box radius on which F keeps its sign, one part in 1024 below the limit. Raises: never."""
        return inside(Fraction(self.margin) / self.apart.norm)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """All weights and biases. Raises: never."""
        return (*self.apart.weights, self.shift, 1, -self.level)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built | Evidence:  # noqa: ARG001
    """Build the network of width 1, or tell which rows exclude one.

    Args:
        task: distinct points with labels -1 and +1.
        options: none.

    Returns:
        Width 1, depth 2, |w|_0 + 3 nonzero parameters, one less if a bias is 0; or Gordan multipliers of
        at most d + 2 rows. One label: the constant network.

    Raises:
        UndecidedError: floats did not guess right, and the exact search is too long.
    """
    if task.class_count == 1:
        return constant(task, coding(task))
    found = _decided(task)
    if isinstance(found, Mixed):
        quoted = sorted(zip((task.distinct[i] for i in found.rows), found.multipliers, strict=True))
        return Evidence(SEPARABLE, tuple(i for i, _ in quoted), tuple(m for _, m in quoted))
    made = Plan(found, task.dataset.denominator)
    part = compose(made)
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=(mechanisms.carry(), LINEAR),
        blocks=outline(part),
        witness=_witness(task, made),
        box_radius=made.radius,
        margin=made.margin,
        direction=search(distinct_points(task), CANDIDATES, task.seed).vector,
    )


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:  # noqa: ARG001
    """Return the size of the network that `build` would make; the direction is searched for.

    Raises:
        BuildError: the labels are not linearly separable.
        UndecidedError: as `build`.
    """
    if task.class_count == 1:
        return constant_size(task, coding(task))
    found = _decided(task)
    if isinstance(found, Mixed):
        rows = sorted(task.distinct[i] for i in found.rows)
        raise BuildError(f"the labels are not linearly separable, as rows {shown(rows)} show")
    made = Plan(found, task.dataset.denominator)
    edges = sum(weight != 0 for weight in found.weights) + 1
    return Size(
        parameters=edges + (made.shift != 0) + 1,
        edges=edges,
        dense=task.dataset.dimension + 3,
        width=1,
        depth=2,
        bits=max(abs(x.numerator).bit_length() + x.denominator.bit_length() for x in made.numbers),
    )


def compose(made: Plan) -> Part:
    """Put the neuron and the read-out in series. Raises: never."""
    row = dict(zip(coordinates(len(made.apart.weights)), made.apart.weights, strict=True))
    line = carry("project", STAGE, "t", row=row, bias=made.shift)
    return serial([line, block("read", READ_OUT, LINEAR.id, [[neuron("out", {"t": 1}, -made.level)]])])


def _decided(task: Task) -> Apart | Mixed:
    return decide(distinct_points(task), [int(label) for label in task.labels])


def _witness(task: Task, made: Plan) -> Witness:
    """Quote the neuron's value at every row."""
    weights, shift = made.apart.weights, Fraction(made.shift)
    bottom = made.denominator
    values = []
    for point in task.dataset.numerators.tolist():
        value = shift + Fraction(sum(w * x for w, x in zip(weights, point, strict=True)), bottom)
        values.append(exact(value.numerator, value.denominator))
    probe = Probe(
        name="projected", after_layer=1, neurons=(0,), coefficients=(1,), partition=None, values=tuple(values)
    )
    return Witness({}, (probe,))
