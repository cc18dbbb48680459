"""Operators that make constants of shapes: Shape, Size, ConstantOfShape, Range, NonZero.

UNTRUSTED. What speaks of an open size of the batch is held for a batch of one and of two.
"""

from collections.abc import Callable
from math import prod

import numpy as np

from memcert.interop.onnx.arithmetic import wrapped
from memcert.interop.onnx.nodes import Node
from memcert.interop.tensors import Array, Tensor, array, elements
from memcert.kernel.certificate import Number

_SINGLE, _INT64 = 1, 7


def shape(node: Node) -> Tensor:
    """Return the shape. Raises: ModelError."""
    return _of_sizes(node, lambda full: full[_start(node, len(full)) : _end(node, len(full))], scalar=False)


def size(node: Node) -> Tensor:
    """Return the number of elements. Raises: ModelError."""
    return _of_sizes(node, lambda full: [prod(full)], scalar=True)


def _start(node: Node, rank: int) -> int:
    start = node.integer("start", 0)
    return min(max(start + rank if start < 0 else start, 0), rank)


def _end(node: Node, rank: int) -> int:
    end = node.integer("end", rank)
    return min(max(end + rank if end < 0 else end, 0), rank)


def _of_sizes(node: Node, act: Callable[[list[int]], list[int]], *, scalar: bool) -> Tensor:
    x = node.input(0)
    found = [_list(act(node.full(x, k)), scalar=scalar) for k in range(len(node.batches))]
    other = found[-1] if not np.array_equal(found[0], found[-1]) else None
    return Tensor(found[0], False, _INT64, other)


def _list(values: list[int], *, scalar: bool) -> Array:
    return array(values, () if scalar else (len(values),))


def constant_of_shape(node: Node) -> Tensor:
    """Return a tensor of one value. Raises: UnsupportedError, ModelError, UndecidedError."""
    wanted = node.shapes(0)[0]
    if any(n < 0 for n in wanted):
        node.wrong(f"the shape {wanted} has a negative dimension")
    value = node.attributes.get("value")
    kind, fill = _SINGLE, [0]
    if isinstance(value, Tensor):
        kind, fill = value.kind, value.values.ravel().tolist()
    if len(fill) != 1:
        node.wrong(f"expected one value, got {len(fill)}")
    return Tensor(array(fill * elements(wanted), wanted), False, kind)


def range_(node: Node) -> Tensor:
    """Return start, start + delta, .. up to limit. Raises: UnsupportedError, ModelError, UndecidedError."""
    start, limit, delta = (_scalar(node, place) for place in range(3))
    if delta == 0:
        node.wrong("expected a delta that is not 0")
    # ceil((limit - start) / delta)
    count = max(-((start - limit) // delta), 0)
    elements([count])
    kind = node.input(0).kind
    return wrapped(node, Tensor(array((start + k * delta for k in range(count)), (count,)), False, kind))


def _scalar(node: Node, place: int) -> Number:
    values = node.constant(place).values.ravel().tolist()
    if len(values) != 1:
        node.wrong(f"input {place}: expected one number, got {len(values)}")
    number: Number = values[0]
    return number


def non_zero(node: Node) -> Tensor:
    """Return where a constant is not zero. Raises: UnsupportedError, ModelError."""
    x = node.constant(0)
    places = [place for place in np.ndindex(x.shape) if x.values[place] != 0]
    rows = [place[axis] for axis in range(len(x.shape)) for place in places]
    return Tensor(array(rows, (len(x.shape), len(places))), False, _INT64)
