"""Constraints joined by and, or, as a flat program in reverse Polish notation; exact, no recursion.

UNTRUSTED.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number

MAX_WORK = 1 << 24
"""Most terms that the arithmetic of one property handles."""
MAX_BITS = 1 << 16
"""Longest numerator or denominator of a coefficient, in bits."""
Relation = Literal[">=", ">", "=", "!="]


@dataclass(frozen=True, slots=True)
class Form:
    """A polynomial: sum of terms[v] * variable v, of products, and a constant; no coefficient is 0.

    Args:
        terms: the linear part.
        constant: a number.
        products: of two variables and more: which, ascending, each as often as it is a factor.
    """

    terms: Mapping[int, Number]
    constant: Number
    products: Mapping[tuple[int, ...], Number] = field(default_factory=dict)

    @property
    def variables(self) -> tuple[int, ...]:
        """The variables that occur, each once. Raises: never."""
        return tuple(dict.fromkeys([*self.terms, *(v for product in self.products for v in product)]))

    @property
    def alone(self) -> int | None:
        """The variable of a form that is linear in one variable; None: of another. Raises: never."""
        return next(iter(self.terms)) if len(self.terms) == 1 and not self.products else None

    def at(self, values: Sequence[Number]) -> Number:
        """Return the value where variable v is values[v]. Raises: IndexError."""
        total = self.constant
        for variable, factor in self.terms.items():
            total += factor * values[variable]
        for variables, factor in self.products.items():
            product = factor
            for variable in variables:
                product *= values[variable]
            total += product
        return total


@dataclass(frozen=True, slots=True)
class Atom:
    """The constraint `form relation 0`.

    Args:
        form: over the variables of the property.
        relation: to 0.
        line: of the file, from 1.
        output: whether an output of the network occurs.
    """

    form: Form
    relation: Relation
    line: int
    output: bool


@dataclass(frozen=True, slots=True)
class Gather:
    """Joins the last `count` results of the program."""

    kind: Literal["and", "or"]
    count: int


Step = Atom | Gather
Formula = tuple[Step, ...]
"""A program that leaves one result: a Gather takes as many results as it counts and gives one."""


class Work:
    """Counts the terms that are handled, so that a hostile property ends."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.done = 0

    def spend(self, terms: int) -> None:
        """Count terms before they are handled. Raises: UndecidedError, beyond MAX_WORK."""
        self.done += terms
        if self.done > MAX_WORK:
            raise UndecidedError(f"the property needs more than {MAX_WORK:,} terms, the most that are read")


def combined(parts: Iterable[tuple[Number, Form]], work: Work) -> Form:
    """Return the sum of factor * form. Raises: UndecidedError, by size."""
    terms: dict[int, Number] = {}
    products: dict[tuple[int, ...], Number] = {}
    constant: Number = 0
    for factor, form in parts:
        work.spend(1 + len(form.terms) + len(form.products))
        constant += factor * form.constant
        for variable, weight in form.terms.items():
            terms[variable] = bounded(terms.get(variable, 0) + factor * weight)
        for product, weight in form.products.items():
            products[product] = bounded(products.get(product, 0) + factor * weight)
    return Form(
        {v: weight for v, weight in terms.items() if weight},
        bounded(constant),
        {product: weight for product, weight in products.items() if weight},
    )


def bounded(number: Number) -> Number:
    """Return a number that is not too long. Raises: UndecidedError."""
    longest = max(number.numerator.bit_length(), number.denominator.bit_length())
    if longest > MAX_BITS:
        raise UndecidedError(f"a number of the property needs {longest:,} bits, more than {MAX_BITS:,}")
    return number


def children(formula: Formula) -> tuple[tuple[int, ...], ...]:
    """Return for each step the steps whose results it joins; for an atom none. Raises: IndexError."""
    waiting: list[int] = []
    found: list[tuple[int, ...]] = []
    for place, step in enumerate(formula):
        joined: tuple[int, ...] = ()
        if isinstance(step, Gather):
            joined = tuple(waiting[-step.count :])
            del waiting[-step.count :]
        found.append(joined)
        waiting.append(place)
    return tuple(found)
