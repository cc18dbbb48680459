"""Rows that read many columns of one partition: one exact matrix product instead of sums one by one.

UNTRUSTED. Products go through float64 BLAS where every partial sum is an integer below 2**53, so
that no order of summation and no fused operation can round; through int64 below 2**62.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from memcert.exact.columns import LIMIT, Column, column, dyadic
from memcert.exact.partitions import Partition
from memcert.exact.sums import aligned, bounds
from memcert.kernel.network import Layer
from memcert.kernel.verdict import LimitReached

Array = np.ndarray[Any, Any]

EXACT = 1 << 53
"""Integers up to this are float64 values, and so are their sums."""
CHUNK = 4096
"""Classes that are multiplied at once; bounds memory."""
LEAST_ROWS = 4
"""Neurons a layer from which a product is worth its preparation."""
MANY = 16
"""Terms a row from which a product is worth its preparation."""


class Row(NamedTuple):
    """A neuron whose sum stays in machine integers: factors by source, and the scale of the sum."""

    neuron: int
    factors: dict[int, int]
    bias: int
    power: int
    divisor: int
    bound: int


def dense_columns(layer: Layer, before: Sequence[Column]) -> dict[int, Column]:
    """Return the columns of those neurons that a matrix product can give exactly.

    Neurons of few terms, of terms on several partitions, or whose bound is 2**62 or more are left
    to the caller. Cost: one product of (classes, sources) and (sources, neurons). Raises: never.
    """
    if len(layer.data) < MANY * layer.shape[0] or layer.shape[0] < LEAST_ROWS:
        return {}
    shared = _partition(before)
    if shared is None:
        return {}
    places = {id(part): place for place, part in enumerate(before)}
    rows = [row for neuron in range(layer.shape[0]) if (row := _row(layer, neuron, before, places))]
    found: dict[int, Column] = {}
    for small in (True, False):
        chosen = [row for row in rows if (row.bound < EXACT) == small]
        if chosen:
            products = _products(chosen, before, np.dtype(np.float64 if small else np.int64))
            for row, values in zip(chosen, products, strict=True):
                found[row.neuron] = _finished(row, values, shared, layer.relu)
    return found


def _partition(before: Sequence[Column]) -> Partition | None:
    # The one partition of all columns that are no constants, if they are machine integers.
    partitions = {id(part.partition): part for part in before if part.partition.count > 1}
    if len(partitions) != 1:
        return None
    (part,) = partitions.values()
    return part.partition


def _row(layer: Layer, neuron: int, before: Sequence[Column], places: dict[int, int]) -> Row | None:
    terms = [(dyadic(weight), before[j]) for j, weight in layer.row(neuron)]
    try:
        live, bias, power, divisor = aligned(terms, dyadic(layer.bias[neuron]))
    except LimitReached:
        return None  # raised again, with its place, where the caller sums the row
    if len(live) < MANY or any(type(part.values) is not np.ndarray for _, part in live):
        return None
    bound = bounds(live, bias)[2]
    if bound >= LIMIT:
        return None
    factors: dict[int, int] = {}
    for factor, part in live:
        # Two sources may be one column: carried values are.
        place = places[id(part)]
        factors[place] = factors.get(place, 0) + factor
    return Row(neuron, factors, bias, power, divisor, bound)


def _products(rows: Sequence[Row], before: Sequence[Column], kind: np.dtype[Any]) -> Array:
    # One row of int64 sums, without bias, for each row; int64 and float64 hold all of them.
    sources = sorted({place for row in rows for place in row.factors})
    weights = np.array([[row.factors.get(place, 0) for place in sources] for row in rows], dtype=kind)
    count = len(before[sources[0]].values)
    result = np.empty((len(rows), count), dtype=np.int64)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        values = np.array([before[place].values[part] for place in sources], dtype=kind)
        result[:, part] = weights @ values
    return result


def _finished(row: Row, values: Array, partition: Partition, relu: bool) -> Column:
    total = values + row.bias
    if relu:
        np.maximum(total, 0, out=total)
    low, high = int(total.min()), int(total.max())
    return column(partition, total, row.power, row.divisor, low, high)
