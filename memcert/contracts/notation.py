"""Contracts written as a paper would: `case("low", "p >= 0, 2p <= 1", "p3 = 2p")`.

UNTRUSTED. For whoever writes contracts down; nothing that is read from a certificate comes here.
`term(text(t)) == t` for every term whose numbers are below 2^53.
"""

import re
from fractions import Fraction

from memcert.contracts.terms import exact, normal, subtract
from memcert.kernel.certificate import (
    Atom,
    Case,
    ContractLayer,
    Ensure,
    Input,
    Number,
    Output,
    Parameter,
    Term,
)

_NAME = r"[a-z][a-z0-9_]*"
_PRODUCT = rf"{_NAME}(?:\s*\*\s*{_NAME})*"
_MONOMIAL = re.compile(
    rf"\s*(?P<sign>[+-]?)\s*(?:(?P<number>[0-9]+(?:/[0-9]+)?)(?:\s*\*?\s*(?P<scaled>{_PRODUCT}))?"
    rf"|(?P<names>{_PRODUCT}))\s*"
)
_RELATION = re.compile(r"(>=|<=|=|>|<)")


def term(words: str) -> Term:
    """Read a sum such as `2k*p - 1/2*q + 1`; monomials stay in the order written.

    Raises:
        ValueError: it is no such sum.
    """
    found: list[tuple[Number, tuple[str, ...]]] = []
    position = 0
    while position < len(words) or not found:
        match = _MONOMIAL.match(words, position)
        if match is None or (found and not match["sign"]):
            raise ValueError(f"expected a sum of monomials, got {words!r} (at character {position})")
        value = exact(Fraction(match["number"] or 1))
        names = tuple(re.findall(_NAME, match["scaled"] or match["names"] or ""))
        found.append((-value if match["sign"] == "-" else value, names))
        position = match.end()
    return tuple(monomial for monomial in found if monomial[0])


def atom(words: str) -> Atom:
    """Read `left relation right`, relation one of = >= > <= <, as `term relation 0`.

    Raises:
        ValueError: it is no such statement.
    """
    left, relation, right = _split(words)
    if relation in ("<=", "<"):
        left, right = right, left
    return Atom(relation.replace("<", ">"), subtract(term(left), term(right)))


def ensure(words: str) -> Ensure:
    """Read `output relation term`, relation one of = >= <=.

    Raises:
        ValueError: it is no such statement.
    """
    output, relation, right = _split(words)
    if relation not in ("=", ">=", "<=") or not re.fullmatch(_NAME, output.strip()):
        raise ValueError(f"expected `output = term` (or >=, <=), got {words!r}")
    return Ensure(output.strip(), relation, term(right))


def atoms(words: str) -> tuple[Atom, ...]:
    """Read statements separated by commas; blank text has none. Raises: as `atom`."""
    return tuple(map(atom, _listed(words)))


def case(name: str, requires: str, ensures: str) -> Case:
    """Return the case with those statements, separated by commas. Raises: as `atom`, `ensure`."""
    return Case(name, atoms(requires), tuple(map(ensure, _listed(ensures))))


def layer(*rows: str, relu: bool = True) -> ContractLayer:
    """Return a layer of neurons, each written `neuron = term`. Raises: ValueError, as `term`."""
    neurons = []
    for row in rows:
        name, relation, right = _split(row)
        if relation != "=":
            raise ValueError(f"expected `neuron = term`, got {row!r}")
        neurons.append((name.strip(), term(right)))
    return ContractLayer(relu, tuple(neurons))


def inputs(words: str) -> tuple[Input, ...]:
    """Read inputs `u = form` separated by commas; `u ~ form` drops the form's constant.

    Raises:
        ValueError: an item is neither.
    """
    found = []
    for item in _listed(words):
        name, mark, form = (part.strip() for part in re.split(r"([=~])", item, maxsplit=1))
        found.append(Input(name, term(form), dropped=mark == "~"))
    return tuple(found)


def outputs(words: str) -> tuple[Output, ...]:
    """Read outputs, `neuron` or `name = form`, separated by commas. Raises: as `term`."""
    found = []
    for item in _listed(words):
        name, _, form = item.partition("=")
        found.append(Output(name.strip(), normal(term(form or name))))
    return tuple(found)


def parameters(*places: tuple[str, str, str | None]) -> tuple[Parameter, ...]:
    """Return parameters (name, neuron, input or None for the bias of the neuron). Raises: never."""
    return tuple(Parameter(*place) for place in places)


def _split(words: str) -> tuple[str, str, str]:
    parts = _RELATION.split(words)
    if len(parts) != 3:
        raise ValueError(f"expected `left relation right`, got {words!r}")
    return parts[0], parts[1], parts[2]


def _listed(words: str) -> list[str]:
    return [item for item in words.split(",") if item.strip()]
