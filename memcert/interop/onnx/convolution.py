"""Conv with constant weights, in any number of spatial dimensions.

UNTRUSTED. Cost: one dictionary entry a nonzero weight of the lowered matrix; the weights of a
window are listed once for each pattern of padding.
"""

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

from memcert.interop.forms import Circuit, Form
from memcert.interop.onnx.nodes import Node
from memcert.interop.onnx.windows import Axis, axes_of, flat_places
from memcert.interop.tensors import Array, Tensor, array, elements, integers
from memcert.kernel.certificate import Number

_Row = tuple[Sequence[int], Sequence[int], Number]


def conv(node: Node) -> Tensor:
    """Lower Conv. Raises: UnsupportedError, ModelError, UndecidedError."""
    x, weights = node.input(0), node.constant(1)
    node.real(x)
    group, rank = node.integer("group", 1), len(x.shape) - 2
    if rank < 1 or len(weights.shape) != rank + 2 or group < 1 or weights.shape[0] % group:
        node.wrong(f"weights of shape {list(weights.shape)} do not fit {list(x.shape)} in {group} groups")
    if x.shape[1] != weights.shape[1] * group:
        node.wrong(f"expected {weights.shape[1] * group} channels, got {x.shape[1]}")
    kernel = node.integers("kernel_shape") or list(weights.shape[2:])
    if kernel != list(weights.shape[2:]):
        node.wrong(f"kernel_shape {kernel} is not that of the weights, {list(weights.shape[2:])}")
    axes = axes_of(node, x.shape[2:], kernel, pool=False)
    outputs = weights.shape[0]
    bias: list[Number] = [0] * outputs
    if node.optional(2) is not None:
        bias = node.constant(2).values.ravel().tolist()
    if len(bias) != outputs:
        node.wrong(f"expected {outputs} biases, got {len(bias)}")
    shape = (x.shape[0], outputs, *(axis.places.shape[0] for axis in axes))
    elements(shape)
    whole, denominator = integers(weights.values)
    forms, made = x.forms(), list[Form]()
    size = max(prod(x.shape[1:]), 1)
    # Data are one sample, constants any number.
    for start in range(0, len(forms), size):
        rows = _rows(node.circuit, whole.reshape(outputs, weights.shape[1], -1), group, axes, bias)
        made += node.circuit.products(forms[start : start + size], rows, denominator)
    return node.made(array(made, shape), x)


def _rows(
    circuit: Circuit, weights: Array, group: int, axes: Sequence[Axis], bias: Sequence[Number]
) -> Iterator[_Row]:
    # Rows of the lowered matrix: output channels, then windows.
    places, inside, _ = flat_places(axes)
    # What is looked at is listed once a group.
    circuit.spend(inside.size * weights.shape[1] * group)
    size = prod(axis.size for axis in axes)
    outputs, channels, _ = weights.shape
    circuit.foresee(work=outputs * channels * int(inside.sum()), forms=outputs * len(places))
    patterns = [mask.tobytes() for mask in inside]
    for g in range(group):
        first = g * channels
        looked = [
            [c * size + place for c in range(first, first + channels) for place in row[mask].tolist()]
            for row, mask in zip(places, inside, strict=True)
        ]
        for m in range(g * (outputs // group), (g + 1) * (outputs // group)):
            known: dict[bytes, list[Any]] = {}
            for where, pattern, mask in zip(looked, patterns, inside, strict=True):
                if pattern not in known:
                    known[pattern] = weights[m][:, mask].ravel().tolist()
                yield where, known[pattern], bias[m]
