"""Sums of monomials over the rationals: the algebra of contracts.

UNTRUSTED, as all that is not the kernel, but proofs rest on it. A term is a tuple of monomials
(coefficient, names); the empty term is 0; names repeat in a monomial as powers. Numbers are
exact: int, or Fraction with a denominator larger than one.
"""

from collections.abc import Container, Mapping
from fractions import Fraction

from memcert.kernel.certificate import Number, Term
from memcert.kernel.network import MAX_VALUE_BITS
from memcert.kernel.rational import text as spelled
from memcert.kernel.verdict import LimitReached

ZERO: Term = ()


def exact(value: int | Fraction) -> Number:
    """Return the number as an int wherever its denominator is 1. Raises: never."""
    return value.numerator if value.denominator == 1 else value


def bounded(value: int | Fraction) -> int | Fraction:
    """Return the number; products of parameters bound through each other may grow without bound.

    Raises:
        LimitReached: it has more than MAX_VALUE_BITS bits, denominator included.
    """
    bits = value.numerator.bit_length() + value.denominator.bit_length()
    if bits > MAX_VALUE_BITS:
        raise LimitReached("value_bits", "a contract's term", f"at most {MAX_VALUE_BITS}", bits)
    return value


def constant(value: Number) -> Term:
    """Return the term that is the number. Raises: never."""
    return ((value, ()),) if value else ZERO


def variable(name: str, coefficient: Number = 1) -> Term:
    """Return coefficient * name. Raises: never."""
    return ((coefficient, (name,)),) if coefficient else ZERO


def normal(term: Term) -> Term:
    """Return the equal term with each monomial once, no zero, names and monomials sorted.

    Two terms are equal as polynomials iff their normal terms are equal. Raises: never.
    """
    sums: dict[tuple[str, ...], int | Fraction] = {}
    for coefficient, names in term:
        key = names if len(names) < 2 else tuple(sorted(names))
        sums[key] = sums[key] + coefficient if key in sums else coefficient
    return tuple((exact(sums[names]), names) for names in sorted(sums) if sums[names])


def add(*terms: Term) -> Term:
    """Return the sum, in normal form. Raises: never."""
    return normal(tuple(monomial for term in terms for monomial in term))


def scale(term: Term, factor: Number) -> Term:
    """Return factor * term; monomials keep their order. Raises: never."""
    if not factor:
        return ZERO
    return tuple((exact(coefficient * factor), names) for coefficient, names in term)


def subtract(left: Term, right: Term) -> Term:
    """Return left - right, in normal form. Raises: never."""
    return add(left, scale(right, -1))


def substitute(term: Term, values: Mapping[str, Number]) -> Term:
    """Put numbers for names, in normal form; names without a value stay.

    Raises:
        LimitReached: as `bounded`.
    """
    found = []
    for coefficient, names in term:
        product: int | Fraction = coefficient
        for name in names:
            if name in values:
                product = bounded(product * values[name])
        found.append((exact(product), tuple(name for name in names if name not in values)))
    return normal(tuple(found))


def evaluate(term: Term, values: Mapping[str, Number]) -> Number:
    """Return the exact value.

    Raises:
        KeyError: a name has no value.
        LimitReached: as `bounded`.
    """
    total: int | Fraction = 0
    for coefficient, names in term:
        product: int | Fraction = coefficient
        for name in names:
            product = bounded(product * values[name])
        total = bounded(total + product)
    return exact(total)


def names_of(term: Term) -> frozenset[str]:
    """Return every name that occurs, with whatever coefficient. Raises: never."""
    return frozenset(name for _, names in term for name in names)


def linear(term: Term, values: Mapping[str, Number]) -> tuple[Number, dict[str, Number]]:
    """Return (constant, {variable: nonzero coefficient}) once the names in `values` are numbers.

    Args:
        term: any term.
        values: the bound parameters; every other name is a variable.

    Raises:
        ValueError: a monomial is a product of variables.
    """
    total: int | Fraction = 0
    found: dict[str, int | Fraction] = {}
    for coefficient, names in term:
        product: int | Fraction = coefficient
        free = None
        for name in names:
            if name in values:
                product = product * values[name]
            elif free is None:
                free = name
            else:
                raise ValueError(f"expected a linear term, got the product {free}*{name}")
        if free is None:
            total = total + product
        else:
            found[free] = found[free] + product if free in found else product
    return exact(total), {name: exact(value) for name, value in found.items() if value}


def by_variable(term: Term, parameters: Container[str]) -> dict[str | None, Term]:
    """Split a term into its coefficients: {variable: term over the parameters}.

    Args:
        term: at most one name of each monomial is no parameter.
        parameters: their names.

    Returns:
        The coefficient of each variable that occurs; under None what has no variable, if any.
        Nothing is collected: a coefficient may be a zero polynomial.

    Raises:
        ValueError: a monomial is a product of variables.
    """
    found: dict[str | None, list[tuple[Number, tuple[str, ...]]]] = {}
    for coefficient, names in term:
        free = [name for name in names if name not in parameters]
        if len(free) > 1:
            raise ValueError(f"expected at most one variable a monomial, got {'*'.join(free)}")
        rest = tuple(name for name in names if name in parameters)
        found.setdefault(free[0] if free else None, []).append((coefficient, rest))
    return {name: tuple(monomials) for name, monomials in found.items()}


def affine_in(term: Term, name: str, values: Mapping[str, Number]) -> tuple[Number, Number]:
    """Return (slope, offset) of the term as a function of one name, all others being bound.

    A parameter `name` at a place whose weight is w and whose coefficient is `term` has the value
    (w - offset) / slope, if the slope is not 0.

    Raises:
        ValueError: the name occurs as a power.
        KeyError: another name has no value.
        LimitReached: as `bounded`.
    """
    slope: int | Fraction = 0
    offset: int | Fraction = 0
    for coefficient, names in term:
        product: int | Fraction = coefficient
        for other in names:
            if other != name:
                product = bounded(product * values[other])
        power = names.count(name)
        if power > 1:
            raise ValueError(f"expected {name} at most once in a monomial, got {'*'.join(names)}")
        if power:
            slope = bounded(slope + product)
        else:
            offset = bounded(offset + product)
    return exact(slope), exact(offset)


def text(term: Term) -> str:
    """Return the term as mathematics, such as `2p - k*q + 1/2`, exactly. Raises: never."""
    parts: list[str] = []
    for coefficient, names in term:
        negative = coefficient < 0
        magnitude = _monomial(exact(-coefficient) if negative else coefficient, names)
        sign = ("- " if negative else "+ ") if parts else ("-" if negative else "")
        parts.append(sign + magnitude)
    return " ".join(parts) or "0"


def statement(term: Term, relation: str) -> str:
    """Return `term relation 0` as mathematics. Raises: never."""
    return f"{text(term)} {relation} 0"


def _monomial(magnitude: Number, names: tuple[str, ...]) -> str:
    product = "*".join(names)
    if not names or magnitude == 1:
        return product or spelled(magnitude)
    number = spelled(magnitude)
    return number + product if number.isdigit() else f"{number}*{product}"
