"""1-norms of gradients: a cheap upper bound for every class, and the exact one where it is asked for.

The norm of sum_d f_d v_d is at most sum_d |f_d| |v_d|. Most questions are decided by that; exact
norms of dense gradients are a matrix product, which is made for the classes in question alone.
"""

from collections.abc import Sequence

import numpy as np
from flint import fmpz_mat

from memcert.proofs.directions import Directions
from memcert.proofs.integers import Array, Integers, combined, integers


class Norms:
    """The 1-norms of sum_d factors[d, c] * v_d, a class c each, v_d being directions of the input."""

    def __init__(self, directions: Directions, numbers: Sequence[int], factors: Integers) -> None:
        """Compute the upper bounds. Cost: one multiplication a direction and class."""
        self._directions, self._numbers, self._factors = directions, tuple(numbers), factors
        parts = [
            (directions[number].norm, factors.row(row).magnitudes()) for row, number in enumerate(numbers)
        ]
        self.upper = combined(parts, 0)
        supports = [directions[number].vector for number in numbers]
        self.sharp = len({k for s in supports for k in s}) == sum(map(len, supports))
        """Whether no coordinate occurs twice: the upper bounds are the norms."""

    def exact(self, classes: Array) -> Array:
        """Return the norms of these classes, as Python integers.

        Cost: a product of integer matrices, classes x directions x coordinates. Raises: never.
        """
        if self.sharp:
            return self.upper.wide()[classes]
        if not len(classes):
            return np.zeros(0, dtype=object)
        vectors = self._directions.matrix(self._numbers)
        chosen = fmpz_mat(self._factors.wide()[:, classes].T.tolist())
        gradients = (chosen * vectors).entries()
        width = vectors.ncols()
        sums = [sum(map(abs, gradients[k : k + width])) for k in range(0, len(gradients), width)]
        return np.array([int(total) for total in sums], dtype=object)

    def all(self) -> Integers:
        """Return the norm of every class. Raises: LimitReached, as `integers`."""
        if self.sharp:
            return self.upper
        return integers(self.exact(np.arange(self.upper.values.shape[0])))
