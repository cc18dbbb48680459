"""Weighted sums of columns: alignment to one scale, bounds, and the two ways of adding.

UNTRUSTED. int64 is used where the bound of every partial sum is below 2**62, else Python integers.
"""

from collections.abc import Sequence
from math import lcm

import numpy as np

from memcert.exact.columns import LIMIT, Array, Column, Dyadic, Values
from memcert.kernel.network import MAX_VALUE_BITS
from memcert.kernel.verdict import LimitReached

Term = tuple[int, Column]
"""An integer factor and the column it multiplies."""


def aligned(terms: Sequence[tuple[Dyadic, Column]], bias: Dyadic) -> tuple[list[Term], int, int, int]:
    """Bring terms to one power and divisor; columns that are zero vanish, constants join the bias.

    Returns:
        (factor, column) pairs, integer bias, power, divisor: the sum of factor * values, plus the
        bias, over divisor * 2**power.

    Raises:
        LimitReached: the alignment itself takes more than MAX_VALUE_BITS.
    """
    present = [(weight, part) for weight, part in terms if part.low or part.high]
    powers = [part.power - weight.power for weight, part in present]
    divisors = {part.divisor * weight.divisor for weight, part in present}
    if bias.odd:
        powers.append(-bias.power)
        divisors.add(bias.divisor)
    if not powers:
        return [], 0, 0, 1
    power, divisor = max(powers), 1
    for other in divisors:
        divisor = lcm(divisor, other)
        if power - min(powers) + divisor.bit_length() > MAX_VALUE_BITS:
            longest = power - min(powers) + divisor.bit_length()
            raise LimitReached("value_bits", "sum", f"at most {MAX_VALUE_BITS}", longest)
    offset = (bias.odd * (divisor // bias.divisor)) << (power + bias.power) if bias.odd else 0
    live = []
    for (weight, part), own in zip(present, powers, strict=False):
        factor = weight.odd * (divisor // (part.divisor * weight.divisor)) << (power - own)
        if part.partition.count == 1:
            offset += factor * int(part.values[0])
        else:
            live.append((factor, part))
    return live, offset, power, divisor


def bounds(terms: Sequence[Term], bias: int) -> tuple[int, int, int]:
    """Return bounds (low, high) of the sum, and of the absolute value of every partial sum.

    Raises: never.
    """
    low = high = bias
    bound = abs(bias)
    for factor, part in terms:
        ends = factor * part.low, factor * part.high
        if factor < 0:
            ends = ends[1], ends[0]
        low += ends[0]
        high += ends[1]
        bound += max(-ends[0], ends[1])
    return low, high, bound


def integers(values: Values) -> list[int]:
    """Return the values as Python integers. Raises: never."""
    return values if isinstance(values, list) else values.tolist()


def weighted_sum(terms: Sequence[tuple[int, Values]], bias: int, relu: bool, bound: int) -> Values:
    """Return the sum of factor * values, plus the bias, then ReLU, class by class.

    Args:
        terms: at least one nonzero factor with its values, all on one partition.
        bias: added to each class.
        relu: whether negative sums become 0.
        bound: at least |bias| + sum of |factor| * max|values|; values that are all 0 are left
            out by the caller, so that each factor is below the bound too.

    Returns:
        An int64 array where all values are such arrays and the bound is below 2**62, else a list.

    Raises: never.
    """
    if bound < LIMIT:
        arrays = [(factor, values) for factor, values in terms if not isinstance(values, list)]
        if len(arrays) == len(terms):
            return _machine_sum(arrays, bias, relu)
    return _integer_sum([(factor, integers(values)) for factor, values in terms], bias, relu)


def _machine_sum(terms: Sequence[tuple[int, Array]], bias: int, relu: bool) -> Array:
    factor, values = terms[0]
    if factor == 1:
        total = values + bias
    elif factor == -1:
        total = bias - values
    else:
        total = values * factor
        if bias:
            total += bias
    for factor, values in terms[1:]:
        if factor == 1:
            total += values
        elif factor == -1:
            total -= values
        else:
            total += values * factor
    return np.maximum(total, 0, out=total) if relu else total


def _integer_sum(terms: list[tuple[int, list[int]]], bias: int, relu: bool) -> list[int]:
    terms = [_shifted(factor, values) for factor, values in terms]
    factor, values = terms[0]
    if len(terms) == 1 and factor == 1:
        if relu:
            return [x + bias if x > -bias else 0 for x in values]
        return [x + bias for x in values]
    if factor == 1:
        total = [x + bias for x in values] if bias else values
    else:
        total = [factor * x + bias for x in values]
    for factor, values in terms[1:]:
        if factor == 1:
            total = [t + x for t, x in zip(total, values, strict=True)]
        elif factor == -1:
            total = [t - x for t, x in zip(total, values, strict=True)]
        else:
            total = [t + factor * x for t, x in zip(total, values, strict=True)]
    return [t if t > 0 else 0 for t in total] if relu else list(total)


def _shifted(factor: int, values: list[int]) -> tuple[int, list[int]]:
    # A long power of two is shifted, not multiplied: words have thousands of bits.
    if -LIMIT < factor < LIMIT:
        return factor, values
    power = (factor & -factor).bit_length() - 1
    if power < 64:
        return factor, values
    return factor >> power, [x << power for x in values]
