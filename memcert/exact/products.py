"""Exact sums of integers by matrix products on float64 BLAS, digit by digit where numbers are long.

UNTRUSTED. A product of digits has partial sums that are integers below 2**53, so that no order of
summation and no fused operation can round. The products are added modulo 2**64, and beside it as
floats with a bound on their error, which says what was lost: so sums of any length that are short
multiples of a power of two are found exactly.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memcert.exact.columns import LIMIT

Array = np.ndarray[Any, Any]

EXACT = 1 << 53
"""Integers up to this are float64 values, and so are their sums."""
PIECE = 26
"""Bits of a value's digits; those of factors are as long as the number of terms allows."""
PRODUCTS = 16
"""Most products of digits for one row."""
CHUNK = 4096
"""Classes that are multiplied at once; bounds memory."""
WORD = 1 << 64


def digit_bits(terms: int, steep: int, longest: int) -> int | None:
    """Return the bits of the factors' digits for rows of that many terms; None: too many products.

    Args:
        terms: of a row, at least one.
        steep: the largest factor, in absolute value.
        longest: the largest value, likewise.

    Raises: never.
    """
    # A digit of a factor times one of a value, summed, is below 2**(digit + PIECE + bits of terms).
    digit = 53 - PIECE - terms.bit_length()
    if digit < 1 or -(-steep.bit_length() // digit) * -(-longest.bit_length() // PIECE) > PRODUCTS:
        return None
    return digit


def short_sums(factors: Sequence[Sequence[int]], values: Sequence[Any]) -> Array:
    """Return sum factor * value for each row of factors, int64.

    Args:
        factors: one a source, a row a neuron.
        values: int64 arrays, one a source; every sum of |factor * value| is below 2**53.

    Cost: one product of (rows, sources) and (sources, classes). Raises: never.
    """
    return _products(np.array(factors, dtype=np.float64), values)


def long_sums(
    factors: Sequence[Sequence[int]], values: Sequence[Any], biases: Sequence[int], longest: int, digit: int
) -> list[tuple[Array, int] | None]:
    """Return sum factor * value + bias for each row of factors, as int64 values times 2**power.

    Args:
        factors: one a source, a row a neuron.
        values: int64 arrays, one a source.
        biases: one a row.
        longest: at least every |value|.
        digit: as `digit_bits` gives it.

    Returns:
        (values, power) a row; None where they do not fit.

    Cost: one product of (rows, sources) and (sources, classes) for each pair of digits. Raises: never.
    """
    shape = len(factors), len(values[0])
    low, near, size = np.zeros(shape, dtype=np.int64), np.zeros(shape), np.zeros(shape)
    steep = max(abs(factor) for row in factors for factor in row).bit_length()
    for shift in range(0, steep, digit):
        weights = _digits(factors, shift, digit)
        for piece in range(0, longest.bit_length(), PIECE):
            product = _products(weights, values, piece, cut=piece + PIECE < longest.bit_length())
            if shift + piece < 64:
                low += product << shift + piece
            part = np.ldexp(product.astype(np.float64), shift + piece)
            near += part
            size += np.abs(part)
    return [_joined(low[k], near[k], size[k], bias) for k, bias in enumerate(biases)]


def _joined(low: Array, near: Array, size: Array, bias: int) -> tuple[Array, int] | None:
    """Return the sums that are `low` modulo 2**64 and nearly `near`, and the bias, if short enough."""
    if abs(bias) >= LIMIT**2:
        return None
    low = low + ((bias + WORD // 2) % WORD - WORD // 2)
    near, size = near + float(bias), size + float(abs(bias))
    # Every addend is exact but for the bias. Rows of one call may differ in length: three times
    # PRODUCTS additions, and a few more, each off by at most 2**-53 of `size`.
    error = 2.0**-46 * float(size.max())
    zeros = int(np.bitwise_or.reduce(low))
    power = min(63, (zeros & -zeros).bit_length() - 1) if zeros else 63
    reach = float(np.abs(near).max()) + error
    if reach < LIMIT // 2:
        return low, 0
    if error >= LIMIT // 2 or reach >= LIMIT // 2 << power:
        return None
    # The sum less `low` is a multiple of 2**64 that is known up to a quarter of it.
    words = np.rint(np.ldexp(near - low.astype(np.float64), -64)).astype(np.int64)
    return (low >> power) + (words << 64 - power), power


def _digits(factors: Sequence[Sequence[int]], shift: int, digit: int) -> Array:
    # Of the absolute value, with the factor's sign.
    mask = (1 << digit) - 1
    numbers = [[(abs(f) >> shift & mask) * (1 if f > 0 else -1) for f in row] for row in factors]
    return np.array(numbers, dtype=np.float64)


def _products(weights: Array, values: Sequence[Any], piece: int = 0, *, cut: bool = False) -> Array:
    # One row of sums for each row of weights: integers below 2**53, as int64. Of the values, what
    # stands from bit `piece` on, with their sign, is taken; if cut, PIECE bits of it, without.
    count = len(values[0])
    result = np.empty((len(weights), count), dtype=np.int64)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        taken = np.array([row[part] for row in values]) >> piece
        if cut:
            taken &= (1 << PIECE) - 1
        result[:, part] = weights @ taken.astype(np.float64)
    return result
