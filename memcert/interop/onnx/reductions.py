"""Sums, means and extremes along dimensions.

UNTRUSTED.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from memcert.interop.onnx.arithmetic import wrapped
from memcert.interop.onnx.nodes import Node
from memcert.interop.sharing import extreme
from memcert.interop.tensors import Tensor, array, lifted


def reduce_sum(node: Node) -> Tensor:
    """Lower ReduceSum. Raises: UnsupportedError, ModelError, UndecidedError."""
    return _reduced(node, lambda lane: node.circuit.combined((1, lifted(x)) for x in lane))


def reduce_mean(node: Node) -> Tensor:
    """Lower ReduceMean. Raises: UnsupportedError, ModelError, UndecidedError."""

    def act(lane: Sequence[Any]) -> object:
        if not lane:
            node.wrong("a mean of no element")
        return node.circuit.combined((Fraction(1, len(lane)), lifted(x)) for x in lane)

    return _reduced(node, act)


def reduce_max(node: Node) -> Tensor:
    """Lower ReduceMax. Raises: UnsupportedError, ModelError, UndecidedError."""
    return _reduced(node, lambda lane: _extreme(node, lane, 1))


def reduce_min(node: Node) -> Tensor:
    """Lower ReduceMin. Raises: UnsupportedError, ModelError, UndecidedError."""
    return _reduced(node, lambda lane: _extreme(node, lane, -1))


def reduce_prod(node: Node) -> Tensor:
    """Multiply constants. Raises: UnsupportedError, ModelError, UndecidedError."""
    node.constant(0)
    return _reduced(node, prod)


def _extreme(node: Node, lane: Sequence[Any], sign: int) -> object:
    if not lane:
        node.wrong("an extreme of no element")
    return extreme(node.circuit, [lifted(x) for x in lane], sign)


def _reduced(node: Node, act: Callable[[Sequence[Any]], object]) -> Tensor:
    x, rank = node.input(0), len(node.input(0).shape)
    node.real(x)
    given = node.integers("axes", 1)
    if not given and node.integer("noop_with_empty_axes", 0):
        return x
    axes = node.axes(given, rank) if given else list(range(rank))
    if node.batched(x) and 0 in axes:
        node.mixes("it reduces over the batch, the first dimension")
    kept = [axis for axis in range(rank) if axis not in axes]
    lanes = x.values.transpose((*kept, *axes)).reshape(
        prod(x.shape[axis] for axis in kept), prod(x.shape[axis] for axis in axes)
    )
    shape = [1 if axis in axes else x.shape[axis] for axis in range(rank)]
    if not node.integer("keepdims", 1):
        shape = [x.shape[axis] for axis in kept]
    return wrapped(node, node.made(array((act(lane) for lane in lanes.tolist()), shape), x))
