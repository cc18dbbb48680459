"""Exact sizes of the network, from its tables alone.

|v|_0 + 1 + 10 (m - 1) + n (14 w + 16) - w - 8 nonzero parameters for m words of n fields of w bits,
2 less for m = 1; side by side, a ramp costs 6 instead of 10, and 3 once.

Source: Theorem 4.1's count, rebuilt for the corrected decoder; formulas are tests against networks
that were built.
UNTRUSTED: `check` recounts every size.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from memcert.kernel.certificate import Number


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the size depends on.

    Args:
        words, slots, width: m, n and w.
        direction_nonzeros: |v|_0.
        bias: whether the projection has a bias that is not 0.
        first: the first word.
        wide: whether all ramps stand side by side.
        dimension: d.
    """

    words: int
    slots: int
    width: int
    direction_nonzeros: int
    bias: bool
    first: Number
    wide: bool
    dimension: int


def parameters(shape: Shape) -> int:
    """Return the nonzero weights and biases, exactly. Raises: never."""
    biases = 2 * (shape.words - 1) + shape.slots * (2 * shape.width + 1) + 1 + shape.bias
    return edges(shape) + biases + _first_biases(shape)


def edges(shape: Shape) -> int:
    """Return the nonzero weights, exactly. Raises: never."""
    m, n, w = shape.words, shape.slots, shape.width
    # In the first slot there is no sum yet, in the last nothing is kept for a next one.
    slots = n * (12 * w + 15) - w - 8
    if m == 1:
        # Four neurons of the first bit have the word as a constant.
        return shape.direction_nonzeros + slots - 4
    return shape.direction_nonzeros + slots + (4 * (m - 1) + 2 if shape.wide else 8 * (m - 1) - 1)


def _first_biases(shape: Shape) -> int:
    """Nonzero biases of the word's own, less one for the last bit's r1, whose bias is 0."""
    if shape.words > 1:
        return (shape.first != 0) - 1
    whole, unit = 1 << shape.width - 1, Fraction(1, 1 << shape.width * (shape.slots - 1))
    of_bit = (shape.first - whole + unit != 0) + (shape.first - whole != 0)
    # The first bit's r1 and r2 are counted already; so is the last bit's r1, unless it is the first.
    last = 0 if shape.width == shape.slots == 1 else -1
    return 2 * (shape.first != 0) + of_bit - 2 + last


def slot_parameters(width: int) -> int:
    """Return the nonzero parameters of one more slot. Raises: never."""
    return 14 * width + 16


def layer_widths(shape: Shape) -> list[int]:
    """Return the input size and the number of neurons of every layer. Raises: never."""
    found = [shape.dimension, 1]
    if shape.words > 1:
        found += [2 * shape.words - 1, 2] if shape.wide else [4, 2] * (shape.words - 1)
    for j in range(shape.slots):
        total, kept = int(j > 0), 0 if j == shape.slots - 1 else 2
        found += [5 + total] * shape.width + [total + kept + 2, total + kept + 1]
    return [*found, 1]


def dense(shape: Shape) -> int:
    """Return the sum of n_l (n_{l-1} + 1) over the layers, exactly. Raises: never."""
    return sum(after * (before + 1) for before, after in pairwise(layer_widths(shape)))


def width(shape: Shape) -> int:
    """Return 6, or 5 with one slot; more where ramps stand side by side. Raises: never."""
    return max(layer_widths(shape)[1:-1])


def depth(shape: Shape) -> int:
    """Return 2 + n (w + 2), and 2 (m - 1) or, side by side, 2 for the ramps. Raises: never."""
    return len(layer_widths(shape)) - 1


def bits(number: Number) -> int:
    """Return ceil(log2(|p| + 1)) + ceil(log2(q + 1)) of p/q in lowest terms. Raises: never."""
    return abs(number.numerator).bit_length() + number.denominator.bit_length()


def balanced_slots(keys: int, width: int, wide: bool) -> int:
    """Return the n with the fewest parameters for that many keys of w bits, the least of equals.

    Raises:
        ValueError: keys < 1.
    """
    if keys < 1:
        raise ValueError(f"expected at least one key, got {keys}")
    ramp, slot = 6 if wide else 10, slot_parameters(width)
    best = chosen = 0
    n = 1
    # With n slots the cost is at least n * slot, so no larger n can win.
    while not chosen or n * slot - 2 < best:
        m = -(-keys // n)
        cost = n * slot + (ramp * (m - 1) + 3 * wide if m > 1 else -2)
        if not chosen or cost < best:
            best, chosen = cost, n
        n += 1
    return chosen
