"""Lines below and above a ReLU between bounds of its argument: L <= z <= U with L < 0 < U.

Below: a z with any 0 <= a <= 1, since max(z, 0) >= a z for every z. Above: s z + t is valid iff it is at
least max(z, 0) at both ends, the ReLU being convex. The tightest is s = U / (U - L), t = -s L. Here s is
that number rounded to STEPS, so that a pass needs no common denominator of all neurons; t is then the
least intercept that is valid at both ends, exactly, whichever way s was rounded.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from memcert.boxes.document import BOTH, OFF, ON, Neurons
from memcert.kernel.certificate import Number

STEPS = 1 << 20
"""Slopes of upper lines are multiples of 1 / STEPS."""


class Lines(NamedTuple):
    """lower * z <= max(z, 0) <= upper * z + intercept."""

    lower: Number
    upper: Number
    intercept: Number


KEPT = Lines(1, 1, 0)
DROPPED = Lines(0, 0, 0)
"""The lines of a neuron that is at least 0, and of one that is at most 0: exact."""


def lines_of(said: Neurons, slopes: Sequence[Number] | None = None) -> list[Lines]:
    """Return the lines of a layer, one a sign.

    Args:
        said: the layer's signs and bounds.
        slopes: of the lower lines, one for each pair of bounds; None: as `lines` has them.

    Raises:
        never.
    """
    exact = {ON: KEPT, OFF: DROPPED}
    between = (
        lines(low, high, None if slopes is None else slopes[k]) for k, (low, high) in enumerate(said.bounds)
    )
    return [next(between) if sign == BOTH else exact[sign] for sign in said.signs]


def lines(low: Number, high: Number, lower: Number | None = None) -> Lines:
    """Return the lines of a neuron between two bounds.

    Args:
        low: below 0.
        high: above 0.
        lower: the slope below, from 0 to 1; None: 1 if low + high >= 0, else 0, which leaves the
            smaller area between the lines.

    Raises:
        never.
    """
    slope = low + high >= 0 if lower is None else lower
    # Rounded to the nearest: floor(x + 1/2), x = STEPS * high / (high - low).
    gap = Fraction(high) - low
    upper = Fraction((2 * STEPS * high + gap) // (2 * gap), STEPS)
    return Lines(Fraction(slope), upper, max(-upper * low, (1 - upper) * high))
