"""Matrix products with a constant: Gemm and MatMul.

UNTRUSTED.
"""

from typing import Any

import numpy as np

from memcert.interop.onnx.arithmetic import total, wrapped
from memcert.interop.onnx.nodes import Node
from memcert.interop.tensors import Array, Tensor, array, elements, integers, lifted


def matmul(node: Node) -> Tensor:
    """Lower MatMul, the weight on either side. Raises: UnsupportedError, ModelError, UndecidedError."""
    a, b = node.input(0), node.input(1)
    node.real(a, b)
    if a.data and b.data:
        node.refuse("a product of two values that depend on the input is not piecewise linear")
    if node.batched(a) and len(a.shape) < 2:
        node.mixes("the product would sum over the batch")
    if node.batched(b) and len(b.shape) < 3:
        node.mixes("with the weight on the left, the product would sum over the batch")
    x = a.values if a.data or not b.data else node.constant(0).values
    y = b.values if b.data or not a.data else node.constant(1).values
    left, right = (x[np.newaxis] if x.ndim == 1 else x), (y[:, np.newaxis] if y.ndim == 1 else y)
    if not x.ndim or not y.ndim or left.shape[-1] != right.shape[-2]:
        node.wrong(f"shapes {list(x.shape)} and {list(y.shape)} do not fit")
    if max(x.ndim, y.ndim) > (a if a.data else b).values.ndim and (node.batched(a) or node.batched(b)):
        node.mixes(f"a weight of {max(x.ndim, y.ndim)} dimensions, more than the data has")
    values = _stacked(node, left, right, data_left=not b.data)
    values = values[..., 0, :] if x.ndim == 1 else values
    return wrapped(node, node.made(values[..., 0] if y.ndim == 1 else values, a, b))


def _stacked(node: Node, left: Array, right: Array, *, data_left: bool) -> Array:
    # Products of the matrices in two stacks, broadcast; forms stand on one side.
    try:
        stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    except ValueError:
        node.wrong(f"shapes {list(left.shape)} and {list(right.shape)} do not fit")
    shape = (*stack, left.shape[-2], right.shape[-1])
    elements(shape)
    if not stack:
        return _matrix(node, left, right, data_left=data_left)
    lefts = np.broadcast_to(left, (*stack, *left.shape[-2:]))
    rights = np.broadcast_to(right, (*stack, *right.shape[-2:]))
    made = np.empty(shape, dtype=object)
    for place in np.ndindex(stack):
        made[place] = _matrix(node, lefts[place], rights[place], data_left=data_left)
    return made


def _matrix(node: Node, left: Array, right: Array, *, data_left: bool) -> Array:
    if not data_left:
        return _matrix(node, right.T, left.T, data_left=True).T
    results = left.shape[0] * right.shape[1]
    node.circuit.foresee(work=results * right.shape[0], forms=results)
    weights, denominator = integers(right.T)
    places = range(right.shape[0])
    rows = [(places, row, 0) for row in weights.tolist()]
    made: list[Any] = []
    for vector in left.tolist():
        forms = [lifted(x) for x in vector]
        made += node.circuit.products(forms, rows, denominator)
    return array(made, (left.shape[0], right.shape[1]))


def gemm(node: Node) -> Tensor:
    """Lower alpha A' B' + beta C. Raises: UnsupportedError, ModelError, UndecidedError."""
    a, b = node.input(0), node.input(1)
    node.real(a, b)
    if a.data and b.data:
        node.refuse("a product of two values that depend on the input is not piecewise linear")
    if node.batched(b):
        node.mixes("its second factor depends on the model's input")
    if node.batched(a) and node.integer("transA", 0):
        node.mixes("transA makes the batch the second dimension")
    if len(a.shape) != 2 or len(b.shape) != 2:
        node.wrong(f"expected matrices, got {list(a.shape)}, {list(b.shape)}")
    first, second = (x if x.data else node.constant(place) for place, x in enumerate((a, b)))
    left = first.values.T if node.integer("transA", 0) else first.values
    right = second.values.T if node.integer("transB", 0) else second.values
    if left.shape[1] != right.shape[0]:
        node.wrong(f"shapes {list(left.shape)} and {list(right.shape)} do not fit")
    elements((left.shape[0], right.shape[1]))
    product = wrapped(node, node.made(_matrix(node, left, right, data_left=not b.data), a, b))
    alpha, c = node.number("alpha", 1), node.optional(2)
    if c is None:
        return product if alpha == 1 else total(node, [product], [alpha])
    made = total(node, [product, c], [alpha, node.number("beta", 1)])
    if made.shape != product.shape:
        node.refuse(f"C of shape {list(c.shape)} is not one row for all samples")
    return made
