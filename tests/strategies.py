"""Hypothesis strategies: exact numbers, points, labels, small networks, data sets.

`layer` and `network` build kernel objects from dense rows, for tests written by hand.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm

import numpy as np
from hypothesis import strategies as st

from memcert.datasets.dataset import Dataset
from memcert.kernel.certificate import Number, Original
from memcert.kernel.network import Layer, Network

EDGES = [0, 1, 2**31, 2**53, 2**61, 2**62 - 1, 2**62, 2**63 - 1, 2**63, 2**64, 2**70]
"""Magnitudes at which machine arithmetic changes."""


def number(value: int | Fraction) -> Number:
    """Return an exact number in the kernel's form: int wherever the denominator is 1."""
    value = Fraction(value)
    return value.numerator if value.denominator == 1 else value


def layer(rows: Sequence[Sequence[int | Fraction]], bias: Sequence[int | Fraction], relu: bool) -> Layer:
    """Return a kernel layer from dense rows; zeros are not stored."""
    edges = [[(j, number(w)) for j, w in enumerate(row) if w != 0] for row in rows]
    indptr = [0]
    for row in edges:
        indptr.append(indptr[-1] + len(row))
    return Layer(
        shape=(len(rows), len(rows[0])),
        indptr=tuple(indptr),
        indices=tuple(j for row in edges for j, _ in row),
        data=tuple(w for row in edges for _, w in row),
        bias=tuple(number(b) for b in bias),
        relu=relu,
    )


def network(*parts: tuple[Sequence[Sequence[int | Fraction]], Sequence[int | Fraction]]) -> Network:
    """Return a kernel network from (dense rows, bias) a layer; ReLU after all but the last."""
    last = len(parts) - 1
    layers = tuple(layer(rows, bias, relu=i < last) for i, (rows, bias) in enumerate(parts))
    return Network(layers[0].shape[1], layers)


def dataset(
    points: Sequence[Sequence[int | Fraction]],
    labels: Sequence[Original],
    name: str = "hand",
    columns: tuple[str, ...] | None = None,
) -> Dataset:
    """Return a Dataset of exact points (int64 where each numerator has at most 62 bits)."""
    denominator = lcm(*(Fraction(x).denominator for point in points for x in point))
    rows = [[int(Fraction(x) * denominator) for x in point] for point in points]
    small = all(abs(x) < 2**62 for row in rows for x in row)
    numerators = np.array(rows, dtype=np.int64 if small else object).reshape(len(rows), len(rows[0]))
    return Dataset(name, columns, numerators, denominator, tuple(labels))


def integers(bits: int = 12) -> st.SearchStrategy[int]:
    """Integers of at most that many bits, either sign."""
    return st.integers(-(2**bits) + 1, 2**bits - 1)


def edge_integers() -> st.SearchStrategy[int]:
    """Integers at and beside the magnitudes where machine arithmetic changes."""
    return st.builds(
        lambda magnitude, offset, sign: sign * (magnitude + offset),
        st.sampled_from(EDGES),
        st.integers(-2, 2),
        st.sampled_from([-1, 1]),
    )


def rationals(bits: int = 12) -> st.SearchStrategy[Number]:
    """Exact numbers; every second one an integer, the others often over a power of two."""
    denominators = st.one_of(st.integers(0, bits).map(lambda k: 2**k), st.integers(1, 2**bits))
    return st.one_of(
        integers(bits),
        st.builds(lambda p, q: number(Fraction(p, q)), integers(bits), denominators),
    )


def wild_rationals() -> st.SearchStrategy[Number]:
    """Small rationals mixed with the edges of machine arithmetic, some of them inverted."""
    inverted = edge_integers().filter(bool).map(lambda n: number(Fraction(1, n)))
    return st.one_of(rationals(4), edge_integers(), inverted)


def points(
    size: int, dimension: int, entries: st.SearchStrategy[Number] | None = None
) -> st.SearchStrategy[list[tuple[Number, ...]]]:
    """`size` points of Q^dimension, equal ones allowed."""
    point = st.tuples(*[entries if entries is not None else rationals(6)] * dimension)
    return st.lists(point, min_size=size, max_size=size)


def separated_points(
    size: int, dimension: int, entries: st.SearchStrategy[Number] | None = None
) -> st.SearchStrategy[list[tuple[Number, ...]]]:
    """`size` pairwise different points of Q^dimension."""
    point = st.tuples(*[entries if entries is not None else rationals(8)] * dimension)
    return st.lists(point, min_size=size, max_size=size, unique=True)


def labels(size: int, classes: int) -> st.SearchStrategy[list[int]]:
    """`size` labels among 0..classes-1; not each need occur."""
    return st.lists(st.integers(0, classes - 1), min_size=size, max_size=size)


@st.composite
def datasets(  # type: ignore[no-untyped-def]
    draw,
    *,
    max_size: int = 12,
    max_dimension: int = 4,
    classes: int = 3,
    entries: st.SearchStrategy[Number] | None = None,
    distinct: bool = False,
) -> Dataset:
    """A data set with integer labels; `distinct`: no two points equal."""
    size = draw(st.integers(1, max_size))
    dimension = draw(st.integers(1, max_dimension))
    choose = separated_points if distinct else points
    return dataset(draw(choose(size, dimension, entries)), draw(labels(size, classes)))


@st.composite
def networks(  # type: ignore[no-untyped-def]
    draw,
    input_size: int,
    *,
    outputs: int = 1,
    max_depth: int = 4,
    max_width: int = 5,
    weights: st.SearchStrategy[Number] | None = None,
) -> Network:
    """A small network with about half its weights zero; ReLU after all layers but the last."""
    weight = st.one_of(st.just(0), weights if weights is not None else rationals(4))
    depth = draw(st.integers(1, max_depth))
    sizes = [input_size, *(draw(st.integers(1, max_width)) for _ in range(depth - 1)), outputs]
    parts = []
    for before, after in pairwise(sizes):
        rows = [[draw(weight) for _ in range(before)] for _ in range(after)]
        parts.append((rows, [draw(weight) for _ in range(after)]))
    return network(*parts)
