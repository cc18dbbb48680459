"""VNN-LIB 2.0: the library vnnlib (extra) reads the syntax, every number is read here from its lexeme.

UNTRUSTED. The library's own numbers are floats; none of them is looked at.
"""

import importlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from memcert.datasets.numbers import number
from memcert.errors import UndecidedError, UnsupportedError
from memcert.kernel.verdict import shown
from memcert.witnesses.arithmetic import NotReadError, applied, related
from memcert.witnesses.formula import Form, Gather, Step, Work
from memcert.witnesses.lexemes import FLOATS, INTEGERS, Spelled, other_type, respelled
from memcert.witnesses.specification import Declared, Signature, Specification
from memcert.witnesses.tokens import Source, tokens

MAX_NESTING = 1_000
"""Deepest nesting of brackets that is handed to the library, which recurses."""
MAX_ELEMENTS = 1 << 22
"""Most elements of the declared tensors together."""
MAX_NETWORKS, MAX_RANK = 64, 32
"""Most networks, and most dimensions of a tensor."""
_PLACE = re.compile(r"line ([0-9]+), column ([0-9]+): '(.*)'", re.DOTALL)
_ARITHMETIC = {"Plus": "+", "Minus": "-", "Negate": "-", "Multiply": "*"}
_COMPARED = {
    "LessEqual": "<=",
    "LessThan": "<",
    "GreaterEqual": ">=",
    "GreaterThan": ">",
    "Equal": "==",
    "NotEqual": "!=",
}


def read(source: Source) -> Specification:
    """Return the property that a text of version 2 states.

    Raises:
        SpecificationError: malformed, or ill-typed; the message names the line, and the column if known.
        UnsupportedError: an element type that is not judged; or the extra is missing.
        UndecidedError: it is nested too deeply, or too large.
    """
    _refuse_depth(source)
    query, spelled = _parsed(source)
    other = other_type(source)
    if other is not None:
        told = f"element type {shown(other.text, 40)}: expected one of {', '.join((*FLOATS, *INTEGERS))}"
        raise UnsupportedError(f"{shown(source.name)}: {source.place(other.at)}: {told}")
    reader = _Reader(source, query, spelled)
    return Specification(_version(source), reader.networks(), reader.formula())


def _library() -> Any:
    try:
        return importlib.import_module("vnnlib")
    except ImportError:
        raise UnsupportedError(
            "properties of VNN-LIB 2.0 need the package vnnlib: pip install 'memcert[vnnlib]'"
        ) from None


def _refuse_depth(source: Source) -> None:
    # The library's parser and its destructors recurse, and end the process where the stack ends.
    open_at: list[int] = []
    deepest = 0
    for token in tokens(source):
        if not token.text.isascii():
            raise source.error(token.at, f"expected ASCII outside comments, got {shown(token.text, 40)}")
        if token.text[0] in '"|' and ("(" in token.text or ")" in token.text):
            raise source.error(token.at, f"expected no bracket in quotes, got {shown(token.text, 40)}")
        if token.text == "(":
            open_at.append(token.at)
            deepest = max(deepest, len(open_at))
        elif token.text == ")" and not open_at:
            raise source.error(token.at, "expected '(' before this ')'")
        elif token.text == ")":
            open_at.pop()
    if open_at:
        raise source.error(open_at[-1], "expected ')' for this '(', got the end of the file")
    if deepest > MAX_NESTING:
        raise UndecidedError(
            f"{shown(source.name)}: expected brackets nested at most {MAX_NESTING:,} deep, got {deepest:,}"
        )


def _version(source: Source) -> str:
    words = [token.text for token, _ in zip(tokens(source), range(3), strict=False)]
    return words[2].strip("<>") if len(words) == 3 else "2.0"


def _parsed(source: Source) -> tuple[Any, Mapping[str, str]]:
    # The text as it is, first: its errors have the right places. What the library cannot hold (long
    # numbers, which it puts into machine numbers; the type `Real`, which it does not know) is
    # respelled, and asked again.
    library = _library()
    without = _without_comments(source)
    try:
        return library.parse_query_string(without), {}
    except Exception as error:
        first = error
    other: Spelled = respelled(source)
    try:
        return library.parse_query_string(other.text), other.lexemes
    except Exception:
        raise _refusal(source, first) from None


