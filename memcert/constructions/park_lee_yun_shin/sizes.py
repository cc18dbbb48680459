"""How large the network is, exactly, before it is built: neurons, weights and biases a layer.

Source: the shape of Theorem 1's network.
Departure: exact counts of the ReLU layout in place of the paper's, which are of STEP + ID networks.
UNTRUSTED: `check` recounts every size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Count = tuple[int, int, int]
"""Neurons, nonzero weights and nonzero biases of a layer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the size of a network depends on.

    Args:
        halvings: h.
        pieces: a round.
        words, labels, label_bits: A, B and c of the table.
        equal_words: Z, neighbouring words that are equal.
        first_word: 1 if the first word is not 0, else 0.
        line_edges, line_bias: nonzero weights and biases of the projection.
        outputs, read_edges, read_biases: neurons, nonzero weights and biases of the last layer.
        dimension: d.
    """

    halvings: int
    pieces: tuple[int, ...]
    words: int
    labels: int
    label_bits: int
    equal_words: int = 0
    first_word: int = 1
    line_edges: int = 1
    line_bias: int = 1
    outputs: int = 1
    read_edges: int = 1
    read_biases: int = 0
    dimension: int = 1


def layers(shape: Shape) -> list[Count]:
    """Return the counts of every layer. Cost: linear in the depth. Raises: never."""
    found: list[Count] = [(1, shape.line_edges, shape.line_bias)]
    if shape.halvings:
        found += [(3, 3, 2), *[(3, 9, 2)] * (shape.halvings - 1), (1, 3, 0)]
    for pieces in shape.pieces:
        found += [(1 + 2 * pieces, 1 + 2 * pieces, 2 * pieces), (1, 1 + 2 * pieces, 0)]
    ramps = shape.words - 1
    found.append((1 + 2 * ramps, 1 + 2 * ramps, 2 * ramps))
    found.append((2, 1 + 4 * ramps - 2 * shape.equal_words, shape.first_word))
    for t in range(shape.label_bits * shape.labels + 2):
        neurons, edges, biases = zip(*_neurons(shape, t), strict=True)
        found.append((sum(neurons), sum(edges), sum(biases)))
    found.append((shape.outputs, shape.read_edges, shape.read_biases))
    return found


def _neurons(shape: Shape, t: int) -> Iterator[Count]:
    """Yield the blocks of the layer of bit t: rest, digit, label, comparison, gate, sum."""
    c, end = shape.label_bits, shape.label_bits * shape.labels
    if t < end - 1:
        yield 1, 1, 0
        yield 1, 3 if t else 1, 0
    if t < end:
        yield 2, 6 if t else 2, 2
        if t % c:
            yield 1, 2 if t % c == 1 else 3, 0
        if t % c == c - 1:
            yield 2, 2, 2
    if c <= t <= end and t % c == 0:
        yield 1, 4 + (c > 1), 0
    if t > c:
        yield 1, (t > c + 1) + ((t - 1) % c == 0), 0


def parameters(shape: Shape) -> int:
    """Return the nonzero weights and biases, exactly.

    |v|_0 + [b] + (11 h - 3 if h) + sum over rounds (2 + 6 s) + 8 A - 6 - 2 Z + [p_0] + (16 c + 6) B
    - 10 - c + 2 [B = c = 1] and the read-out. Raises: never.
    """
    c = shape.label_bits
    fixed = shape.line_edges + shape.line_bias + shape.read_edges + shape.read_biases
    halved = 11 * shape.halvings - 3 if shape.halvings else 0
    rounds = sum(2 + 6 * pieces for pieces in shape.pieces)
    return (
        fixed
        + halved
        + rounds
        + table_parameters(shape.words, shape.labels, c, shape.equal_words)
        + shape.first_word
    )


def table_parameters(words: int, labels: int, label_bits: int, equal_words: int) -> int:
    """Return what the table costs but for the bias of its first word. Raises: never."""
    small = 2 * (labels == label_bits == 1)
    return 8 * words - 6 - 2 * equal_words + (16 * label_bits + 6) * labels - 10 - label_bits + small


def dense(shape: Shape) -> int:
    """Return the sum of n_l (n_{l-1} + 1) over the layers, exactly. Raises: never."""
    widths = [shape.dimension, *(neurons for neurons, _, _ in layers(shape))]
    return sum(after * (before + 1) for before, after in pairwise(widths))
