"""The conjunctions of atoms that make a formula true, those near a point first.

UNTRUSTED.
"""

from collections.abc import Iterator, Mapping, Sequence

from memcert.kernel.certificate import Number
from memcert.witnesses.formula import Atom, Formula, Gather, children
from memcert.witnesses.measure import Measure, measures

Branch = tuple[Atom, ...]


def branches(formula: Formula, values: Sequence[Number]) -> Iterator[Branch]:
    """Yield conjunctions, each of which implies the formula.

    First the one that takes the nearest part of every disjunction, then those that take another
    part of one of these disjunctions, the nearest first. Where disjunctions stand side by side
    these are not all. Cost: the measure of the formula, then linear in what is yielded.

    Args:
        formula: see `Formula`.
        values: of all variables, at the point.

    Raises:
        IndexError: a variable has no value.
    """
    parts, found = children(formula), measures(formula, values)
    first, met = _taken(formula, parts, found, {})
    yield first
    others = [
        (found[part].order, place, part)
        for place in met
        for part in parts[place]
        if part != _nearest(parts[place], found)
    ]
    for _, place, part in sorted(others):
        yield _taken(formula, parts, found, {place: part})[0]


def _nearest(parts: Sequence[int], found: Sequence[Measure]) -> int:
    return min(parts, key=lambda part: found[part].order)


def _taken(
    formula: Formula,
    parts: Sequence[tuple[int, ...]],
    found: Sequence[Measure],
    instead: Mapping[int, int],
) -> tuple[Branch, list[int]]:
    atoms: list[Atom] = []
    met: list[int] = []
    ahead = [len(formula) - 1]
    while ahead:
        place = ahead.pop()
        step = formula[place]
        if isinstance(step, Atom):
            atoms.append(step)
        elif isinstance(step, Gather) and step.kind == "or":
            met.append(place)
            ahead.append(instead.get(place, _nearest(parts[place], found)))
        else:
            ahead += parts[place]
    return tuple(atoms), met
