"""Exact line search: where along a segment of inputs a conjunction of constraints first holds.

UNTRUSTED; what it returns is judged again. Between two points where a neuron changes its sign every
value is affine in t, so that each constraint gives an interval of t, by rational arithmetic.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.witnesses.boxes import Interval
from memcert.witnesses.formula import Atom, Form
from memcert.witnesses.judging import Networks
from memcert.witnesses.prepared import Fixed, IntegerLayer, fixed
from memcert.witnesses.specification import Specification

PIECES = 48
"""Affine pieces of one segment that are looked at, unless another number is given."""


@dataclass(frozen=True, slots=True)
class Piece:
    """All values as value + slope (t - start), for t from `start` to `end`."""

    start: Fraction
    end: Fraction
    values: Sequence[Number]
    slopes: Sequence[Number]


def first_hold(
    stated: Specification,
    networks: Networks,
    atoms: Iterable[Atom],
    segment: tuple[Mapping[int, Number], Mapping[int, Number]],
    spend: Callable[[], None],
    *,
    begin: Fraction = Fraction(0),
    pieces: int = PIECES,
) -> dict[int, Number] | None:
    """Return a point of a segment at which all atoms hold, near its start.

    Args:
        stated: the property.
        networks: of its names.
        atoms: what is to hold.
        segment: the inputs at its start and at its end.
        spend: called before each piece; what it raises ends the search.
        begin: where on the segment to begin, from 0 to 1.
        pieces: how many affine pieces to look at.

    Returns:
        Finite decimals if both ends are, and the atoms hold on more than one point of the
        piece. None: they hold nowhere on those pieces. Cost: two evaluations a piece.

    Raises:
        LimitReached: a value grows too long.
    """
    wanted, (start, end) = tuple(atoms), segment
    direction = {variable: end[variable] - value for variable, value in start.items()}
    at = begin
    for _ in range(pieces):
        spend()
        piece = _piece(stated, networks, start, direction, at)
        span = Interval(piece.start, piece.end)
        for atom in wanted:
            span = span.meet(_allowed(atom, piece))
            if span.empty:
                break
        else:
            t = _chosen(span)
            return {v: quotient(value + t * direction[v], 1) for v, value in start.items()}
        if piece.end >= 1:
            return None
        at = piece.end
    return None


def _chosen(span: Interval) -> Number:
    # The low end moved inside, by little, as a short decimal.
    low, high = Fraction(span.low or 0), Fraction(span.high or 0)
    if low == high:
        return low
    room = min(high - low, low / 64) if low else (high - low) / 1024
    inner = Interval(low, low + room, True, True)
    found = inner.nearest(low)
    return (low + high) / 2 if found is None else found


def _allowed(atom: Atom, piece: Piece) -> Interval:
    # Of t, not of t - start.
    value = Fraction(atom.form.at(piece.values))
    slope = Fraction(Form(atom.form.terms, 0).at(piece.slopes))
    if slope == 0 or atom.relation == "!=":
        holds = {">=": value >= 0, ">": value > 0, "=": value == 0, "!=": value != 0 or slope != 0}
        return Interval() if holds[atom.relation] else Interval(1, 0)
    zero = piece.start - value / slope
    if atom.relation == "=":
        return Interval(zero, zero)
    is_open = atom.relation == ">"
    return Interval(low=zero, low_open=is_open) if slope > 0 else Interval(high=zero, high_open=is_open)


def _piece(
    stated: Specification,
    networks: Networks,
    start: Mapping[int, Number],
    direction: Mapping[int, Number],
    at: Fraction,
) -> Piece:
    values: list[Number] = [0] * stated.size
    slopes: list[Number] = [0] * stated.size
    for variable, value in start.items():
        values[variable] = value + at * direction[variable]
        slopes[variable] = direction[variable]
    length = 1 - at
    for signature in stated.networks:
        part = slice(signature.input.first, signature.input.first + signature.input.count)
        made, rise, step = _propagated(networks[signature.name].integers, values[part], slopes[part])
        length = length if step is None else min(length, step)
        first = signature.output.first
        for place in range(signature.output.count):
            values[first + place] = quotient(made.numerators[place], made.denominator)
            slopes[first + place] = quotient(rise.numerators[place], rise.denominator)
    return Piece(at, at + length, values, slopes)


def _propagated(
    layers: Sequence[IntegerLayer], point: Sequence[Number], direction: Sequence[Number]
) -> tuple[Fixed, Fixed, Fraction | None]:
    # Values and slopes just behind the point, and how far they go on like that.
    values, slopes = fixed(point), fixed(direction)
    step: Fraction | None = None
    for layer in layers:
        values, slopes = layer.sums(values), layer.sums(slopes, constant=False)
        if layer.relu:
            step = _nearer(step, values, slopes)
            values, slopes = _masked(values, slopes)
    return values, slopes, step


def _nearer(step: Fraction | None, values: Fixed, slopes: Fixed) -> Fraction | None:
    for value, slope in zip(values.numerators, slopes.numerators, strict=True):
        if (value > 0 > slope) or (value < 0 < slope):
            reach = Fraction(-value * slopes.denominator, slope * values.denominator)
            step = reach if step is None else min(step, reach)
    return step


def _masked(values: Fixed, slopes: Fixed) -> tuple[Fixed, Fixed]:
    # At 0 a neuron becomes active if it rises.
    pairs = [
        (value, slope) if value > 0 or (value == 0 and slope > 0) else (0, 0)
        for value, slope in zip(values.numerators, slopes.numerators, strict=True)
    ]
    return (
        Fixed([value for value, _ in pairs], values.denominator),
        Fixed([slope for _, slope in pairs], slopes.denominator),
    )
