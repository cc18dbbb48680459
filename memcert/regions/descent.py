"""Lower bounds of forms of neurons on a box, in floats with proved errors: what the exact replay will find.

UNTRUSTED. The same passes as those of `memcert.boxes.bounding`, for many forms at once. A bound whose
lower end is above 0 here is above 0 there: both evaluate the same lines, slopes and intercepts being
numbers of at most 41 bits, hence exact in float64; and what the replay subtracts for numbers that it
shortens is part of the error here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np

from memcert.boxes.integers import lengths
from memcert.boxes.lines import Lines
from memcert.regions.enclosures import INFLATED, SUBNORMAL, UNIT, Enclosure, plus, product, total
from memcert.regions.matrices import Factor, FloatLayer, Neighbours, Part

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class FloatBox:
    """The corners of a box, correctly rounded, and the largest absolute value of each coordinate."""

    low: Array
    high: Array
    reach: Array

    def of(self, inputs: Array | None) -> "FloatBox":
        """Return the box of some coordinates; None: of all. Raises: IndexError."""
        if inputs is None:
            return self
        return FloatBox(self.low[inputs], self.high[inputs], self.reach[inputs])


class FloatLines(NamedTuple):
    """A layer of ReLUs as lines, and what is subtracted of each neuron; exact in float64."""

    lower: Array
    upper: Array
    intercept: Array
    subtracted: Array

    def of(self, neurons: Array | None) -> "FloatLines":
        """Return the lines of some neurons; None: of all. Raises: IndexError."""
        return self if neurons is None else FloatLines(*[part[neurons] for part in self])


class FloatReach(NamedTuple):
    """At least as large as `memcert.boxes.bounding.Reach`."""

    most: float
    total: float


def first_reach(box: FloatBox) -> FloatReach:
    """Return how far the inputs reach. Raises: never."""
    return FloatReach(float(box.reach.max()), float(box.reach.sum() * INFLATED))


def next_reach(depth: int, layer: FloatLayer, before: FloatReach, known: Array) -> FloatReach:
    """Return how far a layer's values before their ReLU reach.

    Args:
        depth: of the layer.
        layer: the layer.
        before: how far its inputs reach.
        known: for each neuron a number that its value stays below, infinite where there is none.

    Raises:
        never.
    """
    sums = (layer.norms * before.most + np.abs(layer.bias)) * INFLATED
    # The replay takes what is known even where the inputs give less.
    found = np.where(
        np.isfinite(known), known, sums + 4 * _unit(depth, layer) * (1 + before.most) + SUBNORMAL
    )
    return FloatReach(float(found.max()), float(found.sum() * INFLATED))


def _unit(depth: int, layer: FloatLayer) -> float:
    """Return at least half a unit of the integers to which the replay shortens weights."""
    wanted = lengths(depth, prod(layer.shape))
    return float(np.ldexp(layer.largest * INFLATED + SUBNORMAL, -wanted.short))


def float_box(low: Array, high: Array) -> FloatBox:
    """Return a box from correctly rounded corners. Raises: never."""
    reach = np.maximum(np.abs(low), np.abs(high)) * INFLATED
    return FloatBox(low, high, reach + np.where(reach > 0, SUBNORMAL, 0))


def float_lines(lines: Sequence[Lines], subtracted: Array | None = None) -> FloatLines:
    """Return lines as arrays. Raises: never."""
    lower, upper, intercept = (np.array([float(x) for x in part]) for part in zip(*lines, strict=True))
    none = np.zeros(len(lines)) if subtracted is None else subtracted
    return FloatLines(lower, upper, intercept, none)


class Forms(NamedTuple):
    """Forms coefficients . h + constant, one a row; all h but those of `about` have the coefficient 0."""

    coefficients: Enclosure
    constants: Enclosure
    about: Array | None


def neuron_forms(depth: int, layer: FloatLayer, some: Neighbours, senses: Array, reach: FloatReach) -> Forms:
    """Return sense * z of neurons of a layer, as forms of the layer before.

    Args:
        depth: of the layer.
        layer: the layer.
        some: of its neurons, each as often as there are senses.
        senses: 1 or -1, for each.
        reach: of the layer's inputs.

    Raises:
        never.
    """
    neurons = some.neurons
    middle = some.weights * senses[:, None]
    tiny = 0 if layer.least else SUBNORMAL
    bias = layer.bias[neurons] * senses
    error = np.where(bias != 0, UNIT * np.abs(bias) * INFLATED + SUBNORMAL, 0)
    # The replay's shortened weights may miss by so much, and it subtracts as much once more.
    error = error + 2 * _unit(depth, layer) * (reach.total + 4)
    return Forms(Enclosure(middle, UNIT * np.abs(middle) + tiny), Enclosure(bias, error), some.inputs)


@dataclass(frozen=True, eq=False)
class FloatRelaxation:
    """The first layers of a network on a box, as `memcert.boxes.bounding.Relaxation`.

    Args:
        floats: the layers.
        relus: for each, its ReLUs as lines; None: it has none.
        reaches: of the inputs, then of each layer's values before its ReLU.
        box: of inputs.
    """

    floats: Sequence[FloatLayer]
    relus: Sequence[FloatLines | None]
    reaches: Sequence[FloatReach]
    box: FloatBox

    @cached_property
    def spread(self) -> Array:
        """For each output of the first layer at least sum |w| reach. Raises: never."""
        return np.asarray(self.floats[0].forth.times_sizes(self.box.reach[None])[0] * INFLATED)


def descend(given: FloatRelaxation, forms: Forms) -> Enclosure:
    """Return enclosures of the bounds that the replay finds, one a form.

    Args:
        given: the layers and the box.
        forms: of the outputs of the last of these layers.

    Cost: two products a layer, one for the first. Raises: never.
    """
    current, constants, about = forms
    box = given.box
    for depth in range(len(given.floats) - 1, -1, -1):
        layer, every = given.floats[depth], given.relus[depth]
        if every is not None:
            relu = every.of(about)
            constants = _added(constants, _intercepts(current, relu))
            current = _sloped(current, relu)
        constants = _added(constants, _against(current, layer.bias if about is None else layer.bias[about]))
        constants = constants._replace(error=constants.error + _shortening(given, depth, current))
        factor, inputs = layer.back_from(about)
        if depth == 0:
            spread = given.spread if about is None else given.spread[about]
            return _added(constants, _first(current, factor, spread, box.of(inputs)))
        current, about = product(current, factor), inputs
    return _added(constants, _on_box(current, box.of(about)))


def _shortening(given: FloatRelaxation, depth: int, current: Enclosure) -> Array:
    """Return at least what shortened coefficients, weights and biases of the replay may change.

    What they miss, up or down, and as much that the replay subtracts for it.
    """
    layer = given.floats[depth]
    wanted = lengths(depth, prod(layer.shape))
    magnitude = np.abs(current.middle) + current.error
    longest = magnitude.max(axis=1, initial=0)
    coefficients = np.ldexp(longest, -wanted.short) * (given.reaches[depth + 1].total + 4)
    weights = magnitude.sum(axis=1) * _unit(depth, layer) * (given.reaches[depth].total + 4)
    return np.asarray(2 * (coefficients + weights) * INFLATED)


def _sloped(current: Enclosure, relu: FloatLines) -> Enclosure:
    # Piecewise linear and continuous in the coefficient: an error grows by the steeper slope at most.
    middle = current.middle * np.where(current.middle > 0, relu.lower, relu.upper)
    error = (current.error * np.maximum(relu.lower, relu.upper) + UNIT * np.abs(middle)) * INFLATED
    tiny = np.where(middle != 0, SUBNORMAL, 0)
    if relu.subtracted.any():
        middle = middle - relu.subtracted
        error = error + UNIT * np.abs(middle) * INFLATED
    return Enclosure(middle, error + tiny)


def _intercepts(current: Enclosure, relu: FloatLines) -> Enclosure:
    terms = np.minimum(current.middle, 0) * relu.intercept
    error = (current.error * relu.intercept + UNIT * np.abs(terms)) * INFLATED
    return total(Enclosure(terms, error + np.where(terms != 0, SUBNORMAL, 0)))


def _against(current: Enclosure, bias: Array) -> Enclosure:
    sizes = np.abs(bias)
    least = float(sizes.min(where=sizes > 0, initial=np.inf))
    part = Part(slice(None), slice(None), bias[:, None], sizes[:, None])
    found = product(current, Factor((len(bias), 1), (part,), 0.0 if least < SUBNORMAL else least))
    return Enclosure(found.middle[:, 0], found.error[:, 0])


def _first(current: Enclosure, factor: Factor, reach: Array, box: FloatBox) -> Enclosure:
    """Return the least values of current . (W x) on the box, with one product.

    Args:
        current: the coefficients.
        factor: W.
        reach: for each row of W at least sum |w| |x|.
        box: of the inputs that W is about.
    """
    terms = current.middle.shape[1]
    spread = (current.error + (terms + 2) * UNIT * np.abs(current.middle)) @ reach * INFLATED
    largest = np.abs(current.middle).max(initial=0) + current.error.max(initial=0)
    # Underflow in the product, and weights below the normal numbers, times the coordinates.
    spread = spread + terms * SUBNORMAL * (1 + largest) * (1 + box.reach.sum())
    coefficients = factor.times(current.middle)
    found = _on_box(Enclosure(coefficients, np.zeros(coefficients.shape)), box)
    return Enclosure(found.middle, (found.error + spread) * INFLATED)


def _on_box(current: Enclosure, box: FloatBox) -> Enclosure:
    terms = np.where(current.middle > 0, current.middle * box.low, current.middle * box.high)
    # The rounding of a corner and of the product: two units; the coefficient's error moves it by `reach`.
    error = (3 * UNIT * np.abs(current.middle) + current.error) * box.reach * INFLATED
    return total(Enclosure(terms, error + np.where(terms != 0, SUBNORMAL, 0)))


def _added(left: Enclosure, right: Enclosure) -> Enclosure:
    middle = left.middle + right.middle
    return Enclosure(middle, (left.error + right.error + UNIT * np.abs(middle)) * INFLATED)


def statement_forms(forms: Array, constants: Array) -> Forms:
    """Return forms of the outputs, whose coefficients are small integers. Raises: never."""
    exact = Enclosure(forms, np.zeros(forms.shape))
    nothing = Enclosure(np.zeros(len(forms)), np.zeros(len(forms)))
    return Forms(exact, plus(nothing, constants), None)
