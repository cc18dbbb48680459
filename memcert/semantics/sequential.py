"""Memcert's sequential order in float32 or float64: ascending index, each operation rounded, the bias last.

UNTRUSTED; tests compare it bit by bit with correctly rounded arithmetic on integers. Nothing is fused
and no sum is regrouped: sums run over the inner index one after the other, for all rows at once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from memcert.semantics.precision import Array, Precision
from memcert.semantics.program import (
    Absolute,
    Add,
    Constant,
    Divide,
    Dot,
    Fold,
    Gather,
    Instruction,
    Larger,
    Multiply,
    Negate,
    Normalize,
    Program,
    Root,
    Slope,
    sources,
)


class Sequential:
    """Evaluates a program in one precision; constants are rounded once.

    Args:
        program: whatever it computes.
        precision: of every number and operation.
    """

    def __init__(self, program: Program, precision: Precision) -> None:
        """Round the constants."""
        self.program, self.precision = program.bare(), precision
        self._readers = program.readers()
        self._constants: dict[int, Any] = {}
        for place, instruction in enumerate(program.instructions):
            if isinstance(instruction, Constant):
                self._constants[place] = precision.rounded(instruction.numbers)[np.newaxis]
            elif isinstance(instruction, Dot):
                self._constants[place] = self._stored(instruction)

    def _stored(self, dot: Dot) -> tuple[Array, Array | None, Array, Array]:
        flat = self.precision.rounded([x for row in dot.weights for x in row])
        bias = None if dot.bias is None else self.precision.rounded(dot.bias)
        alpha, beta = self.precision.rounded([dot.alpha]), self.precision.rounded([dot.beta])
        return flat.reshape(len(dot.weights), -1), bias, alpha, beta

    def __call__(self, rows: Array) -> Array:
        """Return the outputs of rows, which are floats of this precision; infinities and NaN as they come.

        Cost: one pass over all rows for each inner index of a product.

        Raises:
            never.
        """
        program, left = self.program, list(self._readers)
        values: list[Any] = [None] * len(program.instructions)
        with np.errstate(all="ignore"):
            for place, instruction in enumerate(program.instructions):
                if not left[place]:
                    continue
                values[place] = rows if place == 0 else self._made(place, instruction, values)
                for source in sources(instruction):
                    left[source] -= 1
                    if not left[source]:
                        values[source] = None
        shape = (len(rows), program.sizes[program.output])
        return np.array(np.broadcast_to(values[program.output], shape))

    def _made(self, place: int, instruction: Instruction, values: list[Any]) -> Any:
        if isinstance(instruction, Constant):
            return self._constants[place]
        if isinstance(instruction, Dot):
            return self._dot(place, instruction, values[instruction.source])
        parts = [values[source] for source in sources(instruction)]
        return ROUNDED[type(instruction)](instruction, *parts)

    def _dot(self, place: int, dot: Dot, x: Array) -> Array:
        weights, bias, alpha, beta = self._constants[place]
        inner, outer = weights.shape
        blocks = x.reshape(-1, inner)
        total = (
            blocks[:, :1] * weights[0] if inner else np.zeros((len(blocks), outer), dtype=self.precision.name)
        )
        product = np.empty_like(total)
        for j in range(1, inner):
            np.multiply(blocks[:, j : j + 1], weights[j], out=product)
            np.add(total, product, out=total)
        if dot.alpha != 1:
            total = total * alpha
        if bias is not None:
            total = total + (bias if dot.beta == 1 else bias * beta)
        return total.reshape(len(x), -1)


def gathered(places: Any, parts: Sequence[Any]) -> Array:
    """Return columns of arrays that stand side by side, rows broadcast. Raises: never."""
    if len(parts) == 1:
        return np.asarray(parts[0][:, places])
    count = max(len(part) for part in parts)
    wide = [np.broadcast_to(part, (count, part.shape[1])) for part in parts]
    return np.asarray(np.concatenate(wide, axis=1)[:, places])


def _fold(fold: Fold, x: Array) -> Array:
    lanes = x.reshape(len(x), -1, fold.width)
    if fold.left_out is not None:
        # Adding 0 changes no sum, and an element that is left out may be infinite.
        lanes = np.where(fold.left_out.reshape(-1, fold.width), np.zeros(1, dtype=x.dtype), lanes)
    total = lanes[:, :, 0].copy()
    for j in range(1, fold.width):
        total += lanes[:, :, j]
    return total


ROUNDED: dict[type, Callable[..., Any]] = {
    Gather: lambda one, *parts: gathered(one.places, parts),
    Fold: _fold,
    Add: lambda one, a, b: a + b if one.sign > 0 else a - b,
    Multiply: lambda _, a, b: a * b,
    Divide: lambda _, a, b: a / b,
    Larger: lambda one, a, b: (np.maximum if one.sign > 0 else np.minimum)(a, b),
    Absolute: lambda _, a: np.abs(a),
    Negate: lambda _, a: -a,
    Normalize: lambda _, a, scale, bias, mean, v, e: (a - mean) / np.sqrt(v + e) * scale + bias,
    Slope: lambda _, a, b: np.where(a >= 0, a, a * b),
    Root: lambda _, a: np.sqrt(a),
}
"""What each instruction does to arrays; numpy rounds every operation once."""
