"""A network prepared for a search: its layers as integers and in floats, each made once, when asked for.

UNTRUSTED. What the search finds is judged by the kernel.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import Any, Protocol

import numpy as np

from memcert.errors import UnsupportedError
from memcert.kernel.certificate import Number
from memcert.kernel.network import MAX_VALUE_BITS, Layer, Network, common
from memcert.kernel.verdict import LimitReached

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Exact values of some neurons at one point: numerators over one denominator."""

    numerators: list[int]
    denominator: int


@dataclass(frozen=True, slots=True)
class IntegerLayer:
    """x -> (W x + b) / denominator, in integers.

    Args:
        sources: of each neuron: the inputs that it reads; None: all, in order.
        weights: of each neuron.
        bias: of each neuron.
        denominator: of weights and biases.
        relu: whether a ReLU follows.
    """

    sources: tuple[tuple[int, ...] | None, ...]
    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    denominator: int
    relu: bool

    def sums(self, before: Fixed, *, constant: bool = True) -> Fixed:
        """Return W x + b, or W x without `constant`; no ReLU.

        Cost: one multiplication of integers a weight. Raises: LimitReached, beyond MAX_VALUE_BITS.
        """
        values, scale = before.numerators, before.denominator if constant else 0
        found = [
            bias * scale + sum(map(mul, weights, values if sources is None else [values[j] for j in sources]))
            for sources, weights, bias in zip(self.sources, self.weights, self.bias, strict=True)
        ]
        denominator = before.denominator * self.denominator
        longest = max(map(int.bit_length, found), default=0) + denominator.bit_length()
        if longest > MAX_VALUE_BITS:
            raise LimitReached("value_bits", "a neuron", f"at most {MAX_VALUE_BITS}", longest)
        return Fixed(found, denominator)


@dataclass(frozen=True, slots=True, eq=False)
class FloatLayer:
    """A layer in float64, its weights as (row, column, weight)."""

    rows: Array
    columns: Array
    weights: Array
    bias: Array
    inputs: int
    relu: bool

    def forward(self, values: Array) -> Array:
        """Return W x + b. Raises: never."""
        terms = self.weights * values[self.columns]
        found: Array = np.bincount(self.rows, weights=terms, minlength=len(self.bias)) + self.bias
        return found

    def backward(self, gradient: Array) -> Array:
        """Return the gradient by the inputs, given that by W x + b. Raises: never."""
        terms = self.weights * gradient[self.rows]
        return np.bincount(self.columns, weights=terms, minlength=self.inputs)


class Runner(Protocol):
    """A model in floats, with exact numbers in and out."""

    def rounded(self, numbers: Sequence[Number]) -> list[Number | None]:
        """Return the nearest floats; None: beyond the largest. Raises: never."""

    def outputs(self, point: Sequence[Number]) -> list[Number | None]:
        """Return the outputs at a point of floats; None: infinite, or no number. Raises: never."""


class Prepared:
    """A network, and what a search makes of it once.

    Args:
        network: exact.
        run: returns the same model in floats of a type; None: there is no such thing.
    """

    def __init__(self, network: Network, run: Callable[[str], Runner] | None = None) -> None:
        """Keep the network; nothing is made yet."""
        self.network, self._run = network, run
        self._runners: dict[str, Runner] = {}

    def runner(self, kind: str) -> Runner:
        """Return the model in floats of a type, made once. Raises: UnsupportedError, there is none."""
        if kind not in self._runners:
            if self._run is None:
                raise UnsupportedError("the model is known as an exact network only")
            self._runners[kind] = self._run(kind)
        return self._runners[kind]

    @cached_property
    def integers(self) -> tuple[IntegerLayer, ...]:
        """The layers as integers. Cost: a few operations a weight. Raises: LimitReached."""
        return tuple(map(_integers, self.network.layers))

    @cached_property
    def floats(self) -> tuple[FloatLayer, ...]:
        """The layers in floats. Raises: OverflowError, a weight is beyond the floats."""
        return tuple(map(_floats, self.network.layers))

    @property
    def weights(self) -> int:
        """The number of weights and biases. Raises: never."""
        return sum(len(layer.data) + layer.shape[0] for layer in self.network.layers)


def _integers(layer: Layer) -> IntegerLayer:
    denominator = common((*layer.data, *layer.bias))
    data = [x.numerator * (denominator // x.denominator) for x in layer.data]
    every = tuple(range(layer.shape[1]))
    sources, weights = [], []
    for start, stop in zip(layer.indptr, layer.indptr[1:], strict=False):
        row = layer.indices[start:stop]
        sources.append(None if row == every else row)
        weights.append(tuple(data[start:stop]))
    bias = tuple(x.numerator * (denominator // x.denominator) for x in layer.bias)
    return IntegerLayer(tuple(sources), tuple(weights), bias, denominator, layer.relu)


def _floats(layer: Layer) -> FloatLayer:
    ends: Array = np.array(layer.indptr, dtype=np.int64)
    return FloatLayer(
        np.repeat(np.arange(layer.shape[0]), ends[1:] - ends[:-1]),
        np.array(layer.indices, dtype=np.int64),
        np.array([float(w) for w in layer.data], dtype=np.float64),
        np.array([float(b) for b in layer.bias], dtype=np.float64),
        layer.shape[1],
        layer.relu,
    )


def fixed(point: Sequence[Number]) -> Fixed:
    """Bring a point to one denominator. Raises: LimitReached, it is too long."""
    denominator = common(point)
    return Fixed([x.numerator * (denominator // x.denominator) for x in point], denominator)


def pattern(layers: Sequence[IntegerLayer], point: Fixed) -> list[list[bool]]:
    """Return which neurons are positive at a point, layer by layer. Raises: LimitReached."""
    found = []
    for layer in layers:
        sums = layer.sums(point)
        found.append([x > 0 for x in sums.numerators])
        point = Fixed([max(x, 0) for x in sums.numerators], sums.denominator) if layer.relu else sums
    return found


def outputs(layers: Sequence[IntegerLayer], point: Fixed) -> Fixed:
    """Return the exact outputs at a point. Raises: LimitReached, a value grows too long."""
    for layer in layers:
        sums = layer.sums(point)
        point = Fixed([max(x, 0) for x in sums.numerators], sums.denominator) if layer.relu else sums
    return point
