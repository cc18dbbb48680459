"""Which neurons, and which statements about the outputs, may be the nearest to a row.

UNTRUSTED. All are left out that floats prove to be farther than another one; the rest is returned, to
be evaluated exactly. A neuron's distance is |z| / |a|_1. Upper bounds of |a|_1 come from the layer
before; true ones are computed, nearest first, until no other neuron can be nearer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from memcert.boxes.statements import Statement
from memcert.regions.enclosures import (
    INFLATED,
    SUBNORMAL,
    UNIT,
    Enclosure,
    FloatLayer,
    nearest,
    plus,
    product,
    total,
)
from memcert.regions.patterns import Patterns

Array = np.ndarray[Any, Any]
FORWARD = 1 << 22
"""Multiplications a row up to which all gradients are computed at once, forward through the layers."""
AT_ONCE = 8
"""Neurons of a row whose gradients are computed in one round."""


class Near(NamedTuple):
    """Pairs (index of the row, item): neurons of a layer, or statements if `layer` is None."""

    layer: int | None
    rows: Array
    items: Array


@dataclass(slots=True, eq=False)
class _Distances:
    """What is known of the distances of one layer's neurons, of shape (rows, neurons)."""

    lower: Array
    upper: Array
    known: Array


def nearest_neurons(floats: Sequence[FloatLayer], found: Patterns) -> list[Near]:
    """Return for every layer with ReLU the neurons that may be the nearest wall of their rows.

    Cost: one float product a layer, and two backward passes of a gradient for each neuron whose
    distance has to be known. Raises: never.
    """
    depths = [depth for depth, layer in enumerate(floats) if layer.relu]
    known = _bounded(floats, found, depths)
    if not depths:
        return []
    if found.points.middle.shape[1] * sum(layer.weights.size for layer in floats) <= FORWARD:
        _measure_all(floats, found, known)
    owner = np.concatenate([np.full(known[d].lower.shape[1], d) for d in depths])
    first = {d: int(np.flatnonzero(owner == d)[0]) for d in depths}
    while True:
        lower = np.concatenate([known[d].lower for d in depths], axis=1)
        best = np.concatenate([known[d].upper for d in depths], axis=1).min(axis=1, keepdims=True)
        open_ = ~np.concatenate([known[d].known for d in depths], axis=1) & ~(lower > best)
        if not open_.any():
            break
        order = np.where(open_, np.nan_to_num(lower, nan=0.0), np.inf)
        count = min(AT_ONCE, order.shape[1])
        chosen = np.argpartition(order, count - 1, axis=1)[:, :count]
        rows = np.repeat(np.arange(len(order)), count)
        items = chosen.reshape(-1)
        wanted = open_[rows, items]
        rows, items = rows[wanted], items[wanted]
        for d in depths:
            here = owner[items] == d
            if here.any():
                _measure(floats, found, Near(d, rows[here], items[here] - first[d]), known[d])
    return [_near(d, known[d], best) for d in depths]


def _near(depth: int, known: _Distances, best: Array) -> Near:
    rows, items = np.nonzero(~(known.lower > best))
    return Near(depth, rows, items)


def _bounded(floats: Sequence[FloatLayer], found: Patterns, depths: Sequence[int]) -> dict[int, _Distances]:
    """Return lower bounds of distances from upper bounds of norms."""
    known: dict[int, _Distances] = {}
    norms = np.ones(found.points.middle.shape)
    for depth, layer in enumerate(floats):
        bound = product(Enclosure(norms, np.zeros(norms.shape)), layer.sizes.T, layer.sizes.T, layer.least)
        norms = (bound.middle + bound.error) * INFLATED
        if depth in depths:
            value = found.values[depth]
            lower = _ratio(np.maximum(np.abs(value.middle) - value.error, 0), norms, down=True)
            never = np.full(lower.shape, np.inf)
            # Without any path from the inputs the neuron is constant, and no wall.
            known[depth] = _Distances(np.where(norms == 0, np.inf, lower), never, norms == 0)
            mask = found.masks[depth]
            norms = norms if mask is None else norms * mask
    return known


def _ratio(above: Array, below: Array, *, down: bool) -> Array:
    found = above / below
    return found * (1 - 4 * UNIT) if down else found * (1 + 4 * UNIT) + SUBNORMAL


