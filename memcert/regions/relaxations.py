"""Signs and bounds of every neuron on a box, as the box file states them, shown in floats with errors.

UNTRUSTED. Stated bounds have BITS bits and are rounded outwards, so that they are short in the file and
exact in float64. DeepPoly (Singh, Gehr, Püschel, Vechev 2019): each layer's bounds come from a pass back
to the inputs with lines that the bounds of the layers before it give.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.boxes.document import BOTH, OFF, ON, Neurons
from memcert.boxes.lines import Lines, lines_of
from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.regions.descent import (
    FloatBox,
    FloatLines,
    FloatRelaxation,
    descend,
    first_reach,
    float_lines,
    neuron_forms,
    next_reach,
)
from memcert.regions.matrices import FloatLayer

Array = np.ndarray[Any, Any]
BITS = 20
"""Length of a stated bound."""
TOGETHER = 512
"""Neurons whose bounds are computed at once."""
WHY_TIME = "the time of the row ran out"
LEAST = 2.0**-200
"""Stated bounds are at least this far from 0, so that products with slopes stay exact."""


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """What is known of the neurons on a box: as it is stated, as lines, and as the passes need it."""

    neurons: tuple[Neurons, ...]
    lines: tuple[tuple[Lines, ...], ...]
    relaxed: FloatRelaxation


def stated(floats: Sequence[FloatLayer], box: FloatBox, seconds: Callable[[], float]) -> Stated:
    """Return signs and bounds of all neurons on a box.

    Args:
        floats: the network.
        box: of inputs.
        seconds: that are left.

    Cost: for each layer a pass of two forms a neuron.

    Raises:
        UndecidedError: bounds beyond float64, or no time is left.
    """
    neurons: list[Neurons] = []
    drawn: list[tuple[Lines, ...]] = []
    relus: list[FloatLines | None] = []
    reaches = [first_reach(box)]
    for depth, layer in enumerate(floats):
        said, known = Neurons("", ()), np.full(len(layer.bias), np.inf)
        if layer.relu:
            low, high = _ends(FloatRelaxation(floats[:depth], relus, reaches, box), layer, seconds)
            said = _stated(low, high)
            known = _known(said)
        neurons.append(said)
        drawn.append(tuple(lines_of(said)))
        relus.append(float_lines(drawn[-1]) if layer.relu else None)
        reaches.append(next_reach(depth, layer, reaches[-1], known))
    return Stated(tuple(neurons), tuple(drawn), FloatRelaxation(floats, relus, reaches, box))


def _known(said: Neurons) -> Array:
    """Return for each neuron a number that its value stays below: none is known where it is on."""
    known = np.array([{ON: np.inf, OFF: 0.0, BOTH: 0.0}[sign] for sign in said.signs])
    known[[sign == BOTH for sign in said.signs]] = [
        max(-float(low), float(high)) for low, high in said.bounds
    ]
    return known


def _ends(before: FloatRelaxation, layer: FloatLayer, seconds: Callable[[], float]) -> tuple[Array, Array]:
    """Return numbers below and above the bounds that the replay finds for a layer's neurons."""
    count, depth = len(layer.bias), len(before.floats)
    low, high = np.zeros(count), np.zeros(count)
    for some in layer.gathered(TOGETHER):
        if seconds() <= 0:
            raise UndecidedError(WHY_TIME)
        senses = np.repeat([1.0, -1.0], len(some.neurons))
        forms = neuron_forms(depth, layer, some.twice, senses, before.reaches[depth])
        found = descend(before, forms).lower
        low[some.neurons], high[some.neurons] = found[: len(some.neurons)], -found[len(some.neurons) :]
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise UndecidedError(f"the bounds of layer {depth} leave the range of float64")
    return low, high


def _stated(low: Array, high: Array) -> Neurons:
    signs = np.where(low >= 0, ON, np.where(high <= 0, OFF, BOTH)).tolist()
    between = [k for k, sign in enumerate(signs) if sign == BOTH]
    below, above = shortened(-low[between]), shortened(high[between])
    bounds = tuple((_exact(-a), _exact(b)) for a, b in zip(below.tolist(), above.tolist(), strict=True))
    return Neurons("".join(signs), bounds)


def shortened(numbers: Array) -> Array:
    """Return numbers of BITS bits, at least as large as the positive numbers given. Raises: never."""
    mantissa, exponent = np.frexp(np.maximum(numbers, LEAST))
    return np.asarray(np.ldexp(np.ceil(mantissa * 2.0**BITS), exponent - BITS))


def _exact(number: float) -> Number:
    return quotient(Fraction(number), 1)
