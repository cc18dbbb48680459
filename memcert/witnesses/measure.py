"""By how much a point misses a formula: inputs and outputs apart, exact, least over disjunctions.

UNTRUSTED. Both amounts are 0 and no border is touched exactly where the formula holds: an atom by
definition; `and` takes the larger of each amount, which is nothing only if each part's is; `or`
takes one of its parts, the one whose inputs miss least, then outputs.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from memcert.kernel.certificate import Number
from memcert.witnesses.formula import Atom, Formula, children


class Miss(NamedTuple):
    """An atom that does not hold.

    Args:
        amount: how far the form is on the wrong side of 0; for one input alone, divided by its
            factor, so that it is a distance of that input. 0: on the border, which is not allowed.
        atom: which.
    """

    amount: Fraction
    atom: Atom


class Measure(NamedTuple):
    """What misses most among constraints on inputs alone, and among the others; None: all hold."""

    inputs: Miss | None
    outputs: Miss | None

    @property
    def holds(self) -> bool:
        """Whether the formula holds. Raises: never."""
        return self.inputs is None and self.outputs is None

    @property
    def order(self) -> tuple[bool, Fraction, bool, Fraction]:
        """Smaller means nearer: inputs first. Raises: never."""
        return (*_order(self.inputs), *_order(self.outputs))


def _order(miss: Miss | None) -> tuple[bool, Fraction]:
    return (miss is not None, Fraction(0) if miss is None else miss.amount)


def missed(atom: Atom, value: Number) -> Miss | None:
    """Return by how much an atom misses, its form having that value; None: it holds. Raises: never."""
    if atom.relation == ">=":
        holds = value >= 0
    elif atom.relation == ">":
        holds = value > 0
    else:
        holds = (value == 0) == (atom.relation == "=")
    if holds:
        return None
    amount = Fraction(0) if atom.relation == "!=" else abs(Fraction(value))
    if not atom.output and atom.form.alone is not None:
        amount /= abs(Fraction(atom.form.terms[atom.form.alone]))
    return Miss(amount, atom)


def measures(formula: Formula, values: Sequence[Number]) -> list[Measure]:
    """Return the measure of each step's result; the last is the formula's.

    Args:
        formula: see `Formula`.
        values: of all variables.

    Cost: one sum an atom. Raises: IndexError.
    """
    found: list[Measure] = []
    for step, parts in zip(formula, children(formula), strict=True):
        if isinstance(step, Atom):
            miss = missed(step, step.form.at(values))
            found.append(Measure(None, miss) if step.output else Measure(miss, None))
        elif step.kind == "and":
            joined = [found[part] for part in parts]
            found.append(Measure(_worst(m.inputs for m in joined), _worst(m.outputs for m in joined)))
        else:
            found.append(min((found[part] for part in parts), key=lambda measure: measure.order))
    return found


def _worst(misses: Iterable[Miss | None]) -> Miss | None:
    return max((miss for miss in misses if miss is not None), key=lambda miss: miss.amount, default=None)
