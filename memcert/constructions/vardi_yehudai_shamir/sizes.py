"""How large the network is, exactly, before it is built; the best split; the theorem's own constants.

Source: Theorem 3.1 / A.1; the counts follow the layout that the other files of this folder build.
Departure: labels are numbered from 0 and take ceil(log2 C) bits; rho = ceil(log2(R + 1)), so that
the value R has room; depth is n - 1 more than the paper's, whose last bit of a slot shares a layer.
UNTRUSTED: `check` recounts every size.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from memcert.kernel.certificate import Number

PI_ABOVE = Fraction(31415926535897932384626433832795028842, 10**37)
"""A rational above pi by less than 10^-37: constants that the proof bounds from below round up."""
INTERVAL_PARAMETERS, INTERVAL_EDGES = 37, 27
ZERO_WORD_PARAMETERS, ZERO_WORD_EDGES = 3, 2
FAN_WIDTH, INTERVAL_WIDTHS, OPENING_WIDTH = 5, [9, 9, 5], 6


@dataclass(frozen=True, slots=True)
class Split:
    """m intervals of n points each, the last perhaps shorter."""

    intervals: int
    slots: int


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the size of a network depends on.

    Args:
        split: m and n.
        key_bits, label_bits: rho >= 1 and c >= 1.
        direction_nonzeros: |v|_0.
        windows: whether the comparison has the wide windows of the balanced sizing.
        zero_words: words that are 0; each spares the three weights that would carry it.
        zero_biases: biases that happen to be 0.
        read_edges, read_biases: nonzero weights and biases of the last layer.
        dimension, outputs: d, and the neurons of the last layer.
    """

    split: Split
    key_bits: int
    label_bits: int
    direction_nonzeros: int
    windows: bool
    zero_words: int = 0
    zero_biases: int = 0
    read_edges: int = 1
    read_biases: int = 0
    dimension: int = 1
    outputs: int = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """The constants of Theorem 3.1 for N points in Q^d with C labels, norms <= r, distances >= delta.

    Args:
        split: m = max(1, ceil(sqrt(N log2 N))), n = ceil(N / m).
        fraction_bits: k = ceil(log2(N^2 d sqrt(pi))), binary places of the direction.
        bias: ceil(max(r, 1)).
        scale: s = ceil(2 N^2 sqrt(pi d) / min(delta, 1)).
        key_bits: rho = ceil(log2(10 N^2 max(r, 1) sqrt(pi d) / min(delta, 1) + 1)).
        label_bits: c = max(1, ceil(log2 C)).
        width: 12.
        depth: 3 m + n (3 max(rho, c) + 3) + 5.
        parameters: the nonzero weights and biases of that layout.
        bits: max(n max(rho, c) + 4, 2 k + 2, bits of b, bits of s).
    """

    split: Split
    fraction_bits: int
    bias: int
    scale: int
    key_bits: int
    label_bits: int
    width: int
    depth: int
    parameters: int
    bits: int


def label_bits(class_count: int) -> int:
    """Return c = max(1, ceil(log2 C)). Raises: never."""
    return max(1, (class_count - 1).bit_length())


def slot_parameters(key_bits: int, label_bits: int, windows: bool) -> int:
    """Return the nonzero parameters of one slot: 33 rho + 9 c + 27 and variants. Raises: never."""
    return _slot(key_bits, label_bits, (33, 9, 27)) + windows


def slot_edges(key_bits: int, label_bits: int) -> int:
    """Return the nonzero weights of one slot: 31 rho + 7 c + 23 and variants. Raises: never."""
    return _slot(key_bits, label_bits, (31, 7, 23))


def _slot(key_bits: int, label_bits: int, factors: tuple[int, int, int]) -> int:
    """A bit of the longer stream costs the first factor, one of the shorter the second."""
    longer, shorter, constant = factors
    # The key is read twice, the label once; the shorter stream is read as one neuron instead
    # of two. Streams of one bit have no sum to carry.
    saved = int(label_bits > key_bits or key_bits == label_bits == 1)
    both = max(key_bits, label_bits), min(key_bits, label_bits)
    return longer * both[0] + shorter * both[1] + constant - saved


