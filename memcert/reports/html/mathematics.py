"""Terms and statements of contracts as HTML: italic names, indices below, fractions, one line each.

UNTRUSTED. A screen reader is given the words of `memcert.contracts.terms`.
"""

import re
from collections.abc import Container, Iterable

from markupsafe import Markup, escape

from memcert.contracts.terms import exact, text
from memcert.kernel.certificate import Atom, Ensure, Number, Term
from memcert.reports.figures.numerals import exact_text, rough
from memcert.reports.words import printable

RELATIONS = {"=": "=", ">=": "\u2265", "<=": "\u2264", ">": ">", "<": "<"}
FLIPPED = {"=": "=", ">=": "<=", ">": "<"}
LONG = 14
"""Characters of a number that still fits into a formula; longer ones are rounded there."""
_INDEXED = re.compile(r"([a-z]+(?:_[a-z]+)*)_?([0-9]+)", re.ASCII)


def formula(inner: Markup, words: str) -> Markup:
    """Return mathematics that is read out as the words. Raises: never."""
    return Markup('<span class="math" role="math" aria-label="{}">{}</span>').format(printable(words), inner)


def name(called: str) -> Markup:
    """Return a name: `p3` as p with the index 3. Raises: never."""
    found = _INDEXED.fullmatch(called)
    stem, index = (found[1], found[2]) if found else (called, "")
    kind = "i" if len(stem) == 1 else "b"
    shown = Markup('<i class="v{}">{}</i>').format("" if kind == "i" else " w", printable(stem))
    return shown + Markup("<sub>{}</sub>").format(index) if index else shown


def amount(number: Number) -> Markup:
    """Return a number within a formula; a fraction has a bar, a long one is rounded. Raises: never."""
    told = exact_text(number)
    if len(told) > LONG:
        return Markup('<span class="n">\u2248{}</span>').format(rough(number))
    top, slash, below = told.partition("/")
    if not slash:
        return Markup('<span class="n">{}</span>').format(top)
    sign = "\u2212" if top.startswith("\u2212") else ""
    bar = Markup('<span class="fr"><span>{}</span><span class="sl">/</span><span>{}</span></span>')
    return escape(sign) + bar.format(top.removeprefix("\u2212"), below)


def sum_of(term: Term) -> Markup:
    """Return a sum of monomials. Raises: never."""
    parts: list[Markup] = []
    for coefficient, names in term:
        negative = coefficient < 0
        sign = "\u2212" if negative else "+"
        if parts:
            parts.append(Markup(" {}\u00a0").format(sign))
        elif negative:
            parts.append(Markup("\u2212"))
        size: Number = -coefficient if negative else coefficient
        product = Markup("\u200a").join(name(x) for x in names)
        if size != 1 or not names:
            product = amount(size) + (Markup("\u200a") if names else Markup("")) + product
        parts.append(product)
    return Markup("").join(parts) if parts else Markup('<span class="n">0</span>')


def term(value: Term) -> Markup:
    """Return a term as a formula. Raises: never."""
    return formula(sum_of(value), text(value))


def atom(statement: Atom, inputs: Container[str] = ()) -> Markup:
    """Return `term relation 0` with what is negative on the other side, so that no sign is left.

    Args:
        statement: of a contract.
        inputs: names that stand on the left where there is a choice. Raises: never.
    """
    left = tuple((c, n) for c, n in statement.term if c > 0)
    right = tuple((exact(-c), n) for c, n in statement.term if c < 0)
    relation: str = statement.relation
    speaks = [any(x in inputs for _, names in side for x in names) for side in (left, right)]
    named = [any(names for _, names in side) for side in (left, right)]
    if (speaks[1] and not speaks[0]) or (named[1] and not named[0] and not speaks[0]):
        left, right, relation = right, left, FLIPPED[relation]
    return relates(left, relation, right)


def relates(left: Term, relation: str, right: Term) -> Markup:
    """Return `left relation right` as a formula, named parts before numbers. Raises: never."""
    # What is added stands before what is taken away, names before numbers.
    left, right = (tuple(sorted(side, key=lambda part: (part[0] < 0, not part[1]))) for side in (left, right))
    sign = RELATIONS[relation]
    inner = Markup("{}\u00a0{} {}").format(sum_of(left), sign, sum_of(right))
    return formula(inner, f"{text(left)} {relation} {text(right)}")


def ensured(statement: Ensure) -> Markup:
    """Return what a case promises of an output. Raises: never."""
    return relates(((1, (statement.output,)),), statement.relation, statement.term)


def listed(formulas: Iterable[Markup]) -> Markup:
    """Return formulas with commas between them. Raises: never."""
    return Markup(", ").join(formulas)
