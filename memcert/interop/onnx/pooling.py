"""AveragePool, MaxPool and their global kinds.

UNTRUSTED. Padding is left out of a maximum; an average counts it where count_include_pad says so,
and never what lies behind the padding.
"""

from fractions import Fraction
from math import lcm, prod

import numpy as np

from memcert.interop.forms import Form
from memcert.interop.onnx.nodes import Node
from memcert.interop.onnx.windows import Axis, axes_of, flat_places
from memcert.interop.sharing import extreme, forms_of
from memcert.interop.tensors import Tensor, array, elements


def _read(node: Node) -> Tensor:
    x = node.input(0)
    node.real(x)
    if len(x.shape) < 3:
        node.wrong(f"expected batch, channels and spatial dimensions, got the shape {list(x.shape)}")
    return x


def _windows(node: Node, x: Tensor) -> list[Axis]:
    kernel = node.integers("kernel_shape")
    if kernel is None:
        node.wrong("expected a kernel_shape")
    return axes_of(node, x.shape[2:], kernel, pool=True)


def average_pool(node: Node) -> Tensor:
    """Lower AveragePool. Raises: UnsupportedError, ModelError, UndecidedError."""
    x = _read(node)
    axes = _windows(node, x)
    places, inside, padded = flat_places(axes)
    counts = (padded if node.integer("count_include_pad", 0) else inside).sum(axis=1).tolist()
    if 0 in counts:
        node.wrong("a window holds no element")
    denominator = lcm(*counts)
    windows = elements((len(counts), x.shape[1]))
    node.circuit.foresee(work=int(inside.sum()) * x.shape[1], forms=windows)
    rows = [
        (place[mask].tolist(), [denominator // count] * int(mask.sum()), 0)
        for place, mask, count in zip(places, inside, counts, strict=True)
    ]
    made: list[Form] = []
    size = prod(x.shape[2:])
    forms = x.forms()
    for start in range(0, len(forms), size):
        made += node.circuit.products(forms[start : start + size], rows, denominator)
    return node.made(array(made, (*x.shape[:2], *(axis.places.shape[0] for axis in axes))), x)


def max_pool(node: Node) -> Tensor:
    """Lower MaxPool, a dimension at a time, so that windows share their maxima.

    Raises:
        UnsupportedError, ModelError, UndecidedError.
    """
    x = _read(node)
    values = array(x.forms(), x.shape)
    for place, axis in reversed(list(enumerate(_windows(node, x), start=2))):
        lanes = np.moveaxis(values, place, -1)
        elements((*lanes.shape[:-1], axis.places.shape[0]))
        looked = [row[mask].tolist() for row, mask in zip(axis.places, axis.inside, strict=True)]
        if not all(looked):
            node.wrong("a window holds no element")
        maxima = sum(forms_of(len(where)) for where in looked)
        node.circuit.foresee(forms=maxima * prod(lanes.shape[:-1]))
        made = [
            extreme(node.circuit, [lane[i] for i in where], 1)
            for lane in lanes.reshape(-1, axis.size).tolist()
            for where in looked
        ]
        values = np.moveaxis(array(made, (*lanes.shape[:-1], len(looked))), -1, place)
    return node.made(values, x)


def global_average_pool(node: Node) -> Tensor:
    """Lower GlobalAveragePool. Raises: UnsupportedError, ModelError, UndecidedError."""
    x = _read(node)
    size = prod(x.shape[2:])
    share = Fraction(1, max(size, 1))
    lanes = array(x.forms(), (prod(x.shape[:2]), size)).tolist()
    made = [node.circuit.combined((share, form) for form in lane) for lane in lanes]
    return node.made(array(made, (*x.shape[:2], *[1] * (len(x.shape) - 2))), x)


def global_max_pool(node: Node) -> Tensor:
    """Lower GlobalMaxPool. Raises: UnsupportedError, ModelError, UndecidedError."""
    x = _read(node)
    lanes = array(x.forms(), (prod(x.shape[:2]), prod(x.shape[2:]))).tolist()
    if not lanes or not lanes[0]:
        node.wrong("a maximum of no element")
    made = [extreme(node.circuit, lane, 1) for lane in lanes]
    return node.made(array(made, (*x.shape[:2], *[1] * (len(x.shape) - 2))), x)
