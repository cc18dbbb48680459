"""The output layer: every reading of the code is one row over the hidden neurons.

UNTRUSTED.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.blocks.part import Part, block, neuron, parallel
from memcert.constructions.coding import Coding, Reading
from memcert.constructions.registry import Task
from memcert.constructions.strictness import inside
from memcert.contracts import mechanisms
from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number

STAGE = "read_out"
LINEAR = mechanisms.linear()


@dataclass(frozen=True, slots=True)
class ReadOut:
    """The outputs w (start + form) + b of a code start + form.

    Args:
        form: the code less its start, by names of hidden neurons.
        start: its constant.
        readings: (w, b) an output.
    """

    form: Mapping[str, Number]
    start: Number
    readings: Sequence[Reading]

    @property
    def rows(self) -> list[tuple[dict[str, Number], Number]]:
        """Weights and bias of each output. Raises: never."""
        return [
            (
                {name: exact(weight * value) for name, value in self.form.items()},
                exact(weight * self.start + bias),
            )
            for weight, bias in self.readings
        ]

    @property
    def edges(self) -> int:
        """Nonzero weights. Raises: never."""
        nonzero = sum(value != 0 for value in self.form.values())
        return nonzero * sum(weight != 0 for weight, _ in self.readings)

    @property
    def biases(self) -> int:
        """Nonzero biases. Raises: never."""
        return nonzeros(weight * self.start + bias for weight, bias in self.readings)

    @property
    def numbers(self) -> list[Number]:
        """All weights and biases. Raises: never."""
        return [x for weights, bias in self.rows for x in (*weights.values(), bias)]


def read_out(made: ReadOut) -> Part:
    """Build the last layer. Raises: never."""
    blocks = [
        block(f"read_{k}", STAGE, LINEAR.id, [[neuron(f"out{k}", weights, bias)]])
        for k, (weights, bias) in enumerate(made.rows)
    ]
    return parallel(*blocks)


def nonzeros(numbers: Iterable[Number]) -> int:
    """Return how many numbers are not 0. Raises: never."""
    return sum(x != 0 for x in numbers)


def leeway(task: Task, coded: Coding) -> Fraction:
    """Return how far the code may move so that the rule still holds; less than that where it is open.

    Raises: never.
    """
    if task.rule == "equal":
        return Fraction(0)
    if task.rule == "within":
        ((weight, _),) = coded.readings
        return Fraction(coded.margin or 0) / weight
    # 2 y - 1 has its sign, and 2 k y - k^2 is largest at k = y, as long as y moves by less than 1/2.
    return Fraction(inside(Fraction(1, 2)))
