"""Gradients and constants of neurons on activation patterns: backward through the layers, in integers.

UNTRUSTED. On the pattern of a row, a neuron's value before its ReLU is a . x + b. One pass for many
(row, neuron) at a time; what it gives is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from memcert.kernel.network import Layer, Network, common
from memcert.regions.digits import (
    Digits,
    Sliced,
    digit_bits,
    digits_of,
    exact_product,
    integers_of,
    masked,
    sliced,
    taken,
)

Array = np.ndarray[Any, Any]
Masks = Sequence[Array | None]
"""For each layer with ReLU which neurons are on: of shape (rows, neurons); None: a layer without."""


@dataclass(frozen=True, slots=True, eq=False)
class IntegerLayer:
    """A layer as integers over one denominator: weights as digits, the bias as Python integers."""

    weights: Digits
    slices: Sliced
    bias: Array
    denominator: int
    relu: bool


class Maps(NamedTuple):
    """Affine maps x -> (a . x + b) / denominator, one a row: a as digits, b as Python integers."""

    gradients: Digits
    constants: Array
    denominator: int


def integer_layers(network: Network) -> tuple[IntegerLayer, ...]:
    """Return the layers as integers, all with digits of one length that keeps products exact.

    Cost: a few operations a weight. Raises: LimitReached, for denominators or weights too long.
    """
    plain = [_integers(layer) for layer in network.layers]
    terms = max(network.input_size, *(layer.shape[0] for layer in network.layers))
    longest = max(int(np.abs(weights).max(initial=0)).bit_length() for weights, _, _ in plain)
    bits = next(b for b in range(24, 0, -1) if b <= digit_bits(terms, longest // b + 1))
    found = []
    for layer, (weights, bias, denominator) in zip(network.layers, plain, strict=True):
        digits = digits_of(weights, bits)
        found.append(IntegerLayer(digits, sliced(digits), bias, denominator, layer.relu))
    return tuple(found)


def _integers(layer: Layer) -> tuple[Array, Array, int]:
    denominator = common((*layer.data, *layer.bias))
    weights = np.zeros(layer.shape, dtype=object)
    rows = np.repeat(np.arange(layer.shape[0]), np.diff(layer.indptr))
    numerators = [x.numerator * (denominator // x.denominator) for x in layer.data]
    weights[rows, np.array(layer.indices, dtype=np.int64)] = numerators
    bias = [x.numerator * (denominator // x.denominator) for x in layer.bias]
    return weights, np.array(bias, dtype=object), denominator


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
    start = Maps(taken(layer.weights, neurons), layer.bias[neurons], layer.denominator)
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
    start = Maps(digits_of(forms, layers[-1].weights.bits), np.zeros(len(rows), dtype=object), 1)
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
