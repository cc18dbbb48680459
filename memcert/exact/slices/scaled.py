"""A layer's rationals as integers times powers of two, over one odd denominator that its scale takes.

UNTRUSTED. ReLU is positively homogeneous: where every value of a layer is multiplied by s > 0, the
next layer needs its biases multiplied by s and nothing else.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np

from memcert.exact.slices.digits import Array, Dyadics, UnprovedError, dyadics
from memcert.kernel.network import Layer

MAX_SCALE_BITS = 1 << 12
"""Longer common denominators are left to another engine."""


class Scaled(NamedTuple):
    """A layer whose inputs are multiplied by `scale_before`, its outputs by `scale`; both odd.

    Args:
        shape: (outputs, inputs).
        rows: of each nonzero weight.
        columns: of each nonzero weight.
        weights: scale / scale_before times each nonzero weight.
        bias_rows: the neurons with a bias that is not 0.
        biases: scale times these.
        scale: odd and positive.
    """

    shape: tuple[int, int]
    rows: Array
    columns: Array
    weights: Dyadics
    bias_rows: Array
    biases: Dyadics
    scale: int


def scaled(layer: Layer, scale_before: int) -> Scaled:
    """Return a layer for inputs that are multiplied by `scale_before`.

    Cost: some operations on Python integers for each nonzero weight.

    Raises:
        UnprovedError: the common denominator is longer than MAX_SCALE_BITS.
    """
    rows = np.repeat(np.arange(layer.shape[0]), np.diff(np.asarray(layer.indptr)))
    columns = np.asarray(layer.indices, dtype=np.int64)
    numerators = [x.numerator for x in layer.data]
    denominators = [x.denominator for x in layer.data]
    if 0 in numerators:
        kept = [place for place, weight in enumerate(numerators) if weight]
        rows, columns = rows[kept], columns[kept]
        numerators, denominators = ([part[place] for place in kept] for part in (numerators, denominators))
    biased = [row for row, bias in enumerate(layer.bias) if bias]
    biases = [Fraction(layer.bias[row]) * scale_before for row in biased]
    parts = _odd_parts({*denominators, *(x.denominator for x in biases)})
    factor = 1
    for odd, _ in parts.values():
        factor = lcm(factor, odd)
        if factor.bit_length() > MAX_SCALE_BITS:
            raise UnprovedError(f"a common denominator has more than {MAX_SCALE_BITS} bits")
    return Scaled(
        layer.shape,
        rows,
        columns,
        _dyadics(numerators, denominators, parts, factor),
        np.array(biased, dtype=np.int64),
        _dyadics([x.numerator for x in biases], [x.denominator for x in biases], parts, factor),
        factor * scale_before,
    )


def _odd_parts(denominators: Iterable[int]) -> dict[int, tuple[int, int]]:
    # Of each denominator: its odd part, and how often 2 divides it.
    found = {}
    for denominator in denominators:
        twos = (denominator & -denominator).bit_length() - 1
        found[denominator] = denominator >> twos, twos
    return found


def _dyadics(
    numerators: list[int], denominators: list[int], parts: dict[int, tuple[int, int]], factor: int
) -> Dyadics:
    powers = {denominator: -twos for denominator, (_, twos) in parts.items()}
    if any(odd != factor for odd, _ in parts.values()):
        times = {denominator: factor // odd for denominator, (odd, _) in parts.items()}
        numerators = [n * times[d] for n, d in zip(numerators, denominators, strict=True)]
    return dyadics(numerators, [powers[d] for d in denominators])
