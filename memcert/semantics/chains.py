"""From a chain of layers to a program: what each layer's operations are in floats, in its format's order.

UNTRUSTED. A linear layer is one product of a row with a matrix, then the bias. Values are scaled as the
format's own readers do: (x - mean) / range is a difference, then a quotient.
"""

from collections.abc import Callable, Sequence

from memcert.interop.chain import Chain, Clipped, Layer, LeakyRelu, Linear, Relu, Scaled
from memcert.interop.preprocessing import Affine
from memcert.kernel.certificate import Number
from memcert.semantics.formula import preprocessed
from memcert.semantics.program import (
    Add,
    Constant,
    Divide,
    Dot,
    Held,
    Input,
    Instruction,
    Larger,
    Multiply,
    Program,
    Slope,
)


def chained(chain: Chain, preprocess: Affine | None) -> Program:
    """Return the program of a chain, which the exact import has accepted.

    Args:
        chain: of layers.
        preprocess: applied to every coordinate first, step by step.

    Raises:
        UsageError: a list of `preprocess` does not fit the coordinates.
    """
    program = Program(stored=chain.stored)
    row = Held(program.add(Input(chain.size), chain.size, "input"), (1, chain.size))
    value = row.value if preprocess is None else preprocessed(program, row, preprocess).value
    for layer in chain.layers:
        value = _layer(program, value, layer)
    program.output = value
    return program


def _layer(program: Program, x: int, layer: Layer) -> int:
    size = program.sizes[x]

    def constant(numbers: Sequence[Number]) -> int:
        return program.add(Constant(tuple(numbers)), size, "constant")

    if isinstance(layer, Linear):
        weights = tuple(zip(*layer.weight, strict=True))
        dot = Dot(x, weights, tuple(layer.bias), 1, 1)
        return program.add(dot, len(layer.weight), layer.name)
    if isinstance(layer, Relu):
        return program.add(Larger(x, constant([0] * size), 1), size, "relu")
    if isinstance(layer, LeakyRelu):
        return program.add(Slope(x, constant([layer.slope] * size)), size, "leaky_relu")
    if isinstance(layer, Clipped):
        pairs = layer.pairs(size)
        above = program.add(Larger(x, constant([low for low, _ in pairs]), 1), size, "clip")
        return program.add(Larger(above, constant([high for _, high in pairs]), -1), size, "clip")
    if isinstance(layer, Scaled):
        for sign, numbers in layer.operations:
            x = program.add(OPERATIONS[sign](x, constant(numbers)), size, "scale")
    return x


OPERATIONS: dict[str, Callable[[int, int], Instruction]] = {
    "+": lambda x, by: Add(x, by, 1),
    "-": lambda x, by: Add(x, by, -1),
    "*": Multiply,
    "/": Divide,
}
"""Operations with a number a value, each rounded once."""
