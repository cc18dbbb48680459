"""Where a layer's weights are cut into slices: a guess of what is cheapest, which the bounds then judge.

UNTRUSTED. Floats only guess here: whatever is chosen, the digits are exact and the bounds are proved.
"""

from typing import NamedTuple

import numpy as np

from memcert.exact.slices.digits import EXACT_BITS, Array, lengths
from memcert.exact.slices.scaled import Scaled

SCATTERED = 30
"""Cost of an entry of a sparse slice, in entries of a dense one."""
SWEEP = 60
"""Cost of carries and signs at one place of a neuron, in entries of a dense slice."""


class Grid(NamedTuple):
    """Place k of a weight stands for 2**(low + base * k); place `top` takes all that is above."""

    low: int
    top: int


def widest(layer: Scaled, digit: int) -> int:
    """Guess the least unit, as an exponent, of a slice that takes all of every weight above it.

    Args:
        layer: at least one weight.
        digit: the largest |digit| it meets.

    Raises:
        never.
    """
    bits = lengths(layer.weights.odd) + layer.weights.power
    most = int(bits.max())
    # Of the long ones the leading bits are enough; the small ones may vanish.
    sizes = np.ldexp(1.0, np.maximum(bits - most, -1000))
    if layer.weights.odd.dtype != object:
        odd = np.abs(layer.weights.odd).astype(np.float64)
        sizes = np.ldexp(odd, np.maximum(layer.weights.power - most, -1000))
    norm = np.bincount(layer.rows, weights=sizes).max() * digit * (1 + 2**-6)
    return most + int(np.ceil(np.log2(norm))) - EXACT_BITS


def grid(layer: Scaled, unit: int, base: int, digits: int, cells: int) -> Grid:
    """Choose the cheapest grid.

    Args:
        layer: at least one weight.
        unit: the least exponent that the last place may have.
        base: bits between places.
        digits: how many the layer's inputs have.
        cells: what a slice with many entries costs.

    Raises:
        never.
    """
    low = layer.weights.power
    high = low + lengths(layer.weights.odd)
    first = int(low.min())
    width = int((high - low).max()) + 1
    keys, counts = np.unique((low - first) * width + (high - low), return_counts=True)
    starts, bits = np.divmod(keys, width)
    spans = first + np.stack([starts, starts + bits])
    candidates = []
    for offset in range(base):
        start = first - (first - offset) % base
        top = max(0, -((start - unit) // base))
        candidates.append((_cost(spans, counts, start, top, base, digits, cells, layer.shape[0]), start, top))
    _, start, top = min(candidates)
    return Grid(start, top)


def _cost(  # noqa: PLR0917 - the terms of one formula
    spans: Array, counts: Array, start: int, top: int, base: int, digits: int, cells: int, rows: int
) -> int:
    places = np.minimum((spans - start) // base, top)
    entries = np.zeros(int(places.max()) + 2, dtype=np.int64)
    np.add.at(entries, places[0], counts)
    np.add.at(entries, places[1] + 1, -counts)
    sizes = np.cumsum(entries)[:-1]
    products = int(np.minimum(sizes * SCATTERED, cells).sum())
    return products * digits + (len(sizes) + digits) * rows * SWEEP