def parameters(shape: Shape) -> int:
    """Return the nonzero weights and biases of the network, exactly. Raises: never."""
    fixed = shape.direction_nonzeros + 14 + shape.read_edges + shape.read_biases
    slot = slot_parameters(shape.key_bits, shape.label_bits, shape.windows)
    total = INTERVAL_PARAMETERS * shape.split.intervals + slot * shape.split.slots + fixed
    return total - ZERO_WORD_PARAMETERS * shape.zero_words - shape.zero_biases


def edges(shape: Shape) -> int:
    """Return the nonzero weights of the network, exactly. Raises: never."""
    fixed = shape.direction_nonzeros + 9 + shape.read_edges
    slot = slot_edges(shape.key_bits, shape.label_bits)
    total = INTERVAL_EDGES * shape.split.intervals + slot * shape.split.slots + fixed
    return total - ZERO_WORD_EDGES * shape.zero_words


def slot_widths(key_bits: int, label_bits: int) -> list[int]:
    """Return the number of neurons of every layer of a slot. Raises: never."""
    fields = (key_bits, label_bits)
    slot: list[int] = []
    for t in range(1, max(fields) + 1):
        # Beside x and y, a stream has its neurons of the bit, or p and q while it waits; and its sum.
        slot += [2 + sum((active if t <= width else 2) + (t > 1) for width in fields) for active in (4, 2, 3)]
    return [*slot, 9, 9, 7]


def depth(shape: Shape) -> int:
    """Return 3 m + n (3 max(rho, c) + 3) + 5. Raises: never."""
    longer = max(shape.key_bits, shape.label_bits)
    return 3 * shape.split.intervals + shape.split.slots * (3 * longer + 3) + 5


def bits(number: Number) -> int:
    """Return ceil(log2(|p| + 1)) + ceil(log2(q + 1)) of p/q in lowest terms. Raises: never."""
    return abs(number.numerator).bit_length() + number.denominator.bit_length()


def literal_split(points: int) -> Split:
    """Return m = max(1, ceil(sqrt(N log2 N))), n = ceil(N / m). Raises: ValueError, if N < 1."""
    if points < 1:
        raise ValueError(f"expected at least one point, got {points}")
    # m^2 >= N log2 N iff m^2 >= ceil(log2(N^N)), the right side being an integer.
    intervals = max(1, _ceil_sqrt(Fraction((points**points - 1).bit_length())))
    return Split(intervals, -(-points // intervals))


def theorem_bounds(
    points: int, dimension: int, class_count: int, radius_squared: Number, separation_squared: Number | None
) -> Bounds:
    """Return the theorem's constants and the sizes that it promises, written out.

    Args:
        points: N >= 1.
        dimension: d >= 1.
        class_count: C >= 1.
        radius_squared: largest |x|^2.
        separation_squared: smallest squared distance of distinct points; None for one point.

    Raises:
        ValueError: points < 1.
    """
    radius = max(Fraction(radius_squared), Fraction(1))
    delta = min(Fraction(1 if separation_squared is None else separation_squared), Fraction(1))
    spread = points**4 * PI_ABOVE * dimension / delta
    split, c = literal_split(points), label_bits(class_count)
    bias, scale = _ceil_sqrt(radius), _ceil_sqrt(4 * spread)
    rho = _ceil_sqrt(100 * spread * radius).bit_length()
    k = (_ceil_sqrt(points**4 * dimension**2 * PI_ABOVE) - 1).bit_length()
    shape = Shape(split, rho, c, dimension, windows=False)
    longest = max(split.slots * max(rho, c) + 4, 2 * k + 2, bits(bias), bits(scale))
    return Bounds(split, k, bias, scale, rho, c, 12, depth(shape), parameters(shape), longest)


def _ceil_sqrt(square: Fraction) -> int:
    """Return the smallest integer n >= 0 with n^2 >= square."""
    whole = -(-square.numerator // square.denominator)
    return isqrt(whole - 1) + 1 if whole > 0 else 0
