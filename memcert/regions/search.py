"""Points of a box at which a rule may fail: projected gradient steps in floats, judged exactly.

UNTRUSTED. A guess becomes rational numbers inside the box, and the network is evaluated there exactly.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.regions.descent import FloatBox
from memcert.regions.matrices import FloatLayer

Array = np.ndarray[Any, Any]
STARTS = 6
STEPS = 24


def run(floats: Sequence[FloatLayer], points: Array) -> tuple[Array, list[Array | None]]:
    """Return outputs at points, and which neurons are on. Raises: never."""
    masks: list[Array | None] = []
    current = points
    for layer in floats:
        current = layer.forth.times(current) + layer.bias
        masks.append(current > 0 if layer.relu else None)
        if layer.relu:
            current = np.maximum(current, 0)
    return current, masks


def gradient(floats: Sequence[FloatLayer], masks: Sequence[Array | None], forms: Array) -> Array:
    """Return the gradients of forms of the outputs, one a row of the masks. Raises: never."""
    current = forms
    for layer, mask in zip(reversed(floats), reversed(masks), strict=True):
        current = layer.back.times(current if mask is None else current * mask)
    return current


def descent(floats: Sequence[FloatLayer], box: FloatBox, forms: Array, constants: Array, seed: int) -> Array:
    """Return points of the box, ascending in the least value found of form . F + constant.

    Args:
        floats: the network.
        box: where.
        forms: of the outputs, one a row; each is searched from STARTS points.
        constants: added.
        seed: of the starts.

    Cost: STEPS forward and backward float products. Raises: never.
    """
    generator = np.random.default_rng(seed)
    width = box.high - box.low
    wanted = np.repeat(forms, STARTS, axis=0)
    shifts = np.repeat(constants, STARTS)
    points = box.low + width * generator.random((len(wanted), len(width)))
    points[::STARTS] = box.low + width / 2
    best, least = points.copy(), np.full(len(points), np.inf)
    for step in range(STEPS):
        outputs, masks = run(floats, points)
        values = (outputs * wanted).sum(axis=1) + shifts
        better = values < least
        best[better], least[better] = points[better], values[better]
        slopes = gradient(floats, masks, wanted)
        # Long steps first: they end in corners, where the least value often is.
        share = 1.0 / (1 + step) ** 0.7
        points = np.clip(points - np.sign(slopes) * width * share, box.low, box.high)
    return np.asarray(best[np.argsort(least)])


def rational(
    point: Array, box: FloatBox, low: Sequence[Number], high: Sequence[Number]
) -> tuple[Number, ...]:
    """Return exact numbers inside the box: its corners where the guess has them, else the guess.

    Raises:
        never.
    """
    found: list[Number] = []
    for x, least, most, a, b in zip(
        point.tolist(), box.low.tolist(), box.high.tolist(), low, high, strict=True
    ):
        guess = a if x <= least else b if x >= most else quotient(Fraction(x), 1)
        found.append(min(max(guess, a), b))
    return tuple(found)
