"""A network's numbers as binary floats: exact, or rounded to the nearest and counted.

UNTRUSTED. Rounding is integer arithmetic on bit patterns; no float is made.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from memcert.errors import UnsupportedError
from memcert.interop.bits import DOUBLE, SINGLE, Layout, decoded, encoded
from memcert.kernel.certificate import Number
from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import shown

LAYOUTS: dict[str, Layout] = {"float32": SINGLE, "float64": DOUBLE}
"""The types that a network is written in."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A weight or bias with its place.

    Args:
        layer: counted from 0.
        neuron: counted from 0.
        source: the neuron of the layer before, or the coordinate; None: it is the bias.
        value: exact.
    """

    layer: int
    neuron: int
    source: int | None
    value: Number

    def __str__(self) -> str:
        part = "bias" if self.source is None else f"input {self.source}"
        return f"layer {self.layer}, neuron {self.neuron}, {part}: {shown(self.value)}"


@dataclass(frozen=True, slots=True)
class Rounded:
    """A network whose numbers all are binary floats of one type.

    Args:
        network: with the nearest floats; a weight that became 0 is left out.
        changed: how many weights and biases are other numbers than before.
        parameters: how many nonzero ones there were.
        first: the first that changed, in the order of the layers; None: none did.
    """

    network: Network
    changed: int
    parameters: int
    first: Parameter | None


def parameters(network: Network) -> Iterator[Parameter]:
    """Yield the nonzero weights and biases, each neuron's bias after its weights. Raises: never."""
    for depth, layer in enumerate(network.layers):
        for i, bias in enumerate(layer.bias):
            yield from (Parameter(depth, i, j, weight) for j, weight in layer.row(i))
            if bias:
                yield Parameter(depth, i, None, bias)


def rounded(network: Network, kind: str) -> Rounded:
    """Return the network with every number rounded to the nearest float, ties to even.

    Args:
        network: any.
        kind: float32 or float64.

    Cost: one division of integers for each distinct number.

    Raises:
        UnsupportedError: a number is so large that the nearest float is infinite.
    """
    layout = LAYOUTS[kind]
    nearest: dict[Number, Number] = {0: 0}
    changed, count, first = 0, 0, None
    for parameter in parameters(network):
        value = parameter.value
        if value not in nearest:
            pattern = encoded(value, layout)
            if pattern is None:
                raise UnsupportedError(
                    f"{parameter}: expected a number that {kind} can hold, got one beyond its range"
                )
            nearest[value] = _finite(pattern, layout)
        count += 1
        if nearest[value] != value:
            changed, first = changed + 1, first or parameter
    layers = tuple(_mapped(layer, nearest.__getitem__) for layer in network.layers)
    return Rounded(replace(network, layers=layers), changed, count, first)


def _finite(pattern: int, layout: Layout) -> Number:
    value = decoded(pattern, layout)
    return 0 if value is None else value


def _mapped(layer: Layer, act: Callable[[Number], Number]) -> Layer:
    indptr, indices, data = [0], list[int](), list[Number]()
    for start, stop in pairwise(layer.indptr):
        for j, weight in zip(layer.indices[start:stop], map(act, layer.data[start:stop]), strict=True):
            if weight:
                indices.append(j)
                data.append(weight)
        indptr.append(len(indices))
    bias = tuple(map(act, layer.bias))
    return Layer(layer.shape, tuple(indptr), tuple(indices), tuple(data), bias, layer.relu)
