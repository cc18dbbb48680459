"""Rows of exact data as floats: the nearest ones, and how far they are from the numbers that the data spell.

UNTRUSTED.
"""

from fractions import Fraction

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.semantics.bounds import TINIEST, Bound
from memcert.semantics.precision import FLOAT64, Array, Precision

EXACT = 1 << 53


def rounded(rows: Dataset, precision: Precision) -> Array:
    """Return the rows as the nearest floats of a precision, ties to even.

    Cost: numpy's, where numerators and denominator are below 2^53 and a value is not beside a tie of the
    narrower format; else one division of Python integers a number.

    Raises:
        never.
    """
    near = _doubles(rows)
    if near is None:
        return _slowly(rows, precision)
    if precision is FLOAT64:
        return near
    with np.errstate(over="ignore"):
        made = near.astype(precision.name)
    # Rounded twice: wrong only where the first result lies midway, or among the subnormal numbers.
    midway = (near.view(np.uint64) & np.uint64((1 << 29) - 1)) == np.uint64(1 << 28)
    small = (np.abs(near) < 2.0**-125) & (near != 0)
    for place in np.argwhere(midway | small).tolist():
        row, column = place
        number = Fraction(int(rows.numerators[row, column]), rows.denominator)
        made[row, column] = precision.rounded([number])[0]
    return np.asarray(made)


def _doubles(rows: Dataset) -> Array | None:
    numerators = rows.numerators
    if numerators.dtype != np.int64 or rows.denominator >= EXACT:
        return None
    if numerators.size and max(-int(numerators.min()), int(numerators.max())) >= EXACT:
        return None
    # Both are exact in float64, and division rounds once.
    return np.asarray(numerators.astype(np.float64) / np.float64(rows.denominator))


def _slowly(rows: Dataset, precision: Precision) -> Array:
    flat = [Fraction(int(x), rows.denominator) for x in rows.numerators.ravel().tolist()]
    return precision.rounded(flat).reshape(rows.numerators.shape)


def enclosed(rows: Dataset, precision: Precision) -> Bound:
    """Return where the rows' exact numbers are, and how far the floats of a precision are from them.

    Raises: never.
    """
    center = rounded(rows, FLOAT64)
    plain = rows.denominator & (rows.denominator - 1) == 0 and _doubles(rows) is not None
    # Numerators below 2^53 over a power of two are floats themselves.
    radius = np.zeros_like(center) if plain else np.abs(center) * 2.0**-52 + TINIEST
    # 0 is 0 in every format, and takes part in no sum.
    radius[rows.numerators == 0] = 0.0
    if precision is FLOAT64:
        return Bound(center, radius, radius)
    stored = rounded(rows, precision).astype(np.float64)
    error = np.abs(stored - center)
    error = np.where(error > 0, error * (1 + 2.0**-50), 0.0) + radius
    return Bound(center, radius, np.where(np.isfinite(error), error, np.inf))
