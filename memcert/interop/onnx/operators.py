"""The operators that are lowered exactly, each as a function of its node.

UNTRUSTED; tests/interop compares them with an independent evaluator. Batch is the first dimension.
"""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from memcert.interop.forms import Form, constant_form
from memcert.interop.onnx.linear import gemm, matmul
from memcert.interop.onnx.nodes import Node
from memcert.interop.onnx.shapes import cast, concat, flatten, identity, reshape
from memcert.interop.refusals import ModelError
from memcert.interop.tensors import Tensor, array, lifted, mapped, paired
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

_FLOAT_KINDS = (1, 10, 11, 16)


class Operator(NamedTuple):
    """How an operator is lowered, and the attributes that this knows."""

    act: Callable[[Node], Tensor]
    attributes: tuple[str, ...] = ()


def _aligned(node: Node, a: Tensor, b: Tensor) -> None:
    if a.data and b.data and len(a.shape) != len(b.shape):
        node.refuse(f"shapes {list(a.shape)} and {list(b.shape)} would pair the batch with another dimension")
    longer = a if len(a.shape) > len(b.shape) else b
    if (a.data or b.data) and len(a.shape) != len(b.shape) and not longer.data:
        node.refuse(f"a constant of shape {list(longer.shape)} has more dimensions than the data")


def _pairs(node: Node, a: Tensor, b: Tensor, act: Callable[[Any, Any], object]) -> Tensor:
    _aligned(node, a, b)
    try:
        values = paired(a.values, b.values, act)
    except ValueError:
        shapes = f"{list(a.shape)} and {list(b.shape)}"
        raise ModelError(f"{node.operator} {shown(node.name)}: shapes {shapes} do not fit") from None
    return node.made(values, a, b)


def _linear(node: Node, left: Number, right: Number) -> Tensor:
    a, b = node.input(0), node.input(1)
    if not (a.data or b.data):
        _exact_kind(node, a)
        return _pairs(node, a, b, lambda x, y: left * x + right * y)
    join = node.circuit.combined
    return _pairs(node, a, b, lambda x, y: join(((left, lifted(x)), (right, lifted(y)))))


def _exact_kind(node: Node, tensor: Tensor) -> None:
    # Arithmetic of integers wraps and truncates.
    if tensor.kind not in _FLOAT_KINDS:
        node.refuse("arithmetic of integers is not supported")


def _add(node: Node) -> Tensor:
    return _linear(node, 1, 1)


def _sub(node: Node) -> Tensor:
    return _linear(node, 1, -1)


def _neg(node: Node) -> Tensor:
    return _each(node, lambda form: node.circuit.combined(((-1, form),)))


def _mul(node: Node) -> Tensor:
    a, b = node.input(0), node.input(1)
    _exact_kind(node, a)
    if a.data and b.data:
        node.refuse("a product of two values that depend on the input is not piecewise linear")
    if not (a.data or b.data):
        return _pairs(node, a, b, lambda x, y: x * y)
    join = node.circuit.combined
    if b.data:
        return _pairs(node, a, b, lambda x, y: join(((x, y),)))
    return _pairs(node, a, b, lambda x, y: join(((y, x),)))


def _div(node: Node) -> Tensor:
    a, b = node.input(0), node.constant(1)
    _exact_kind(node, a)
    if any(x == 0 for x in b.values.ravel().tolist()):
        raise ModelError(f"Div {shown(node.name)}: the divisor holds a zero")
    inverse = Tensor(mapped(b.values, lambda x: 1 / Fraction(x)), False, b.kind)
    if not a.data:
        return _pairs(node, a, inverse, lambda x, y: x * y)
    return _pairs(node, a, inverse, lambda x, y: node.circuit.combined(((y, x),)))


def _each(node: Node, act: Callable[[Form], Form]) -> Tensor:
    # `act` on forms; on constants its constant.
    x = node.input(0)
    if x.data:
        return node.made(mapped(x.values, act), x)
    _exact_kind(node, x)
    return node.made(mapped(x.values, lambda value: act(constant_form(value)).value), x)


def _relu(node: Node) -> Tensor:
    return _each(node, node.circuit.relu)


def _leaky(node: Node) -> Tensor:
    slope, circuit = node.number("alpha", decimal_as_float32(1, 100)), node.circuit

    def act(form: Form) -> Form:
        negative = circuit.combined(((-1, form),))
        return circuit.combined(((1, circuit.relu(form)), (-slope, circuit.relu(negative))))

    return _each(node, act)


def _abs(node: Node) -> Tensor:
    circuit = node.circuit

    def act(form: Form) -> Form:
        negative = circuit.combined(((-1, form),))
        return circuit.combined(((1, circuit.relu(form)), (1, circuit.relu(negative))))

    return _each(node, act)


def _extreme(node: Node, sign: int) -> Tensor:
    # sign 1: max(a, b) = b + relu(a - b); sign -1: min(a, b) = b - relu(b - a).
    circuit = node.circuit

    def act(a: Any, b: Any) -> Form:
        x, y = lifted(a), lifted(b)
        return circuit.combined(((1, y), (sign, circuit.relu(circuit.combined(((sign, x), (-sign, y)))))))

    total = node.input(0)
    for place in range(1, len(node.inputs)):
        other = node.input(place)
        if total.data or other.data:
            total = _pairs(node, total, other, act)
        else:
            total = _pairs(node, total, other, max if sign > 0 else min)
    return total


