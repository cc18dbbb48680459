"""A layer's rationals as integers times powers of two, over one odd denominator that its scale takes.

UNTRUSTED. ReLU is positively homogeneous: where every value of a layer is multiplied by s > 0, the
next layer needs its biases multiplied by s and nothing else.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from math import lcm
from operator import attrgetter, mul
from typing import NamedTuple

import numpy as np

from memcert.exact.slices.digits import SMALL, Array, Dyadics, UnprovedError, dyadics, int64s
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
    columns = np.fromiter(layer.indices, np.int64, len(layer.indices))
    weights = _ratios(layer.data)
    if not (weights.numerators != 0).all():
        kept = np.flatnonzero(weights.numerators != 0)
        rows, columns = rows[kept], columns[kept]
        weights = _ratios([layer.data[place] for place in kept.tolist()])
    biased = [row for row, bias in enumerate(layer.bias) if bias]
    biases = _ratios([Fraction(layer.bias[row]) * scale_before for row in biased])
    factor = 1
    for odd in {*weights.odds, *biases.odds}:
        factor = lcm(factor, odd)
        if factor.bit_length() > MAX_SCALE_BITS:
            raise UnprovedError(f"a common denominator has more than {MAX_SCALE_BITS} bits")
    return Scaled(
        layer.shape,
        rows,
        columns,
        _dyadics(weights, factor),
        np.array(biased, dtype=np.int64),
        _dyadics(biases, factor),
        factor * scale_before,
    )


class _Ratios(NamedTuple):
    # Fractions n / (odds[kind] * 2**twos[kind]), of few kinds.
    numerators: Array
    kinds: Array
    odds: list[int]
    twos: list[int]


def _ratios(numbers: Sequence[int | Fraction]) -> _Ratios:
    # Two passes that Python makes in C: there are as many numbers as weights, of few denominators.
    numerators = int64s(list(map(attrgetter("numerator"), numbers)))
    known: defaultdict[int, int] = defaultdict(count().__next__)
    found = map(known.__getitem__, map(attrgetter("denominator"), numbers))
    kinds = np.fromiter(found, np.int64, len(numbers))
    twos = [(denominator & -denominator).bit_length() - 1 for denominator in known]
    return _Ratios(numerators, kinds, [d >> power for d, power in zip(known, twos, strict=True)], twos)


def _dyadics(numbers: _Ratios, factor: int) -> Dyadics:
    numerators, kinds = numbers.numerators, numbers.kinds
    times = [factor // odd for odd in numbers.odds]
    most = max(times, default=1)
    if most > 1:
        if numerators.dtype == object or int(np.abs(numerators).max()) * most >= SMALL:
            products = map(mul, numerators.tolist(), map(times.__getitem__, kinds.tolist()))
            numerators = int64s(list(products))
        else:
            numerators = numerators * np.array(times)[kinds]
    return dyadics(numerators, -np.array(numbers.twos, dtype=np.int64)[kinds])