def _measure(floats: Sequence[FloatLayer], found: Patterns, which: Near, known: _Distances) -> None:
    """Take in the distances of some neurons from their own gradients."""
    depth, rows, neurons = which.layer or 0, which.rows, which.items
    layer = floats[depth]
    middle = layer.weights[neurons]
    tiny = 0 if layer.least else SUBNORMAL
    start = Enclosure(middle, UNIT * np.abs(middle) + tiny)
    norms = _norms(floats[:depth], found, rows, start)
    value = found.values[depth]
    z, error = np.abs(value.middle[rows, neurons]), value.error[rows, neurons]
    lower, upper = _distance(z, error, norms)
    known.lower[rows, neurons] = lower
    known.upper[rows, neurons] = upper
    known.known[rows, neurons] = True


def _measure_all(floats: Sequence[FloatLayer], found: Patterns, known: dict[int, _Distances]) -> None:
    """Take in the distances of all neurons, from their gradients forward."""
    count, inputs = found.points.middle.shape
    middle = np.tile(np.eye(inputs), (count, 1))
    current = Enclosure(middle, np.zeros(middle.shape))
    for depth, layer in enumerate(floats):
        current = product(current, layer.weights.T, layer.sizes.T, layer.least)
        if depth not in known:
            continue
        shape = (count, inputs, len(layer.bias))
        each, error = current.middle.reshape(shape), current.error.reshape(shape)
        norms = total(Enclosure(np.abs(each).swapaxes(1, 2), error.swapaxes(1, 2)))
        value = found.values[depth]
        lower, upper = _distance(np.abs(value.middle), value.error, norms)
        known[depth] = _Distances(lower, upper, np.ones(lower.shape, dtype=np.bool_))
        mask = found.masks[depth]
        if mask is not None:
            on = np.repeat(mask, inputs, axis=0)
            current = Enclosure(current.middle * on, current.error * on)


def _distance(z: Array, error: Array, norms: Enclosure) -> tuple[Array, Array]:
    """Return bounds of z / norm, z known up to `error`; nothing is far where the norm is exactly 0."""
    smallest, largest = np.maximum(norms.lower, 0), norms.upper
    lower = _ratio(np.maximum(z - error * INFLATED, 0) * (1 - UNIT), largest, down=True)
    upper = np.where(smallest > 0, _ratio((z + error) * INFLATED, smallest, down=False), np.inf)
    nothing = (norms.middle == 0) & (norms.error == 0)
    upper = np.where(np.isnan(upper), np.inf, upper)
    return np.where(nothing, np.inf, lower), np.where(nothing, np.inf, upper)


def _norms(floats: Sequence[FloatLayer], found: Patterns, rows: Array, start: Enclosure) -> Enclosure:
    gradients = back(floats, found.masks, rows, start)
    return total(Enclosure(np.abs(gradients.middle), gradients.error))


def back(
    floats: Sequence[FloatLayer], masks: Sequence[Array | None], rows: Array, start: Enclosure
) -> Enclosure:
    """Return the gradients of forms of the last of these layers' outputs, on the patterns of rows.

    Raises:
        never.
    """
    current = start
    for depth in range(len(floats) - 1, -1, -1):
        layer, mask = floats[depth], masks[depth]
        if mask is not None:
            on = mask[rows]
            current = Enclosure(current.middle * on, current.error * on)
        current = product(current, layer.weights, layer.sizes, layer.least)
    return current


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
    norms = _norms(floats, found, rows, Enclosure(forms, np.zeros(forms.shape)))
    outputs = _outputs(found)
    sums = total(Enclosure(outputs.middle[rows] * forms, outputs.error[rows] * np.abs(forms)))
    z = plus(sums, nearest([statement.constant for statement in every]))
    lower, upper = _distance(np.maximum(z.middle, 0), z.error, norms)
    best = np.full(len(asked), np.inf)
    np.minimum.at(best, rows, upper)
    near = ~(lower > best[rows]) & ~((norms.middle == 0) & (norms.error == 0))
    return Near(None, rows[near], items[near])


def _outputs(found: Patterns) -> Enclosure:
    last, mask = found.values[-1], found.masks[-1]
    if mask is None:
        return last
    return Enclosure(last.middle * mask, last.error * mask)
