"""Which neurons are on at each row, with what is known of their values before the ReLU.

UNTRUSTED. Floats with error bounds tell nearly every sign; rows where they do not are evaluated exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.kernel.network import Network, Values, apply, values_of
from memcert.regions.enclosures import SUBNORMAL, UNIT, Enclosure, plus, product
from memcert.regions.matrices import FloatLayer, nearest, ratio

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """The activation patterns of some rows.

    Args:
        points: the rows as float64, with error bounds.
        values: of every layer, before its ReLU, of shape (rows, neurons).
        masks: for each layer with ReLU, which neurons are above 0, exactly; None: a layer without.
    """

    points: Enclosure
    values: tuple[Enclosure, ...]
    masks: tuple[Array | None, ...]


def patterns(
    network: Network, floats: Sequence[FloatLayer], dataset: Dataset, rows: Sequence[int]
) -> Patterns:
    """Return the patterns of rows, exactly.

    Cost: two float products a layer; an exact evaluation for each row with a neuron too near 0.

    Raises:
        LimitReached: an exact value grows too long.
    """
    middle = nearest_points(dataset, rows)
    # With such a denominator a coordinate may be rounded by more than its unit.
    subnormal = SUBNORMAL if dataset.denominator.bit_length() > 900 else 0
    points = Enclosure(middle, UNIT * np.abs(middle) + subnormal)
    values = forward(floats, points)
    unsure = np.zeros(len(rows), dtype=np.bool_)
    for layer, known in zip(floats, values, strict=True):
        if layer.relu:
            # Written so that what is no number counts as unsure. Without any error a 0 is a 0.
            sure = (np.abs(known.middle) > known.error) | ((known.middle == 0) & (known.error == 0))
            unsure |= ~sure.all(axis=1)
    at = np.flatnonzero(unsure)
    if len(at):
        exact = _exact_values(network, [dataset.point(rows[k]) for k in at.tolist()])
        for known, found in zip(values, exact, strict=True):
            known.middle[at] = found
            known.error[at] = np.where(found != 0, UNIT * np.abs(found) + 2.0**-1074, 0)
    masks = tuple(
        known.middle > 0 if layer.relu else None for layer, known in zip(floats, values, strict=True)
    )
    return Patterns(points, tuple(values), masks)


def nearest_points(dataset: Dataset, rows: Sequence[int]) -> Array:
    """Return the float64 nearest to every coordinate. Raises: IndexError."""
    wanted = dataset.numerators[np.asarray(rows, dtype=np.int64)]
    if wanted.dtype != object and max(int(np.abs(wanted).max()), dataset.denominator) <= 1 << 53:
        return np.asarray(wanted.astype(np.float64) / float(dataset.denominator))
    return np.array([nearest(dataset.point(row)) for row in rows])


def forward(floats: Sequence[FloatLayer], points: Enclosure) -> list[Enclosure]:
    """Return enclosures of all values before the ReLUs. Raises: never."""
    found, current = [], points
    for layer in floats:
        known = plus(product(current, layer.forth), layer.bias)
        found.append(known)
        current = known
        if layer.relu:
            off = known.middle < -known.error
            # The ReLU does not enlarge an error.
            current = Enclosure(np.maximum(known.middle, 0), np.where(off, 0, known.error))
    return found


def _exact_values(network: Network, points: Sequence[Sequence[Any]]) -> list[Array]:
    # The sign, and the float64 nearest to the value: never 0 but for 0.
    values, found = values_of(points, network.input_size), []
    for layer in network.layers:
        values = apply(replace(layer, relu=False), values, len(points))
        found.append(
            np.array([[ratio(x, values.denominator) for x in column] for column in values.columns]).T
        )
        if layer.relu:
            values = Values(tuple([max(x, 0) for x in c] for c in values.columns), values.denominator)
    return found
