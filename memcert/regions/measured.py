"""Distances of neurons, bounded from the layer before, and measured by their own gradients.

UNTRUSTED. Floats with proved errors. A neuron's distance is |z| / |a|_1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.regions.enclosures import INFLATED, SUBNORMAL, UNIT, Enclosure, product, total
from memcert.regions.matrices import FloatLayer, Neighbours
from memcert.regions.patterns import Patterns

Array = np.ndarray[Any, Any]
AT_ONCE = 8
"""Neurons of a row whose gradients are computed in one round."""
TOGETHER = 256
"""Neurons of a block whose gradients are computed at once."""


@dataclass(slots=True, eq=False)
class Distances:
    """What is known of the distances of one layer's neurons, of shape (rows, neurons)."""

    lower: Array
    upper: Array
    known: Array


def bounded(floats: Sequence[FloatLayer], found: Patterns, depths: Sequence[int]) -> dict[int, Distances]:
    """Return lower bounds of distances from upper bounds of norms.

    Args:
        floats: the layers.
        found: the patterns.
        depths: the layers with ReLU.

    Cost: two float products a layer. Raises: never.
    """
    known: dict[int, Distances] = {}
    norms = np.ones(found.points.middle.shape)
    for depth, layer in enumerate(floats):
        bound = product(Enclosure(norms, np.zeros(norms.shape)), layer.forth.absolute)
        norms = (bound.middle + bound.error) * INFLATED
        if depth in depths:
            value = found.values[depth]
            known[depth] = _bounded_by(value, norms)
            if depth == 0:
                # There is one path from an input to a neuron: the bound is the norm.
                known[depth] = Distances(
                    *distance(np.abs(value.middle), value.error, bound), np.ones(norms.shape, dtype=np.bool_)
                )
            mask = found.masks[depth]
            norms = norms if mask is None else norms * mask
    return known


def _bounded_by(value: Enclosure, norms: Array) -> Distances:
    lower = _ratio(np.maximum(np.abs(value.middle) - value.error, 0), norms, down=True)
    never = np.full(lower.shape, np.inf)
    # Without any path from the inputs the neuron is constant, and no wall.
    return Distances(np.where(norms == 0, np.inf, lower), never, norms == 0)


def _ratio(above: Array, below: Array, *, down: bool) -> Array:
    found = above / below
    return found * (1 - 4 * UNIT) if down else found * (1 + 4 * UNIT) + SUBNORMAL


def measure_rounds(floats: Sequence[FloatLayer], found: Patterns, known: dict[int, Distances]) -> None:
    """Take in distances of a few neurons of every row at a time, until no other can be the nearest.

    Raises:
        never.
    """
    depths = list(known)
    owner = np.concatenate([np.full(known[d].lower.shape[1], d) for d in depths])
    first = {d: int(np.flatnonzero(owner == d)[0]) for d in depths}
    while True:
        lower = np.concatenate([known[d].lower for d in depths], axis=1)
        best = np.concatenate([known[d].upper for d in depths], axis=1).min(axis=1, keepdims=True)
        open_ = ~np.concatenate([known[d].known for d in depths], axis=1) & ~(lower > best)
        if not open_.any():
            return
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
                some = floats[d].beside(items[here] - first[d])
                _measure(floats[: d + 1], found, rows[here], some, known[d])


def measure_blocks(
    floats: Sequence[FloatLayer], found: Patterns, known: dict[int, Distances], row: int
) -> None:
    """Take in distances of one row's neurons, block by block, until no other can be the nearest.

    In a layer of blocks all of a block that may be the nearest are taken together: they read the same inputs.

    Raises:
        never.
    """
    while True:
        best = min(float(known[d].upper[row].min(initial=np.inf)) for d in known)
        nearest_block, least = None, np.inf
        for d in known:
            lower, owners = known[d].lower[row], floats[d].owners
            open_ = np.flatnonzero(~known[d].known[row] & ~(lower > best))
            if len(open_):
                order = np.nan_to_num(lower[open_], nan=0.0)
                k = int(np.argmin(order))
                if nearest_block is None or order[k] < least:
                    beside = open_[owners[open_] == owners[open_[k]]][:TOGETHER]
                    nearest_block, least = (d, beside), float(order[k])
        if nearest_block is None:
            return
        d, neurons = nearest_block
        _measure(floats[: d + 1], found, np.full(len(neurons), row), floats[d].beside(neurons), known[d])


