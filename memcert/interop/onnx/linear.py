"""Matrix products with a constant: Gemm and MatMul.

UNTRUSTED.
"""

from typing import Any

import numpy as np

from memcert.interop.forms import Form
from memcert.interop.onnx.nodes import Node
from memcert.interop.refusals import ModelError
from memcert.interop.tensors import Array, Tensor, array, elements, lifted
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown


def _rows_times(node: Node, rows: Array, weights: Array) -> Array:
    # Forms of shape (.., m) times numbers of shape (m, n).
    m, n = weights.shape
    if not rows.ndim or rows.shape[-1] != m:
        shapes = f"{list(rows.shape)} and {list(weights.shape)}"
        raise ModelError(f"{node.operator} {shown(node.name)}: shapes {shapes} do not fit")
    shape = (*rows.shape[:-1], n)
    elements(shape)
    columns = [weights[:, j].tolist() for j in range(n)]
    made: list[Form] = []
    for row in rows.reshape(-1, m).tolist() if m else [[]] * (elements(shape) // max(n, 1)):
        made += (node.circuit.combined(zip(column, row, strict=True)) for column in columns)
    return array(made, shape)


def matmul(node: Node) -> Tensor:
    """Lower MatMul, the weight on either side. Raises: UnsupportedError, ModelError, UndecidedError."""
    a, b = node.input(0), node.input(1)
    if a.data == b.data:
        node.refuse("expected one factor that depends on the input and one constant")
    weight = b if a.data else a
    if len(weight.shape) not in (1, 2):
        node.refuse(f"a weight of {len(weight.shape)} dimensions")
    if a.data:
        if len(a.shape) < 2:
            node.refuse("the product would sum over the batch")
        if len(b.shape) == 2:
            return node.made(_rows_times(node, a.values, b.values), a)
        return node.made(_rows_times(node, a.values, b.values.reshape(-1, 1))[..., 0], a)
    if len(b.shape) < 3:
        node.refuse("with the weight on the left, the product would sum over the batch")
    flipped = np.swapaxes(b.values, -1, -2)
    if len(a.shape) == 2:
        product = _rows_times(node, flipped, a.values.T)
        return node.made(np.swapaxes(product, -1, -2), b)
    return node.made(_rows_times(node, flipped, a.values.reshape(-1, 1))[..., 0], b)


def gemm(node: Node) -> Tensor:
    """Lower alpha A' B' + beta C, A from the input. Raises: UnsupportedError, ModelError, UndecidedError."""
    a, b = node.input(0), node.constant(1)
    if not a.data:
        node.refuse("its first factor is constant")
    if node.integer("transA", 0):
        node.refuse("transA makes the batch the second dimension")
    if len(a.shape) != 2 or len(b.shape) != 2:
        raise ModelError(f"Gemm {shown(node.name)}: expected matrices, got {list(a.shape)}, {list(b.shape)}")
    weights = b.values.T if node.integer("transB", 0) else b.values
    product = _rows_times(node, a.values, weights)
    alpha, c = node.number("alpha", 1), node.optional(2)
    if alpha == 1 and c is None:
        return node.made(product, a)
    return node.made(_sum(node, product, alpha, c), a)


def _sum(node: Node, product: Array, alpha: Number, c: Tensor | None) -> Array:
    beta = node.number("beta", 1)
    if c is None:
        added: list[Any] = [0] * product.size
    else:
        if len(c.shape) > 2 or (c.data and len(c.shape) != 2) or (len(c.shape) == 2 and c.shape[0] != 1):
            node.refuse(f"C of shape {list(c.shape)} is not one row for all samples")
        try:
            added = np.broadcast_to(c.values, product.shape).ravel().tolist()
        except ValueError:
            raise ModelError(f"Gemm {shown(node.name)}: C of shape {list(c.shape)} does not fit") from None
    pairs = zip(product.ravel().tolist(), added, strict=True)
    made = (node.circuit.combined(((alpha, x), (beta, lifted(y)))) for x, y in pairs)
    return array(made, product.shape)
