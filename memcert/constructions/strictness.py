"""The radius that is claimed where a strict rule holds on every box below a limit, not on the limit's.

UNTRUSTED. On the box of the limit itself some corner has F = 0, or two equal outputs, and no radius
below it is the largest; what is claimed is the limit less one part in 1024.
"""

from fractions import Fraction

from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

PARTS = 1024


def inside(limit: Fraction) -> Number:
    """Return the limit less one part in PARTS. Raises: never."""
    claimed = limit * Fraction(PARTS - 1, PARTS)
    return exact(claimed.numerator, claimed.denominator)
