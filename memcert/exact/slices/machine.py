"""Whether this machine's float64 products are what the bounds suppose: a test of extremes, once a process.

UNTRUSTED. Trusted is that BLAS multiplies and adds in IEEE binary64, in any order, and nothing
narrower or cleverer: no bfloat16, no Strassen. A library that does otherwise fails here.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from memcert.exact.slices.digits import EXACT_BITS, Array, UnprovedError

SHAPES = ((1, 3, 1), (7, 784, 33), (64, 130, 65), (50, 1024, 8))
"""Rows, inner size and columns of the products that are tried."""


@cache
def require_exact_products() -> None:
    """Compare products at the bound with integer arithmetic. Cost: some milliseconds, once.

    Raises:
        UnprovedError: a product, a rounding or a sum differs.
    """
    if not (products_are_exact(np.matmul) and roundings_are_exact(np.rint)):
        raise UnprovedError("this machine's matrix products are not exact where binary64 is")


def products_are_exact(product: Callable[[Array, Array], Array]) -> bool:
    """Whether products of float64 matrices are those of integers, up to the bound. Raises: never."""
    generator = np.random.default_rng(53)
    for rows, inner, columns in SHAPES:
        # |a| |b| inner <= 2**53, with odd factors, so that the last bit counts.
        half = (EXACT_BITS - inner.bit_length()) // 2
        left = _odd(generator, half, (rows, inner))
        right = _odd(generator, EXACT_BITS - inner.bit_length() - half, (inner, columns))
        right[:, -1] = np.sign(left[0]) * np.abs(right[:, -1])  # one sum without any cancellation
        expected = left @ right
        wide = np.concatenate([left, left], axis=1).astype(np.float64)
        stacked = np.stack([left, -left]).astype(np.float64)
        found = product(wide[:, :inner], right.astype(np.float64))
        both = product(stacked, right.astype(np.float64))
        if not (_same(found, expected) and _same(both[0], expected) and _same(both[1], -expected)):
            return False
    return True


def _odd(generator: np.random.Generator, bits: int, shape: tuple[int, int]) -> Array:
    return np.asarray(generator.integers(-(1 << (bits - 1)), 1 << (bits - 1), shape) * 2 + 1)


def _same(found: Array, expected: Array) -> bool:
    return bool((found.astype(np.int64) == expected).all())


def roundings_are_exact(rint: Callable[[Array], Array]) -> bool:
    """Whether numbers are rounded to the nearest integer, halves to even ones. Raises: never."""
    unit = 1 << 20
    numbers = [0, 1, unit // 2, unit // 2 + 1, 3 * unit // 2, unit * 2**32 + 1, 2**53 - 1, 2**53]
    numbers += [-n for n in numbers]
    found = rint(np.array(numbers, dtype=np.float64) * (1 / unit))
    left = np.array(numbers, dtype=np.float64) - found * unit
    for number, carry, rest in zip(numbers, found.tolist(), left.tolist(), strict=True):
        whole, part = divmod(number, unit)
        up = part > unit // 2 or (part == unit // 2 and whole % 2 == 1)
        if (carry, rest) != (whole + up, number - (whole + up) * unit):
            return False
    return True
