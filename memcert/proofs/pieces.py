"""The chain on pieces of a line: every input whose projection lies in an interval, all at once.

Where the first layer is one ReLU neuron, the network is a function of max(u, 0), u being that
neuron's row; a closed interval of u is then a region like a sample's box, and the same chain runs on
many of them. A piece that meets no case of some block is lost: nothing is said of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

import numpy as np

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import Unsupported
from memcert.proofs.chain import Chain
from memcert.proofs.columns import Column, Space, Value
from memcert.proofs.directions import Points
from memcert.proofs.forms import Forms, of_inputs
from memcert.proofs.instances import Bounds, InstanceCase, Statement, instance
from memcert.proofs.integers import Array, Integers, common, integers
from memcert.proofs.links import Linked
from memcert.proofs.partitions import Partition

Piece = tuple[Fraction, Fraction | None]
"""A closed interval of u; None: without upper end."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """u = weights . x + bias, the row of the only neuron of a first layer with ReLU."""

    weights: Mapping[int, Number]
    bias: Number


class PieceSpace(Space):
    """Pieces in place of samples; piece k is written mid + half e, e being a number in [-1, 1].

    Args:
        projection: of the network.
        pieces: at least one.
        as_bounds: numbers are known by their ends alone, which is quick and suffices where an
            interval is what every case asks for; else as forms of e, which tell where a
            statement changes. Pieces without upper end need bounds.
    """

    def __init__(self, projection: Projection, pieces: Sequence[Piece], *, as_bounds: bool) -> None:
        """Start with the space of e, once a piece."""
        zeros = integers(np.zeros(len(pieces), dtype=np.int64))
        super().__init__(Points((zeros,), 1, len(pieces)), 1)
        self.projection, self.pieces, self.as_bounds = projection, tuple(pieces), as_bounds
        self._each = Partition(np.arange(len(pieces), dtype=np.int32), len(pieces))
        self._axis, _ = self.directions.find({0: 1})

    def input_value(self, coefficients: Mapping[int, Number], term: Number) -> Value:
        """Return the value of a form of the input, which must be one of u.

        Raises:
            Unsupported: it is none.
        """
        factor = self._factor(coefficients)
        shift = term - factor * self.projection.bias
        if not self.as_bounds:
            mids = [factor * (low + (low if high is None else high)) / 2 + shift for low, high in self.pieces]
            halves = [factor * ((low if high is None else high) - low) / 2 for low, high in self.pieces]
            column = self._column(mids, halves)
            return Value(column, column)
        lows = [factor * low + shift for low, _ in self.pieces]
        highs = [None if high is None else factor * high + shift for _, high in self.pieces]
        ends = self._bound(lows), self._bound(highs)
        return Value(*(ends if factor > 0 else ends[::-1]))

    def _factor(self, coefficients: Mapping[int, Number]) -> Fraction:
        wanted = self.projection.weights
        key = next(iter(wanted))
        factor = Fraction(coefficients.get(key, 0)) / wanted[key]
        if factor == 0 or {k: c for k, c in coefficients.items() if c} != {
            k: exact(factor * w) for k, w in wanted.items()
        }:
            raise Unsupported("promise", "network.layers[0]", "rows along one direction", "another form")
        return factor

    def _column(self, mids: Sequence[Fraction], halves: Sequence[Fraction]) -> Column:
        scale = common(value.denominator for value in (*mids, *halves))
        base, factors = _scaled(mids, scale), _scaled(halves, scale)
        rows = factors.of(factors.values.reshape(1, -1))
        return Column(self._each, scale, base, (self._axis,), rows)

    def _bound(self, values: Sequence[Fraction | None]) -> Column:
        known = [Fraction(0) if value is None else value for value in values]
        scale = common(value.denominator for value in known)
        gone = np.array([value is None for value in values])
        return Column(self._each, scale, _scaled(known, scale), (), None, gone if gone.any() else None)


def _scaled(values: Sequence[Fraction], scale: int) -> Integers:
    return integers(np.array([v.numerator * (scale // v.denominator) for v in values], dtype=object))


class PieceChain(Chain):
    """A run that goes on where a piece has no case: such pieces are `lost`; `cuts` says where to cut."""

    def __init__(self, space: PieceSpace) -> None:
        """Start with nothing lost."""
        super().__init__(space)
        self.lost = self.masks.empty
        self._pieces = space.pieces
        self._look = not space.as_bounds
        self.cuts: list[set[Fraction]] = [set() for _ in space.pieces]

    def _met(self, block: Linked, inputs: Sequence[Value]) -> tuple[Value, ...]:
        cases = instance(block.placed.pattern, block.parameters)
        chosen, left = self._choose(cases, inputs)
        if self._look:
            for statement in {s for case in cases if case.possible for s in case.statements}:
                self.look(statement, inputs)
        if left is not self.masks.empty:
            self.lost = self.masks.either(self.lost, left)
            # What all cases agree on is gone on with, to find more places to cut. It proves nothing.
            cases = (*cases, _agreed([case for case in cases if case.possible] or cases))
            chosen.append((len(cases) - 1, left))
        return self._behind(cases, chosen, inputs)

    def look(self, statement: Statement, inputs: Sequence[Value]) -> None:
        """Note where inside of each piece a statement changes. Raises: never."""
        value = self.forms.sum(of_inputs(statement.form, inputs), 0)
        column = value.lower if statement.sense > 0 else value.upper
        if column.factors is None:
            return
        number, scale = statement.number, column.denominator
        away = number.numerator * scale - number.denominator * column.base.wide()
        steps = number.denominator * column.factors.wide()[0]
        inside = np.asarray(abs(away) < abs(steps), dtype=np.bool_)
        if column.absent is not None:
            inside &= ~column.absent
        if not inside.any():
            return
        for k in np.flatnonzero(inside[column.partition.classes]).tolist():
            c = int(column.partition.classes[k])
            low, high = self._pieces[k]
            if high is not None:
                self.cuts[k].add((low + high + Fraction(int(away[c]), int(steps[c])) * (high - low)) / 2)

    def lost_pieces(self, output: Value, sense: int) -> Array:
        """Return which pieces are lost, or do not show the sign `sense` of an output inside.

        An affine bound that is nowhere below 0 on a piece, and above 0 in its middle, is above 0
        everywhere but perhaps at an end.
        """
        statement = Statement(((0, 1),), sense, 0, strict=False)
        if self._look:
            self.look(statement, [output])
        inside = Forms(self.space.at_points(), self.masks).guard(replace(statement, strict=True), [output])
        shown = self.masks.both(self.forms.guard(statement, [output]).mask, inside.mask)
        return ~np.broadcast_to(self.masks.lifted(self.masks.without(shown, self.lost)), len(self._pieces))


def _agreed(cases: Sequence[InstanceCase]) -> InstanceCase:
    """Return, for every output, what all cases promise of it, or nothing."""
    outputs = zip(*(case.bounds for case in cases), strict=True)
    return InstanceCase(True, (), tuple(reduce(_common, bounds) for bounds in outputs))


def _common(left: Bounds, right: Bounds) -> Bounds:
    return left if left == right else Bounds(None, None)
