"""Bounds of values and of what floats make of them, held in float64 and rounded outwards.

UNTRUSTED. Every formula here is evaluated in float64: what a line of it may lose, relative to its result,
is less than `UP` adds; what it may lose below the normal numbers is less than a few `TINIEST`.
"""

from typing import Any, NamedTuple

import numpy as np

from memcert.semantics.precision import FLOAT64, Array, Precision, above

UP = 1.0 + 2.0**-46
"""More than the few roundings of one line of these formulas may lose."""
U64 = 2.0**-53
TINIEST = 2.0**-1074
"""The smallest positive float64: twice what one product may lose by underflow."""


class Digits(NamedTuple):
    """u, eta and Omega of a precision, as floats; eta of float64 is no float and is rounded up."""

    unit: float
    eta: float
    largest: float


def digits_of(precision: Precision) -> Digits:
    """Return at least a precision's u and eta, and its Omega. Raises: never."""
    return Digits(above(precision.unit), above(precision.underflow), float(precision.largest))


DOUBLES = digits_of(FLOAT64)


class Bound(NamedTuple):
    """Of some values, rows by numbers; all are float64, and rows may be one, for all.

    Exact values lie within `radius` of `center`, what floats compute within `error` of the exact ones.
    """

    center: Array
    radius: Array
    error: Array

    @property
    def reach(self) -> Array:
        """At least |exact| + error; 0 only where both are. Raises: never."""
        return np.asarray((np.abs(self.center) + self.radius + self.error) * UP)

    @property
    def size(self) -> Array:
        """At least |exact|. Raises: never."""
        return np.asarray((np.abs(self.center) + self.radius) * UP)


class Terms(NamedTuple):
    """A value as a sum that may be joined with others.

    Args:
        total: at least the sum of the absolute values of its terms, as floats compute them.
        steps: how many roundings a term meets at most, in any order.
        grown: how much of the value's error was added for these roundings.
    """

    total: Array
    steps: Array
    grown: Array


class Kept(NamedTuple):
    """What is known of the value of one instruction.

    Args:
        bound: of it.
        local: how much this instruction alone adds to the error, or None where it adds nothing.
        choice: for `Larger`, `Slope`, `Absolute`: 1 where the first alternative is sure, -1 where the
            other is, 0 where neither; None for others.
        terms: of a sum; None for others.
    """

    bound: Bound
    local: Array | None = None
    choice: Array | None = None
    terms: Terms | None = None


def as_terms(value: Kept) -> Terms:
    """Return a value's terms; what is no sum is its own only term. Raises: never."""
    if value.terms is not None:
        return value.terms
    reach = value.bound.reach
    return Terms(reach, (reach > 0) * 1.0, np.zeros_like(reach))


def growth(steps: Any, unit: float) -> Array:
    """Return at least k u / (1 - k u); infinite where k u is not small. Raises: never.

    Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002, lemma 3.1.
    """
    return np.asarray(np.where(steps * unit < 0.5, steps * unit / (1 - steps * unit) * UP, np.inf))


def product(left: Array, right: Array) -> Array:
    """Return at least the product of nonnegative matrices, but for one TINIEST a term. Raises: never."""
    # In any order the product loses less than one part in 2^53 for each of its terms.
    return np.asarray((left @ right) * (1.0 + (left.shape[1] + 4) * 2.0**-52))


def known(values: Array) -> Array:
    """Return bounds with those that are no numbers infinite. Raises: never."""
    return np.asarray(np.where(np.isnan(values), np.inf, values))


def apart(left: Array, right: Array) -> Array:
    """Return at least left / right of nonnegative numbers; infinite where `right` is 0. Raises: never."""
    return np.asarray(np.where(right > 0, left / right * UP + TINIEST, np.inf))
