"""Many forms of one layer's outputs, in integers, and the lines of ReLUs before them: as the replay does it.

UNTRUSTED. Most neurons keep their sign on a box: there a form's factors are multiplied by a power of two,
or by 0, and then shortened, which is a shift of machine integers. Only those of neurons between bounds
are multiplied by slopes, as Python's integers.
"""

from fractions import Fraction
from math import ceil, lcm
from typing import Any, NamedTuple

import numpy as np

from memcert.boxes.bounding import Relaxed
from memcert.boxes.integers import Lengths
from memcert.kernel.verdict import LimitReached, Words
from memcert.regions.digits import Digits, integers_of

Array = np.ndarray[Any, Any]
MACHINE = 61
"""Bits of integers that are kept as int64: two of them may be added."""


class ManyForms(NamedTuple):
    """Forms (factors . h + constant / unit) / denominator; h of the neurons `about`, None: of all."""

    factors: Array | Digits
    constants: list[int]
    denominators: list[int]
    about: Array | None


def longest(numbers: Array) -> int:
    """Return the length of the longest integer. Raises: never."""
    return max(int(numbers.max()), -int(numbers.min())).bit_length() if numbers.size else 0


def fitting(numbers: Array, bits: int) -> Array:
    """Return integers as int64 where these suffice for so many bits, else as Python's. Raises: never."""
    return numbers.astype(np.int64 if bits <= MACHINE else object)


def as_integers(factors: Array | Digits) -> Array:
    """Return integers, of int64 where their digits are proved to fit. Raises: never."""
    if not isinstance(factors, Digits):
        return factors
    if factors.bits * len(factors.planes) > MACHINE:
        return integers_of(factors)
    found = np.zeros(factors.shape, dtype=np.int64)
    for place, plane in enumerate(factors.planes):
        if plane is not None:
            found += plane.astype(np.int64) << (factors.bits * place)
    return found


def before_relu(
    forms: ManyForms, unit: int, relu: Relaxed | None, allowed: Lengths, total: Fraction
) -> tuple[ManyForms, int]:
    """Return forms of values before their ReLU, shortened, below those of the values after it.

    Args:
        forms: of the values after it.
        unit: of their constants.
        relu: the lines; None: there is no ReLU.
        allowed: the lengths of factors.
        total: how far the values reach, all together.

    Raises:
        LimitReached: neurons are subtracted, which is for forms one by one.
    """
    factors, about = as_integers(forms.factors), forms.about
    constants, denominators = forms.constants, forms.denominators
    count = len(factors)
    kept, power = np.ones(factors.shape[1], dtype=np.bool_), 0
    sloped, sloping = np.zeros((count, 0), dtype=object), np.zeros(factors.shape[1], dtype=np.bool_)
    if relu is not None:
        if relu.subtracted:
            raise LimitReached("forms", "a case", "neurons that are not fixed", Words("others"))
        lower, upper, intercept = _lines(relu, about)
        power = relu.scale.bit_length() - 1
        kept = (lower == relu.scale) & (upper == relu.scale) & (intercept == 0)
        kept &= relu.scale == 1 << power
        sloping = ~kept & ~((lower == 0) & (upper == 0) & (intercept == 0))
        some = factors[:, sloping].astype(object)
        above = (np.where(some < 0, some, 0) * intercept[sloping]).sum(axis=1).tolist()
        sloped = some * np.where(some > 0, lower[sloping], upper[sloping])
        both = lcm(unit, relu.unit)
        scaled, added = relu.scale * (both // unit), both // relu.unit
        constants = [c * scaled + a * added for c, a in zip(constants, above, strict=True)]
        denominators, unit = [d * relu.scale for d in denominators], both
    machine = np.abs(factors[:, kept]).max(axis=1, initial=0).tolist()
    slow = np.abs(sloped).max(axis=1, initial=0).tolist()
    lengths = [
        max((int(a) << power).bit_length(), int(b).bit_length()) for a, b in zip(machine, slow, strict=True)
    ]
    shifts = [_shift(n, d, allowed) for n, d in zip(lengths, denominators, strict=True)]
    left = max((n - s for n, s in zip(lengths, shifts, strict=True)), default=0) + 1
    found = np.zeros(factors.shape, dtype=np.int64 if left <= MACHINE else object)
    found[:, kept] = _scaled(factors[:, kept], power, shifts, found.dtype)
    found[:, sloping] = _rounded(sloped, shifts)
    constants = [
        (c - ceil((1 << (s - 1)) * unit * total)) >> s if s else c
        for c, s in zip(constants, shifts, strict=True)
    ]
    denominators = [d >> s for d, s in zip(denominators, shifts, strict=True)]
    return ManyForms(found, constants, denominators, about), unit


def _lines(relu: Relaxed, about: Array | None) -> tuple[Array, Array, Array]:
    lower, upper, intercept = (
        np.array(part, dtype=object) for part in (relu.lower, relu.upper, relu.intercept)
    )
    return (lower, upper, intercept) if about is None else (lower[about], upper[about], intercept[about])


def _shift(length: int, denominator: int, allowed: Lengths) -> int:
    if length <= allowed.long:
        return 0
    return min(length - allowed.short, (denominator & -denominator).bit_length() - 1)


def _scaled(factors: Array, power: int, shifts: list[int], kind: "np.dtype[Any]") -> Array:
    """Return factors * 2^power, each row rounded and shifted, by less or more than the power."""
    up, down = [max(power - s, 0) for s in shifts], [max(s - power, 0) for s in shifts]
    if kind == factors.dtype == np.int64 and max(down, default=0) <= MACHINE:
        # Where a row is shifted up, the result is what was proved to fit.
        more, less = np.array(up, dtype=np.int64)[:, None], np.array(down, dtype=np.int64)[:, None]
        return np.asarray(((factors << more) + ((1 << less) >> 1)) >> less)
    more, less = _column(up), _column(down)
    half = _column([(1 << s) >> 1 for s in down])
    return np.asarray(((factors.astype(object) << more) + half) >> less)


def _rounded(numbers: Array, shifts: list[int]) -> Array:
    return np.asarray((numbers + _column([(1 << s) >> 1 for s in shifts])) >> _column(shifts))


def _column(numbers: list[int]) -> Array:
    return np.array(numbers, dtype=object)[:, None]
