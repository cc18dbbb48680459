"""Signs and bounds of every neuron on a box, as the box file states them, shown in floats with errors.

UNTRUSTED. Stated bounds have BITS bits and are rounded outwards, so that they are short in the file and
exact in float64. DeepPoly (Singh, Gehr, Püschel, Vechev 2019): each layer's bounds come from a pass back
to the inputs with lines that the bounds of the layers before it give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.boxes.document import BOTH, OFF, ON, Neurons
from memcert.boxes.lines import Lines, lines_of
from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.regions.descent import FloatBox, FloatLines, descend, float_lines, neuron_forms
from memcert.regions.enclosures import FloatLayer

Array = np.ndarray[Any, Any]
BITS = 20
"""Length of a stated bound."""
LEAST = 2.0**-200
"""Stated bounds are at least this far from 0, so that products with slopes stay exact."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """What is known of the neurons on a box: as it is stated, and as lines."""

    neurons: tuple[Neurons, ...]
    lines: tuple[tuple[Lines, ...], ...]
    floats: tuple[FloatLines | None, ...]


def relaxation(floats: Sequence[FloatLayer], box: FloatBox) -> Relaxation:
    """Return signs and bounds of all neurons on a box.

    Cost: for each layer a pass of two forms a neuron.

    Raises:
        UndecidedError: bounds beyond float64.
    """
    neurons: list[Neurons] = []
    drawn: list[tuple[Lines, ...]] = []
    relus: list[FloatLines | None] = []
    for depth, layer in enumerate(floats):
        if not layer.relu:
            neurons.append(Neurons("", ()))
            drawn.append(())
            relus.append(None)
            continue
        low, high = _ends(floats, relus, box, depth)
        said = _stated(low, high)
        neurons.append(said)
        drawn.append(tuple(lines_of(said)))
        relus.append(float_lines(drawn[-1]))
    return Relaxation(tuple(neurons), tuple(drawn), tuple(relus))


def _ends(
    floats: Sequence[FloatLayer], relus: Sequence[FloatLines | None], box: FloatBox, depth: int
) -> tuple[Array, Array]:
    """Return numbers below and above the bounds that the replay finds for a layer's neurons."""
    count = len(floats[depth].bias)
    neurons = np.tile(np.arange(count), 2)
    senses = np.repeat([1.0, -1.0], count)
    forms = neuron_forms(floats[depth], neurons, senses)
    found = descend(floats[:depth], relus, box, forms).lower
    if not np.isfinite(found).all():
        raise UndecidedError(f"the bounds of layer {depth} leave the range of float64")
    return found[:count], -found[count:]


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
