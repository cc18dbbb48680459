"""How large the network is, exactly, before it is built: neurons, weights and biases a layer.

UNTRUSTED: `check` recounts every size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Count = tuple[int, int, int]
"""Neurons, nonzero weights and nonzero biases of a layer."""


def digits_of(width: int) -> int:
    """Return the largest n >= 1 with 2^(n+1) + 3 <= width, or 0 if there is none. Raises: never."""
    return max(width - 3, 1).bit_length() - 2 if width >= 7 else 0


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the size of a network depends on.

    Args:
        width: W >= 7.
        blocks, slots: the words, and the points of each.
        key_groups, label_groups: kappa and lam, groups of n digits.
        line_edges, line_bias: nonzero weights and biases of the projection.
        outputs, read_edges, read_biases: neurons, nonzero weights and biases of the last layer.
        dimension: d.
    """

    width: int
    blocks: int
    slots: int
    key_groups: int
    label_groups: int
    line_edges: int = 1
    line_bias: int = 1
    outputs: int = 1
    read_edges: int = 1
    read_biases: int = 0
    dimension: int = 1

    @property
    def digits(self) -> int:
        """The digits of a group, n. Raises: never."""
        return digits_of(self.width)

    @property
    def groups(self) -> int:
        """The groups of a slot. Raises: never."""
        return self.key_groups + self.label_groups

    @property
    def hinges(self) -> list[int]:
        """The ramps of every layer of the selection. Raises: never."""
        a_layer, ramps = (self.width - 2) // 2, self.blocks - 1
        return [min(a_layer, ramps - start) for start in range(0, ramps, a_layer)]


def layers(shape: Shape) -> list[Count]:
    """Return the counts of every layer. Cost: linear in the depth. Raises: never."""
    found: list[Count] = [(1, shape.line_edges, shape.line_bias)]
    before: int | None = None
    for ramps in shape.hinges:
        summed = 0 if before is None else 1 + 2 * before
        found.append((2 + 2 * ramps, 1 + summed + 2 * ramps, 2 * ramps + (before is None)))
        before = ramps
    found.append((2, 1, 1) if before is None else (2, 2 + 2 * before, 0))
    found += [(2, 2, 0)] * shape.key_groups
    for s in range(shape.slots):
        for k in range(shape.groups):
            found += [_total(_reading(shape, s, k)), _total(_summing(shape, s, k))]
    several = int(shape.slots > 1)
    found += [(1 + several, 2 + several, 0), (1, 1 + several, 0)]
    found.append((shape.outputs, shape.read_edges, shape.read_biases))
    return found


def _total(counts: Iterator[Count]) -> Count:
    neurons, edges, biases = zip(*counts, strict=True)
    return sum(neurons), sum(edges), sum(biases)


def _reading(shape: Shape, s: int, k: int) -> Iterator[Count]:
    """Yield the blocks of a group's first layer: word, ramps, x, sum, gate, and what is compared."""
    ramps = (1 << shape.digits) - 1
    yield 1, 1, 0
    yield 2 * ramps, 2 * ramps, 2 * ramps
    if s < shape.slots - 1 or k == 0:
        yield 1, 1, 0
    if s > 1 or (s == 1 and k > 0):
        yield 1, 1, 0
    if k == 0:
        if s:
            yield 1, 2, 0
    elif k < shape.key_groups:
        yield 1, 1, 0
    else:
        yield 2, 2, 2 if k == shape.key_groups else 0


def _summing(shape: Shape, s: int, k: int) -> Iterator[Count]:
    """Yield the blocks of a group's second layer: word, x, sum, and key or label."""
    ramps = (1 << shape.digits) - 1
    last = s == shape.slots - 1
    if not last or k < shape.groups - 1:
        yield 1, 1 + 2 * ramps, 0
    if not last:
        yield 1, 1, 0
    if s:
        yield 1, 2 if k == 0 and s > 1 else 1, 0
    if k < shape.key_groups:
        yield 1, 1 + 2 * ramps, 0
    else:
        yield 2, 2 * ramps + 2, 0


def parameters(shape: Shape) -> int:
    """Return the nonzero weights and biases, exactly, H being the layers of the selection.

    |v|_0 + [b] + 6 (m - 1) + 2 H + 2 kappa + n_s slot_parameters - (4 kappa + 4 lam + 2^(n+1)) + 4 and
    the read-out. Raises: never.
    """
    fixed = shape.line_edges + shape.line_bias + shape.read_edges + shape.read_biases
    selection = 6 * (shape.blocks - 1) + 2 * len(shape.hinges) + 2 * shape.key_groups
    trimmed = 4 * shape.groups + (2 << shape.digits) - 4
    return fixed + selection + shape.slots * slot_parameters(shape) - trimmed


def slot_parameters(shape: Shape) -> int:
    """Return what one more slot costs: 8 kappa 2^n + lam (8 2^n + 2) + 4. Raises: never."""
    group = 8 << shape.digits
    return group * shape.key_groups + (group + 2) * shape.label_groups + 4


def dense(shape: Shape) -> int:
    """Return the sum of n_l (n_{l-1} + 1) over the layers, exactly. Raises: never."""
    widths = [shape.dimension, *(neurons for neurons, _, _ in layers(shape))]
    return sum(after * (before + 1) for before, after in pairwise(widths))
