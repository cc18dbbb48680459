"""Decide statements `column >= number` on the whole region of every sample at once.

An affine form b + sum l_d D_d has on the box of radius r about a sample the least value
b + sum l_d D_d(x_i) - r |sum l_d v_d|_1, taken at a corner: so each statement is one comparison
of integers, by class where the form has no direction, against a threshold where it has one.
"""

from dataclasses import dataclass, field

import numpy as np

from memcert.kernel.certificate import Number
from memcert.proofs.columns import Column, Space
from memcert.proofs.directions import inside
from memcert.proofs.instances import Statement
from memcert.proofs.integers import Array, Integers, combined, integers, product
from memcert.proofs.masks import Mask, Masks
from memcert.proofs.norms import Norms
from memcert.proofs.partitions import Partition, fresh


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """At radius r: sign[c] * D(x_i) - r * |v|_1 >= numerator[c] / denominator[c]; sign 0: whatever r."""

    direction: int
    partition: Partition
    sign: Array
    numerator: Array
    denominator: Array


@dataclass(frozen=True, slots=True, eq=False)
class Slack:
    """At radius r: slack[i] - r * norm[c] >= 0, or > 0 if strict."""

    partition: Partition
    slack: Integers
    norms: Norms
    strict: bool


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """Where a statement holds, and how that depends on the radius (None: it does not)."""

    mask: Mask
    limit: Edge | Slack | None
    uid: int = field(default_factory=fresh)


@dataclass(frozen=True, slots=True, eq=False)
class _Margin:
    """The statement as margin + sum factors * D >= 0 on the region (> 0 if strict), by class."""

    column: Column
    margin: Integers
    factors: Integers
    strict: bool


def decide(space: Space, masks: Masks, column: Column, asked: Statement) -> Guard:
    """Decide a statement about a column, which bounds the form of the statement on the right side.

    Cost: linear in the classes; linear in the samples where the form has a direction. Raises: never.
    """
    if column.factors is None:
        return Guard(_by_class(masks, column, asked), None)
    number, lift = asked.number, asked.sense * asked.number.denominator
    margin = combined([(lift, column.base)], -asked.sense * number.numerator * column.denominator)
    statement = _Margin(column, margin, combined([(lift, column.factors)], 0), asked.strict)
    if len(column.directions) == 1 and not asked.strict:
        return _by_threshold(space, masks, statement)
    return _by_sample(space, masks, statement)


def _by_class(masks: Masks, column: Column, asked: Statement) -> Mask:
    sense, number = asked.sense, asked.number
    scaled = sense * number.numerator * column.denominator
    least = scaled // number.denominator + 1 if asked.strict else -(-scaled // number.denominator)
    values = column.base.values
    limit = inside(sense * least) if column.base.narrow else sense * least
    bits = np.asarray(values >= limit if sense > 0 else values <= limit, dtype=np.bool_)
    return masks.of(column.partition, bits if column.absent is None else bits & ~column.absent)


