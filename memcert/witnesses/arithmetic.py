"""What the operators of VNN-LIB make of forms: exact, and refused where the result is no polynomial.

UNTRUSTED.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from memcert.errors import UnsupportedError
from memcert.kernel.certificate import Number
from memcert.witnesses.formula import Atom, Form, Relation, Work, combined
from memcert.witnesses.polynomials import multiplied

OPERATORS = frozenset({"+", "-", "*", "/"})
RELATIONS: dict[str, tuple[int, Relation]] = {
    "<=": (-1, ">="),
    ">=": (1, ">="),
    "<": (-1, ">"),
    ">": (1, ">"),
    "=": (1, "="),
    "==": (1, "="),
    "!=": (1, "!="),
}
"""`a OP b` is `sign * (a - b) RELATION 0`."""


class NotReadError(Exception):
    """An expression is malformed; the reader adds the place."""


def applied(operator: str, operands: Sequence[Form], work: Work) -> Form:
    """Return the value of an operator of OPERATORS.

    Raises:
        NotReadError: no operand, or a division by zero.
        UnsupportedError: a quotient by a variable.
        UndecidedError: by size.
    """
    if not operands:
        raise NotReadError(f"expected an operand of {operator}, got none")
    first, rest = operands[0], operands[1:]
    if operator == "+":
        return combined([(1, form) for form in operands], work)
    if operator == "-":
        return combined([(1, first), *((-1, form) for form in rest)] if rest else [(-1, first)], work)
    total = first
    for form in rest:
        total = _times(total, form, work) if operator == "*" else _over(total, form, work)
    return total


def _times(a: Form, b: Form, work: Work) -> Form:
    if a.variables and b.variables:
        return multiplied(a, b, work)
    factor, form = (b.constant, a) if a.variables else (a.constant, b)
    return combined([(factor, form)], work)


def _over(a: Form, b: Form, work: Work) -> Form:
    if b.variables:
        raise UnsupportedError(
            "a quotient by a variable: expected sums and products; multiply both sides by it, sign by sign"
        )
    if b.constant == 0:
        raise NotReadError("expected a divisor that is not 0, got 0")
    return combined([(_inverse(b.constant), a)], work)


def _inverse(number: Number) -> Number:
    return Fraction(number.denominator, number.numerator)


def related(  # noqa: PLR0917 - the parts of an Atom, in their order
    operator: str, a: Form, b: Form, line: int, is_output: Callable[[int], bool], work: Work
) -> Atom:
    """Return the atom `a operator b`; the operator is one of RELATIONS. Raises: UndecidedError."""
    sign, relation = RELATIONS[operator]
    form = combined([(sign, a), (-sign, b)], work)
    return Atom(form, relation, line, any(map(is_output, form.variables)))
