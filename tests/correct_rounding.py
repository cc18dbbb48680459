"""Correctly rounded arithmetic on exact numbers: a second, slow way to compute what floats do.

A float is a Fraction here; rounding is written from the definition (round to nearest, ties to even, gradual
underflow) and shares nothing with the code under test. Overflow raises.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random


class OverflowedError(Exception):
    """A result is beyond the largest finite number."""


@dataclass(frozen=True)
class Format:
    """p digits, and the exponents of the largest and of the smallest normal number."""

    digits: int
    top: int
    bottom: int

    def near(self, x: Fraction) -> Fraction:
        """Return x rounded."""
        if x == 0:
            return x
        exponent = x.numerator.bit_length() - x.denominator.bit_length() - 1
        while abs(x) >= Fraction(2) ** (exponent + 1):
            exponent += 1
        exponent = max(exponent, self.bottom)
        unit = Fraction(2) ** (exponent - self.digits + 1)
        count, rest = divmod(abs(x), unit)
        if 2 * rest > unit or (2 * rest == unit and count % 2 == 1):
            count += 1
        made = count * unit
        if made >= Fraction(2) ** (self.top + 1):
            raise OverflowedError
        return made if x > 0 else -made


SINGLE, DOUBLE = Format(24, 127, -126), Format(53, 1023, -1022)


def in_order(form: Format, xs: Sequence[Fraction], ws: Sequence[Fraction], bias: Fraction | None) -> Fraction:
    """Return a sum of products in ascending order, the bias last, every operation rounded."""
    total = form.near(xs[0] * ws[0])
    for x, w in zip(xs[1:], ws[1:], strict=True):
        total = form.near(total + form.near(x * w))
    return total if bias is None else form.near(total + bias)


def in_some_order(
    form: Format, xs: Sequence[Fraction], ws: Sequence[Fraction], bias: Fraction | None, chance: Random
) -> Fraction:
    """Return a sum of products in a random tree of additions, some of them fused with a product."""
    parts: list[tuple[Fraction, Fraction | None]] = [(x, w) for x, w in zip(xs, ws, strict=True) if w != 0]
    if bias is not None and bias != 0:
        parts.append((bias, None))
    if not parts:
        return Fraction(0)
    sums: list[Fraction] = []
    waiting = list(parts)
    chance.shuffle(waiting)
    while waiting or len(sums) > 1:
        if waiting and (not sums or chance.random() < 0.6):
            x, w = waiting.pop()
            if sums and w is not None and chance.random() < 0.5:
                # Fused: the product is not rounded before it is added.
                place = chance.randrange(len(sums))
                sums[place] = form.near(sums[place] + x * w)
            else:
                sums.append(_value(form, (x, w)))
        elif len(sums) > 1:
            a = sums.pop(chance.randrange(len(sums)))
            b = sums.pop(chance.randrange(len(sums)))
            sums.append(form.near(a + b))
    return sums[0]


def _value(form: Format, part: tuple[Fraction, Fraction | None]) -> Fraction:
    x, w = part
    return x if w is None else form.near(x * w)
