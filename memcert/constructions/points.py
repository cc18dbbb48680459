"""A task's distinct points as integers, shared by all constructions.

UNTRUSTED.
"""

import numpy as np

from memcert.constructions.directions import Integers
from memcert.constructions.registry import Task


def distinct_points(task: Task) -> Integers:
    """Return the numerators of the distinct points, shape (N, d). Raises: never."""
    numerators = task.dataset.numerators
    # Without duplicates the table is not copied; it may be most of the memory.
    return numerators if len(task.distinct) == len(numerators) else numerators[np.array(task.distinct)]
