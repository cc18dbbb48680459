"""A network as a program of few instructions on flat vectors, in the order in which floats compute it.

UNTRUSTED. Instruction k makes value k; value 0 is the row as the data have it. A constant is one row for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from memcert.kernel.certificate import Number

Index = np.ndarray[Any, np.dtype[np.int64]]
Numbers = tuple[Number, ...]


class Input(NamedTuple):
    """The row: the data's numbers, rounded."""

    size: int


class Constant(NamedTuple):
    """Stored numbers, rounded."""

    numbers: Numbers


class Gather(NamedTuple):
    """Elements of several values, side by side, in another order; no rounding."""

    sources: tuple[int, ...]
    places: Index


class Dot(NamedTuple):
    """Rows of length K times a matrix: y = alpha (x W) + beta b.

    Products are taken in ascending order of K, then alpha, then the bias, by beta.

    Args:
        source: B K numbers, B rows of K.
        weights: a row for each of the K inputs, n columns.
        bias: n numbers for every one of the B rows, or None.
        alpha: 1, but in Gemm.
        beta: likewise.
    """

    source: int
    weights: tuple[Numbers, ...]
    bias: Numbers | None
    alpha: Number
    beta: Number


class Fold(NamedTuple):
    """Sums of `width` consecutive numbers, first to last; those at `left_out` do not count.

    Args:
        source: n width numbers.
        width: of a sum.
        left_out: a mask of n width places, or None.
    """

    source: int
    width: int
    left_out: Any


class Add(NamedTuple):
    """a + b, or a - b, rounded."""

    left: int
    right: int
    sign: int


class Multiply(NamedTuple):
    """a times a constant value, rounded."""

    left: int
    right: int


class Divide(NamedTuple):
    """a over a constant value, rounded."""

    left: int
    right: int


class Larger(NamedTuple):
    """max(a, b), or min(a, b); no rounding."""

    left: int
    right: int
    sign: int


class Absolute(NamedTuple):
    """|a|; no rounding."""

    source: int


class Negate(NamedTuple):
    """-a; no rounding."""

    source: int


class Slope(NamedTuple):
    """a where a >= 0, else a times a constant value, rounded."""

    source: int
    slope: int


class Normalize(NamedTuple):
    """(a - mean) / sqrt(variance + epsilon) * scale + bias, each a constant value; rounded in this order."""

    source: int
    scale: int
    bias: int
    mean: int
    square: tuple[int, int]


class Root(NamedTuple):
    """The square root of a constant, rounded."""

    source: int


Instruction = (
    Input
    | Constant
    | Gather
    | Dot
    | Fold
    | Add
    | Multiply
    | Divide
    | Larger
    | Absolute
    | Negate
    | Slope
    | Normalize
    | Root
)


@dataclass(slots=True)
class Program:
    """Instructions, their sizes, and which nodes they come from; grows while it is compiled.

    Args:
        instructions: value k is made by instruction k.
        sizes: how many numbers each value has.
        names: the node of each, as messages call it.
        output: the value that is the output.
        notes: what was left out, to be told.
        stored: how the file holds its numbers: element types such as `float32`, or `decimals`.
    """

    instructions: list[Instruction] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    output: int = 0
    notes: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()

    def add(self, instruction: Instruction, size: int, name: str) -> int:
        """Append an instruction and return its value. Raises: never."""
        self.instructions.append(instruction)
        self.sizes.append(size)
        self.names.append(name)
        return len(self.instructions) - 1

    def bare(self) -> "Program":
        """Return the program without the numbers of constants and weights. Raises: never."""
        # Who has rounded them needs them no more, and need not send them to other processes.
        made: list[Instruction] = []
        for one in self.instructions:
            if isinstance(one, Constant):
                made.append(Constant(()))
            elif isinstance(one, Dot):
                made.append(one._replace(weights=(), bias=None))
            else:
                made.append(one)
        return Program(made, self.sizes, self.names, self.output, self.notes, self.stored)

    def readers(self) -> list[int]:
        """Return how often values are read on the way to the output; that once more. Raises: never."""
        counts = [0] * len(self.instructions)
        counts[self.output] += 1
        for place in range(len(self.instructions) - 1, -1, -1):
            for source in sources(self.instructions[place]) if counts[place] else ():
                counts[source] += 1
        return counts

    def varying(self) -> list[bool]:
        """Return which values depend on the row. Raises: never."""
        made: list[bool] = []
        for place, instruction in enumerate(self.instructions):
            made.append(place == 0 or any(made[source] for source in sources(instruction)))
        return made


def sources(instruction: Instruction) -> Sequence[int]:
    """Return the values that an instruction reads. Raises: never."""
    if isinstance(instruction, Gather):
        return instruction.sources
    if isinstance(instruction, Add | Multiply | Divide | Larger):
        return (instruction.left, instruction.right)
    if isinstance(instruction, Slope):
        return (instruction.source, instruction.slope)
    if isinstance(instruction, Normalize):
        one = instruction
        return (one.source, one.scale, one.bias, one.mean, *one.square)
    if isinstance(instruction, Dot | Fold | Absolute | Negate | Root):
        return (instruction.source,)
    return ()


@dataclass(frozen=True, slots=True)
class Held:
    """A value of the program with the shape that it has for one row.

    Args:
        value: of the program.
        shape: 1, then the other dimensions.
        last: whether a last node was dropped before it (see `interop.onnx.last_nodes`).
    """

    value: int
    shape: tuple[int, ...]
    last: bool = False

    @property
    def size(self) -> int:
        """How many numbers a row has. Raises: never."""
        return int(np.prod(self.shape, dtype=np.int64))
