"""Layers as integers, and sums of their rows: many numbers in one long integer where that is quicker.

A row of weights w_0, w_1, ... is packed as sum of w_j 2^(size j), signed. A sum of multiples of packed
rows is the packed sum, as long as every sum stays below 2^(size - 1) in absolute value; that bound is
computed before. CPython multiplies such a long integer by a short one far quicker than one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from memcert.kernel.network import Layer, Network, common

Row = tuple[tuple[int, int], ...]
"""The integers of a row that are not 0, as (column, integer)."""
WORD = 64
"""Packed numbers take a multiple of so many bits."""
DENSE = 4
"""Rows are packed where at least one in so many weights is not 0."""


@dataclass(frozen=True, slots=True, eq=False)
class IntegerLayer:
    """W and b as integers over one denominator.

    Args:
        rows: of W.
        columns: how many.
        bias: b.
        denominator: positive.
        relu: whether negative results become 0.
        largest: the largest |integer| of W.
        packed: the rows as long integers, by size of a number; filled when first needed.
    """

    rows: tuple[Row, ...]
    columns: int
    bias: tuple[int, ...]
    denominator: int
    relu: bool
    largest: int
    packed: dict[int, list[int]] = field(default_factory=dict)

    def combined(self, factors: Sequence[int]) -> list[int]:
        """Return sum over i of factors[i] * row i, one integer a column.

        Cost: one multiplication of a long integer for each factor that is not 0; of short ones for each
        weight where most are 0. Raises: never.
        """
        if sum(map(len, self.rows)) * DENSE < len(self.rows) * self.columns:
            return self._one_by_one(factors)
        bound = sum(map(abs, factors)) * self.largest
        size = (bound.bit_length() // WORD + 1) * WORD
        rows = self.packed.get(size)
        if rows is None:
            rows = self.packed[size] = [self._pack(row, size) for row in self.rows]
        total = sum([factor * row for factor, row in zip(factors, rows, strict=True) if factor])
        return self._unpack(total, size)

    def _one_by_one(self, factors: Sequence[int]) -> list[int]:
        total = [0] * self.columns
        for factor, row in zip(factors, self.rows, strict=True):
            if factor:
                for column, weight in row:
                    total[column] += factor * weight
        return total

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
    return tuple(map(_integer_layer, network.layers))


def _integer_layer(layer: Layer) -> IntegerLayer:
    denominator = common((*layer.data, *layer.bias))
    rows = tuple(
        tuple([(j, w.numerator * (denominator // w.denominator)) for j, w in layer.row(i)])
        for i in range(layer.shape[0])
    )
    return IntegerLayer(
        rows=rows,
        columns=layer.shape[1],
        bias=tuple([b.numerator * (denominator // b.denominator) for b in layer.bias]),
        denominator=denominator,
        relu=layer.relu,
        largest=max((abs(w) for row in rows for _, w in row), default=0),
    )
