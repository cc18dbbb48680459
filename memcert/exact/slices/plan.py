"""How a network's layers are multiplied: the base of the digits, and a stage for each layer.

UNTRUSTED. All bounds are proved here, before any product.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from memcert.exact.slices.cutting import seems_hopeless, stage_of, with_weights
from memcert.exact.slices.digits import Array, UnprovedError, count_of
from memcert.exact.slices.scaled import Scaled, scaled
from memcert.exact.slices.stage import Signals, Stage
from memcert.kernel.network import Network

BASES = (24, 23, 22, 21, 20, 19, 18, 17, 16, 14, 12, 10, 8)
"""Bits of a digit, in the order in which they are tried."""


class Plan(NamedTuple):
    """How a network is computed on rows of integers: F(x) = integer * 2**exponent / scale.

    Args:
        base: bits of a digit.
        inputs: the coordinates that are not 0 in every row; None: all.
        digits: of an input.
        stages: one a layer.
        exponent: of place 0 of the outputs.
        scale: odd and positive.
    """

    base: int
    inputs: Array | None
    digits: int
    stages: tuple[Stage, ...]
    exponent: int
    scale: int


def plan(network: Network, largest: Sequence[int], denominator: int) -> Plan:
    """Plan a network on points x_j = n_j / denominator.

    Args:
        network: any.
        largest: the largest |n_j| of each coordinate.
        denominator: positive.

    Cost: some operations on Python integers for each nonzero weight.

    Raises:
        UnprovedError: no size of digits makes all sums provably exact.
    """
    layers, twos = scaled_layers(network, denominator)
    failed = UnprovedError("no layer")
    for base in _bases(layers):
        try:
            return _planned(network, layers, largest, -twos, base)
        except UnprovedError as error:
            failed = error
    raise failed


def scaled_layers(network: Network, denominator: int) -> tuple[list[Scaled], int]:
    """Return the layers for inputs of that denominator, and how often 2 divides it.

    Raises:
        UnprovedError: as `scaled`.
    """
    twos = (denominator & -denominator).bit_length() - 1
    scale, layers = denominator >> twos, list[Scaled]()
    for layer in network.layers:
        layers.append(scaled(layer, scale))
        scale = layers[-1].scale
    return layers, twos


def _bases(layers: Sequence[Scaled]) -> Iterator[int]:
    late = []
    for base in BASES:
        if any(_hopeless(layer, base) for layer in layers):
            continue
        # The inputs of the first layer are often small; those of the others hardly ever are.
        if any(seems_hopeless(layer, base) for layer in layers[1:]):
            late.append(base)
        else:
            yield base
    yield from late


def _hopeless(layer: Scaled, base: int) -> bool:
    # A row of so many full digits times digits exceeds 2**53 where digits are as large on average
    # as chance makes them; only sparse or special slices could still do.
    longest = int(np.bincount(layer.rows, minlength=1).max()) if len(layer.rows) else 0
    return longest << (2 * base - 4) > 1 << 54


def _planned(
    network: Network, layers: Sequence[Scaled], largest: Sequence[int], exponent: int, base: int
) -> Plan:
    used = [j for j, bound in enumerate(largest) if bound]
    most = max(largest, default=0)
    digits = count_of(most, base)
    bounds = (*[1 << (base - 1)] * (digits - 1), most if digits == 1 else 1 << (base - 1))
    lowest = np.zeros(len(used), dtype=np.int64)
    signals = Signals(exponent, bounds, lowest, ())
    inputs = None if len(used) == len(largest) else np.array(used, dtype=np.intp)
    stages: list[Stage] = []
    for number, (layer, own) in enumerate(zip(layers, network.layers, strict=True)):
        if number == 0 and inputs is not None:
            layer = _restricted(layer, inputs)  # noqa: PLW2901 - the same layer on fewer inputs
        stages.append(stage_of(layer, signals, base, relu=own.relu))
        signals = stages[-1].after
    return Plan(base, inputs, digits, tuple(stages), signals.exponent, layers[-1].scale)


def _restricted(layer: Scaled, inputs: Array) -> Scaled:
    places = np.full(layer.shape[1], -1, dtype=np.int64)
    places[inputs] = np.arange(len(inputs))
    return with_weights(layer, places[layer.columns] >= 0)._replace(
        shape=(layer.shape[0], len(inputs)), columns=places[layer.columns][places[layer.columns] >= 0]
    )
