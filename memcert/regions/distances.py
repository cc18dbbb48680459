"""Which neurons, and which statements about the outputs, may be the nearest to a row.

UNTRUSTED. All are left out that floats prove to be farther than another one; the rest is returned, to
be evaluated exactly. A neuron's distance is |z| / |a|_1. Upper bounds of |a|_1 come from the layer
before; true ones are computed, nearest first, until no other neuron can be nearer. In a layer of blocks
all neurons of a block that may be the nearest are taken together: they read the same inputs.
"""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from memcert.boxes.statements import Statement
from memcert.regions.enclosures import Enclosure, plus, total
from memcert.regions.matrices import FloatLayer, nearest
from memcert.regions.measured import (
    Distances,
    bounded,
    distance,
    measure_all,
    measure_blocks,
    measure_rounds,
    norms_of,
)
from memcert.regions.patterns import Patterns

Array = np.ndarray[Any, Any]
FORWARD = 1 << 22
"""Multiplications a row up to which all gradients are computed at once, forward through the layers."""


class Near(NamedTuple):
    """Pairs (index of the row, item): neurons of a layer, or statements if `layer` is None."""

    layer: int | None
    rows: Array
    items: Array


def nearest_neurons(floats: Sequence[FloatLayer], found: Patterns) -> list[Near]:
    """Return for every layer with ReLU the neurons that may be the nearest wall of their rows.

    Cost: one float product a layer, and two backward passes of a gradient for each neuron whose
    distance has to be known. Raises: never.
    """
    depths = [depth for depth, layer in enumerate(floats) if layer.relu]
    known = bounded(floats, found, depths)
    if not depths:
        return []
    if not all(layer.whole for layer in floats):
        for row in range(len(found.points.middle)):
            measure_blocks(floats, found, known, row)
    elif found.points.middle.shape[1] * sum(prod(layer.shape) for layer in floats) <= FORWARD:
        measure_all(floats, found, known)
    else:
        measure_rounds(floats, found, known)
    best = np.concatenate([known[d].upper for d in depths], axis=1).min(axis=1, keepdims=True)
    return [_near(d, known[d], best) for d in depths]


def _near(depth: int, known: Distances, best: Array) -> Near:
    rows, items = np.nonzero(~(known.lower > best))
    return Near(depth, rows, items)


def nearest_statements(
    floats: Sequence[FloatLayer], found: Patterns, asked: Sequence[tuple[Statement, ...]]
) -> Near:
    """Return the statements that may be the first to fail on the way out from their rows.

    Args:
        floats: the layers.
        found: the patterns of the rows.
        asked: statements that hold at each row; none: nothing is asked of it.

    Cost: a backward pass of a gradient for each statement. Raises: never.
    """
    rows = np.array([k for k, some in enumerate(asked) for _ in some], dtype=np.int64)
    items = np.array([i for some in asked for i in range(len(some))], dtype=np.int64)
    if not len(rows):
        return Near(None, rows, items)
    every = [statement for some in asked for statement in some]
    forms = np.array([statement.form for statement in every], dtype=np.float64)
    norms = norms_of(floats, found, rows, Enclosure(forms, np.zeros(forms.shape)))
    outputs = _outputs(found)
    sums = total(Enclosure(outputs.middle[rows] * forms, outputs.error[rows] * np.abs(forms)))
    z = plus(sums, nearest([statement.constant for statement in every]))
    lower, upper = distance(np.maximum(z.middle, 0), z.error, norms)
    best = np.full(len(asked), np.inf)
    np.minimum.at(best, rows, upper)
    near = ~(lower > best[rows]) & ~((norms.middle == 0) & (norms.error == 0))
    return Near(None, rows[near], items[near])


def _outputs(found: Patterns) -> Enclosure:
    last, mask = found.values[-1], found.masks[-1]
    if mask is None:
        return last
    return Enclosure(last.middle * mask, last.error * mask)