def _measure(
    floats: Sequence[FloatLayer], found: Patterns, rows: Array, some: Neighbours, known: Distances
) -> None:
    """Take in the distances of some neurons of the last of these layers, one for each row."""
    depth = len(floats) - 1
    layer, neurons, middle = floats[depth], some.neurons, some.weights
    tiny = 0 if layer.least else SUBNORMAL
    start = Enclosure(middle, UNIT * np.abs(middle) + tiny)
    norms = norms_of(floats[:depth], found, rows, start, some.inputs)
    value = found.values[depth]
    z, error = np.abs(value.middle[rows, neurons]), value.error[rows, neurons]
    lower, upper = distance(z, error, norms)
    known.lower[rows, neurons] = lower
    known.upper[rows, neurons] = upper
    known.known[rows, neurons] = True


def measure_all(floats: Sequence[FloatLayer], found: Patterns, known: dict[int, Distances]) -> None:
    """Take in the distances of all neurons, from their gradients forward. Raises: never."""
    count, inputs = found.points.middle.shape
    middle = np.tile(np.eye(inputs), (count, 1))
    current = Enclosure(middle, np.zeros(middle.shape))
    for depth, layer in enumerate(floats):
        current = product(current, layer.forth)
        if depth not in known:
            continue
        shape = (count, inputs, len(layer.bias))
        each, error = current.middle.reshape(shape), current.error.reshape(shape)
        norms = total(Enclosure(np.abs(each).swapaxes(1, 2), error.swapaxes(1, 2)))
        value = found.values[depth]
        lower, upper = distance(np.abs(value.middle), value.error, norms)
        known[depth] = Distances(lower, upper, np.ones(lower.shape, dtype=np.bool_))
        mask = found.masks[depth]
        if mask is not None:
            on = np.repeat(mask, inputs, axis=0)
            current = Enclosure(current.middle * on, current.error * on)


def distance(z: Array, error: Array, norms: Enclosure) -> tuple[Array, Array]:
    """Return bounds of z / norm, z known up to `error`; nothing is far where the norm is exactly 0.

    Raises:
        never.
    """
    smallest, largest = np.maximum(norms.lower, 0), norms.upper
    lower = _ratio(np.maximum(z - error * INFLATED, 0) * (1 - UNIT), largest, down=True)
    upper = np.where(smallest > 0, _ratio((z + error) * INFLATED, smallest, down=False), np.inf)
    nothing = (norms.middle == 0) & (norms.error == 0)
    upper = np.where(np.isnan(upper), np.inf, upper)
    return np.where(nothing, np.inf, lower), np.where(nothing, np.inf, upper)


def norms_of(
    floats: Sequence[FloatLayer],
    found: Patterns,
    rows: Array,
    start: Enclosure,
    neurons: Array | None = None,
) -> Enclosure:
    """Return the 1-norms of gradients, as `back` has them. Raises: never."""
    gradients = back(floats, found.masks, rows, start, neurons)
    return total(Enclosure(np.abs(gradients.middle), gradients.error))


def back(
    floats: Sequence[FloatLayer],
    masks: Sequence[Array | None],
    rows: Array,
    start: Enclosure,
    neurons: Array | None = None,
) -> Enclosure:
    """Return the gradients of forms of the last of these layers' outputs, on the patterns of rows.

    Args:
        floats: the layers.
        masks: the patterns.
        rows: one for each form, an index of the masks.
        start: the forms' coefficients.
        neurons: whose coefficients these are; None: of all outputs. Then the gradients, too, are
            without inputs that none of them depends on.

    Raises:
        never.
    """
    current, about = start, neurons
    for depth in range(len(floats) - 1, -1, -1):
        layer, mask = floats[depth], masks[depth]
        if mask is not None:
            on = mask[rows] if about is None else mask[np.ix_(rows, about)]
            current = Enclosure(current.middle * on, current.error * on)
        factor, about = layer.back_from(about)
        current = product(current, factor)
    return current
