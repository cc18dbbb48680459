"""The fast engine: a network's exact values at all samples, on columns of distinct values.

UNTRUSTED, and compared with the kernel in tests. A row is summed partition by partition; only
where neurons of different partitions meet are these joined, two at a time. A value that is carried
to the next layer is the same column, and costs nothing.
"""

from collections.abc import Iterator, Sequence
from math import gcd
from typing import Any

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.exact.columns import (
    FEW,
    LIMIT,
    ZERO,
    Column,
    Dyadic,
    column,
    constant,
    distinct,
    dyadic,
    measured,
    reduced,
    spread,
)
from memcert.exact.dense import dense_columns
from memcert.exact.partitions import Joins, Partition
from memcert.exact.sums import Term, aligned, bounds, weighted_sum
from memcert.kernel.certificate import Number
from memcert.kernel.network import MAX_VALUE_BITS, Layer, Network
from memcert.kernel.verdict import LimitReached

Array = np.ndarray[Any, Any]
MAX_COLUMN_BITS = 1 << 32
"""Most bits that a column may take: its classes times its longest value."""
LOOSE_BITS = 1 << 16
"""Bounds longer than this are measured anew, so that they stay as short as the values."""


class Engine:
    """Exact sums of columns over one set of samples; remembers the joins of their partitions.

    Not shared between threads.
    """

    def __init__(self) -> None:
        """Start without any join."""
        self._joins = Joins()
        self._rows: dict[object, Column] = {}
        self._parts: dict[object, tuple[Column, list[Term]]] = {}

    def apply(self, layer: Layer, before: Sequence[Column]) -> list[Column]:
        """Return the columns of a layer's neurons.

        Cost: a few operations on the distinct values of the columns that a row reads; none for a
        row that carries one nonnegative value on, or repeats a row.

        Raises:
            LimitReached: a value may exceed MAX_VALUE_BITS bits, denominator included.
        """
        self.forget()
        columns = []
        start = 0
        known = dense_columns(layer, before)
        for neuron, stop in enumerate(layer.indptr[1:]):
            part = slice(start, stop)
            start = stop
            if neuron in known:
                columns.append(known[neuron])
                continue
            sources = [before[j] for j in layer.indices[part]]
            columns.append(self._row(sources, layer.data[part], layer.bias[neuron], layer.relu, neuron))
        return columns

    def forget(self) -> None:
        """Drop what is remembered of one layer's rows: its keys hold only while its inputs live."""
        self._rows.clear()
        self._parts.clear()

    def _row(
        self, sources: list[Column], data: Sequence[Number], bias: Number, relu: bool, neuron: int
    ) -> Column:
        if len(sources) == 1 and bias == 0 and type(data[0]) is int and data[0] == 1:
            source = sources[0]
            if not relu or source.low >= 0:
                return source
        weights = tuple([dyadic(w) for w in data])
        offset = dyadic(bias)
        key = (tuple([id(source) for source in sources]), weights, offset)
        found = self._rows.get(key)
        if found is None:
            try:
                found = self.combine(list(zip(weights, sources, strict=True)), offset, relu=relu)
            except LimitReached as limit:
                limit.at = f"neuron {neuron}"
                raise
            self._rows[key] = found
        return found

    def combine(self, terms: Sequence[tuple[Dyadic, Column]], bias: Dyadic, *, relu: bool) -> Column:
        """Return the column of the sum of weight * column, plus a bias, then ReLU.

        Raises:
            LimitReached: as `apply`.
        """
        live, offset, power, divisor = aligned(terms, bias)
        if not live:
            return constant(max(offset, 0) if relu else offset, power, divisor)
        groups = _by_partition(live)
        if len(live) > 2:
            live = [term for terms in groups.values() for term in self._paired(terms)]
            groups = _by_partition(live)
        if len(groups) > 1:
            live = self._joined(groups)
        total = self._summed(live, offset, power, divisor, relu)
        return _within_limit(total)

    def _paired(self, terms: list[Term]) -> list[Term]:
        """Add first what has one long factor, of either sign: a ramp takes few values beside its slope."""
        if len(terms) < 3 or bounds(terms, 0)[2] < LIMIT:
            return terms
        alike: dict[int, list[Term]] = {}
        for term in terms:
            alike.setdefault(abs(term[0]), []).append(term)
        if len(alike) == 1 or len(alike) == len(terms):
            return terms
        found: list[Term] = []
        for factor, members in alike.items():
            inner = None
            if len(members) > 1 and all(type(part.values) is np.ndarray for _, part in members):
                inner = self._inner(members, factor)
            fewer = inner is not None and inner.partition is not members[0][1].partition
            found += [(factor, inner)] if inner is not None and fewer else members
        return found

    def _summed(self, terms: list[Term], bias: int, power: int, divisor: int, relu: bool) -> Column:
        # The terms stand on one partition.
        low, high, bound = bounds(terms, bias)
        partition = terms[0][1].partition
        machine = all(type(part.values) is np.ndarray for _, part in terms)
        if machine and bound >= LIMIT:
            terms = [(factor, measured(part)) for factor, part in terms]
            terms = [term for term in terms if term[1].low or term[1].high]
            low, high, bound = bounds(terms, bias)
            if bound >= LIMIT and terms:
                fewer = self._factored(terms)
                if fewer is not None:
                    return self._summed([fewer], bias, power, divisor, relu)
            if not terms:
                return constant(max(bias, 0) if relu else bias, power, divisor)
        if relu:
            if high <= 0:
                return ZERO
            low = max(low, 0)
        values = weighted_sum([(factor, part.values) for factor, part in terms], bias, relu, bound)
        total = column(partition, values, power, divisor, low, high)
        if machine and type(total.values) is list:
            total = distinct(total)
        return total if divisor == 1 else reduced(total)

    def _factored(self, terms: list[Term]) -> Term | None:
        # Long factors: divide by their common part, and multiply the few distinct sums by it.
        common = gcd(*(factor for factor, _ in terms))
        inner = self._inner(terms, common)
        return None if inner.partition is terms[0][1].partition else (common, inner)

    def _inner(self, terms: list[Term], common: int) -> Column:
        # The sum of (factor / common) * column, on its distinct values. Both streams of words read
        # the same indicators, so that the result is shared; `parts` stays with it, since an id is
        # unique only while its object lives.
        parts = [(factor // common, part) for factor, part in terms]
        key = tuple([(factor, id(part.values)) for factor, part in parts])
        known = self._parts.get(key)
        if known is not None:
            return known[0]
        if len(parts) == 1 and parts[0][0] == 1:
            inner = parts[0][1]
        else:
            low, high, bound = bounds(parts, 0)
            values = weighted_sum([(factor, part.values) for factor, part in parts], 0, False, bound)
            inner = column(parts[0][1].partition, values, 0, 1, low, high)
        if type(inner.values) is np.ndarray:
            inner = distinct(inner)
        self._parts[key] = inner, parts
        return inner

    def _joined(self, groups: dict[int, list[Term]]) -> list[Term]:
        """Bring terms on several partitions to one: their joint one.

        Each group becomes a single column first, on its distinct values if it takes few; then
        groups are joined pair by pair, the coarsest first.
        """
        merged: dict[int, list[Term]] = {}
        for terms in groups.values():
            common = gcd(*(factor for factor, _ in terms))
            term = (common, self._inner(terms, common))
            merged.setdefault(id(term[1].partition), []).append(term)
        listed = sorted(merged.values(), key=lambda terms: terms[0][1].partition.count)
        total = listed[0]
        for terms in listed[1:]:
            total = self._pair(total, terms)
        return total

    def _pair(self, first: list[Term], second: list[Term]) -> list[Term]:
        joint = self._joins.join(first[0][1].partition, second[0][1].partition)
        partition = joint.partition
        return [
            (factor, column(partition, spread(part, classes), part.power, part.divisor, part.low, part.high))
            for terms, classes in ((first, joint.first), (second, joint.second))
            for factor, part in terms
        ]


def _by_partition(terms: Sequence[Term]) -> dict[int, list[Term]]:
    groups: dict[int, list[Term]] = {}
    for term in terms:
        groups.setdefault(id(term[1].partition), []).append(term)
    return groups


def _within_limit(total: Column) -> Column:
    if _bits(total) > LOOSE_BITS or _bits(total) * total.partition.count > MAX_COLUMN_BITS:
        total = measured(total)
        longest = _bits(total)
        if longest > MAX_VALUE_BITS or longest * total.partition.count > MAX_COLUMN_BITS:
            raise LimitReached("value_bits", "sum", f"at most {MAX_VALUE_BITS}", longest)
    return total


def _bits(part: Column) -> int:
    return max(part.low.bit_length(), part.high.bit_length()) + part.divisor.bit_length() + abs(part.power)


def inputs(dataset: Dataset, select: Sequence[int] | None = None) -> list[Column]:
    """Return the columns of the coordinates, at all rows or those selected. Raises: never."""
    rows = dataset.numerators if select is None else dataset.numerators[np.asarray(select, dtype=np.int64)]
    scale = dyadic(dataset.denominator)
    partition = Partition(len(rows), None)
    columns = []
    for values in np.ascontiguousarray(rows.T):
        numbers = values.tolist() if values.dtype == object or len(values) <= FEW else values
        low, high = int(values.min()), int(values.max())
        columns.append(column(partition, numbers, scale.power, scale.odd, low, high))
    return columns


def stages(
    network: Network, columns: Sequence[Column], engine: Engine | None = None
) -> Iterator[list[Column]]:
    """Yield the columns after 0, 1, ..., L layers, keeping none of them.

    Args:
        network: read layer by layer.
        columns: of the network's inputs.
        engine: where joins are remembered; None: a new one.

    Raises:
        LimitReached: a value may exceed MAX_VALUE_BITS bits.
    """
    engine = engine or Engine()
    current = list(columns)
    yield current
    for layer in network.layers:
        current = engine.apply(layer, current)
        yield current


def outputs(network: Network, dataset: Dataset, select: Sequence[int] | None = None) -> list[Column]:
    """Return the columns of the network's outputs. Raises: LimitReached, as `stages`."""
    current: list[Column] = []
    for current in stages(network, inputs(dataset, select)):  # noqa: B007 - the last one is wanted
        pass
    return current


def evaluate(network: Network, dataset: Dataset) -> list[tuple[Number, ...]]:
    """Return F(x_i) for every row, exactly. Raises: LimitReached, as `stages`."""
    columns = [numbers(part, dataset.size) for part in outputs(network, dataset)]
    return list(zip(*columns, strict=True))


def numbers(part: Column, size: int) -> list[Number]:
    """Return a column's exact value at each of `size` samples. Raises: never."""
    values = [part.scaled(int(value)) for value in part.values]
    if part.partition.count == 1:
        return values * size
    index = part.partition.index
    return values if index is None else [values[c] for c in index.tolist()]


def trace(network: Network, point: Sequence[Number]) -> list[tuple[Number, ...]]:
    """Return the exact values at one point after 0, 1, ..., L layers. Raises: LimitReached."""
    current = []
    for x in point:
        odd, power, divisor = dyadic(x)
        current.append(constant(odd, -power, divisor))
    return [tuple(part.at(0) for part in columns) for columns in stages(network, current)]
