"""A contract's cases at the parameters of one block: numbers in place of terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.contracts.terms import evaluate, exact
from memcert.kernel.certificate import Number, Term
from memcert.proofs.matching import holds
from memcert.proofs.patterns import Condition, Pattern, Sum

Linear = tuple[tuple[int, Number], ...]
"""Nonzero coefficients by input; the first is 1 in a statement."""
Affine = tuple[Linear, Number]


@dataclass(frozen=True, slots=True)
class Statement:
    """form >= number (sense 1) or form <= number (sense -1), strictly if `strict`."""

    form: Linear
    sense: int
    number: Number
    strict: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a case says of one output: one form on both sides if exact, None where nothing is said."""

    lower: Affine | None
    upper: Affine | None

    @property
    def exact(self) -> bool:
        """Whether the output is that form. Raises: never."""
        return self.lower is not None and self.lower is self.upper


@dataclass(frozen=True, slots=True)
class InstanceCase:
    """A case in numbers; `possible` is False where a condition on the parameters alone fails."""

    possible: bool
    statements: tuple[Statement, ...]
    bounds: tuple[Bounds, ...]


def instance(pattern: Pattern, values: Mapping[str, Number]) -> tuple[InstanceCase, ...]:
    """Return the cases at these parameters. Cost: linear in the contract. Raises: KeyError."""
    cases = []
    for case in pattern.cases:
        statements: list[Statement] = []
        possible = True
        for condition in case.requires:
            made = _statements(condition, values)
            if isinstance(made, bool):
                possible = possible and made
            else:
                statements += made
        bounds = []
        for promised in case.ensures:
            if promised.exact is not None:
                form = _affine(*promised.exact, values)
                bounds.append(Bounds(form, form))
            else:
                lower = None if promised.lower is None else _affine(*promised.lower, values)
                upper = None if promised.upper is None else _affine(*promised.upper, values)
                bounds.append(Bounds(lower, upper))
        cases.append(InstanceCase(possible, tuple(statements), tuple(bounds)))
    return tuple(cases)


def _number(term: Term, values: Mapping[str, Number]) -> Number:
    if not term:
        return 0
    if len(term) == 1 and not term[0][1]:
        return term[0][0]
    return evaluate(term, values)


def _affine(terms: Sum, constant: Term, values: Mapping[str, Number]) -> Affine:
    linear = tuple((j, c) for j, c in ((j, _number(term, values)) for j, term in terms) if c)
    return linear, _number(constant, values)


def _statements(condition: Condition, values: Mapping[str, Number]) -> list[Statement] | bool:
    """Return the condition divided by its first coefficient, or its truth where it has none.

    Small numbers meet the columns then, in place of products with a parameter of 2,000 bits.
    """
    linear, constant = _affine(condition.terms, condition.constant, values)
    if not linear:
        return holds(constant, condition.relation)
    first = linear[0][1]
    form = ((linear[0][0], 1), *((j, _divided(c, first)) for j, c in linear[1:]))
    number = _divided(-constant, first)
    strict = condition.relation == ">"
    senses = (1, -1) if condition.relation == "=" else (1,) if first > 0 else (-1,)
    return [Statement(form, sense, number, strict) for sense in senses]


def _divided(value: Number, by: Number) -> Number:
    if by == 1:
        return value
    return -value if by == -1 else exact(Fraction(value) / by)