def _max(node: Node) -> Tensor:
    return _extreme(node, 1)


def _min(node: Node) -> Tensor:
    return _extreme(node, -1)


def _clip(node: Node) -> Tensor:
    if node.opset < 11:
        low, high = node.attributes.get("min"), node.attributes.get("max")
    else:
        if node.attributes:
            node.refuse("bounds as attributes belong to opsets before 11")
        low, high = _bound(node, 1), _bound(node, 2)
    circuit = node.circuit

    def act(form: Form) -> Form:
        # min(max(x, low), high), also where low > high.
        if low is not None and high is not None and low > high:
            return constant_form(high)
        parts: list[tuple[Number, Form]] = [(1, form)]
        if low is not None:
            above = circuit.relu(circuit.combined(((1, form),), -low))
            parts = [(1, above), (1, constant_form(low))]
        if high is not None and low is None:
            below = circuit.relu(circuit.combined(((-1, form),), high))
            return circuit.combined(((-1, below),), high)
        if high is not None:
            parts.append((-1, circuit.relu(circuit.combined(((1, form),), -high))))
        return circuit.combined(parts)

    return _each(node, act)


def _bound(node: Node, place: int) -> Number | None:
    if node.optional(place) is None:
        return None
    values = node.constant(place).values.ravel().tolist()
    if len(values) != 1:
        raise ModelError(f"Clip {shown(node.name)}: expected one bound, got {len(values)}")
    number: Number = values[0]
    return number


def _batch_normalization(node: Node) -> Tensor:
    x = node.input(0)
    if node.integer("training_mode", 0) or not node.integer("spatial", 1):
        node.refuse("only inference, channel by channel, is supported")
    scale, shift, mean, variance = (node.constant(k).values.ravel().tolist() for k in range(1, 5))
    if len(x.shape) < 2 or {len(scale), len(shift), len(mean), len(variance)} != {x.shape[1]}:
        raise ModelError(f"BatchNormalization {shown(node.name)}: channels do not fit {list(x.shape)}")
    if not x.data:
        node.refuse("its input is constant")
    epsilon = node.number("epsilon", decimal_as_float32(1, 100_000))
    factors = [
        _root_quotient(node, s, v + epsilon, place)
        for place, (s, v) in enumerate(zip(scale, variance, strict=True))
    ]
    made: list[Form] = []
    for place, form in zip(np.ndindex(x.shape), x.forms(), strict=True):
        c = place[1]
        made.append(node.circuit.combined(((factors[c], form),), shift[c] - factors[c] * mean[c]))
    return node.made(array(made, x.shape), x)


def _root_quotient(node: Node, scale: Number, square: Number, channel: int) -> Number:
    if scale == 0:
        return 0
    value = Fraction(square)
    top, bottom = isqrt(max(value.numerator, 0)), isqrt(value.denominator)
    if value <= 0 or top * top != value.numerator or bottom * bottom != value.denominator:
        node.refuse(
            f"channel {channel}: var + epsilon is not the square of a rational, so scale over its "
            "root is irrational; fold the normalization into the weights before the export"
        )
    return Fraction(bottom, top) * scale


def decimal_as_float32(top: int, bottom: int) -> Number:
    """Return the positive fraction below 1 rounded to float32, ties to even. Raises: never."""
    value, shift = Fraction(top, bottom), 0
    while value < 1 << 23:
        value, shift = value * 2, shift + 1
    return Fraction(round(value), 1 << shift)


def _dropout(node: Node) -> Tensor:
    training = node.optional(2)
    if training is not None and (training.data or any(training.values.ravel().tolist())):
        node.refuse("only inference is supported, and training_mode is not a constant false")
    return node.input(0)


TABLE: dict[str, Operator] = {
    "Abs": Operator(_abs),
    "Add": Operator(_add),
    "BatchNormalization": Operator(_batch_normalization, ("epsilon", "momentum", "training_mode", "spatial")),
    "Cast": Operator(cast, ("to", "saturate")),
    "Clip": Operator(_clip, ("min", "max")),
    "Concat": Operator(concat, ("axis",)),
    "Div": Operator(_div),
    "Dropout": Operator(_dropout, ("ratio", "seed")),
    "Flatten": Operator(flatten, ("axis",)),
    "Gemm": Operator(gemm, ("alpha", "beta", "transA", "transB")),
    "Identity": Operator(identity),
    "LeakyRelu": Operator(_leaky, ("alpha",)),
    "MatMul": Operator(matmul),
    "Max": Operator(_max),
    "Min": Operator(_min),
    "Mul": Operator(_mul),
    "Neg": Operator(_neg),
    "Relu": Operator(_relu),
    "Reshape": Operator(reshape, ("allowzero",)),
    "Sub": Operator(_sub),
}
"""What is lowered; `Constant` is read where the graph is walked. All else is refused."""
WAYS_OUT = {
    "ZipMap": 'export again with options={"zipmap": False}',
    "Softmax": "it is exact only as the last node of a classifier, over the classes, for the rule argmax",
    "LogSoftmax": "it is exact only as the last node of a classifier, over the classes, for the rule argmax",
    "ArgMax": "it is exact only as the last node of a classifier, over the classes, for the rule argmax",
}
"""What to do about an operator that is refused, where that is known."""