def _by_threshold(space: Space, masks: Masks, statement: _Margin) -> Guard:
    if statement.column.partition.count == 1 and statement.column.absent is None:
        return _by_one_threshold(space, masks, statement)
    column, margin = statement.column, statement.margin.wide()
    factors = statement.factors.wide()[0]
    sign = (factors > 0).astype(np.int8) - (factors < 0).astype(np.int8)
    still = (sign == 0) & (margin >= 0).astype(np.bool_)
    if column.absent is not None:
        sign, still = np.where(column.absent, 0, sign), still & ~column.absent
    size = np.where(sign == 0, 1, np.abs(factors))
    edge = Edge(column.directions[0], column.partition, sign, -margin, size)
    if space.reach is None:
        return Guard(masks.of(column.partition, still), None)
    direction = space.directions[column.directions[0]]
    reach = space.reach
    room = reach.numerator * direction.norm * size - reach.denominator * margin
    least = -(-room // (reach.denominator * size))
    below, above = direction.low - 1, direction.high + 1
    # As objects: numpy would refuse, or round, bounds beyond 64 bits.
    bottom, top = np.array(below, dtype=object), np.array(above, dtype=object)
    lowest = np.where(sign > 0, least, np.where((sign < 0) | still, bottom, top))
    highest = np.where(sign < 0, -least, top)
    limits = _cut(lowest, below, above), _cut(highest, below, above)
    bits = _between(direction.values, column.partition, *limits)
    return Guard(masks.full if bits is None else masks.of(*bits), edge)


def _by_one_threshold(space: Space, masks: Masks, statement: _Margin) -> Guard:
    # One form for all samples: numbers in place of arrays of one number.
    column = statement.column
    margin, factor = int(statement.margin.values[0]), int(statement.factors.values[0, 0])
    sign = (factor > 0) - (factor < 0)
    size = abs(factor) or 1
    numbers = (np.array([x], dtype=object) for x in (-margin, size))
    edge = Edge(column.directions[0], column.partition, np.array([sign], dtype=np.int8), *numbers)
    if space.reach is None or not sign:
        holds = not sign and margin >= 0
        return Guard(masks.full if holds else masks.empty, None if space.reach is None else edge)
    direction, reach = space.directions[column.directions[0]], space.reach
    room = reach.numerator * direction.norm * size - reach.denominator * margin
    least = -(-room // (reach.denominator * size))
    values = direction.values.values
    edges = (direction.low, direction.high) if sign > 0 else (-direction.high, -direction.low)
    if least <= edges[0]:
        return Guard(masks.full, edge)
    if least > edges[1]:
        return Guard(masks.empty, edge)
    # Between the smallest and the largest value, so that it is one of their type.
    return Guard(masks.of(None, values >= least if sign > 0 else values <= -least), edge)


def _cut(values: Array, low: int, high: int) -> Integers:
    return integers(np.minimum(np.maximum(values, low), high).astype(object))


def _between(
    values: Integers, partition: Partition, lowest: Integers, highest: Integers
) -> tuple[Partition | None, Array] | None:
    """Return where lowest[c] <= value <= highest[c]; None: everywhere."""
    bits: Array | None = None
    low, high = values.values.min(), values.values.max()
    if lowest.values.max() > low:
        if lowest.values.min() > high:
            return partition, np.zeros(partition.count, dtype=np.bool_)
        bits = values.values >= _by_samples(lowest, partition)
    if highest.values.min() < high:
        if highest.values.max() < low:
            return partition, np.zeros(partition.count, dtype=np.bool_)
        under = values.values <= _by_samples(highest, partition)
        bits = under if bits is None else bits & under
    return None if bits is None else (None, np.asarray(bits, dtype=np.bool_))


def _by_samples(limits: Integers, partition: Partition) -> Array:
    return limits.values if partition.count == 1 else limits.values[partition.classes]


def _by_sample(space: Space, masks: Masks, statement: _Margin) -> Guard:
    column, factors = statement.column, statement.factors
    classes = column.partition.classes
    slack = at_samples(space, column.partition, statement.margin, column.directions, factors)
    norms = Norms(space.directions, column.directions, factors)
    limit = Slack(column.partition, slack, norms, statement.strict)
    bits = np.asarray(slack.values > 0 if statement.strict else slack.values >= 0, dtype=np.bool_)
    if column.absent is not None:
        bits = bits & ~column.absent[classes]
    if space.reach is None:
        # On all of Q^d only a form that does not move has a least value.
        bits[bits] = (norms.all().values == 0)[classes[bits]]
    elif space.reach:
        bits = _reached(space.reach, bits, limit)
    return Guard(masks.of(None, bits), limit)


def _reached(reach: Number, bits: Array, limit: Slack) -> Array:
    """Return where slack - reach * norm >= 0 (> 0 if strict), of the samples in `bits`."""
    classes = limit.partition.classes

    def left(norm: Integers, at: Array) -> Array:
        parts = [(reach.denominator, limit.slack.taken(at)), (-reach.numerator, norm)]
        values = combined(parts, 0).values
        return np.asarray(values > 0 if limit.strict else values >= 0, dtype=np.bool_)

    found = bits & left(limit.norms.upper.taken(classes), np.arange(len(bits)))
    if not limit.norms.sharp:
        doubtful = np.flatnonzero(bits & ~found)
        needed, place = np.unique(classes[doubtful], return_inverse=True)
        exact = integers(limit.norms.exact(needed))
        found[doubtful] = left(exact.taken(place.reshape(-1)), doubtful)
    return found


def at_samples(
    space: Space,
    partition: Partition,
    base: Integers,
    directions: tuple[int, ...],
    factors: Integers,
) -> Integers:
    """Return base + sum factors * D at each sample. Cost: samples times directions. Raises: never."""
    parts = [(1, base.taken(partition.classes))]
    for row, number in enumerate(directions):
        factor = factors.row(row).taken(partition.classes)
        parts.append((1, product(factor, space.directions[number].values)))
    return combined(parts, 0)