def _without_comments(source: Source) -> str:
    # Comments may hold any text; the library decodes parts of it again.
    return re.sub(r";[^\n]*", "", source.text)


def _refusal(source: Source, error: Exception) -> Exception:
    text = str(error)
    found = _PLACE.search(text)
    if found is not None:
        line, column = int(found[1]), int(found[2]) + 1  # the library counts columns from 0
        told = f"unexpected {shown(found[3], 60)}{_hint(source, line, column)}"
        return source.fault(f"{shown(source.name)}: line {line}, column {column}: {told}")
    try:
        first = json.loads(text)["errors"][0]
        told = f"{first['message']}: {shown(first['offendingSymbol'], 60)}. {first['hint']}"
        return source.fault(f"{shown(source.name)}: line {int(first['line'])}: {shown(told, 400)}")
    except (ValueError, KeyError, IndexError, TypeError):
        return source.fault(f"{shown(source.name)}: the vnnlib library refuses it: {shown(text, 200)}")


def _hint(source: Source, line: int, column: int) -> str:
    lines = source.text.split("\n")
    text = lines[line - 1] if line <= len(lines) else ""
    word = re.split(r"[\s()]", text[: column - 1])[-1] + re.split(r"[\s()]", text[column - 1 :])[0]
    if re.match(r"[+-]?\.?[0-9]", word) and number(word) is not None:
        return (
            f" in {shown(word, 60)}: numbers of VNN-LIB 2.0 are spelled such as -0.25, without + and exponent"
        )
    return ""


