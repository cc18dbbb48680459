"""Layers as integers, and sums of their rows: many numbers in one long integer where that is quicker.

Where most weights are 0, as those of convolutions are, a sum is about few columns, and only these are kept.

A row of weights w_0, w_1, ... is packed as sum of w_j 2^(size j), signed. A sum of multiples of packed
rows is the packed sum, as long as every sum stays below 2^(size - 1) in absolute value; that bound is
computed before. CPython multiplies such a long integer by a short one far quicker than one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from memcert.kernel.certificate import Number
from memcert.kernel.network import Layer, Network, common

Row = tuple[tuple[int, int], ...]
"""The integers of a row that are not 0, as (column, integer)."""
WORD = 16
"""Packed numbers take a multiple of so many bits."""
DENSE = 4
"""A layer is sparse where fewer than one in so many weights is not 0; rows of others are packed."""
LARGE = 4096
"""Weights of a first layer from which its numbers are kept as short as its size makes worth while."""


Some = tuple[Sequence[int], Sequence[int] | None]
"""Integers, and the columns that they stand in, each once; None: in all, in order."""


class Lengths(NamedTuple):
    """Numbers longer than `long` bits are shortened to `short`."""

    long: int
    short: int


def lengths(depth: int, weights: int) -> Lengths:
    """Return how long the weights of a layer may be, and the coefficients that multiply them.

    A first layer is often the largest, and what shortening costs there is small: it is paid for by how
    far the inputs reach, and no bound of a bound. Raises: never.
    """
    return Lengths(36, 30) if depth == 0 and weights >= LARGE else Lengths(80, 60)


@dataclass(frozen=True, slots=True, eq=False)
class IntegerLayer:
    """W and b as integers over one denominator; long weights are shortened.

    Args:
        rows: of W.
        columns: how many.
        bias: b.
        denominator: positive.
        relu: whether negative results become 0.
        largest: the largest |integer| of W.
        shortened: whether integers of `rows` and `bias` may be up to 1/2 from their numbers times the
            denominator; if not, they are exact.
        norms: for each row, at least the sum of |weight| times the denominator.
        lengths: of weights, and of what multiplies them.
        sparse: whether most weights are 0.
        packed: the rows as long integers, by size of a number; filled when first needed.
    """

    rows: tuple[Row, ...]
    columns: int
    bias: tuple[int, ...]
    denominator: int
    relu: bool
    largest: int
    shortened: bool
    norms: tuple[int, ...]
    lengths: Lengths
    sparse: bool
    packed: dict[int, list[int]] = field(default_factory=dict)

    def combined(self, factors: Sequence[int], rows: Sequence[int] | None = None) -> Some:
        """Return sum over i of factors[i] * row rows[i]; all other columns of the sum are 0.

        Args:
            factors: one a row.
            rows: which; None: all, in order.

        Cost: one multiplication of a long integer for each factor that is not 0; of short ones for each
        weight where most are 0. Raises: never.
        """
        if not self.sparse:
            return self._packed(self.filled(factors, rows)), None
        if rows is None:
            total = [0] * self.columns
            for factor, row in zip(factors, self.rows, strict=True):
                if factor:
                    for column, weight in row:
                        total[column] += factor * weight
            return total, None
        few: dict[int, int] = {}
        known = few.get
        for factor, i in zip(factors, rows, strict=True):
            if factor:
                for column, weight in self.rows[i]:
                    few[column] = known(column, 0) + factor * weight
        return list(few.values()), list(few)

    def filled(self, factors: Sequence[int], rows: Sequence[int] | None) -> Sequence[int]:
        """Return a factor for every row, 0 where none is given. Raises: IndexError."""
        if rows is None:
            return factors
        every = [0] * len(self.rows)
        for factor, i in zip(factors, rows, strict=True):
            every[i] = factor
        return every

    def _packed(self, factors: Sequence[int]) -> list[int]:
        if not any(factors):
            return [0] * self.columns
        bound = sum(map(abs, factors)) * self.largest
        size = (bound.bit_length() // WORD + 1) * WORD
        rows = self.packed.get(size)
        if rows is None:
            rows = self.packed[size] = [self._pack(row, size) for row in self.rows]
        total = sum([factor * row for factor, row in zip(factors, rows, strict=True) if factor])
        return self._unpack(total, size)

    def _pack(self, row: Row, size: int) -> int:
        half, numbers = 1 << (size - 1), [0] * self.columns
        for column, weight in row:
            numbers[column] = weight
        content = b"".join([(number + half).to_bytes(size // 8, "little") for number in numbers])
        return int.from_bytes(content, "little") - self._halves(size)

    def _unpack(self, total: int, size: int) -> list[int]:
        half, width = 1 << (size - 1), size // 8
        content = (total + self._halves(size)).to_bytes(width * self.columns, "little")
        return [
            int.from_bytes(content[start : start + width], "little") - half
            for start in range(0, len(content), width)
        ]

    def _halves(self, size: int) -> int:
        # 2^(size - 1) in every place, so that no place is negative.
        one = (1 << (size - 1)).to_bytes(size // 8, "little")
        return int.from_bytes(one * self.columns, "little")


def integer_layers(network: Network) -> tuple[IntegerLayer, ...]:
    """Return the layers as integers. Cost: linear. Raises: LimitReached, for long denominators."""
    return tuple(_integer_layer(depth, layer) for depth, layer in enumerate(network.layers))


def common_of(layer: Layer) -> int:
    """Return the least common denominator of W and b. Raises: LimitReached, for long denominators."""
    return common((*_distinct(layer.data).values(), *layer.bias))


def over(numbers: Sequence[Number], denominator: int) -> list[int]:
    """Return numbers times a common denominator. Raises: never."""
    found = {key: x.numerator * (denominator // x.denominator) for key, x in _distinct(numbers).items()}
    return list(map(found.__getitem__, map(id, numbers)))


def _distinct(numbers: Sequence[Number]) -> dict[int, Number]:
    # The weights of a convolution are few objects, each in thousands of places.
    return dict(zip(map(id, numbers), numbers, strict=True))


def _integer_layer(depth: int, layer: Layer) -> IntegerLayer:
    whole = common_of(layer)
    exact = over(layer.data, whole)
    largest = max(map(abs, exact), default=0).bit_length()
    power = (whole & -whole).bit_length() - 1
    wanted = lengths(depth, layer.shape[0] * layer.shape[1])
    shift = min(largest - wanted.short, power) if largest > wanted.long else 0
    half = (1 << shift) >> 1
    short = [(w + half) >> shift for w in exact]
    parts = [slice(start, stop) for start, stop in pairwise(layer.indptr)]
    return IntegerLayer(
        rows=tuple([tuple(zip(layer.indices[part], short[part], strict=True)) for part in parts]),
        columns=layer.shape[1],
        bias=tuple([(b + half) >> shift for b in over(layer.bias, whole)]),
        denominator=whole >> shift,
        relu=layer.relu,
        largest=max(map(abs, short), default=0),
        shortened=shift > 0,
        lengths=wanted,
        sparse=len(short) * DENSE < layer.shape[0] * layer.shape[1],
        norms=tuple([-(-sum(map(abs, exact[part])) >> shift) for part in parts]),
    )
