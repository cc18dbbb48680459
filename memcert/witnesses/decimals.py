"""A point that meets one equation exactly, moved to a point beside it that does so in finite decimals.

UNTRUSTED; the point is judged again. With integers A and decimals x the equation A . x + C = 0 is one over
Z[1/10]: two inputs are changed by what the extended Euclidean algorithm gives.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, islice
from math import gcd, lcm

from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.witnesses.boxes import is_decimal, rounded
from memcert.witnesses.region_forms import CONSTANT, Row

PAIRS = 10
"""Pairs of inputs that are tried, those of the largest coefficients first."""
CLOSER = 20
"""Digits by which the first input's change is smaller than a unit."""


def decimal_points(row: Row, point: Mapping[int, Number]) -> Iterator[dict[int, Number]]:
    """Yield points of finite decimals near a point, at which the row is 0.

    Args:
        row: over the inputs; it is 0 at the point.
        point: the inputs.

    Raises:
        never.
    """
    scale = lcm(*(value.denominator for value in row.values()))
    factors = {v: int(value * scale) for v, value in row.items() if v != CONSTANT and value}
    base = {v: x if is_decimal(x) else rounded(x, 17) for v, x in point.items()}
    rest = sum((a * Fraction(base[v]) for v, a in factors.items()), row.get(CONSTANT, Fraction(0)) * scale)
    ranked = sorted(factors, key=lambda v: (-abs(factors[v]), v))
    for first, second in islice(combinations(ranked, 2), PAIRS):
        changes = _changes(factors[first], factors[second], -rest)
        if changes is not None:
            moved = dict(base)
            moved[first] = quotient(base[first] + changes[0], 1)
            moved[second] = quotient(base[second] + changes[1], 1)
            yield moved


def _changes(a: int, b: int, rest: Fraction) -> tuple[Fraction, Fraction] | None:
    # Decimals u, v with a u + b v = rest, u as small as one likes; None: there are none.
    common = gcd(a, b)
    digits = _digits(rest.denominator) + len(hex(b)) + CLOSER + _digits(common)
    wanted = rest * 10**digits
    if wanted.denominator != 1 or wanted.numerator % common:
        return None
    a, b, n = a // common, b // common, wanted.numerator // common
    modulus = abs(b)
    u = n * pow(a, -1, modulus) % modulus if modulus > 1 else 0
    u -= modulus if 2 * u > modulus else 0
    return Fraction(u, 10**digits), Fraction((n - a * u) // b, 10**digits)


def _digits(number: int) -> int:
    # The exponent of 10 that takes every 2 and 5 out of a number.
    twos = fives = 0
    while number % 2 == 0:
        number, twos = number // 2, twos + 1
    while number % 5 == 0:
        number, fives = number // 5, fives + 1
    return max(twos, fives)
