"""A counterexample near a witness that is none: moved into the box, then to where the property is violated.

UNTRUSTED. Floats choose where to look; a point counts only if the formula holds at it over the rationals,
by integers that are searched with, and then by the kernel.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice

from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.kernel.verdict import LimitReached
from memcert.witnesses.boxes import Box, box_of, clamped, is_decimal, rounded, within
from memcert.witnesses.branches import Branch, branches
from memcert.witnesses.decimals import decimal_points
from memcert.witnesses.formula import Atom
from memcert.witnesses.guesses import Guesser, guessed
from memcert.witnesses.judging import Judgement, Networks, judge
from memcert.witnesses.measure import measures
from memcert.witnesses.neighbours import binary, corner
from memcert.witnesses.normal_form import without_unequal
from memcert.witnesses.polynomials import tangent
from memcert.witnesses.prepared import fixed, outputs, pattern
from memcert.witnesses.programs import Solved, solved
from memcert.witnesses.rays import first_hold
from memcert.witnesses.region_forms import through
from memcert.witnesses.specification import Specification, is_whole
from memcert.witnesses.vertices import vertex
from memcert.witnesses.witness_files import Witness

BRANCHES = 24
"""Parts of disjunctions that are looked into, the nearest first."""
ROUNDS = 4
"""Activation regions of one part that are looked into."""
NEIGHBOURS = (0, 1, 4)
"""By how many units of its last binary digit each input is moved."""
PIECES = 8
"""Affine pieces of a segment that are looked at exactly, from where floats say that it begins to hold."""
HALVINGS = 12
"""Halvings of a segment at whose end all constraints hold."""
MOST_WORK = 40_000_000
"""Weights that evaluations and line searches of one repair may meet, counted as often as they are met."""
_ROUNDED = "rounded to"
Point = dict[int, Number]
Found = tuple[str, Point]


@dataclass(frozen=True, slots=True)
class Repair:
    """A counterexample that was found.

    Args:
        witness: it.
        judgement: exact.
        how: it was found.
        distance: the largest change of an input, exactly.
    """

    witness: Witness
    judgement: Judgement
    how: str
    distance: Fraction

    @property
    def decimal(self) -> bool:
        """Whether every input is a finite decimal, as the competition's files want it. Raises: never."""
        return all(map(is_decimal, self.witness.inputs.values()))


def repaired(
    stated: Specification, networks: Networks, witness: Witness, judgement: Judgement
) -> Repair | None:
    """Look for a counterexample near a witness that is none.

    The inputs are moved into the box of each part of the property, the nearest first. If that is not
    enough: float32 and float64 neighbours; exact line search towards the corner to which the property's
    worst constraint improves, and towards what floats guess; the linear program of the activation
    region, and its vertex, exactly.

    Args:
        stated: the property.
        networks: of its names.
        witness: not a counterexample.
        judgement: of it.

    Returns:
        The first that was found; None: none was, which does not mean that there is none. Cost: bounded
        by MOST_WORK.

    Raises:
        never.
    """
    # An input that must not be a number goes to one side of it: parts to look into, as any other.
    parts = replace(stated, formula=without_unequal(stated.formula))
    search = _Search(parts, networks, witness.inputs, stated.wholes)
    try:
        for how, point in search.candidates(judgement):
            if search.holds(point := search.whole(point)):
                # A float of the runtime's own kind is worth more than a short decimal.
                short = point if how.startswith(_ROUNDED) else search.shortened(point)
                return _repair(search, witness, how, short)
    except (_SpentError, LimitReached):
        pass
    return None


def _repair(search: "_Search", witness: Witness, how: str, point: Point) -> Repair:
    made = Witness(witness.name, witness.layout, point, {})
    return Repair(made, judge(search.stated, search.networks, made), how, search.distance(point))


class _SpentError(Exception):
    """The work that a repair may take is done."""