class _Reader:
    """Turns the library's tree into networks and a program, without recursion."""

    def __init__(self, source: Source, query: Any, spelled: Mapping[str, str]) -> None:
        self.source, self.query, self.spelled = source, query, spelled
        self.work = Work()
        self.places: dict[str, Declared] = {}
        self.outputs: set[str] = set()
        self.size = 0

    def networks(self) -> tuple[Signature, ...]:
        """Return the declared networks. Raises: UnsupportedError, UndecidedError."""
        found = []
        if len(self.query.networks) > MAX_NETWORKS:
            told = f"at most {MAX_NETWORKS} networks, got {len(self.query.networks):,}"
            raise UndecidedError(f"{shown(self.source.name)}: expected {told}")
        for network in self.query.networks:
            where = f"{shown(self.source.name)}: network {shown(network.name)}"
            if not len(network.inputs) or not len(network.outputs):
                raise self.source.fault(f"{where}: expected an input and an output")
            given, hidden, made = (
                tuple(self._declared(part) for part in parts)
                for parts in (network.inputs, network.hidden, network.outputs)
            )
            self.outputs.update(part.name for part in (*hidden, *made))
            found.append(Signature(str(network.name), str(network.equal_to) or None, given, made, hidden))
        return tuple(found)

    def _declared(self, definition: Any) -> Declared:
        shape = tuple(int(n) for n in definition.shape)
        if len(shape) > MAX_RANK:
            told = f"at most {MAX_RANK} dimensions, got {len(shape):,}"
            raise UndecidedError(f"{shown(self.source.name)}: {shown(definition.name)}: expected {told}")
        count = prod(shape)
        if self.size + count > MAX_ELEMENTS:
            raise UndecidedError(
                f"{shown(self.source.name)}: more than {MAX_ELEMENTS:,} variables are declared"
            )
        node = definition.onnx_name
        declared = Declared(
            str(definition.name),
            shape,
            count,
            self.size,
            _type(definition.dtype),
            None if node is None else str(node).strip('"'),
        )
        self.places[declared.name] = declared
        self.size += count
        return declared

    def formula(self) -> tuple[Step, ...]:
        """Return the program of all assertions; `networks` comes first. Raises: as `vnnlib2.read`."""
        program: list[Step] = []
        count = 0
        for assertion in self.query.assertions:
            self._written(assertion.expr, program)
            count += 1
        if count > 1:
            program.append(Gather("and", count))
        return tuple(program)

    def _written(self, root: Any, program: list[Step]) -> None:
        def made(node: Any, parts: Sequence[None]) -> None:
            kind = type(node).__name__
            if kind in _COMPARED:
                program.append(self._compared(node, _COMPARED[kind]))
            elif len(parts) > 1:
                program.append(Gather("and" if kind == "And" else "or", len(parts)))

        def inner(node: Any) -> Sequence[Any]:
            kind = type(node).__name__
            if kind not in _COMPARED and kind not in {"And", "Or"}:
                raise UnsupportedError(f"{shown(self.source.name)}: constraint {shown(kind)} is not read")
            return () if kind in _COMPARED else tuple(node.args)

        _postorder(root, inner, made)

    def _compared(self, node: Any, operator: str) -> Any:
        lines: list[int] = []
        try:
            a, b = self._term(node.lhs, lines), self._term(node.rhs, lines)
            line = max(lines, default=0)
            return related(operator, a, b, line, self._is_output, self.work)
        except NotReadError as error:
            raise self.source.fault(f"{self._where(lines)}: {error}") from None
        except (UnsupportedError, UndecidedError) as error:
            raise type(error)(f"{self._where(lines)}: {error}") from None

    def _where(self, lines: Sequence[int]) -> str:
        return f"{shown(self.source.name)}: line {max(lines, default=0)}"

    def _is_output(self, variable: int) -> bool:
        return any(
            part.first <= variable < part.first + part.count and part.name in self.outputs
            for part in self.places.values()
        )

    def _term(self, root: Any, lines: list[int]) -> Form:
        def made(node: Any, parts: Sequence[Form]) -> Form:
            kind = type(node).__name__
            if kind in _ARITHMETIC:
                return applied(_ARITHMETIC[kind], parts, self.work)
            lines.append(int(node.line))
            if kind == "Var":
                return Form({self._variable(node): 1}, 0)
            return Form({}, self._number(str(node.lexeme)))

        def inner(node: Any) -> Sequence[Any]:
            kind = type(node).__name__
            if kind not in _ARITHMETIC and kind not in {"Var", "Float", "Int"}:
                raise UnsupportedError(f"term {shown(kind)} is not read")
            if kind == "Minus":
                return (node.head, *node.rest)
            if kind == "Negate":
                return (node.expr,)
            return tuple(node.args) if kind in _ARITHMETIC else ()

        found: Form = _postorder(root, inner, made)
        return found

    def _variable(self, node: Any) -> int:
        declared = self.places[str(node.name)]
        place = 0
        for size, index in zip(declared.shape or (), node.indices, strict=True):
            place = place * size + int(index)
        return declared.first + place

    def _number(self, lexeme: str) -> Any:
        found = number(self.spelled.get(lexeme, lexeme))
        if found is None:
            raise NotReadError(f"expected a number, got {shown(lexeme)}")
        return found


def _postorder(root: Any, inner: Callable[[Any], Sequence[Any]], made: Callable[[Any, Any], Any]) -> Any:
    """Return made(node, results of its parts) of the root, without recursion. Raises: what they raise."""
    results: list[Any] = []
    stack: list[tuple[Any, int]] = [(root, -1)]
    while stack:
        node, count = stack.pop()
        if count < 0:
            parts = inner(node)
            stack.append((node, len(parts)))
            stack += [(part, -1) for part in reversed(parts)]
        else:
            joined = results[len(results) - count :]
            del results[len(results) - count :]
            results.append(made(node, joined))
    return results[0]


def _type(dtype: Any) -> str:
    # Unknown is `Real`: other words were refused.
    names = {"F16": "float16", "F32": "float32", "F64": "float64", "BF16": "bfloat16"}
    names |= {name.upper().replace("INT", "I").replace("UI", "U"): name for name in INTEGERS}
    return names.get(str(dtype.name), "real")
