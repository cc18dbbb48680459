"""The proof obligation: every sum that BLAS forms is an integer of absolute value at most 2**53.

UNTRUSTED. Python integers only, and before a single product. Then every partial sum, in any order
and with fused multiply-add, is an integer that float64 holds, and nothing is rounded.
"""

from collections.abc import Mapping, Sequence

from memcert.exact.slices.digits import EXACT_BITS, UnprovedError

MAX_PLACES = 1 << 10
"""Longer sums are left to another engine."""


def carried(bound: int, base: int) -> int:
    """Return the largest |rint(c / 2**base)| for an integer |c| <= bound. Raises: never."""
    return (bound + (1 << (base - 1))) >> base


def place_bounds(
    digits: Mapping[int, int], slices: Mapping[int, int], biases: Mapping[int, int], base: int
) -> dict[int, int]:
    """Bound the sums at every place, carries included.

    At place p meet digits at i and slices at k with i + k = p, the bias's digit and the carry from
    p - 1. Further places follow as long as a carry may reach them.

    Args:
        digits: the largest |digit| at each place.
        slices: by place, the largest sum of |entries| of one row.
        biases: the largest |digit| at each place.
        base: bits of a digit.

    Returns:
        By place, without a gap, the largest |sum| before the carry leaves it.

    Raises:
        UnprovedError: a bound exceeds 2**53, or there are too many places.
    """
    sums: dict[int, int] = {}
    for i, digit in digits.items():
        for k, norm in slices.items():
            sums[i + k] = sums.get(i + k, 0) + digit * norm
    for p, bias in biases.items():
        sums[p] = sums.get(p, 0) + bias
    if not sums:
        return {0: 0}
    first, last = min(sums), max(sums)
    if last - first > MAX_PLACES:
        raise UnprovedError(f"sums of more than {MAX_PLACES} places")
    found: dict[int, int] = {}
    carry, place = 0, first
    while place <= last or carry:
        bound = sums.get(place, 0) + carry
        if bound > 1 << EXACT_BITS:
            raise UnprovedError(f"a sum at place {place} may reach {bound}, more than 2**{EXACT_BITS}")
        found[place] = bound
        carry = carried(bound, base)
        place += 1
    return found


def digit_bounds(sums: Sequence[int], base: int) -> tuple[int, ...]:
    """Return the largest |digit| at each place once carries have left it. Raises: never."""
    return tuple([min(bound, 1 << (base - 1)) for bound in sums])
