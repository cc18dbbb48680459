"""Stored numbers and weights as floats of a precision, and how far these are from the exact ones.

UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from memcert.kernel.certificate import Number
from memcert.semantics.bounds import TINIEST, UP
from memcert.semantics.precision import FLOAT64, Array, Precision, above, doubles
from memcert.semantics.program import Dot


@dataclass(frozen=True, slots=True)
class Weights:
    """A matrix in one precision.

    Args:
        matrix: alpha times the rounded weights, in float64.
        off: at least how far the rounded weights are from the exact ones, alpha times; None: they are these.
        bias: beta times the rounded bias.
        bias_off: as `off`.
        plain: at least |weights| before alpha; None: alpha is 1.
        size: |matrix|.
        upper: at least |alpha times the weights|, exact and rounded.
        counted: 1 where a product counts, else 0.
    """

    matrix: Array
    off: Array | None
    bias: Array | None
    bias_off: Array | None
    plain: Array | None
    size: Array
    upper: Array
    counted: Array


def nearby(numbers: Sequence[Number], precision: Precision) -> tuple[Array, Array]:
    """Return the nearest floats of a precision as float64, and at least how far they are from the numbers.

    Cost: numpy's, but for numbers that float64 cannot hold: a few microseconds each.

    Raises: never.
    """
    near, exact = doubles(numbers)
    rounded = precision.narrowed(numbers, near, exact).astype(np.float64)
    with np.errstate(invalid="ignore"):
        # Exact, by Sterbenz's lemma: a number and its nearest float are within a factor of 2, or one is 0.
        off = np.abs(rounded - near)
    for place in np.flatnonzero(~exact).tolist():
        off[place] = _distance(numbers[place], float(rounded[place]))
    return rounded, np.where(np.isfinite(rounded), off, np.inf)


def _distance(number: Number, stored: float) -> float:
    if not np.isfinite(stored):
        return np.inf
    off = Fraction(number) - Fraction(stored)
    return above(off if off >= 0 else -off)


def weights_of(dot: Dot, precision: Precision) -> Weights:
    """Return a product's matrix and bias in a precision. Raises: never."""
    shape = (len(dot.weights), len(dot.weights[0]) if dot.weights else 0)
    flat = [x for row in dot.weights for x in row]
    matrix, off = _scaled(flat, dot.alpha, precision)
    bias, bias_off = (None, None) if dot.bias is None else _scaled(dot.bias, dot.beta, precision)
    plain = None if dot.alpha == 1 else np.abs(nearby(flat, precision)[0]).reshape(shape)
    made = matrix.reshape(shape)
    lost = off.reshape(shape) if off.any() else None
    size = np.abs(made)
    upper = size if lost is None else (size + lost) * UP
    return Weights(
        made,
        lost,
        bias,
        bias_off if bias_off is not None and bias_off.any() else None,
        plain,
        size,
        upper,
        ((upper > 0) | (size > 0 if plain is None else plain > 0)).astype(np.float64),
    )


def _scaled(numbers: Sequence[Number], factor: Number, precision: Precision) -> tuple[Array, Array]:
    rounded, off = nearby(numbers, precision)
    if factor == 1 or not np.isfinite(rounded).all():
        return rounded, off
    # factor times the rounded number, which float64 may have to round again.
    product, more = nearby([factor * Fraction(x) for x in rounded.tolist()], FLOAT64)
    size = above(factor if factor >= 0 else -factor)
    lost = np.where(off > 0, off * size + TINIEST, 0.0)
    return product, np.asarray((lost + more) * UP)
