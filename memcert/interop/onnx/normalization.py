"""BatchNormalization: exact where the root is rational; else only folded, correctly rounded, on request.

UNTRUSTED. It is y = a x + b a channel, a = scale / sqrt(var + epsilon), b = bias - mean a. Folded, a and b
are each the float nearest to these real numbers, ties to even (there are none: they are irrational).
"""

from fractions import Fraction
from math import isqrt

import numpy as np

from memcert.interop.bits import DOUBLE, SINGLE, Layout, nearest
from memcert.interop.forms import Form
from memcert.interop.onnx.constant_operators import rational_root
from memcert.interop.onnx.nodes import Node, float32
from memcert.interop.tensors import Tensor, array
from memcert.kernel.certificate import Number

FORMATS = {"float32": SINGLE, "float64": DOUBLE}
"""What coefficients may be rounded to."""


def batch_normalization(node: Node) -> Tensor:
    """Lower BatchNormalization. Raises: UnsupportedError, ModelError, UndecidedError."""
    x = node.input(0)
    node.real(x)
    if node.integer("training_mode", 0) or not node.integer("spatial", 1):
        node.refuse("only inference, channel by channel, is supported")
    columns = [node.constant(k).values.ravel().tolist() for k in range(1, 5)]
    if len(x.shape) < 2 or {len(column) for column in columns} != {x.shape[1]}:
        node.wrong(f"channels {[len(column) for column in columns]} do not fit {list(x.shape)}")
    epsilon = node.number("epsilon", float32(1, 100_000))
    pairs = [
        _coefficients(node, place, scale, bias, (mean, variance + epsilon))
        for place, (scale, bias, mean, variance) in enumerate(zip(*columns, strict=True))
    ]
    made: list[Form] = []
    for place, form in zip(np.ndindex(x.shape), x.forms(), strict=True):
        factor, shift = pairs[place[1]]
        made.append(node.circuit.combined(((factor, form),), shift))
    return node.made(array(made, x.shape), x)


def _coefficients(
    node: Node, channel: int, scale: Number, bias: Number, rest: tuple[Number, Number]
) -> tuple[Number, Number]:
    mean, square = rest
    if scale == 0:
        return 0, bias
    root = rational_root(square)
    if square <= 0:
        node.refuse(f"channel {channel}: var + epsilon is {square}, which is not positive")
    if root is not None:
        exact = Fraction(scale) / root
        return exact, bias - exact * mean
    if node.fold is None:
        node.refuse(
            f"channel {channel}: var + epsilon is not the square of a rational, so scale over its root is "
            "irrational; --fold-batchnorm float32 or float64 rounds it, and the result then speaks of the "
            "folded network"
        )
    layout = FORMATS[node.fold]
    factor = rounded_sum(0, scale, square, layout)
    shift = rounded_sum(bias, -scale * mean, square, layout) if mean else bias
    if factor is None or shift is None:
        node.refuse(f"channel {channel}: a folded coefficient overflows {node.fold}")
    node.rounded.extend([f"{node.name}[{channel}]"] * (2 if mean else 1))
    return factor, shift


def rounded_sum(shift: Number, factor: Number, square: Number, layout: Layout) -> Number | None:
    """Return shift + factor / sqrt(square) as the nearest number of a format; None: it overflows.

    Args:
        shift: any number.
        factor: any number.
        square: positive, not the square of a rational.
        layout: the format.

    The root is enclosed in ever smaller intervals until both ends round alike; the number is irrational
    unless factor is 0, so that this ends.

    Raises:
        never.
    """
    if factor == 0:
        return nearest(shift, layout)
    inner = Fraction(factor) ** 2 / Fraction(square)
    sign, bits = (1 if factor > 0 else -1), 64
    while True:
        # floor(2^bits sqrt(inner)) and one more enclose the root.
        low = isqrt((inner.numerator << (2 * bits)) // inner.denominator)
        ends = [shift + sign * Fraction(n, 1 << bits) for n in (low, low + 1)]
        rounded = [nearest(end, layout) for end in ends]
        if rounded[0] == rounded[1]:
            return rounded[0]
        bits *= 2
