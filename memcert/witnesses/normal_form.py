"""Negation normal form: `not` and `=>` are carried down to the atoms, in one pass and without recursion.

UNTRUSTED.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from memcert.witnesses.formula import Atom, Form, Formula, Gather, Relation, Step

_OPPOSITE: dict[Relation, Relation] = {">=": ">", ">": ">=", "=": "!=", "!=": "="}


@dataclass(frozen=True, slots=True)
class Signed:
    """Joins the last `count` results: `not` of one, or `=>` of several, grouped from the right."""

    kind: Literal["not", "=>"]
    count: int


def normal_form(program: Sequence[Step | Signed]) -> Formula:
    """Return the program with and, or over atoms that holds for the same values; as long, or shorter.

    Args:
        program: in reverse Polish notation, see `Formula`.

    Cost: linear. Raises: IndexError, the program joins more results than there are.
    """
    found: list[Step] = []
    # Backwards a step comes before what it joins, the last part first: what is denied is known by then.
    ahead = [False]
    for step in reversed(program):
        denied = ahead.pop()
        if isinstance(step, Atom):
            found.append(opposite(step) if denied else step)
        elif isinstance(step, Gather):
            kind = step.kind
            if denied:
                kind = "or" if kind == "and" else "and"
            found.append(replace(step, kind=kind))
            ahead += [denied] * step.count
        elif step.kind == "not":
            ahead.append(not denied)
        else:
            # a => (b => c) is: not a, or not b, or c.
            found.append(Gather("and" if denied else "or", step.count))
            ahead += [*[not denied] * (step.count - 1), denied]
    return tuple(reversed(found))


def opposite(atom: Atom) -> Atom:
    """Return the atom that holds exactly where this one does not. Raises: never."""
    relation = _OPPOSITE[atom.relation]
    if atom.relation in {"=", "!="}:
        return replace(atom, relation=relation)
    return replace(atom, relation=relation, form=negative(atom.form))


def negative(form: Form) -> Form:
    """Return -form. Raises: never."""
    return Form(
        {variable: -factor for variable, factor in form.terms.items()},
        -form.constant,
        {product: -factor for product, factor in form.products.items()},
    )


def without_unequal(formula: Iterable[Step]) -> Formula:
    """Return the formula with `a != 0` as `a > 0 or -a > 0`: two directions in which to look.

    Raises:
        never.
    """
    found: list[Step] = []
    for step in formula:
        if isinstance(step, Atom) and step.relation == "!=":
            above = replace(step, relation=">")
            found += [above, replace(above, form=negative(step.form)), Gather("or", 2)]
        else:
            found.append(step)
    return tuple(found)
