"""ReLU networks over the rationals, and their exact value on a batch of points.

TRUSTED. Numbers of a layer share one denominator, so that the inner loop is integers only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from memcert.kernel.verdict import LimitReached, Words

MAX_VALUE_BITS = 1 << 20
"""Values that grow beyond this many bits, denominators included, end the work."""
MAX_BATCH_BITS = 1 << 29
"""All values of a layer at a batch of points together, with what Python adds to each."""
OBJECT_BITS = 288
"""What Python adds to an integer in a list: 28 bytes, and 8 for the place that refers to it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """x -> W x + b, then ReLU if `relu`; W in CSR form, shape (outputs, inputs)."""

    shape: tuple[int, int]
    indptr: tuple[int, ...]
    indices: tuple[int, ...]
    data: tuple[int | Fraction, ...]
    bias: tuple[int | Fraction, ...]
    relu: bool

    def row(self, i: int) -> tuple[tuple[int, int | Fraction], ...]:
        """Return the nonzero weights of neuron i as (input, weight). Raises: IndexError."""
        part = slice(self.indptr[i], self.indptr[i + 1])
        return tuple(zip(self.indices[part], self.data[part], strict=True))


@dataclass(frozen=True, slots=True)
class Network:
    """F: Q^input_size -> Q^k, the composition of its layers, at least one."""

    input_size: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """Exact values of some neurons at some points: column[neuron][point] / denominator."""

    columns: tuple[list[int], ...]
    denominator: int


def common(numbers: Iterable[int | Fraction]) -> int:
    """Return the least common denominator. Raises: LimitReached, beyond MAX_VALUE_BITS."""
    denominator = 1
    for x in {x.denominator for x in numbers}:
        denominator = lcm(denominator, x)
        if denominator.bit_length() > MAX_VALUE_BITS:
            raise LimitReached("value_bits", "a denominator", f"at most {MAX_VALUE_BITS}", Words("more"))
    return denominator


def values_of(points: Sequence[Sequence[int | Fraction]], size: int) -> Values:
    """Bring a batch of points in Q^size to one denominator. Raises: LimitReached, as `common`."""
    denominator = common(x for point in points for x in point)
    columns = tuple(
        [point[j].numerator * (denominator // point[j].denominator) for point in points] for j in range(size)
    )
    return Values(columns, denominator)


def apply(layer: Layer, before: Values, count: int) -> Values:
    """Return the layer's exact values at the `count` points.

    Cost: one integer multiplication and addition a nonzero weight and point.

    Raises:
        LimitReached: a value exceeds MAX_VALUE_BITS, or the layer MAX_BATCH_BITS.
    """
    scale = common(layer.data)
    inner = before.denominator * scale
    denominator = lcm(inner, common(layer.bias))
    lift = denominator // inner
    columns, taken = [], 0
    for i, bias in enumerate(layer.bias):
        column = [bias.numerator * (denominator // bias.denominator)] * count
        for j, weight in layer.row(i):
            factor = weight.numerator * (scale // weight.denominator) * lift
            column = [total + factor * x for total, x in zip(column, before.columns[j], strict=True)]
        if layer.relu:
            column = [x if x > 0 else 0 for x in column]
        largest = max(map(abs, column), default=0).bit_length() + denominator.bit_length()
        taken += count * (OBJECT_BITS + largest)
        if largest > MAX_VALUE_BITS:
            raise LimitReached("value_bits", f"neuron {i}", f"at most {MAX_VALUE_BITS}", largest)
        if taken > MAX_BATCH_BITS:
            raise LimitReached("layer_bits", f"neuron {i}", f"at most {MAX_BATCH_BITS}", taken)
        columns.append(column)
    return Values(tuple(columns), denominator)


def stages(network: Network, points: Sequence[Sequence[int | Fraction]]) -> Iterator[Values]:
    """Yield the values after 0, 1, ..., L layers. Raises: LimitReached, as `apply`."""
    values = values_of(points, network.input_size)
    yield values
    for layer in network.layers:
        values = apply(layer, values, len(points))
        yield values