@dataclass(slots=True)
class _Search:
    """The candidates for one witness, and what they cost."""

    stated: Specification
    networks: Networks
    given: Mapping[int, Number]
    wholes: Mapping[int, tuple[int, int]]
    work: int = 0
    _asked: dict[object, bool] = field(default_factory=dict)
    _guesser: list[Guesser | None] = field(default_factory=list)

    def spend(self, times: int) -> None:
        """Count evaluations before they are made. Raises: _SpentError, beyond MOST_WORK."""
        self.work += times * sum(self.networks[part.name].weights for part in self.stated.networks)
        if self.work > MOST_WORK:
            raise _SpentError

    def holds(self, point: Point) -> bool:
        """Whether the formula holds at a point, exactly. Raises: _SpentError, LimitReached."""
        key = tuple(sorted(point.items()))
        if key not in self._asked:
            self.spend(1)
            values = self._values(point)
            typed = all(is_whole(values[v], ends) for v, ends in self.wholes.items())
            self._asked[key] = typed and measures(self.stated.formula, values)[-1].holds
        return self._asked[key]

    def _values(self, point: Point) -> list[Number]:
        values: list[Number] = [0] * self.stated.size
        for variable, value in point.items():
            values[variable] = value
        for signature in self.stated.networks:
            first, count = signature.input.first, signature.input.count
            made = outputs(self.networks[signature.name].integers, fixed(values[first : first + count]))
            for place, numerator in enumerate(made.numerators):
                values[signature.output.first + place] = quotient(numerator, made.denominator)
        return values

    def shortened(self, point: Point) -> Point:
        """Return short decimals near a counterexample that are one, and hardly farther. Raises: never."""
        farthest = self.distance(point) * Fraction(5, 4)
        try:
            for near in self._decimals(point):
                if self.distance(near) <= farthest and self.holds(near):
                    return near
        except (_SpentError, LimitReached):
            pass
        return point

    def _decimals(self, point: Point) -> Iterator[Point]:
        for digits in (6, 9, 17):
            yield {v: x if x == self.given[v] else rounded(x, digits) for v, x in point.items()}
        if not all(map(is_decimal, point.values())):
            values = self._values(point)
            forms = {
                tuple(step.form.terms.items()): step.form
                for step in self.stated.formula
                if isinstance(step, Atom)
                and step.output
                and not step.form.products
                and step.form.at(values) == 0
            }
            for form in forms.values():
                self.spend(1)
                row = through(self.stated, self.networks, self._pattern(values), form)
                yield from decimal_points(row, point)

    def _pattern(self, values: Sequence[Number]) -> dict[str, list[list[bool]]]:
        found = {}
        for signature in self.stated.networks:
            first, count = signature.input.first, signature.input.count
            layers = self.networks[signature.name].integers
            found[signature.name] = pattern(layers, fixed(values[first : first + count]))
        return found

    @property
    def _input_wholes(self) -> dict[int, tuple[int, int]]:
        return {v: ends for v, ends in self.wholes.items() if v in self.given}

    def whole(self, point: Point) -> Point:
        """Return the point with inputs of integer types rounded to integers. Raises: never."""
        if not self._input_wholes:
            return point
        return {v: round(Fraction(x)) if v in self.wholes else x for v, x in point.items()}

    def distance(self, point: Point) -> Fraction:
        """Return the largest change of an input. Raises: never."""
        return max((abs(Fraction(x) - self.given[v]) for v, x in point.items()), default=Fraction(0))

    def candidates(self, judgement: Judgement) -> Iterator[Found]:
        """Yield points to be judged, the simple ones first. Raises: _SpentError, LimitReached."""
        parts: list[tuple[Branch, Box, Point]] = []
        for branch in islice(branches(self.stated.formula, judgement.values), BRANCHES):
            box = within(box_of(branch), self._input_wholes)
            start = None if box is None else clamped(box, self.given)
            if box is not None and start is not None:
                parts.append((branch, box, start))
                if start != self.given:
                    yield "moved into the box", start
        for branch, box, start in parts:
            yield from self._neighbours(branch, box, start)
        for branch, box, start in parts:
            yield from self._searched(branch, box, start)

    def _neighbours(self, branch: Branch, box: Box, start: Point) -> Iterator[Found]:
        # The nearest of each float type, then a few of their steps in the direction that helps.
        guesser = self.guesser()
        wanted = self._wanted(branch, start)
        signs = None if guesser is None else guessed(lambda: guesser.uphill(wanted, start))
        for name, digits in (("float32", 24), ("float64", 53)):
            for steps in NEIGHBOURS if signs else (0,):
                near = clamped(
                    box,
                    {v: binary(x, digits, steps * signs[v] if signs else 0) for v, x in start.items()},
                )
                if near is not None and near not in (start, self.given):
                    yield f"{_ROUNDED} {name}", near

    def _wanted(self, branch: Branch, point: Point) -> Branch:
        # What the box does not say; of what is not linear the tangents at the point, which guess alone.
        kept = _kept(branch)
        if not any(atom.form.products for atom in kept):
            return kept
        self.spend(1)
        values = self._values(point)
        return tuple(tangent(atom, values) for atom in kept)

    def guesser(self) -> Guesser | None:
        """Return the networks in floats, or None where floats cannot hold them. Raises: never."""
        if not self._guesser:
            self._guesser.append(guessed(lambda: Guesser(self.stated, self.networks)))
        return self._guesser[0]

    def _searched(self, branch: Branch, box: Box, start: Point) -> Iterator[Found]:
        guesser = self.guesser()
        if guesser is None:
            return
        current = start
        for _ in range(ROUNDS):
            wanted = self._wanted(branch, current)
            farthest = guessed(lambda at=current, atoms=wanted: corner(box, at, guesser.uphill(atoms, at)))  # type: ignore[misc]
            yield from self._towards("moved along a line", wanted, current, farthest)
            self.spend(4)
            program = guessed(lambda at=current, atoms=wanted: solved(guesser, atoms, box, at))  # type: ignore[misc]
            target = None if program is None else clamped(box, program.point)
            yield from self._towards("solved in an activation region", wanted, current, target)
            yield from self._vertex(box, program, target)
            further = guessed(lambda at=current, atoms=wanted: guesser.descended(atoms, box, at))  # type: ignore[misc]
            ahead = target if further is None else clamped(box, further)
            yield from self._towards("moved along a line", wanted, start, ahead)
            if ahead is None or ahead == current:
                return
            current = {v: rounded(value, 17) for v, value in ahead.items()}
            current = clamped(box, current) or current

    def _towards(self, how: str, wanted: Sequence[Atom], start: Point, end: Point | None) -> Iterator[Found]:
        if end is None or end == start:
            return
        guesser = self.guesser()
        begin = None if guesser is None else guessed(lambda: guesser.bracket(wanted, start, end))
        found = first_hold(
            self.stated,
            self.networks,
            wanted,
            (start, end),
            lambda: self.spend(2),
            begin=begin or Fraction(0),
            pieces=PIECES,
        )
        if found is not None:
            yield how, found
        if self.holds(end):
            yield how, self._halved(start, end)
        for digits in (9, 17):
            yield how, {v: rounded(value, digits) for v, value in end.items()}
        yield how, end

    def _halved(self, start: Point, end: Point) -> Point:
        # Constraints that are not linear begin to hold where no tangent says: towards the start by halves.
        low, high = Fraction(0), Fraction(1)
        found = end
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            point = self.whole({v: quotient(x + middle * (end[v] - x), 1) for v, x in start.items()})
            if self.holds(point):
                high, found = middle, point
            else:
                low = middle
        return found

    def _vertex(self, box: Box, program: Solved | None, target: Point | None) -> Iterator[Found]:
        if program is None or target is None:
            return
        self.spend(len(program.atoms) + len(program.neurons))
        found = vertex(self.stated, self.networks, box, program)
        if found is not None:
            yield "solved for at a vertex of an activation region", found


def _kept(branch: Branch) -> Branch:
    # What the box does not say.
    return tuple(atom for atom in branch if atom.output or atom.form.alone is None)
