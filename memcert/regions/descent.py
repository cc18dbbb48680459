"""Lower bounds of forms of neurons on a box, in floats with proved errors: what the exact replay will find.

UNTRUSTED. The same passes as `memcert.boxes.bounding.least`, for many forms at once. A bound whose lower
end is above 0 here is above 0 there, since both evaluate the same lines: slopes and intercepts are
numbers of at most 41 bits, hence exact in float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from memcert.boxes.lines import Lines
from memcert.regions.enclosures import INFLATED, SUBNORMAL, UNIT, Enclosure, FloatLayer, plus, product, total

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class FloatBox:
    """The corners of a box, correctly rounded, and the largest absolute value of each coordinate."""

    low: Array
    high: Array
    reach: Array


class FloatLines(NamedTuple):
    """A layer of ReLUs as lines, and what is subtracted of each neuron; exact in float64."""

    lower: Array
    upper: Array
    intercept: Array
    subtracted: Array


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
    """Forms coefficients . h + constant, one a row."""

    coefficients: Enclosure
    constants: Enclosure


def neuron_forms(layer: FloatLayer, neurons: Array, senses: Array) -> Forms:
    """Return sense * z of neurons of a layer, as forms of the layer before. Raises: never."""
    middle = layer.weights[neurons] * senses[:, None]
    tiny = 0 if layer.least else SUBNORMAL
    bias = layer.bias[neurons] * senses
    error = np.where(bias != 0, UNIT * np.abs(bias) * INFLATED + SUBNORMAL, 0)
    return Forms(Enclosure(middle, UNIT * np.abs(middle) + tiny), Enclosure(bias, error))


def descend(
    floats: Sequence[FloatLayer], relus: Sequence[FloatLines | None], box: FloatBox, forms: Forms
) -> Enclosure:
    """Return enclosures of the bounds that `least` finds, one a form.

    Args:
        floats: the first layers of a network.
        relus: for each, its ReLUs as lines; None: it has none.
        box: of inputs.
        forms: of the outputs of the last of these layers.

    Cost: two products a layer, one for the first. Raises: never.
    """
    current, constants = forms
    for depth in range(len(floats) - 1, -1, -1):
        layer, relu = floats[depth], relus[depth]
        if relu is not None:
            constants = _added(constants, _intercepts(current, relu))
            current = _sloped(current, relu)
        constants = _added(constants, _against(current, layer))
        if depth == 0:
            return _added(constants, _first(current, layer, box))
        current = product(current, layer.weights, layer.sizes, layer.least)
    return _added(constants, _on_box(current, box))


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


def _against(current: Enclosure, layer: FloatLayer) -> Enclosure:
    bias = layer.bias[:, None]
    sizes = np.abs(bias)
    least = float(sizes.min(where=sizes > 0, initial=np.inf))
    found = product(current, bias, sizes, 0.0 if least < SUBNORMAL else least)
    return Enclosure(found.middle[:, 0], found.error[:, 0])


def _first(current: Enclosure, layer: FloatLayer, box: FloatBox) -> Enclosure:
    """Return the least values of current . (W x) on the box, with one product."""
    terms = current.middle.shape[1]
    reach = layer.sizes @ box.reach * INFLATED
    spread = (current.error + (terms + 2) * UNIT * np.abs(current.middle)) @ reach * INFLATED
    largest = np.abs(current.middle).max(initial=0) + current.error.max(initial=0)
    # Underflow in the product, and weights below the normal numbers, times the coordinates.
    spread = spread + terms * SUBNORMAL * (1 + largest) * (1 + box.reach.sum())
    coefficients = current.middle @ layer.weights
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
    return Forms(exact, plus(nothing, constants))
