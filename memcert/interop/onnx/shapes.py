"""Operators that move values without changing them: Reshape, Flatten, Concat, Identity, Cast.

UNTRUSTED.
"""

from math import prod

import numpy as np

from memcert.interop.onnx.nodes import Node
from memcert.interop.refusals import ModelError
from memcert.interop.tensors import Tensor, elements, lifted, mapped
from memcert.kernel.verdict import shown

_WIDER = {1: (1, 11), 10: (10, 1, 11), 11: (11,), 16: (16, 1, 11)}
"""Float types, and those that hold every value of theirs."""
_WHOLE = {1: 1 << 24, 11: 1 << 53}
"""Integers up to here are values of the float type."""


def identity(node: Node) -> Tensor:
    """Return the input. Raises: ModelError."""
    return node.input(0)


def cast(node: Node) -> Tensor:
    """Lower a Cast that changes no value. Raises: UnsupportedError, ModelError."""
    x, to = node.input(0), node.integer("to", 0)
    widens = to in _WIDER.get(x.kind, ())
    whole = x.kind not in _WIDER and to in _WHOLE and not x.data
    if whole and all(abs(value) <= _WHOLE[to] for value in x.values.ravel().tolist()):
        widens = True
    if not widens:
        node.refuse(f"from element type {x.kind} to {to} may change values")
    return Tensor(x.values, x.data, to)


def flatten(node: Node) -> Tensor:
    """Lower Flatten behind the batch. Raises: UnsupportedError, ModelError."""
    x, axis = node.input(0), node.integer("axis", 1)
    rank = len(x.shape)
    if not -rank <= axis <= rank:
        raise ModelError(f"Flatten {shown(node.name)}: axis {axis} of {rank} dimensions")
    axis = axis + rank if axis < 0 else axis
    first = prod(x.shape[:axis])
    if x.data and (axis == 0 or first != 1):
        node.refuse(f"axis {axis} joins the batch with another dimension")
    return node.made(x.values.reshape(first, prod(x.shape[axis:])), x)


def reshape(node: Node) -> Tensor:
    """Lower Reshape with a constant shape that leaves the batch. Raises: UnsupportedError, ModelError."""
    x = node.input(0)
    wanted = [int(n) for n in node.constant(1).values.ravel().tolist()]
    if node.integer("allowzero", 0) and 0 in wanted:
        node.refuse("allowzero with a dimension of zero")
    for place, n in enumerate(wanted):
        if n == 0 and place >= len(x.shape):
            raise ModelError(f"Reshape {shown(node.name)}: dimension {place} is not there to be kept")
    shape = [x.shape[place] if n == 0 else n for place, n in enumerate(wanted)]
    if x.data:
        if not wanted or (wanted[0] not in (0, -1) and wanted[0] != node.batch):
            node.refuse(f"the shape {wanted} does not keep the batch, the first dimension")
        shape[0] = 1 if wanted[0] != -1 else -1
    known = prod(n for n in shape if n != -1)
    if shape.count(-1) == 1 and known and x.values.size % known == 0:
        shape[shape.index(-1)] = x.values.size // known
    if any(n < 0 for n in shape) or elements(shape) != x.values.size:
        raise ModelError(f"Reshape {shown(node.name)}: {list(x.shape)} does not become {wanted}")
    return node.made(x.values.reshape(shape), x)


def concat(node: Node) -> Tensor:
    """Lower Concat along any dimension but the batch. Raises: UnsupportedError, ModelError."""
    parts = [node.input(place) for place in range(len(node.inputs))]
    if not parts or "axis" not in node.attributes:
        raise ModelError(f"Concat {shown(node.name)}: expected an axis and at least one input")
    axis = node.axis(node.integer("axis", 0), len(parts[0].shape))
    data = any(part.data for part in parts)
    if data and axis == 0:
        node.refuse("axis 0 is the batch")
    values = [mapped(part.values, lifted) if data else part.values for part in parts]
    elements([sum(part.values.size for part in parts)])
    try:
        return node.made(np.concatenate(values, axis=axis), *parts)
    except ValueError:
        shapes = [list(part.shape) for part in parts]
        raise ModelError(f"Concat {shown(node.name)}: shapes {shapes} do not fit") from None
