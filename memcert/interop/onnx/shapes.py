"""Operators that give values another shape: Reshape, Flatten, Transpose, Squeeze, Unsqueeze, Expand, Tile.

UNTRUSTED. The first dimension of data is the batch and stays so; the shapes are looked at for each
size of the batch.
"""

from collections.abc import Sequence
from math import prod

import numpy as np

from memcert.interop.onnx.nodes import Node
from memcert.interop.tensors import Tensor, elements


def identity(node: Node) -> Tensor:
    """Return the input. Raises: ModelError."""
    return node.input(0)


def dropout(node: Node) -> Tensor:
    """Return the input, as Dropout does outside of training. Raises: UnsupportedError, ModelError."""
    if node.optional(2) is not None and any(node.constant(2).values.ravel().tolist()):
        node.refuse("only inference is supported, and training_mode is not a constant false")
    return node.input(0)


def _shaped(node: Node, x: Tensor, shapes: Sequence[Sequence[int]]) -> Tensor:
    shape = node.one_shape(shapes) if x.data else tuple(shapes[0])
    if elements(shape) != x.values.size:
        node.wrong(f"{list(x.shape)} does not become {list(shape)}")
    return node.made(x.values.reshape(shape), x)


def flatten(node: Node) -> Tensor:
    """Lower Flatten. Raises: UnsupportedError, ModelError."""
    x, axis = node.input(0), node.integer("axis", 1)
    rank = len(x.shape)
    if not -rank <= axis <= rank:
        node.wrong(f"axis {axis} of {rank} dimensions")
    axis = axis + rank if axis < 0 else axis
    full = [node.full(x, k) for k in range(len(node.batches))]
    if x.data and len(full) > 1 and (axis == 0 or prod(full[1][:axis]) != full[1][0]):
        node.mixes(f"axis {axis} joins the batch with another dimension")
    return _shaped(node, x, [[prod(shape[:axis]), prod(shape[axis:])] for shape in full])


def reshape(node: Node) -> Tensor:
    """Lower Reshape with a constant shape that leaves the batch. Raises: UnsupportedError, ModelError."""
    x = node.input(0)
    shapes = []
    for k, wanted in enumerate(node.shapes(1)):
        full = node.full(x, k)
        made = _resolved(node, full, wanted)
        if made is None and not k:
            node.wrong(f"{full} does not become {wanted}")
        # What fits a batch of one and none of two is no contradiction of the file.
        if made is None or (node.batched(x) and (not made or made[0] != node.batches[k])):
            node.mixes(f"the shape {wanted} does not keep the batch, the first dimension")
        shapes.append(made)
    return _shaped(node, x, shapes)


def _resolved(node: Node, full: Sequence[int], wanted: Sequence[int]) -> list[int] | None:
    # None: the number of elements is another.
    keep = not node.integer("allowzero", 0)
    if keep and any(n == 0 and place >= len(full) for place, n in enumerate(wanted)):
        node.wrong(f"the shape {list(wanted)} keeps a dimension that {list(full)} does not have")
    shape = [full[place] if n == 0 and keep else n for place, n in enumerate(wanted)]
    known, size = prod(n for n in shape if n != -1), prod(full)
    if shape.count(-1) == 1 and known and size % known == 0:
        shape[shape.index(-1)] = size // known
    return shape if all(n >= 0 for n in shape) and prod(shape) == size else None


def transpose(node: Node) -> Tensor:
    """Lower Transpose. Raises: UnsupportedError, ModelError."""
    x = node.input(0)
    rank = len(x.shape)
    order = node.integers("perm")
    order = list(reversed(range(rank))) if order is None else [node.axis(axis, rank) for axis in order]
    if sorted(order) != list(range(rank)):
        node.wrong(f"perm {order} is no order of {rank} dimensions")
    if node.batched(x) and order[0] != 0:
        node.mixes(f"perm {order} moves the batch, the first dimension")
    return node.made(np.transpose(x.values, order), x)


def squeeze(node: Node) -> Tensor:
    """Lower Squeeze. Raises: UnsupportedError, ModelError."""
    x = node.input(0)
    given = node.integers("axes", 1)
    shapes = []
    for k in range(len(node.batches)):
        full = node.full(x, k)
        axes = [a for a, n in enumerate(full) if n == 1] if given is None else node.axes(given, len(full))
        if node.batched(x) and 0 in axes:
            node.mixes("it drops the batch, the first dimension; name the axes")
        if any(full[axis] != 1 for axis in axes):
            node.wrong(f"axes {axes} of the shape {full} are not all 1")
        shapes.append([n for axis, n in enumerate(full) if axis not in axes])
    return _shaped(node, x, shapes)


def unsqueeze(node: Node) -> Tensor:
    """Lower Unsqueeze. Raises: UnsupportedError, ModelError."""
    x = node.input(0)
    given = node.integers("axes", 1)
    if given is None:
        node.wrong("expected axes")
    axes = node.axes(given, len(x.shape) + len(given))
    if node.batched(x) and 0 in axes:
        node.mixes("it puts a dimension before the batch")
    shapes = []
    for k in range(len(node.batches)):
        shape = node.full(x, k)
        for axis in axes:
            shape.insert(axis, 1)
        shapes.append(shape)
    return _shaped(node, x, shapes)


def expand(node: Node) -> Tensor:
    """Lower Expand. Raises: UnsupportedError, ModelError, UndecidedError."""
    x = node.input(0)
    shapes = []
    for k, wanted in enumerate(node.shapes(1)):
        full = node.full(x, k)
        if node.batched(x) and len(wanted) > len(full):
            node.mixes(f"the shape {wanted} puts a dimension before the batch")
        if node.batched(x) and len(wanted) == len(full) and wanted[0] not in (1, full[0]):
            node.mixes(f"the shape {wanted} mixes the batch, the first dimension")
        if any(n < 0 for n in wanted):
            node.wrong(f"the shape {wanted} has a negative dimension")
        elements([max(n, 1) for n in wanted])
        try:
            shapes.append(list(np.broadcast_shapes(tuple(full), tuple(wanted))))
        except ValueError:
            node.wrong(f"{full} does not become {wanted}")
    shape = node.one_shape(shapes) if x.data else tuple(shapes[0])
    elements(shape)
    return node.made(np.broadcast_to(x.values, shape).copy(), x)


def tile(node: Node) -> Tensor:
    """Lower Tile. Raises: UnsupportedError, ModelError, UndecidedError."""
    x, repeats = node.input(0), node.integers("repeats", 1)
    if repeats is None or len(repeats) != len(x.shape) or any(n < 0 for n in repeats):
        node.wrong(f"expected {len(x.shape)} repeats, got {repeats}")
    if node.batched(x) and repeats[0] != 1:
        node.mixes("it repeats the batch, the first dimension")
    elements([n * times for n, times in zip(x.shape, repeats, strict=True)])
    return node.made(np.tile(x.values, repeats), x)
