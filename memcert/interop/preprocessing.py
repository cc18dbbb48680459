"""What is done to every coordinate before the network sees it: affine, exact.

UNTRUSTED. A formula is read by precedence with one loop; nothing is evaluated but + - * / of rationals.

    x/255                                              every coordinate alike
    (x - 0.5)/0.25
    (x/255 - [0.485, 0.456, 0.406])/[0.229, 0.224, 0.225]      a number a channel, or a coordinate

A list has as many numbers as the input has coordinates (row-major), or as its channels: the first
dimension behind the batch, or the last one where that alone has so many.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import NamedTuple

from memcert.errors import UsageError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

_NUMBER = r"[0-9]{1,60}(?:\.[0-9]{1,60})?(?:[eE][+-]?[0-9]{1,3})?"
_ENTRY = re.compile(f"-?{_NUMBER}")
_PART = re.compile(rf"\s*(?:({_NUMBER})|\[([^\[\]]*)\]|([x+\-*/()]))")
MAX_TEXT = 1 << 18
"""Longest formula, in characters."""
MAX_BITS = 1 << 14
"""Longest numerator or denominator on the way, in bits."""
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3}
Column = tuple[Fraction, ...]
"""One number for every coordinate, or a list of them."""


class _Value(NamedTuple):
    # factor * x + shift, in lists of one length or of length 1.
    factor: Column
    shift: Column


@dataclass(frozen=True, slots=True)
class Affine:
    """x -> factors * x + shifts; `text` is how it was asked for."""

    factors: Column = (Fraction(1),)
    shifts: Column = (Fraction(0),)
    text: str = "x"

    def __str__(self) -> str:
        return self.text

    def coefficients(self, shape: Sequence[int]) -> list[tuple[Number, Number]]:
        """Return factor and shift of every coordinate, in row-major order.

        Args:
            shape: of one row, without the batch.

        Raises:
            UsageError: a list fits neither the coordinates nor the channels, or either kind of channels.
        """
        factors, shifts = (spread_over(column, shape) for column in (self.factors, self.shifts))
        return list(zip(factors, shifts, strict=True))


def affine(text: str) -> Affine:
    """Return what `x/255`, `(x - 0.5)/0.25`, `(x - [1, 2])/[3, 4]` and the like mean, exactly.

    Raises:
        UsageError: it is spelled otherwise, is not affine in x, or divides by zero.
    """
    try:
        parts = _tokens(text)
        value = _parsed(parts)
        # Such a formula would throw every row away: no data preprocessing means that.
        if "x" not in parts:
            raise _NotAffineError("it holds no x")
    except _NotAffineError as error:
        raise _refused(text, error) from None
    return Affine(value.factor, value.shift, text.strip())


class _NotAffineError(Exception):
    """The formula is not one; the text says why."""


def _refused(text: str, error: _NotAffineError) -> UsageError:
    expected = "expected such as x/255 or (x - [1, 2])/[3, 4]"
    return UsageError(f"--preprocess: {expected}, got {shown(text, 80)}: {error}")


def _tokens(text: str) -> list[str | Column]:
    if len(text) > MAX_TEXT:
        raise _NotAffineError(f"more than {MAX_TEXT:,} characters")
    found: list[str | Column] = []
    place, text = 0, text.strip()
    while place < len(text):
        match = _PART.match(text, place)
        if match is None:
            raise _NotAffineError(f"unknown at character {place}")
        number, inside, sign = match.groups()
        found.append((Fraction(number),) if number else sign if inside is None else _list(inside))
        place = match.end()
    return found


def _list(text: str) -> Column:
    parts = [part.strip() for part in text.split(",")]
    if not all(_ENTRY.fullmatch(part) for part in parts):
        raise _NotAffineError("a list is numbers between [ and ]")
    return tuple(Fraction(part) for part in parts)


def postfix(text: str) -> list[str | Column]:
    """Return a formula's numbers, lists, `x` and operators (`neg` for a sign), operands before operators.

    Raises:
        UsageError: it is spelled otherwise.
    """
    try:
        return _postfix(_tokens(text))
    except _NotAffineError as error:
        raise _refused(text, error) from None


def _postfix(parts: list[str | Column]) -> list[str | Column]:
    # Operators wait for their right side.
    made: list[str | Column] = []
    waiting: list[str] = []
    operand = True
    for part in parts:
        if operand and part in ("-", "("):
            waiting.append("neg" if part == "-" else "(")
        elif operand and (part == "x" or isinstance(part, tuple)):
            made.append(part)
            operand = False
        elif not operand and part == ")":
            _release(made, waiting, 0)
            if not waiting:
                raise _NotAffineError("a ) too many")
            waiting.pop()
        elif not operand and isinstance(part, str) and part in "+-*/":
            _release(made, waiting, _PRECEDENCE[part])
            waiting.append(part)
            operand = True
        else:
            raise _NotAffineError(f"{shown(part)} is out of place")
    if operand:
        raise _NotAffineError("it ends early")
    _release(made, waiting, 0)
    if waiting:
        raise _NotAffineError("a ( is not closed")
    return made


def _release(made: list[str | Column], waiting: list[str], least: int) -> None:
    while waiting and waiting[-1] != "(" and _PRECEDENCE[waiting[-1]] >= least:
        made.append(waiting.pop())


def _parsed(parts: list[str | Column]) -> _Value:
    values: list[_Value] = []
    one, zero = (Fraction(1),), (Fraction(0),)
    for part in _postfix(parts):
        if isinstance(part, tuple):
            values.append(_Value(zero, part))
        elif part == "x":
            values.append(_Value(one, zero))
        elif part == "neg":
            right = values.pop()
            values.append(_Value(tuple(-x for x in right.factor), tuple(-x for x in right.shift)))
        else:
            right = values.pop()
            values.append(_applied(part, values.pop(), right))
    return values[0]


def _applied(operator: str, a: _Value, b: _Value) -> _Value:
    if operator in "+-":
        sign = 1 if operator == "+" else -1
        return _Value(
            _both(a.factor, b.factor, lambda x, y: x + sign * y),
            _both(a.shift, b.shift, lambda x, y: x + sign * y),
        )
    if operator == "/":
        if any(b.factor):
            raise _NotAffineError("x in a divisor")
        if not all(b.shift):
            raise _NotAffineError("a divisor is 0")
        b = _Value(b.factor, tuple(1 / x for x in b.shift))
    if any(a.factor) and any(b.factor):
        raise _NotAffineError("a product of x with itself")
    by, constant = (a, b.shift) if any(a.factor) else (b, a.shift)
    return _Value(
        _both(by.factor, constant, lambda x, y: x * y), _both(by.shift, constant, lambda x, y: x * y)
    )


def _both(a: Column, b: Column, act: Callable[[Fraction, Fraction], Fraction]) -> Column:
    if len(a) != len(b) and 1 not in (len(a), len(b)):
        raise _NotAffineError(f"lists of {len(a)} and {len(b)} numbers")
    size = max(len(a), len(b))
    made = tuple(act(a[i % len(a)], b[i % len(b)]) for i in range(size))
    if any(max(x.numerator.bit_length(), x.denominator.bit_length()) > MAX_BITS for x in made):
        raise _NotAffineError(f"a number of more than {MAX_BITS:,} bits")
    return made


def spread_over(column: Column, shape: Sequence[int]) -> list[Number]:
    """Return the number of every coordinate, row-major. Raises: UsageError (the list fits in no way)."""
    numbers: list[Number] = [x.numerator if x.denominator == 1 else x for x in column]
    count, size = len(numbers), prod(shape)
    if count in (1, size):
        return numbers * (size if count == 1 else 1)
    first, last = count == shape[0], count == shape[-1]
    if len(shape) > 1 and first != last:
        inner = size // count
        return [numbers[i // inner if first else i % count] for i in range(size)]
    if first and last:
        raise UsageError(
            f"--preprocess: a list of {count} numbers fits the channels of the shape {list(shape)} both as "
            f"the first dimension and as the last; give a number for each of {size} coordinates"
        )
    raise UsageError(
        f"--preprocess: a list of {count} numbers fits neither {size} coordinates nor the channels of the "
        f"shape {list(shape)}"
    )
