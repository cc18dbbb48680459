"""Balanced digits: numbers n * 2**power cut into integers of `base` bits, and put together again.

UNTRUSTED. Integer arithmetic only: int64 where it cannot overflow, else Python integers. Floats
hold integers up to 2**53, which they hold exactly; no library's treatment of tiny floats matters.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from memcert.errors import UnsupportedError

Array = np.ndarray[Any, Any]

EXACT_BITS = 53
"""Integers up to 2**53 are float64 values."""
SMALL = 1 << 61
"""Numerators below this are int64, and so are their sums with half a digit."""
WORD = 32
"""Bits of the words from which Python integers are made."""


class UnprovedError(UnsupportedError):
    """What makes float64 products exact cannot be shown; another engine must do the work."""


class Dyadics(NamedTuple):
    """Numbers odd[i] * 2**power[i], every `odd` odd; int64, or object where one is long."""

    odd: Array
    power: Array


class Digits(NamedTuple):
    """The digits at one place that are not 0: of which numbers, and their values (int64)."""

    entries: Array
    values: Array


def int64s(numbers: Sequence[int]) -> Array:
    """Return integers as int64, or as object where one is not below SMALL. Raises: never."""
    try:
        found = np.fromiter(numbers, np.int64, len(numbers))
    except OverflowError:
        return np.fromiter(numbers, object, len(numbers))
    if found.min(initial=0) > -SMALL and found.max(initial=0) < SMALL:
        return found
    return np.fromiter(numbers, object, len(numbers))


def dyadics(numerators: Array, powers: Array) -> Dyadics:
    """Return the numbers n * 2**power with n made odd; no n is 0.

    Args:
        numerators: as `int64s` has them.
        powers: int64.

    Raises:
        never.
    """
    even = np.flatnonzero(numerators & 1 == 0)
    if not len(even):
        return Dyadics(numerators, powers)
    odd, power = numerators.copy(), powers.copy()
    left = odd[even]
    # The lowest set bit is a power of two: below 2**61 it is a float64, and its exponent is read off.
    zeros = lengths(left & -left) - 1
    odd[even] = left >> zeros
    power[even] += zeros
    return Dyadics(odd, power)


def lengths(odd: Array) -> Array:
    """Return the bits of each number; exact below 2**53, else at most one too many. Raises: never."""
    if odd.dtype == object:
        return np.array([int(n).bit_length() for n in odd.tolist()], dtype=np.int64)
    return np.frexp(np.abs(odd).astype(np.float64))[1].astype(np.int64)


def spread(numbers: Dyadics, low: int, base: int, top: int | None = None) -> dict[int, Digits]:
    """Cut numbers into balanced digits: each is the sum over k of digit_k * 2**(low + base * k).

    Args:
        numbers: any; what is finer than 2**low stands at places below 0.
        low: the exponent of place 0.
        base: bits of a digit, at least 2; every |digit| <= 2**(base - 1).
        top: the place that takes all that is left above it; None: there is none.

    Returns:
        By place, ascending, the digits that are not 0.

    Raises:
        UnprovedError: a digit at `top` is 2**53 or more.
    """
    places, rests = np.divmod(numbers.power - low, base)
    left = numbers.odd.copy()
    if top is not None:
        over = np.maximum(places - top, 0)
        places, rests = places - over, rests + over * base
    found: dict[int, Digits] = {}
    work = np.arange(len(left))
    while len(work):
        place = int(places[work].min())
        now = work[places[work] == place]
        if place == top:
            digits = _all_of(left[now], rests[now])
            left[now] = 0
        else:
            width = base - rests[now]
            parts = lowest(left[now], width)
            left[now] = (left[now] - parts) >> width
            digits = (parts << rests[now]).astype(np.int64)
            places[now], rests[now] = place + 1, 0
        kept = digits != 0
        if kept.any():
            found[place] = Digits(now[kept], digits[kept])
        work = work[left[work] != 0]
    return found


def lowest(numbers: Array, width: Array | int) -> Array:
    """Return n mod 2**width in [-2**(width - 1), 2**(width - 1)), as the numbers are kept. Raises: never."""
    half = 1 << (width - 1)
    return np.asarray(((numbers + half) & (2 * half - 1)) - half)


def _all_of(odd: Array, shifts: Array) -> Array:
    if int((lengths(odd) + shifts).max()) > EXACT_BITS:
        raise UnprovedError("a digit is not below 2**53")
    return odd.astype(np.int64) << shifts


def count_of(bound: int, base: int) -> int:
    """Return how many balanced digits an integer of absolute value up to `bound` may need. Raises: never."""
    count = 1
    # The top digit takes what is left, which rounding makes at most one half larger.
    while bound > 1 << (base - 1):
        bound = (bound + (1 << (base - 1))) >> base
        count += 1
    return count


def input_digits(numbers: Array, count: int, base: int, out: Array) -> None:
    """Write the balanced digits of integers into `out`, of shape (count, *numbers.shape), float64.

    Args:
        numbers: int64, or object.
        count: as `count_of` says for them.
        base: bits of a digit.
        out: where they go, the lowest first.

    Raises:
        never.
    """
    for place in range(count - 1):
        part = lowest(numbers, base)
        out[place] = part
        numbers = (numbers - part) >> base
    out[count - 1] = numbers


def integers(digits: Array, base: int) -> list[int]:
    """Return the integers whose digits at place p are digits[p]: sum of digits[p] * 2**(base * p).

    Args:
        digits: (places, numbers), float64 integers, |digit| <= 2**(base - 1).
        base: at most 28.

    Cost: a few operations a word of 32 bits, and one Python integer a number. Raises: never.
    """
    places, count = digits.shape
    # Not more than 28 + 31 bits a summand, and fewer than eight summands a word where base >= 4.
    size = (base * places) // WORD + 2
    words = np.zeros((size, count), dtype=np.int64)
    for place, digit in enumerate(digits):
        word, shift = divmod(base * place, WORD)
        words[word] += digit.astype(np.int64) << shift
    for word in range(size - 1):
        words[word + 1] += words[word] >> WORD
    content = np.ascontiguousarray(words.T.astype(np.uint32).astype("<u4")).tobytes()
    width = size * WORD // 8
    read = int.from_bytes
    return [read(content[at : at + width], "little", signed=True) for at in range(0, len(content), width)]
