"""VNN-LIB 1.0: declared X_i and Y_j, assertions of constraints joined by and, or, not, =>.

UNTRUSTED. No recursion. Numbers are decimals with or without exponent, or p/q, up to the bound on digits.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, TypeVar

from memcert.datasets.numbers import number
from memcert.errors import MemcertError, UndecidedError, UnsupportedError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown
from memcert.witnesses.arithmetic import OPERATORS, RELATIONS, NotReadError, applied, related
from memcert.witnesses.formula import Form, Gather, Step, Work
from memcert.witnesses.normal_form import Signed, normal_form
from memcert.witnesses.specification import Declared, Signature, Specification
from memcert.witnesses.tokens import Source, Token, tokens

_VARIABLE = re.compile(r"([XY])_(0|[1-9][0-9]{0,8})", re.ASCII)
_NUMERIC = re.compile(r"[+-]?\.?[0-9]", re.ASCII)
_SKIPPED = frozenset({"set-logic", "set-info", "set-option", "check-sat", "get-model", "exit"})
"""Commands of SMT-LIB that say nothing about the variables."""
_LEAST = {"and": 1, "or": 1, "not": 1, "=>": 2}
"""What joins constraints, and how many at least."""
_READ = (*_LEAST, *RELATIONS, *sorted(OPERATORS))


class _Asserted(NamedTuple):
    """A formula whose steps stand in the program."""


class _Empty(NamedTuple):
    """An empty pair of brackets."""


_Result = TypeVar("_Result")
_Value = Token | Form | _Asserted | _Empty
_ASSERTED, _EMPTY = _Asserted(), _Empty()


class _Frame(NamedTuple):
    """An open bracket and what was read inside it."""

    at: int
    parts: list[_Value]


def read(source: Source) -> Specification:
    """Return the property that a text of version 1.0 states.

    Cost: linear in the text; 100,000 nested brackets need no recursion.

    Raises:
        SpecificationError: malformed; the message names line and column.
        UnsupportedError: a sort, command or operator that is not read, or a quotient by a variable.
        UndecidedError: it is too large.
    """
    return _Reader(source).read()


class _Reader:
    """Reduces each pair of brackets when it closes; formulas are written to one program as they end."""

    def __init__(self, source: Source) -> None:
        self.source, self.work = source, Work()
        self.variables: dict[str, int] = {}
        self.program: list[Step | Signed] = []
        self.assertions = 0
        self.line, self.counted = 1, 0

    def read(self) -> Specification:
        """Return the whole property. Raises: as `read`."""
        stack: list[_Frame] = []
        for token in tokens(self.source):
            if token.text == "(":
                stack.append(_Frame(token.at, []))
            elif not stack:
                raise self.source.error(token.at, f"expected '(', got {shown(token.text)}")
            elif token.text == ")":
                frame = stack.pop()
                outer = stack[0] if stack else frame
                value = _EMPTY if _skipped(outer) else self._reduced(frame, outermost=not stack)
                if stack:
                    stack[-1].parts.append(value)
            else:
                stack[-1].parts.append(token)
        if stack:
            raise self.source.error(stack[-1].at, "expected ')' for this '(', got the end of the file")
        return self._finished()

    def _reduced(self, frame: _Frame, *, outermost: bool) -> _Value:
        if not frame.parts:
            if outermost:
                raise self.source.error(frame.at, "expected a command, got ()")
            return _EMPTY
        head = frame.parts[0]
        if not isinstance(head, Token):
            raise self.source.error(frame.at, "expected a word after this '(', got another '('")
        if outermost:
            return self._command(head, frame)
        if head.text in OPERATORS:
            return self._arithmetic(head, frame)
        if head.text in RELATIONS:
            return self._relation(head, frame)
        if head.text in _LEAST:
            return self._joined(head, frame)
        told = f"operator {shown(head.text)} is not read: expected one of {', '.join(_READ)}"
        raise self._at(UnsupportedError, head.at, told)

    def _command(self, head: Token, frame: _Frame) -> _Value:
        if head.text in {"declare-const", "declare-fun"}:
            self._declare(head, frame)
        elif head.text == "assert":
            if len(frame.parts) != 2 or not isinstance(frame.parts[1], _Asserted):
                raise self.source.error(head.at, "assert: expected one constraint")
            self.assertions += 1
        else:
            told = f"command {shown(head.text)} is not read: expected declare-const, declare-fun or assert"
            raise self._at(UnsupportedError, head.at, told)
        return _EMPTY

    def _declare(self, head: Token, frame: _Frame) -> None:
        parts = [part for part in frame.parts[1:] if not isinstance(part, _Empty)]
        function = head.text == "declare-fun"
        words = [part.text for part in parts if isinstance(part, Token)]
        if len(parts) != 2 or len(words) != 2 or len(frame.parts) != (4 if function else 3):
            form = "(declare-fun X_0 () Real)" if function else "(declare-const X_0 Real)"
            raise self.source.error(head.at, f"expected such as {form}")
        name, sort = words
        found = _VARIABLE.fullmatch(name)
        if found is None:
            raise self._at(UnsupportedError, head.at, f"variable {shown(name)}: expected X_i or Y_i")
        if sort != "Real":
            raise self._at(UnsupportedError, head.at, f"sort {shown(sort)} of {name}: expected Real")
        if name in self.variables:
            raise self.source.error(head.at, f"{name} is declared twice")
        # Even for inputs, odd for outputs, until it is known how many inputs there are.
        self.variables[name] = 2 * int(found[2]) + (found[1] == "Y")

    def _arithmetic(self, head: Token, frame: _Frame) -> Form:
        operands = [self._term(part, head) for part in frame.parts[1:]]
        return self._placed(head, lambda: applied(head.text, operands, self.work))

    def _relation(self, head: Token, frame: _Frame) -> _Asserted:
        operands = [self._term(part, head) for part in frame.parts[1:]]
        if len(operands) < 2 or (head.text == "!=" and len(operands) > 2):
            raise self.source.error(head.at, f"{head.text}: expected two terms, got {len(operands)}")
        line = self._line(head.at)
        for a, b in pairwise(operands):
            self.program.append(related(head.text, a, b, line, _odd, self.work))
        if len(operands) > 2:
            self.program.append(Gather("and", len(operands) - 1))
        return _ASSERTED

    def _joined(self, head: Token, frame: _Frame) -> _Asserted:
        count, least = len(frame.parts) - 1, _LEAST[head.text]
        if count < least or not all(isinstance(part, _Asserted) for part in frame.parts[1:]):
            told = f"constraints, at least {'two' if least == 2 else 'one'}"
            raise self.source.error(head.at, f"{head.text}: expected {told}")
        if head.text == "not":
            if count > 1:
                raise self.source.error(head.at, f"not: expected one constraint, got {count:,}")
            self.program.append(Signed("not", 1))
        elif head.text == "=>":
            self.program.append(Signed("=>", count))
        elif count > 1:
            self.program.append(Gather("and" if head.text == "and" else "or", count))
        return _ASSERTED

    def _term(self, part: _Value, head: Token) -> Form:
        if isinstance(part, Form):
            return part
        if not isinstance(part, Token):
            raise self.source.error(head.at, f"{head.text}: expected terms, got a constraint or ()")
        if part.text in self.variables:
            return Form({self.variables[part.text]: 1}, 0)
        if _NUMERIC.match(part.text) is None:
            raise self.source.error(
                part.at, f"expected a number or a declared variable, got {shown(part.text)}"
            )
        return Form({}, self._placed(part, lambda: _number(part.text)))

    def _placed(self, token: Token, act: Callable[[], _Result]) -> _Result:
        # Adds the place to whatever is raised.
        try:
            return act()
        except NotReadError as error:
            raise self.source.error(token.at, str(error)) from None
        except (UnsupportedError, UndecidedError) as error:
            raise self._at(type(error), token.at, str(error)) from None

    def _at(self, kind: type[MemcertError], at: int, message: str) -> MemcertError:
        return kind(f"{shown(self.source.name)}: {self.source.place(at)}: {message}")

    def _line(self, at: int) -> int:
        # Offsets only grow, so that each line is counted once.
        if at > self.counted:
            self.line += self.source.text.count("\n", self.counted, at)
            self.counted = at
        return self.line

    def _finished(self) -> Specification:
        if not self.assertions:
            raise self.source.fault(f"{shown(self.source.name)}: expected an assertion, got none")
        counts = [sum(name[0] == letter for name in self.variables) for letter in "XY"]
        for letter, count in zip("XY", counts, strict=True):
            missing = next((i for i in range(max(count, 1)) if f"{letter}_{i}" not in self.variables), None)
            if missing is not None:
                raise self.source.fault(f"{shown(self.source.name)}: {letter}_{missing} is not declared")
        inputs, outputs = counts
        if self.assertions > 1:
            self.program.append(Gather("and", self.assertions))
        program = tuple(_renumbered(step, inputs) for step in normal_form(self.program))
        x, y = Declared("X", None, inputs, 0, "real"), Declared("Y", None, outputs, inputs, "real")
        return Specification("1.0", (Signature("", None, (x,), (y,)),), program)


def _skipped(outer: _Frame) -> bool:
    # Whatever stands inside a skipped command is no formula.
    head = outer.parts[0] if outer.parts else None
    return isinstance(head, Token) and head.text in _SKIPPED


def _odd(variable: int) -> bool:
    return variable % 2 == 1


def _renumbered(step: Step, inputs: int) -> Step:
    if isinstance(step, Gather):
        return step
    terms = {_place(v, inputs): weight for v, weight in step.form.terms.items()}
    products = {
        tuple(sorted(_place(v, inputs) for v in product)): weight
        for product, weight in step.form.products.items()
    }
    return replace(step, form=Form(terms, step.form.constant, products))


def _place(variable: int, inputs: int) -> int:
    return variable // 2 + inputs * (variable % 2)


def _number(text: str) -> Number:
    found = number(text)
    if found is None:
        raise NotReadError(f"expected a number such as -0.25, 1e-5 or 1/3, got {shown(text)}")
    return found
