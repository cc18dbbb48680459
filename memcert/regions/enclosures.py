"""Matrix products in float64 with proved error bounds: what is certain without exact arithmetic.

UNTRUSTED. An enclosure is a pair (middle, error) of arrays: each exact number lies within `error` of
`middle`. The bound of a product of n terms, in any order and with fused operations, is the standard
one, (n + 2) u |A| |B| with u = 2^-53 (Higham, Accuracy and Stability of Numerical Algorithms, 3.1),
inflated by 2^-20, which covers what is lost while the bound itself is computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from memcert.kernel.certificate import Number
from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import LimitReached, Words

Array = np.ndarray[Any, Any]
UNIT = 2.0**-53
NORMAL, SMALLEST = 2.0**-1022, 2.0**-1074
INFLATED = 1 + 2.0**-20
MAX_ENTRIES = 1 << 26
"""Largest layer, outputs times inputs: it is held as a dense matrix, and again its absolute values."""
SUBNORMAL = 2.0**-1000
"""More than what underflow can cost in one operation, where products may be smaller than this."""


class Enclosure(NamedTuple):
    """Numbers known up to an error: |exact - middle| <= error, entry by entry."""

    middle: Array
    error: Array

    @property
    def lower(self) -> Array:
        """Below the exact numbers. Raises: never."""
        return np.asarray(np.nextafter(self.middle - self.error, -np.inf))

    @property
    def upper(self) -> Array:
        """Above the exact numbers. Raises: never."""
        return np.asarray(np.nextafter(self.middle + self.error, np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class FloatLayer:
    """A layer as float64 numbers, each correctly rounded.

    Args:
        weights: of shape (outputs, inputs).
        sizes: their absolute values.
        least: the smallest of these that is not 0; 0 where a weight is below the normal numbers.
        bias: one an output.
        relu: whether negative results become 0.
    """

    weights: Array
    sizes: Array
    least: float
    bias: Array
    relu: bool


def nearest(numbers: Sequence[Number]) -> Array:
    """Return the float64 nearest to each number; infinite where it is too large. Raises: never."""
    return np.array([ratio(number.numerator, number.denominator) for number in numbers], dtype=np.float64)


def ratio(numerator: int, denominator: int) -> float:
    """Return the float64 nearest to a quotient, but 0 for 0 only; infinite where it is too large.

    Raises:
        never.
    """
    try:
        return numerator / denominator or (SMALLEST if numerator > 0 else -SMALLEST if numerator else 0.0)
    except OverflowError:
        return float("inf") if numerator > 0 else float("-inf")


def float_layers(network: Network) -> tuple[FloatLayer, ...]:
    """Return the layers in float64.

    Cost: one division a weight.

    Raises:
        LimitReached: a layer is too large for a dense matrix.
    """
    for depth, layer in enumerate(network.layers):
        if layer.shape[0] * layer.shape[1] > MAX_ENTRIES:
            size = f"{layer.shape[0]} x {layer.shape[1]}"
            raise LimitReached("layer_size", f"layer {depth}", f"at most {MAX_ENTRIES} entries", Words(size))
    return tuple(_float_layer(layer) for layer in network.layers)


def _float_layer(layer: Layer) -> FloatLayer:
    weights = np.zeros(layer.shape)
    data = nearest(layer.data)
    rows = np.repeat(np.arange(layer.shape[0]), np.diff(layer.indptr))
    weights[rows, np.array(layer.indices, dtype=np.int64)] = data
    sizes = np.abs(weights)
    least = float(np.abs(data).min(initial=np.inf))
    least = 0.0 if least < NORMAL else least
    return FloatLayer(weights, sizes, least, nearest(layer.bias), layer.relu)


def product(left: Enclosure, right: Array, sizes: Array, least: float) -> Enclosure:
    """Return left @ right, where `right` holds correctly rounded numbers.

    Args:
        left: of shape (m, n).
        right: of shape (n, k).
        sizes: |right|.
        least: of the layer.

    Cost: two float products. Where an exact 0 is sure, the error is 0. Raises: never.
    """
    terms = left.middle.shape[-1]
    magnitude = np.abs(left.middle)
    # One unit for the rounding of `right`, n for the sum, one spare; 2^-20 covers second orders.
    spread = (left.error + (terms + 2) * UNIT * magnitude) @ sizes * INFLATED
    smallest = magnitude.min(where=magnitude > 0, initial=np.inf)
    smallest = min(smallest, left.error.min(where=left.error > 0, initial=np.inf) / UNIT)
    if not smallest * UNIT * least >= SUBNORMAL:
        largest = magnitude.max(initial=0) + left.error.max(initial=0)
        spread = spread + terms * SUBNORMAL * (1 + largest)
    return Enclosure(left.middle @ right, spread)


def total(parts: Enclosure) -> Enclosure:
    """Return the sum along the last axis. Raises: never."""
    terms = parts.middle.shape[-1]
    spread = (parts.error.sum(axis=-1) + terms * UNIT * np.abs(parts.middle).sum(axis=-1)) * INFLATED
    return Enclosure(parts.middle.sum(axis=-1), spread)


def plus(left: Enclosure, rounded: Array) -> Enclosure:
    """Return the sum with correctly rounded numbers. Raises: never."""
    middle = left.middle + rounded
    error = (left.error + UNIT * (np.abs(middle) + np.abs(rounded))) * INFLATED
    # A number below the smallest normal one may have been rounded by more than its unit.
    return Enclosure(middle, np.where(rounded != 0, error + SUBNORMAL, error))
