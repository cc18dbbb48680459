"""Products of variables: forms multiplied out, and the tangents that a search follows; exact.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number
from memcert.witnesses.formula import Atom, Form, Work, bounded

MAX_DEGREE = 8
"""Most factors of a product."""
COST = 8
"""How many terms of a sum one product of two terms counts as."""


def multiplied(a: Form, b: Form, work: Work) -> Form:
    """Return a * b. Raises: UndecidedError, by degree or size."""
    left, right = list(_monomials(a)), list(_monomials(b))
    work.spend(COST * len(left) * len(right))
    found: dict[tuple[int, ...], Number] = {}
    for first, p in left:
        for second, q in right:
            variables = tuple(sorted((*first, *second)))
            found[variables] = bounded(found.get(variables, 0) + p * q)
    degree = max(map(len, found), default=0)
    if degree > MAX_DEGREE:
        raise UndecidedError(f"a product of {degree} variables: at most {MAX_DEGREE} are multiplied")
    kept = {variables: weight for variables, weight in found.items() if weight}
    return Form(
        {variables[0]: weight for variables, weight in kept.items() if len(variables) == 1},
        kept.get((), 0),
        {variables: weight for variables, weight in kept.items() if len(variables) > 1},
    )


def _monomials(form: Form) -> Iterator[tuple[tuple[int, ...], Number]]:
    if form.constant:
        yield (), form.constant
    for variable, weight in form.terms.items():
        yield (variable,), weight
    yield from form.products.items()


def tangent(atom: Atom, values: Sequence[Number]) -> Atom:
    """Return the atom with its form replaced by the linear one that touches it at a point.

    Args:
        atom: of any form; one that is linear is returned as it is.
        values: of all variables, at the point.

    Raises:
        IndexError: a variable has no value.
    """
    if not atom.form.products:
        return atom
    terms = dict(atom.form.terms)
    for variables, weight in atom.form.products.items():
        for place, variable in enumerate(variables):
            slope = weight
            for other in (*variables[:place], *variables[place + 1 :]):
                slope *= values[other]
            terms[variable] = terms.get(variable, 0) + slope
    kept = {variable: slope for variable, slope in terms.items() if slope}
    return replace(atom, form=Form(kept, atom.form.at(values) - Form(kept, 0).at(values)))
