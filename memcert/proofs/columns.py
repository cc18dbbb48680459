"""Columns: what is known of one number of the network, as one affine form a class of samples.

In class c the form is (base[c] + sum_d factors[d, c] * D_d(x)) / denominator for every input x of
the sample's region, D_d being directions of the input. A bound that is not known is absent.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import reduce
from math import gcd

import numpy as np

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number
from memcert.proofs.directions import Directions, Points
from memcert.proofs.integers import Array, Integers, combined, common, constant, integers, stacked
from memcert.proofs.partitions import Partition, Partitions, fresh

MANY = 64
"""So many columns are added at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One affine form a class; `absent` marks the classes where there is none (None: nowhere)."""

    partition: Partition
    denominator: int
    base: Integers
    directions: tuple[int, ...]
    factors: Integers | None
    absent: Array | None = None
    uid: int = field(default_factory=fresh)


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """Lower and upper bound of a number over the region; one object where it is known exactly."""

    lower: Column
    upper: Column
    uid: int = field(default_factory=fresh)

    @property
    def exact(self) -> bool:
        """Whether the number is that form. Raises: never."""
        return self.lower is self.upper


class Space:
    """The samples with their regions: what every column of one chain refers to.

    Args:
        points: the samples.
        radius: of the closed sup-norm box about each sample; None: all of Q^d.
    """

    def __init__(self, points: Points, radius: Number | None) -> None:
        """Start with the trivial partition and no directions."""
        self.points = points
        self.partitions = Partitions(points.size)
        self.directions = Directions(points)
        self.radius = radius
        # The same radius in the units of the numerators, as `directions` explains.
        self.reach: Number | None = None if radius is None else exact(radius * points.denominator)

    def at_points(self) -> "Space":
        """Return the same samples, partitions and directions with regions that are points."""
        made = copy(self)
        made.radius, made.reach = 0, 0
        return made

    def number(self, value: Number) -> Column:
        """Return the column of a constant. Raises: never."""
        base = constant(value.numerator, (1,))
        return Column(self.partitions.trivial, value.denominator, base, (), None)

    def absence(self) -> Column:
        """Return the column of a bound that no sample has. Raises: never."""
        nowhere = np.ones(1, dtype=np.bool_)
        return Column(self.partitions.trivial, 1, constant(0, (1,)), (), None, nowhere)

    def input_value(self, coefficients: Mapping[int, Number], term: Number) -> Value:
        """Return the value of a form of the input, as a region has it. Raises: IndexError."""
        column = self.of_input(coefficients, term)
        return Value(column, column)

    def of_input(self, coefficients: Mapping[int, Number], term: Number) -> Column:
        """Return the form sum_k coefficients[k] * x_k + term. Raises: IndexError, LimitReached."""
        scale = self.points.denominator * common(c.denominator for c in coefficients.values())
        vector = {
            k: c.numerator * (scale // self.points.denominator // c.denominator)
            for k, c in coefficients.items()
            if c != 0
        }
        if not vector:
            return self.number(term)
        direction, factor = self.directions.find(vector)
        denominator = common((scale, term.denominator))
        factor *= denominator // scale
        shift = term.numerator * (denominator // term.denominator)
        shared = gcd(denominator, factor, shift)
        return Column(
            self.partitions.trivial,
            denominator // shared,
            constant(shift // shared, (1,)),
            (direction,),
            constant(factor // shared, (1, 1)),
        )

    def joined(self, partitions: Sequence[Partition]) -> tuple[Partition, list[Array | None]]:
        """Return the common refinement and, for each partition, its class by refined class."""
        if len(partitions) == 1:
            return partitions[0], [None]
        if len(partitions) == 2:
            join = self.partitions.join(*partitions)
            return join.partition, [join.left, join.right]
        joint = partitions[0]
        for partition in partitions[1:]:
            joint = self.partitions.join(joint, partition).partition
        first = self.partitions.representatives(joint)
        return joint, [None if p is joint else p.classes[first] for p in partitions]

    def combined(self, parts: Sequence[tuple[Number, Column]], term: Number) -> Column:
        """Return the column of sum coefficient * column + term.

        Absent wherever a part is. Cost: linear in the classes of the joint partition, times the
        directions; linear in the samples where that partition is new.

        Raises:
            LimitReached: a number, or the common denominator, grows beyond MAX_VALUE_BITS.
        """
        parts = [(c, column) for c, column in parts if c != 0]
        if not parts:
            return self.number(term)
        if len(parts) > MANY:
            # Sums of few columns have few classes; all columns at once would each be spread over all.
            chunks = [parts[k : k + MANY] for k in range(0, len(parts), MANY)]
            return self.combined([(1, self.combined(chunk, 0)) for chunk in chunks], term)
        scale = common((term.denominator, *(c.denominator * column.denominator for c, column in parts)))
        weights = [c.numerator * (scale // (c.denominator * column.denominator)) for c, column in parts]
        shift = term.numerator * (scale // term.denominator)
        # Dividing by what all share keeps the denominator of 2p at half of p's, not p's.
        shared = gcd(scale, shift, *weights)
        if shared > 1:
            scale, shift, weights = scale // shared, shift // shared, [w // shared for w in weights]
        if len(parts) == 1 and weights[0] == 1 and shift == 0 and scale == parts[0][1].denominator:
            return parts[0][1]
        columns = [column for _, column in parts]
        joint, maps = self.joined([column.partition for column in columns])
        bases = [(w, column.base.taken(m)) for w, column, m in zip(weights, columns, maps, strict=True)]
        directions, factors = self._directions(weights, columns, maps)
        made = Column(joint, scale, combined(bases, shift), directions, factors, _absent(columns, maps))
        return self._straightened(made)

    def _directions(
        self, weights: Sequence[int], columns: Sequence[Column], maps: Sequence[Array | None]
    ) -> tuple[tuple[int, ...], Integers | None]:
        groups: dict[tuple[int, ...], list[tuple[int, Integers]]] = {}
        for weight, column, m in zip(weights, columns, maps, strict=True):
            if column.factors is not None:
                groups.setdefault(column.directions, []).append((weight, column.factors.taken(m)))
        sums = [(directions, combined(parts, 0)) for directions, parts in groups.items()]
        if len(sums) > 1:
            # Row by row: a layer of many neurons has many directions, each in few of its columns.
            rows: dict[int, list[tuple[int, Integers]]] = {}
            for directions, total in sums:
                for k, number in enumerate(directions):
                    rows.setdefault(number, []).append((1, total.row(k)))
            union = tuple(sorted(rows))
            sums = [(union, stacked([combined(rows[number], 0) for number in union]))]
        return nonzero(*sums[0], sum(map(len, groups.values())) > 1) if sums else ((), None)

    def _straightened(self, column: Column) -> Column:
        """Return the same with one direction, where one form for all samples has several."""
        if column.partition.count > 1 or len(column.directions) < 2 or column.factors is None:
            return column
        vector: dict[int, int] = {}
        for number, (factor,) in zip(column.directions, column.factors.wide(), strict=True):
            for k, entry in self.directions[number].vector.items():
                vector[k] = vector.get(k, 0) + factor * entry
        vector = {k: entry for k, entry in vector.items() if entry}
        if not vector:
            return Column(column.partition, column.denominator, column.base, (), None, column.absent)
        direction, factor = self.directions.find(vector)
        factors = constant(factor, (1, 1))
        return Column(column.partition, column.denominator, column.base, (direction,), factors, column.absent)


def spread(factors: Integers, old: tuple[int, ...], union: tuple[int, ...]) -> Integers:
    """Return factors of the directions `old` as those of `union`, which holds them all."""
    if old == union:
        return factors
    values = np.zeros((len(union), factors.values.shape[1]), dtype=factors.values.dtype)
    values[[union.index(d) for d in old]] = factors.values
    return factors.of(values)


def nonzero(
    directions: tuple[int, ...], factors: Integers, cancelled: bool = True
) -> tuple[tuple[int, ...], Integers | None]:
    """Return the directions that some class has, with their factors. Raises: never."""
    if not cancelled:
        return directions, factors
    kept = (factors.values != 0).any(axis=1)
    if kept.all():
        return directions, factors
    if not kept.any():
        return (), None
    left = tuple(d for d, keep in zip(directions, kept, strict=True) if keep)
    return left, factors.of(factors.values[kept])


def _absent(columns: Sequence[Column], maps: Sequence[Array | None]) -> Array | None:
    masks = [
        column.absent if m is None else column.absent[m]
        for column, m in zip(columns, maps, strict=True)
        if column.absent is not None
    ]
    return reduce(np.logical_or, masks) if masks else None


def scaled(column: Column, denominator: int) -> tuple[Integers, Integers | None]:
    """Return base and factors over a multiple of the column's denominator. Raises: never."""
    lift = denominator // column.denominator
    if lift == 1:
        return column.base, column.factors
    factors = None if column.factors is None else combined([(lift, column.factors)], 0)
    return combined([(lift, column.base)], 0), factors


def numbers(numerators: Array, denominator: int, partition: Partition) -> Column:
    """Return the column of constants by class. Raises: never."""
    return Column(partition, denominator, integers(numerators), (), None)
