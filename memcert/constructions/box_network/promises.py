"""The most that a box network of so many boxes takes, whatever its labels and places.

UNTRUSTED.
"""

from collections.abc import Sequence
from itertools import pairwise

from memcert.constructions.coding import Reading


def at_most(boxes: int, dimension: int, readings: Sequence[Reading]) -> dict[str, int]:
    """Return width 3d + 1, depth 2S + 1, (8d + 5) S + d - 4 + 3k parameters, and their dense count.

    Args:
        boxes: S >= 1.
        dimension: d.
        readings: of k outputs.

    Raises: never.
    """
    d, outputs = dimension, len(readings)
    widths = [d, 3 * d, d + 1, *[3 * d + 1, d + 2] * (boxes - 1), outputs]
    return {
        "width": 3 * d + 1,
        "depth": 2 * boxes + 1,
        "parameters": (8 * d + 5) * boxes + d - 4 + 3 * outputs,
        "dense": sum(after * (before + 1) for before, after in pairwise(widths)),
    }
