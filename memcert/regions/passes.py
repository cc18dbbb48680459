"""Gradients and constants of neurons on activation patterns: backward through the layers, in integers.

UNTRUSTED. On the pattern of a row, a neuron's value before its ReLU is a . x + b. One pass for many
(row, neuron) at a time; what it gives is exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from memcert.kernel.network import Layer, Network, common
from memcert.regions.blocks import Layout
from memcert.regions.digits import (
    Digits,
    Slice,
    Sliced,
    digit_bits,
    digits_of,
    exact_product,
    integers_of,
    masked,
    scattered,
    sliced,
)

Array = np.ndarray[Any, Any]
Masks = Sequence[Array | None]
"""For each layer with ReLU which neurons are on: of shape (rows, neurons); None: a layer without."""


@dataclass(frozen=True, slots=True, eq=False)
class IntegerLayer:
    """A layer as integers over one denominator.

    Args:
        layout: where the weights are.
        each: for each weight its number among those that differ.
        digits: of the weights that differ.
        slices: the weights in blocks of digits.
        bias: Python integers.
        denominator: positive.
        relu: whether negative results become 0.
    """

    layout: Layout
    each: Array
    digits: Digits
    slices: Sliced
    bias: Array
    denominator: int
    relu: bool

    def rows(self, outputs: Array) -> Digits:
        """Return some rows of weights. Raises: IndexError."""
        owner, weights = self.layout.among(outputs)
        places = owner, self.layout.columns[weights]
        return scattered(self.digits, self.each[weights], places, (len(outputs), self.layout.shape[1]))


class Maps(NamedTuple):
    """Affine maps x -> (a . x + b) / denominator, one a row: a as digits, b as Python integers."""

    gradients: Digits
    constants: Array
    denominator: int


def integer_layers(network: Network, layouts: Sequence[Layout]) -> tuple[IntegerLayer, ...]:
    """Return the layers as integers, all with digits of one length that keeps products exact.

    Cost: a few operations a weight, and more for each weight that differs. Raises: LimitReached, for
    denominators or weights too long.
    """
    plain = [_integers(layer) for layer in network.layers]
    terms = max(layout.most_in_a_column for layout in layouts)
    longest = max(max(map(abs, weights), default=0).bit_length() for weights, _, _, _ in plain)
    bits = next(b for b in range(24, 0, -1) if b <= digit_bits(terms, longest // b + 1))
    found = []
    for layer, layout, (weights, each, bias, denominator) in zip(network.layers, layouts, plain, strict=True):
        digits = digits_of(np.array(weights, dtype=object), bits)
        slices = Sliced(layer.shape, tuple(_slices(layout, digits, each)), bits, layout.most_in_a_column)
        found.append(IntegerLayer(layout, each, digits, slices, bias, denominator, layer.relu))
    return tuple(found)


def _integers(layer: Layer) -> tuple[list[int], Array, Array, int]:
    """Return the weights that differ, which of them each is, the bias, and their denominator."""
    denominator = common((*layer.data, *layer.bias))
    numbers: dict[int, int] = {}
    each = [
        numbers.setdefault(x.numerator * (denominator // x.denominator), len(numbers)) for x in layer.data
    ]
    bias = [x.numerator * (denominator // x.denominator) for x in layer.bias]
    return list(numbers), np.array(each, dtype=np.int64), np.array(bias, dtype=object), denominator


def _slices(layout: Layout, digits: Digits, each: Array) -> Iterator[Slice]:
    for block in layout.blocks:
        rows, columns, weights = layout.places(block)
        shape = (len(block.rows), len(block.columns))
        yield from sliced(scattered(digits, each[weights], (rows, columns), shape), block)


def neuron_maps(
    layers: Sequence[IntegerLayer], masks: Masks, depth: int, rows: Array, neurons: Array
) -> Maps:
    """Return the maps of neurons of layer `depth`, before their ReLU, on the patterns of rows.

    Args:
        layers: of the network.
        masks: the patterns.
        depth: the layer.
        rows: one for each map, an index of the masks.
        neurons: one for each map.

    Raises:
        LimitReached: numbers grow too long.
    """
    layer = layers[depth]
    start = Maps(layer.rows(neurons), layer.bias[neurons], layer.denominator)
    return _back(layers[:depth], masks, rows, start)


def output_maps(layers: Sequence[IntegerLayer], masks: Masks, rows: Array, forms: Array) -> Maps:
    """Return the maps of linear forms of the outputs.

    Args:
        layers: of the network.
        masks: the patterns.
        rows: one for each map.
        forms: the coefficients, small integers of shape (maps, outputs).

    Raises:
        LimitReached: numbers grow too long.
    """
    start = Maps(digits_of(forms, layers[-1].digits.bits), np.zeros(len(rows), dtype=object), 1)
    return _back(layers, masks, rows, start)


def _back(layers: Sequence[IntegerLayer], masks: Masks, rows: Array, start: Maps) -> Maps:
    gradients, constants, denominator = start
    for depth in range(len(layers) - 1, -1, -1):
        layer, mask = layers[depth], masks[depth]
        if mask is not None:
            gradients = masked(gradients, mask[rows])
        constants = constants * layer.denominator + integers_of(gradients) @ layer.bias
        gradients = exact_product(gradients, layer.slices)
        denominator *= layer.denominator
    return Maps(gradients, constants, denominator)
