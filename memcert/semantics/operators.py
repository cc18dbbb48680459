"""What each operator computes in floats: a table from operator to the instructions of a node.

UNTRUSTED. Source of the formulas: the operators' definitions in ONNX. Sums run over ascending indices; an
average is the sum over the count; BatchNormalization is (x - mean) / sqrt(var + epsilon) * scale + bias.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.interop.forms import Circuit
from memcert.interop.onnx import pooling, reductions
from memcert.interop.onnx.nodes import float32
from memcert.interop.onnx.windows import axes_of, flat_places
from memcert.interop.tensors import Tensor
from memcert.kernel.certificate import Number
from memcert.semantics.compiling import MOVES, Act, Asked, Value, lanes, matrix, moved, operands
from memcert.semantics.program import (
    Absolute,
    Add,
    Divide,
    Dot,
    Fold,
    Gather,
    Held,
    Index,
    Larger,
    Multiply,
    Negate,
    Normalize,
    Numbers,
    Slope,
)


def _given(asked: Asked) -> list[Value]:
    return [x for x in asked.inputs if x is not None]


def _elementwise(asked: Asked, instruction: Any, **more: int) -> Held:
    (a, b), shape = operands(asked, _given(asked)[:2])
    return asked.add(instruction(a.value, b.value, **more), shape)


def _add(asked: Asked) -> Held:
    joined = _with_bias(asked)
    return joined if joined is not None else _elementwise(asked, Add, sign=1)


def _with_bias(asked: Asked) -> Held | None:
    # A matrix product and the constant that is added to it are one sum: runtimes may join them.
    held = [x for x in asked.inputs if isinstance(x, Held)]
    constants = [x for x in asked.inputs if isinstance(x, Tensor)]
    if len(held) != 1 or len(constants) != 1:
        return None
    dot = asked.program.instructions[held[0].value]
    if not isinstance(dot, Dot) or dot.bias is not None or dot.alpha != 1:
        return None
    try:
        row = np.broadcast_to(constants[0].values, held[0].shape).ravel().tolist()
    except ValueError:
        return None
    outer = len(dot.weights[0])
    bias = tuple(row[:outer])
    if row != list(bias) * (len(row) // max(outer, 1)):
        return None
    return asked.add(dot._replace(bias=bias), held[0].shape)


def _sub(asked: Asked) -> Held:
    return _elementwise(asked, Add, sign=-1)


def _mul(asked: Asked) -> Held:
    values = _given(asked)
    (a, b), shape = operands(asked, values)
    pair = (a, b) if isinstance(values[0], Held) else (b, a)
    return asked.add(Multiply(pair[0].value, pair[1].value), shape)


def _div(asked: Asked) -> Held:
    asked.held(0)
    return _elementwise(asked, Divide)


def _sum(asked: Asked) -> Held:
    made, shape = operands(asked, _given(asked))
    total = made[0]
    for value in made[1:]:
        total = asked.add(Add(total.value, value.value, 1), shape)
    return Held(total.value, shape)


def _divided(asked: Asked, total: Held, counts: Sequence[int]) -> Held:
    if set(counts) == {1}:
        return total
    numbers = asked.numbers(list(counts) * (total.size // len(counts)))
    return asked.add(Divide(total.value, numbers.value), total.shape)


def _mean(asked: Asked) -> Held:
    return _divided(asked, _sum(asked), [len(_given(asked))])


def _neg(asked: Asked) -> Held:
    x = asked.held(0)
    return asked.add(Negate(x.value), x.shape)


def _abs(asked: Asked) -> Held:
    x = asked.held(0)
    return asked.add(Absolute(x.value), x.shape)


def _constant_row(asked: Asked, x: Held, number: Number) -> int:
    return asked.numbers([number] * x.size).value


def _relu(asked: Asked) -> Held:
    x = asked.held(0)
    return asked.add(Larger(x.value, _constant_row(asked, x, 0), 1), x.shape)


def _number(asked: Asked, name: str, default: Number) -> Number:
    value = asked.node.attributes.get(name, default)
    return value if isinstance(value, int | Fraction) else default


def _leaky(asked: Asked) -> Held:
    x = asked.held(0)
    slope = _constant_row(asked, x, _number(asked, "alpha", float32(1, 100)))
    return asked.add(Slope(x.value, slope), x.shape)


def _p_relu(asked: Asked) -> Held:
    (x, slope), shape = operands(asked, [asked.held(0), asked.constant(1)])
    return asked.add(Slope(x.value, slope.value), shape)


def _clipped(asked: Asked, x: Held, low: Number | None, high: Number | None) -> Held:
    if low is not None:
        x = asked.add(Larger(x.value, _constant_row(asked, x, low), 1), x.shape)
    if high is not None:
        x = asked.add(Larger(x.value, _constant_row(asked, x, high), -1), x.shape)
    return x


def _clip(asked: Asked) -> Held:
    bounds: list[Number | None] = []
    for place, name in ((1, "min"), (2, "max")):
        tensor = asked.optional(place)
        bound = tensor.values.ravel().tolist()[0] if isinstance(tensor, Tensor) else None
        given = asked.node.attributes.get(name)
        bounds.append(given if isinstance(given, int | Fraction) else bound)
    return _clipped(asked, asked.held(0), bounds[0], bounds[1])


def _hard_sigmoid(asked: Asked) -> Held:
    x = asked.held(0)
    alpha = _constant_row(asked, x, _number(asked, "alpha", float32(1, 5)))
    beta = _constant_row(asked, x, _number(asked, "beta", float32(1, 2)))
    scaled = asked.add(Multiply(x.value, alpha), x.shape)
    return _clipped(asked, asked.add(Add(scaled.value, beta, 1), x.shape), 0, 1)


def _extreme(asked: Asked, sign: int) -> Held:
    made, shape = operands(asked, _given(asked))
    best = made[0]
    for value in made[1:]:
        best = asked.add(Larger(best.value, value.value, sign), shape)
    return Held(best.value, shape)


def _extreme_of_lanes(asked: Asked, source: Held, rows: Index, shape: Sequence[int], sign: int) -> Held:
    best = asked.gather(source, rows[:, 0], shape)
    for k in range(1, rows.shape[1]):
        other = asked.gather(source, rows[:, k], shape)
        best = asked.add(Larger(best.value, other.value, sign), shape)
    return Held(best.value, tuple(shape))


def _reduced_extreme(asked: Asked, sign: int) -> Held:
    return _extreme_of_lanes(asked, *lanes(asked, reductions.reduce_sum), sign)


def _global_max(asked: Asked) -> Held:
    return _extreme_of_lanes(asked, *lanes(asked, pooling.global_average_pool), 1)


def _folded(asked: Asked, act: Any, *, mean: bool) -> Held:
    source, rows, shape = lanes(asked, act)
    lined = asked.gather(source, rows.ravel(), (1, rows.size))
    total = asked.add(Fold(lined.value, rows.shape[1], None), shape)
    return _divided(asked, total, [rows.shape[1]]) if mean else total


def _windows(asked: Asked, *, pool: bool) -> tuple[Held, Any, tuple[int, ...]]:
    # Where each window looks: flat places, which of them hold an element, and which lie in the padding too.
    x = asked.held(0)
    node = asked.exact([None], Circuit(0))
    weights = asked.optional(1)
    kernel = node.integers("kernel_shape")
    if kernel is None and isinstance(weights, Tensor):
        kernel = list(weights.shape[2:])
    axes = axes_of(node, x.shape[2:], kernel or [], pool=pool)
    return x, flat_places(axes), tuple(axis.places.shape[0] for axis in axes)


def _max_pool(asked: Asked) -> Held:
    x, (places, inside, _), counts = _windows(asked, pool=True)
    if not bool(inside.any(axis=1).all()):
        asked.refuse("a window holds no element")
    # A place in the padding repeats an element of the window, which changes no maximum.
    first = places[np.arange(len(places)), inside.argmax(axis=1)]
    looked = np.where(inside, places, first[:, np.newaxis])
    rows = _over_channels(looked, x)
    return _extreme_of_lanes(asked, x, rows, (*x.shape[:2], *counts), 1)


def _over_channels(looked: Index, x: Held) -> Index:
    size = int(np.prod(x.shape[2:], dtype=np.int64))
    starts = np.arange(x.shape[1], dtype=np.int64) * size
    return np.asarray((starts[:, np.newaxis, np.newaxis] + looked).reshape(-1, looked.shape[1]))


def _average_pool(asked: Asked) -> Held:
    x, (places, inside, padded), counts = _windows(asked, pool=True)
    divisors = (padded if _number(asked, "count_include_pad", 0) else inside).sum(axis=1)
    rows = _over_channels(np.where(inside, places, 0), x)
    left_out = np.tile(~inside, (x.shape[1], 1)).ravel()
    lined = asked.gather(x, rows.ravel(), (1, rows.size))
    mask = left_out if bool(left_out.any()) else None
    total = asked.add(Fold(lined.value, rows.shape[1], mask), (*x.shape[:2], *counts))
    return _divided(asked, total, [int(n) for n in divisors])


def _dot(asked: Asked, x: Held, weights: Any, shape: Sequence[int], bias: Numbers | None = None) -> Held:
    return asked.add(Dot(x.value, matrix(weights), bias, 1, 1), shape)


def _matmul(asked: Asked) -> Held:
    a, b = asked.inputs[0], asked.inputs[1]
    if isinstance(a, Held) and isinstance(b, Tensor):
        weights = b.values
        if weights.ndim == 1:
            return _dot(asked, a, weights[:, np.newaxis], a.shape[:-1])
        if weights.ndim > 2 and weights.size != weights.shape[-1] * weights.shape[-2]:
            asked.refuse("a stack of weights")
        weights = weights.reshape(weights.shape[-2:])
        return _dot(asked, a, weights, (*a.shape[:-1], weights.shape[1]))
    if isinstance(a, Held) or isinstance(b, Tensor):
        asked.refuse("a product of two values that depend on the data")
    return _from_the_left(asked, asked.constant(0), asked.held(1))


def _from_the_left(asked: Asked, a: Tensor, b: Held) -> Held:
    # W x = (x' W')': columns become rows and back.
    weights = a.values
    if weights.ndim == 1:
        weights = weights[np.newaxis]
    elif weights.size != weights.shape[-1] * weights.shape[-2]:
        asked.refuse("a stack of weights")
    weights = weights.reshape(weights.shape[-2:])
    places = np.arange(b.size, dtype=np.int64).reshape(b.shape)
    flipped = asked.gather(b, np.swapaxes(places, -1, -2).ravel(), (1, b.size))
    shape = (*b.shape[:-2], b.shape[-1], weights.shape[0])
    made = _dot(asked, flipped, weights.T, shape)
    back = np.swapaxes(np.arange(made.size, dtype=np.int64).reshape(shape), -1, -2)
    final = back.shape if a.values.ndim > 1 else (*back.shape[:-2], back.shape[-1])
    return asked.gather(made, back.ravel(), final)


def _gemm(asked: Asked) -> Held:
    if asked.node.attributes.get("transA", 0):
        asked.refuse("transA makes the batch the second dimension")
    x, weights = asked.held(0), asked.constant(1).values
    weights = weights.T if asked.node.attributes.get("transB", 0) else weights
    alpha, beta = _number(asked, "alpha", 1), _number(asked, "beta", 1)
    shape, c = (1, weights.shape[1]), asked.optional(2)
    if isinstance(c, Held):
        product = asked.add(Dot(x.value, matrix(weights), None, alpha, 1), shape)
        if beta != 1:
            c = asked.add(Multiply(c.value, _constant_row(asked, c, beta)), c.shape)
        (a, b), shape = operands(asked, [product, c])  # type: ignore[assignment]  # two of two
        return asked.add(Add(a.value, b.value, 1), shape)
    bias = None if c is None else tuple(np.broadcast_to(c.values, shape).ravel().tolist())
    return asked.add(Dot(x.value, matrix(weights), bias, alpha, beta), shape)


def _conv(asked: Asked) -> Held:
    x, (places, inside, _), counts = _windows(asked, pool=False)
    weights, groups = asked.constant(1).values, int(_number(asked, "group", 1))
    size = int(np.prod(x.shape[2:], dtype=np.int64))
    outputs, channels = weights.shape[0], weights.shape[1]
    biases = None if asked.optional(2) is None else asked.constant(2).values.ravel().tolist()
    zero = asked.numbers([0])
    parts = []
    for g in range(groups):
        starts = (np.arange(channels, dtype=np.int64) + g * channels) * size
        looked = starts[np.newaxis, :, np.newaxis] + places[:, np.newaxis, :]
        looked = np.where(inside[:, np.newaxis, :], looked, x.size)  # the padding is 0
        rows = asked.add(Gather((x.value, zero.value), looked.ravel()), (1, looked.size))
        own = slice(g * outputs // groups, (g + 1) * outputs // groups)
        columns = weights[own].reshape(outputs // groups, -1).T
        own_bias = None if biases is None else tuple(biases[own])
        made = _dot(asked, rows, columns, (len(places), outputs // groups), own_bias)
        parts.append(made)
    # Of each group: windows, then channels; together: channels, then windows.
    back = np.concatenate(
        [
            g * parts[0].size + np.arange(parts[0].size, dtype=np.int64).reshape(len(places), -1).T.ravel()
            for g in range(groups)
        ]
    )
    return asked.add(Gather(tuple(part.value for part in parts), back), (1, outputs, *counts))


def _batch_normalization(asked: Asked) -> Held:
    x = asked.held(0)
    columns = [asked.constant(k).values.ravel().tolist() for k in range(1, 5)]
    channel = np.broadcast_to(
        np.arange(x.shape[1]).reshape(1, -1, *[1] * (len(x.shape) - 2)), x.shape
    ).ravel()

    def row(numbers: Sequence[Number]) -> Held:
        return asked.numbers([numbers[i] for i in channel.tolist()])

    scale, bias, mean, variance = (row(column).value for column in columns)
    epsilon = asked.numbers([_number(asked, "epsilon", float32(1, 100_000))] * x.size).value
    return asked.add(Normalize(x.value, scale, bias, mean, (variance, epsilon)), x.shape)


def _scaler(asked: Asked) -> Held:
    x = asked.held(0)

    def row(name: str, neutral: Number) -> int:
        column = asked.node.attributes.get(name, (neutral,))
        numbers = list(column) if isinstance(column, tuple) else [neutral]
        return asked.numbers(numbers * (x.size // len(numbers))).value

    shifted = asked.add(Add(x.value, row("offset", 0), -1), x.shape)
    return asked.add(Multiply(shifted.value, row("scale", 1)), x.shape)


ACTS: dict[str, Act] = {
    **dict.fromkeys((*MOVES, "Cast", "CastLike"), moved),
    "Abs": _abs,
    "Add": _add,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_normalization,
    "Clip": _clip,
    "Conv": _conv,
    "Div": _div,
    "Gemm": _gemm,
    "GlobalAveragePool": lambda asked: _folded(asked, pooling.global_average_pool, mean=True),
    "GlobalMaxPool": _global_max,
    "HardSigmoid": _hard_sigmoid,
    "LeakyRelu": _leaky,
    "MatMul": _matmul,
    "Max": lambda asked: _extreme(asked, 1),
    "MaxPool": _max_pool,
    "Mean": _mean,
    "Min": lambda asked: _extreme(asked, -1),
    "Mul": _mul,
    "Neg": _neg,
    "PRelu": _p_relu,
    "ReduceMax": lambda asked: _reduced_extreme(asked, 1),
    "ReduceMean": lambda asked: _folded(asked, reductions.reduce_sum, mean=True),
    "ReduceMin": lambda asked: _reduced_extreme(asked, -1),
    "ReduceSum": lambda asked: _folded(asked, reductions.reduce_sum, mean=False),
    "Relu": _relu,
    "Scaler": _scaler,
    "Sub": _sub,
    "Sum": _sum,
}
"""Operators of the exact lowering whose inputs depend on the data."""
