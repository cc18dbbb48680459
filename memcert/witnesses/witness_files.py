"""A witness file of a verifier: the competition's pairs, or the layouts of VNN-LIB 2.0; exact decimals.

UNTRUSTED.

- pairs: `sat`, then `((X_0 0.5) (X_1 -1e-3) .. (Y_0 2))`, on one line or many; the outer brackets may go;
- lines: `sat`, then `X[0,1]=0.5` line by line;
- blocks: `sat`, then `X float32 [1,2]` and one element a line, tensor by tensor.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from memcert.datasets.numbers import fault, number
from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown
from memcert.witnesses.refusals import NoWitnessError, WitnessError
from memcert.witnesses.specification import Specification
from memcert.witnesses.tokens import Source, Token, read_source, tokens

Layout = Literal["pairs", "lines", "blocks"]
_FOUND = frozenset({"sat", "violated"})
_WORD = re.compile(r"[A-Za-z]\w*(?:-\w+)*", re.ASCII)
_NOTHING = re.compile(
    r"(?:unsat|holds|safe|verified|time|unknown|error|mem|oom|no_|run_instance|prepare_instance)", re.ASCII
)
"""How results begin that come without a witness: `unsat`, `timeout`, `error_exit_code_1`, .."""
_HEADER = re.compile(
    r"(\S+)\s+([A-Za-z][A-Za-z0-9]*)\s+\[((?:\s*[0-9]{1,9}\s*(?:,\s*[0-9]{1,9}\s*)*)?)\]", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Witness:
    """What a verifier says: the value of every input, and of outputs as far as it wrote them.

    Args:
        name: of the file.
        layout: in which it was written.
        inputs: by variable of the property; all of them.
        outputs: by variable; they are compared, and decide nothing.
    """

    name: str
    layout: Layout
    inputs: Mapping[int, Number]
    outputs: Mapping[int, Number]


def read_witness(path: str, stated: Specification) -> Witness:
    """Read a witness for a property, gzipped or not.

    Raises:
        UsageError: it cannot be opened.
        NoWitnessError: it says `unsat`, `timeout` or the like, or nothing.
        WitnessError: malformed, or not of the property's variables; the message names the place.
        DatasetError: damaged gzip.
        UndecidedError: it is too large, or a number is too long.
    """
    source = read_source(path, WitnessError)
    words = tokens(source)
    first = next(words, None)
    named = first is not None and (stated.tensor(first.text) or stated.variable(first.text) is not None)
    if first is not None and not named and _WORD.fullmatch(first.text):
        word = first.text.lower()
        if _NOTHING.match(word):
            raise NoWitnessError(f"{shown(path)}: expected a witness, the file says {shown(first.text, 40)}")
        if word not in _FOUND:
            raise source.error(first.at, f"expected sat, or a witness, got {shown(first.text, 40)}")
        start, first = first.at + len(first.text), next(words, None)
    else:
        start = 0
    if first is None:
        raise NoWitnessError(f"{shown(path)}: expected a witness, the file holds none")
    if first.text == "(":
        return _finished(source, stated, "pairs", _pairs(source, first, words))
    if "=" in next(_filled(source, start), (0, ""))[1]:
        return _finished(source, stated, "lines", _lines(source, start))
    return _finished(source, stated, "blocks", _blocks(source, stated, start))


def _finished(
    source: Source, stated: Specification, layout: Layout, named: Iterator[tuple[int, str, Number]]
) -> Witness:
    inputs: dict[int, Number] = {}
    outputs: dict[int, Number] = {}
    for at, name, value in named:
        variable = stated.variable(name)
        if variable is None:
            raise source.error(at, f"the property has no variable {shown(name, 60)}")
        part = outputs if stated.is_output(variable) else inputs
        if variable in part:
            raise source.error(at, f"{stated.label(variable)} is given twice")
        told = stated.fault(variable, value)
        if told is not None and part is inputs:
            raise source.error(at, f"{told}, got {shown(str(value), 60)}")
        part[variable] = value
    for network in stated.networks:
        for variable in range(network.input.first, network.input.first + network.input.count):
            if variable not in inputs:
                told = f"expected a value of {stated.label(variable)}, got none"
                raise WitnessError(f"{shown(source.name)}: {told}")
    return Witness(source.name, layout, inputs, outputs)


def _number(source: Source, at: int, text: str) -> Number:
    try:
        value = number(text)
    except UndecidedError as error:
        raise UndecidedError(f"{shown(source.name)}: {source.place(at)}: {error}") from None
    if value is None:
        finite = "a finite number" if fault(text) == "not-finite" else "a number"
        raise source.error(at, f"expected {finite}, got {shown(text, 60)}")
    return value


def _pairs(source: Source, first: Token, words: Iterator[Token]) -> Iterator[tuple[int, str, Number]]:
    reader = _Brackets(source, words)
    token = reader.next(first.at)
    if token.text == "(":
        after = None
        while token.text == "(":
            yield reader.pair(token.at, reader.next(token.at))
            token = reader.next(first.at)
        if token.text != ")":
            raise source.error(token.at, f"expected '(' or ')', got {shown(token.text, 60)}")
        after = next(words, None)
    else:
        yield reader.pair(first.at, token)
        while (after := next(words, None)) is not None and after.text == "(":
            yield reader.pair(after.at, reader.next(after.at))
    if after is not None:
        raise source.error(after.at, f"expected the end of the file, got {shown(after.text, 60)}")


class _Brackets:
    """Reads the inside of brackets; every missing one is named with the bracket that it belongs to."""

    def __init__(self, source: Source, words: Iterator[Token]) -> None:
        self.source, self.words = source, words

    def pair(self, opened: int, name: Token) -> tuple[int, str, Number]:
        """Read the rest of `(name value)`, from behind the name. Raises: WitnessError."""
        if name.text in {"(", ")"}:
            raise self.source.error(name.at, f"expected a variable, got {shown(name.text)}")
        value = self.value(name.at)
        self.close(opened)
        return name.at, name.text, value

    def next(self, opened: int) -> Token:
        """Return the next token. Raises: WitnessError, at the end of the file."""
        token = next(self.words, None)
        if token is None:
            raise self.source.error(opened, "expected ')' for this '(', got the end of the file")
        return token

    def close(self, opened: int) -> None:
        """Read one ')'. Raises: WitnessError."""
        token = self.next(opened)
        if token.text != ")":
            raise self.source.error(token.at, f"expected ')', got {shown(token.text, 60)}")

    def value(self, opened: int) -> Number:
        """Read a number: a decimal, p/q, or as solvers write it, (- v) and (/ p q). Raises: WitnessError."""
        token = self.next(opened)
        if token.text != "(":
            return _number(self.source, token.at, token.text)
        sign = self.next(token.at)
        if sign.text == "-":
            inner = self.next(token.at)
            if inner.text == "(":
                value = self._quotient(self.next(inner.at), inner.at)
            else:
                value = _number(self.source, inner.at, inner.text)
            self.close(token.at)
            return -value
        return self._quotient(sign, token.at)

    def _quotient(self, operator: Token, opened: int) -> Number:
        if operator.text != "/":
            raise self.source.error(operator.at, f"expected - or /, got {shown(operator.text, 60)}")
        top, bottom = self.next(opened), self.next(opened)
        p, q = (_number(self.source, token.at, token.text) for token in (top, bottom))
        if q == 0:
            raise self.source.error(bottom.at, "expected a divisor that is not 0, got 0")
        self.close(opened)
        return _reduced(Fraction(p) / q)


def _reduced(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def _filled(source: Source, start: int) -> Iterator[tuple[int, str]]:
    # The lines that hold something, with the offset of their first letter.
    at = start
    for line in source.text[start:].split("\n"):
        text = line.strip()
        if text and not text.startswith(";"):
            yield at + line.index(text[0]), text
        at += len(line) + 1


def _lines(source: Source, start: int) -> Iterator[tuple[int, str, Number]]:
    for at, text in _filled(source, start):
        name, equals, value = text.partition("=")
        if not equals:
            raise source.error(at, f"expected such as X[0,1]=0.5, got {shown(text, 60)}")
        yield at, "".join(name.split()), _number(source, at + len(name) + 1, value.strip())


def _blocks(source: Source, stated: Specification, start: int) -> Iterator[tuple[int, str, Number]]:
    rows = _filled(source, start)
    for at, text in rows:
        found = _HEADER.fullmatch(text)
        if found is None:
            raise source.error(at, f"expected such as X float32 [1,2], got {shown(text, 60)}")
        part = stated.tensor(found[1])
        if part is None:
            raise source.error(at, f"the property has no tensor {shown(found[1], 60)}")
        shape = tuple(int(n) for n in found[3].split(",") if n.strip())
        if shape != (part.shape or (part.count,)) or found[2].lower() not in {part.type, "real"}:
            declared = f"{part.type} {list(part.shape or (part.count,))}"
            raise source.error(at, f"{part.name}: expected {declared}, got {shown(text, 60)}")
        for place in range(part.count):
            row = next(rows, None)
            if row is None:
                raise source.error(at, f"{part.name}: expected {part.count} elements, got {place}")
            yield row[0], part.label(place), _number(source, *row)
