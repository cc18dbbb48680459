"""How large the network is, exactly, before it is built: neurons, weights and biases a layer.

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
        blocks, slots: m and n.
        key_bits, label_bits: rho >= 3 and c; c = 0 where a match is all there is to know.
        line_edges, line_bias: nonzero weights and biases of the projection.
        outputs, read_edges, read_biases: neurons, nonzero weights and biases of the last layer.
        dimension: d.
    """

    blocks: int
    slots: int
    key_bits: int
    label_bits: int
    line_edges: int = 1
    line_bias: int = 1
    outputs: int = 1
    read_edges: int = 1
    read_biases: int = 0
    dimension: int = 1

    @property
    def period(self) -> int:
        """The steps of a slot, rho + c. Raises: never."""
        return self.key_bits + self.label_bits

    @property
    def end(self) -> int:
        """The last step of the orbit. Raises: never."""
        return (self.slots - 1) * self.period + self.label_bits


def layers(shape: Shape) -> list[Count]:
    """Return the counts of every layer. Cost: linear in the depth. Raises: never."""
    found: list[Count] = []
    if shape.blocks == 1:
        found.append((2, shape.line_edges, shape.line_bias + 1))
    else:
        ramps = shape.blocks - 1
        found.append((1, shape.line_edges, shape.line_bias))
        found.append((1 + 2 * ramps, 1 + 2 * ramps, 2 * ramps))
        found.append((2, 1 + 2 * ramps, 1))
    found += [_total(_neurons(shape, t)) for t in range(shape.end + 4)]
    found.append((shape.outputs, shape.read_edges, shape.read_biases))
    return found


def _total(counts: Iterator[Count]) -> Count:
    neurons, edges, biases = zip(*counts, strict=True)
    return sum(neurons), sum(edges), sum(biases)


def _neurons(shape: Shape, t: int) -> Iterator[Count]:
    """Yield the blocks of the layer of step t: x, orbit, label, comparison, gate, sum."""
    c, within = shape.label_bits, t % shape.period
    if t <= shape.end:
        yield 1, 1, 0
        reads = 1 if t == 0 else 2
        yield 1, reads, 0
        if t < shape.end:
            yield 1, reads, 1
            if within < c:
                yield 1, reads, 1
        if t > 0 and 1 <= within <= c:
            yield 1, 2 if within == 1 else 3, 0
    # Steps since the comparison that is under way, or was the last one, began.
    since = min(t - c - 1, (t - c - 1) % shape.period) if t <= shape.end else t - shape.end - 1
    if since == 0:
        yield 2, 4, 2
        if c:
            yield 1, 1, 0
    elif since == 1:
        yield 1, 2 + (c > 0), int(c == 0)
    if t > c + 2:
        yield 1, 2 if since == 2 and t > c + 3 else 1, 0


def parameters(shape: Shape) -> int:
    """Return the nonzero weights and biases, exactly: 6 m + n (7 rho + 13 c + 10) - 7 rho - c + O(1).

    Raises: never.
    """
    fixed = shape.line_edges + shape.line_bias + shape.read_edges + shape.read_biases
    head = 6 * (shape.blocks - 1) + 3 if shape.blocks > 1 else 1
    # What the last slot lacks: it is the end of the orbit.
    trimmed = 7 * shape.key_bits + shape.label_bits - 2 + (shape.end > 0) + (shape.label_bits > 0)
    return fixed + head + slot_parameters(shape) * shape.slots - trimmed


def slot_parameters(shape: Shape) -> int:
    """Return what one more slot costs: 7 rho + 13 c + 10. Raises: never."""
    return 7 * shape.key_bits + 13 * shape.label_bits + 10


def dense(shape: Shape) -> int:
    """Return the sum of n_l (n_{l-1} + 1) over the layers, exactly. Raises: never."""
    widths = [shape.dimension, *(neurons for neurons, _, _ in layers(shape))]
    return sum(after * (before + 1) for before, after in pairwise(widths))
