"""A network's exact outputs at one point, in numpy's integers: where a box's rule fails.

UNTRUSTED. Weights and values are cut into balanced digits. Every sum of products of digits is proved to
stay below 2^62 before it is made; what is put together from them are Python's integers.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from memcert.boxes.integers import common_of, over
from memcert.boxes.replay import PLAIN
from memcert.kernel.certificate import Number
from memcert.kernel.network import MAX_BATCH_BITS, MAX_VALUE_BITS, OBJECT_BITS, Layer, Network, common
from memcert.kernel.verdict import LimitReached
from memcert.regions.digits import digits_of
from memcert.regions.many_forms import fitting, longest

Array = np.ndarray[Any, Any]
WORTH = 1 << 15
"""Weights from which arrays are quicker than the kernel's integers, one by one."""
MACHINE = 62
"""Sums of products of digits have at most so many bits, without a sign."""


class _Layer(NamedTuple):
    """A layer as integers over one denominator.

    Args:
        planes: digits of the weights that are not 0, each with its place.
        bits: of a digit.
        columns: of these weights.
        filled: the neurons that have any.
        starts: of these, the place of the first weight.
        bias: Python's integers.
        denominator: positive.
        relu: whether negative values become 0.
    """

    planes: tuple[tuple[int, Array], ...]
    bits: int
    columns: Array
    filled: Array
    starts: Array
    bias: Array
    denominator: int
    relu: bool

    def sums(self, values: Array) -> Array:
        """Return W times integers, as Python's integers. Raises: LimitReached, for long ones."""
        found = np.zeros(len(self.bias), dtype=object)
        for place, digits in _planes(values, self.bits):
            met = digits[self.columns]
            for own, weights in self.planes:
                part = np.add.reduceat(weights * met, self.starts)
                found[self.filled] += part.astype(object) << self.bits * (own + place)
        return found


class Points:
    """Evaluates one network exactly, point by point; prepared when it is first asked."""

    def __init__(self, network: Network) -> None:
        """Keep the network."""
        self.network = network

    def outputs(self, point: Sequence[Number]) -> tuple[Fraction, ...]:
        """Return F(point).

        Cost: a few operations on machine integers for each weight and pair of digits, and once some on
        Python's for each weight. Raises: LimitReached, as the kernel's `stages`.
        """
        if sum(len(layer.data) for layer in self.network.layers) < WORTH:
            return PLAIN.outputs(self.network, point)
        try:
            return self._outputs(point)
        except LimitReached:  # of the digits, or of the values: the kernel says whether it is one of its own
            return PLAIN.outputs(self.network, point)

    @cached_property
    def _layers(self) -> tuple[_Layer, ...]:
        return tuple([_layer(layer) for layer in self.network.layers])

    def _outputs(self, point: Sequence[Number]) -> tuple[Fraction, ...]:
        unit = common(point)
        values = np.array(over(point, unit), dtype=object)
        for layer in self._layers:
            values = layer.sums(values) + layer.bias * unit
            unit *= layer.denominator
            if layer.relu:
                values[values < 0] = 0
            _within_limits(values, unit)
        return tuple([Fraction(value, unit) for value in values.tolist()])


def _within_limits(values: Array, unit: int) -> None:
    """Refuse what the kernel may refuse: its denominators divide `unit`, so its numbers are no longer."""
    bits = longest(values) + unit.bit_length()
    if bits > MAX_VALUE_BITS:
        raise LimitReached("value_bits", "a layer", f"at most {MAX_VALUE_BITS}", bits)
    taken = len(values) * (OBJECT_BITS + bits)
    if taken > MAX_BATCH_BITS:
        raise LimitReached("layer_bits", "a layer", f"at most {MAX_BATCH_BITS}", taken)


def _layer(layer: Layer) -> _Layer:
    whole = common_of(layer)
    starts = np.array(layer.indptr, dtype=np.int64)
    terms = np.diff(starts)
    filled = np.flatnonzero(terms)
    # |digit| <= 2^(bits - 1), of weights and of values.
    bits = (MACHINE - int(terms.max(initial=1)).bit_length()) // 2 + 1
    return _Layer(
        planes=_planes(np.array(over(layer.data, whole), dtype=object), bits),
        bits=bits,
        columns=np.array(layer.indices, dtype=np.int64),
        filled=filled,
        starts=starts[:-1][filled],
        bias=np.array(over(layer.bias, whole), dtype=object),
        denominator=whole,
        relu=layer.relu,
    )


def _planes(integers: Array, bits: int) -> tuple[tuple[int, Array], ...]:
    """Return digits that are not all 0, each with its place. Raises: LimitReached, for long integers."""
    digits = digits_of(fitting(integers, longest(integers)), bits)
    return tuple([(k, plane.astype(np.int64)) for k, plane in enumerate(digits.planes) if plane is not None])
