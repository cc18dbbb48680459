"""Sums, differences, products with constants and quotients by constants.

UNTRUSTED. Integers, which are constants, are added and multiplied exactly; what would wrap is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from memcert.interop.forms import Form
from memcert.interop.onnx.nodes import Node
from memcert.interop.sharing import levelled
from memcert.interop.stored_tensors import FLOATS, whole_range
from memcert.interop.tensors import Tensor, array, lifted
from memcert.kernel.certificate import Number


def add(node: Node) -> Tensor:
    """Lower Add. Raises: UnsupportedError, ModelError, UndecidedError."""
    return total(node, node.all(), (1, 1))


def sub(node: Node) -> Tensor:
    """Lower Sub. Raises: UnsupportedError, ModelError, UndecidedError."""
    return total(node, node.all(), (1, -1))


def sum_(node: Node) -> Tensor:
    """Lower Sum of any number of tensors. Raises: UnsupportedError, ModelError, UndecidedError."""
    return total(node, node.all(), [1] * len(node.inputs))


def mean(node: Node) -> Tensor:
    """Lower Mean of any number of tensors. Raises: UnsupportedError, ModelError, UndecidedError."""
    return total(node, node.all(), [Fraction(1, max(len(node.inputs), 1))] * len(node.inputs))


def neg(node: Node) -> Tensor:
    """Lower Neg. Raises: UnsupportedError, ModelError, UndecidedError."""
    return total(node, node.all(), (-1,))


def total(node: Node, tensors: Sequence[Tensor], factors: Sequence[Number]) -> Tensor:
    """Return the sum of factor * tensor, broadcast.

    Raises:
        UnsupportedError: integers that depend on the input, or wrap; the batch is mixed.
        ModelError: shapes do not fit.
        UndecidedError: by size.
    """
    node.real(*tensors)
    if not tensors:
        node.wrong("expected at least one input")
    if not any(tensor.data for tensor in tensors):
        return wrapped(node, node.broadcast(tensors, lambda *xs: _dot(factors, xs)))
    circuit = node.circuit
    return node.broadcast(
        _together(node, tensors), lambda *xs: circuit.combined(zip(factors, xs, strict=True))
    )


def _dot(factors: Sequence[Number], values: Sequence[Any]) -> Number:
    found: Number = sum((f * x for f, x in zip(factors, values, strict=True)), 0)
    return found


def _together(node: Node, tensors: Sequence[Tensor]) -> list[Tensor]:
    # Values of unlike depth: the shallower are carried in the cheaper way.
    places = [place for place, tensor in enumerate(tensors) if tensor.data]
    if len(places) < 2:
        return list(tensors)
    columns = levelled(node.circuit, [tensors[place].forms() for place in places])
    made = list(tensors)
    for place, column in zip(places, columns, strict=True):
        made[place] = node.made(array(column, tensors[place].shape), tensors[place])
    return made


def scaler(node: Node) -> Tensor:
    """Lower Scaler of scikit-learn's pipelines: (x - offset) * scale. Raises: as add."""
    x = node.input(0)
    if len(x.shape) != 2:
        node.refuse(f"the shape {list(x.shape)}: expected two dimensions")
    node.real(x)
    offset, scale = (_column(node, x, name, neutral) for name, neutral in (("offset", 0), ("scale", 1)))
    shifted = total(node, (x, offset), (1, -1))
    return mul(replace(node, inputs=(shifted, scale)))


def _column(node: Node, x: Tensor, name: str, neutral: Number) -> Tensor:
    column = node.attributes.get(name, (neutral,))
    if not isinstance(column, tuple) or len(column) not in (1, x.shape[1]):
        node.wrong(f"expected 1 or {x.shape[1]} numbers as {name}")
    return Tensor(array(column, (1, len(column))), False, x.kind)


def mul(node: Node) -> Tensor:
    """Lower Mul where one factor is constant. Raises: UnsupportedError, ModelError, UndecidedError."""
    a, b = node.input(0), node.input(1)
    node.real(a, b)
    if a.data and b.data:
        node.refuse("a product of two values that depend on the input is not piecewise linear")
    if not (a.data or b.data):
        return wrapped(node, node.broadcast((a, b), lambda x, y: x * y))
    circuit = node.circuit
    pair = (a, b) if a.data else (b, a)
    return node.broadcast(pair, lambda x, y: circuit.combined(((y.value, x),)))


def div(node: Node) -> Tensor:
    """Lower Div by a constant; of integers it cuts towards 0. Raises: as mul."""
    a, b = node.input(0), node.input(1)
    node.real(a, b)
    if b.data:
        node.refuse("a quotient by a value that depends on the input is not piecewise linear")
    if any(x == 0 for x in b.values.ravel().tolist()):
        node.wrong("the divisor holds a zero")
    if not a.data:
        act = _exact if a.kind in FLOATS else _cut
        return wrapped(node, node.broadcast((a, b), act))
    circuit = node.circuit
    return node.broadcast((a, b), lambda x, y: circuit.combined(((Fraction(1) / y.value, x),)))


def _exact(x: Number, y: Number) -> Number:
    return Fraction(x) / y


def _cut(x: int, y: int) -> int:
    quotient = abs(x) // abs(y)
    return quotient if (x < 0) == (y < 0) else -quotient


def where(node: Node) -> Tensor:
    """Lower Where with a constant condition. Raises: UnsupportedError, ModelError, UndecidedError."""
    condition, a, b = node.input(0), node.input(1), node.input(2)
    if condition.data:
        node.refuse("a condition that depends on the input jumps")
    if not (a.data or b.data):
        kind = Tensor(condition.values, False, a.kind)
        return node.broadcast((kind, a, b), lambda c, x, y: x if c else y)

    def chosen(c: Form, x: Any, y: Any) -> Form:
        return lifted(x) if c.value else lifted(y)

    pair = (a, b) if a.data else (b, a)
    if a.data:
        return node.broadcast((*pair, condition), lambda x, y, c: chosen(c, x, y))
    return node.broadcast((*pair, condition), lambda y, x, c: chosen(c, x, y))


def wrapped(node: Node, result: Tensor) -> Tensor:
    """Return a result, unless it is an integer that its type does not hold. Raises: UnsupportedError."""
    if result.data or result.kind in FLOATS:
        return result
    low, high = whole_range(result.kind)
    for value in result.values.ravel().tolist():
        if not low <= value <= high or value.denominator != 1:
            node.refuse(f"{value} is no integer from {low} to {high}: its element type would wrap or cut it")
    return result
