"""Seeded random data: integer points below a million, labels drawn evenly, smaller sets within larger ones.

UNTRUSTED.
"""

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.errors import UsageError

LARGEST = 10**6


def random_points(largest: int, dimension: int, labels: int, seed: int) -> Dataset:
    """Return `largest` distinct points of Z^d with coordinates in [0, 10^6).

    Args:
        largest: N >= 1.
        dimension: d >= 1.
        labels: C >= 1; the first C points have all of them.
        seed: of everything that is drawn.

    Raises:
        UsageError: there are not so many points, to be drawn as they are here.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = generator.integers(0, LARGEST, size=(largest + largest // 8 + 8, dimension))
    points = generator.permutation(np.unique(drawn, axis=0))[:largest]
    if len(points) < largest:
        raise UsageError(f"{largest:,} distinct points were asked for, {len(points):,} were drawn")
    numbers = generator.integers(0, labels, size=largest)
    numbers[:labels] = np.arange(min(labels, largest))
    return Dataset("random", None, points, 1, tuple(numbers.tolist()))


def first(data: Dataset, size: int) -> Dataset:
    """Return the first rows of a data set. Raises: never."""
    return Dataset(data.name, data.columns, data.numerators[:size], data.denominator, data.labels[:size])
