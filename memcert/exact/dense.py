"""Rows that read many columns of one partition: one exact matrix product instead of sums one by one.

UNTRUSTED. The products are those of products.py: exact, or left to the caller.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from memcert.exact.columns import Column, column, dyadic
from memcert.exact.partitions import Partition
from memcert.exact.products import EXACT, digit_bits, long_sums, short_sums
from memcert.exact.sums import aligned, bounds
from memcert.kernel.network import Layer
from memcert.kernel.verdict import LimitReached

Array = np.ndarray[Any, Any]

LEAST_ROWS = 4
"""Neurons a layer from which a product is worth its preparation."""
MANY = 16
"""Terms a row from which a product is worth its preparation."""
FILLED = 8
"""A product multiplies every row by every source: at most so many numbers for each weight that is not 0."""


class Row(NamedTuple):
    """A neuron to be summed in machine integers: factors by source, and the scale of the sum.

    `digit`: the bits of the digits of its factors; 0 where none are needed.
    """

    neuron: int
    factors: dict[int, int]
    bias: int
    power: int
    divisor: int
    digit: int


def dense_columns(layer: Layer, before: Sequence[Column]) -> dict[int, Column]:
    """Return the columns of those neurons that a matrix product can give exactly.

    Neurons of few terms, of terms on several partitions, or of numbers that are too long are left to
    the caller, and so are rows that are 0 nearly everywhere.

    Cost: one product of (classes, sources) and (sources, neurons) for each pair of digits. Raises: never.
    """
    if len(layer.data) < MANY * layer.shape[0] or layer.shape[0] < LEAST_ROWS:
        return {}
    shared = _partition(before)
    if shared is None:
        return {}
    places = {id(part): place for place, part in enumerate(before)}
    rows = [row for neuron in range(layer.shape[0]) if (row := _row(layer, neuron, before, places))]
    found: dict[int, Column] = {}
    for digit in sorted({row.digit for row in rows}):
        chosen = [row for row in rows if row.digit == digit]
        if _filled(chosen):
            for row, total in zip(chosen, _sums(chosen, before, digit), strict=True):
                if total is not None:
                    found[row.neuron] = _finished(row, *total, shared, relu=layer.relu)
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
    factors: dict[int, int] = {}
    for factor, part in live:
        # Two sources may be one column: carried values are.
        place = places[id(part)]
        factors[place] = factors.get(place, 0) + factor
    digit: int | None = 0
    if bound >= EXACT:
        longest = max(max(-part.low, part.high) for _, part in live)
        digit = digit_bits(len(factors), max(map(abs, factors.values())), longest)
    return None if digit is None else Row(neuron, factors, bias, power, divisor, digit)


def _filled(rows: Sequence[Row]) -> bool:
    # Rows that share few sources, as those of N cells do, would be multiplied by zeros mostly.
    sources = {place for row in rows for place in row.factors}
    return bool(rows) and len(rows) * len(sources) <= FILLED * sum(len(row.factors) for row in rows)


def _sums(rows: Sequence[Row], before: Sequence[Column], digit: int) -> list[tuple[Array, int] | None]:
    """Return each row's sum with its bias, as int64 values by class times 2**power, where it fits."""
    sources = sorted({place for row in rows for place in row.factors})
    factors = [[row.factors.get(place, 0) for place in sources] for row in rows]
    values = [before[place].values for place in sources]
    biases = [row.bias for row in rows]
    if not digit:
        products = short_sums(factors, values)
        return [(total + bias, 0) for total, bias in zip(products, biases, strict=True)]
    longest = max(max(-before[place].low, before[place].high) for place in sources)
    return long_sums(factors, values, biases, longest, digit)


def _finished(row: Row, values: Array, more: int, partition: Partition, *, relu: bool) -> Column:
    if relu:
        np.maximum(values, 0, out=values)
    low, high = int(values.min()), int(values.max())
    return column(partition, values, row.power - more, row.divisor, low, high)
