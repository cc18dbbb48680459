"""A network's exact outputs on a data set by slices in BLAS, where that is proved exact and pays.

UNTRUSTED, and compared with the kernel in tests.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from memcert.exact.slices.digits import Array
from memcert.exact.slices.plan import Plan, plan
from memcert.exact.slices.run import Runner
from memcert.formats.dataset import Dataset
from memcert.kernel.network import Network


class Outputs(NamedTuple):
    """Exact outputs: F(x)[k] = columns[k][row] * unit.

    Args:
        columns: integers, for each output one a row.
        unit: positive.
    """

    columns: list[list[int]]
    unit: Fraction


def largest(numerators: Array) -> list[int]:
    """Return the largest absolute value of each column, of at least one row. Raises: ValueError."""
    low, high = numerators.min(axis=0).tolist(), numerators.max(axis=0).tolist()
    return [max(abs(a), abs(b)) for a, b in zip(low, high, strict=True)]


def planned(network: Network, dataset: Dataset) -> Plan:
    """Plan a network on the rows of a data set. Raises: UnprovedError, as `plan`."""
    return plan(network, largest(dataset.numerators), dataset.denominator)


def unit_of(how: Plan) -> Fraction:
    """Return what an output's integers count. Raises: never."""
    return Fraction(2) ** how.exponent / how.scale


def sliced_outputs(network: Network, dataset: Dataset) -> Outputs:
    """Return F(x_i) for every row.

    Raises:
        UnprovedError: no proof that floats stay exact.
    """
    how = planned(network, dataset)
    return Outputs(Runner(how).outputs(np.asarray(dataset.numerators)), unit_of(how))
