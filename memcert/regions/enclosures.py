"""Matrix products in float64 with proved error bounds: what is certain without exact arithmetic.

UNTRUSTED. An enclosure is a pair (middle, error) of arrays: each exact number lies within `error` of
`middle`. The bound of a product of n terms, in any order and with fused operations, is the standard
one, (n + 2) u |A| |B| with u = 2^-53 (Higham, Accuracy and Stability of Numerical Algorithms, 3.1),
inflated by 2^-20, which covers what is lost while the bound itself is computed.
"""

from typing import NamedTuple

import numpy as np

from memcert.regions.matrices import Array, Factor

UNIT = 2.0**-53
INFLATED = 1 + 2.0**-20
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


def product(left: Enclosure, right: Factor) -> Enclosure:
    """Return left @ right.

    Args:
        left: of shape (m, n).
        right: of shape (n, k).

    Cost: two float products. Where an exact 0 is sure, the error is 0. Raises: never.
    """
    terms = left.middle.shape[-1]
    magnitude = np.abs(left.middle)
    # One unit for the rounding of `right`, n for the sum, one spare; 2^-20 covers second orders.
    spread = right.times_sizes(left.error + (terms + 2) * UNIT * magnitude) * INFLATED
    smallest = magnitude.min(where=magnitude > 0, initial=np.inf)
    smallest = min(smallest, left.error.min(where=left.error > 0, initial=np.inf) / UNIT)
    if not smallest * UNIT * right.least >= SUBNORMAL:
        largest = magnitude.max(initial=0) + left.error.max(initial=0)
        spread = spread + terms * SUBNORMAL * (1 + largest)
    return Enclosure(right.times(left.middle), spread)


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
