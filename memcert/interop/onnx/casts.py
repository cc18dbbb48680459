"""Cast and CastLike: nothing that depends on the input changes its value; constants round as IEEE 754 says.

UNTRUSTED.
"""

from memcert.interop.bits import nearest
from memcert.interop.onnx.nodes import Node
from memcert.interop.stored_tensors import BOOL, FLOATS, INTEGERS, kind_name, whole_range
from memcert.interop.tensors import Tensor, array
from memcert.kernel.certificate import Number

_WIDER = {1: (1, 11), 10: (10, 1, 11), 11: (11,), 16: (16, 1, 11)}
"""Float types, and those that hold every value of theirs."""


def cast(node: Node) -> Tensor:
    """Lower Cast. Raises: UnsupportedError, ModelError."""
    return _cast(node, node.input(0), node.integer("to", 0))


def cast_like(node: Node) -> Tensor:
    """Lower CastLike. Raises: UnsupportedError, ModelError."""
    return _cast(node, node.input(0), node.input(1).kind)


def _cast(node: Node, x: Tensor, to: int) -> Tensor:
    if to not in FLOATS and to not in INTEGERS:
        node.refuse(f"to element type {kind_name(to)}")
    if x.data:
        if not _holds_all(x.kind, to):
            way = "; export the model in one element type" if x.kind in FLOATS and to in FLOATS else ""
            way = "; export the model with inputs of floats" if x.kind in INTEGERS and to in FLOATS else way
            node.refuse(f"from element type {kind_name(x.kind)} to {kind_name(to)} may change values{way}")
        return Tensor(x.values, True, to)
    values = [_cast_number(node, value, to) for value in x.values.ravel().tolist()]
    return Tensor(array(values, x.shape), False, to)


def _holds_all(kind: int, to: int) -> bool:
    # Whether every value of one element type is one of the other.
    if kind in FLOATS:
        return to in _WIDER[kind]
    return holds_integers(to, *whole_range(kind))


def holds_integers(kind: int, low: int, high: int) -> bool:
    """Whether an element type, not bool, holds every integer from low to high. Raises: KeyError."""
    if kind in FLOATS:
        # All integers up to 2^(significand + 1) are there, and far more than these are in range.
        return max(-low, high) <= 1 << (FLOATS[kind].significand + 1)
    least, most = whole_range(kind)
    return kind != BOOL and least <= low and high <= most


def _cast_number(node: Node, value: Number, to: int) -> Number:
    if to in FLOATS:
        found = nearest(value, FLOATS[to])
        if found is None:
            node.refuse(f"{value} rounds to infinity in element type {kind_name(to)}")
        return found
    if to == BOOL:
        return int(value != 0)
    cut = int(value)
    low, high = whole_range(to)
    if not low <= cut <= high:
        node.refuse(f"{value} does not fit element type {kind_name(to)}")
    return cut
