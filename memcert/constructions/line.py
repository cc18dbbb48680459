"""Distinct points as numbers on a line: x = s v . X + b, with a chosen smallest gap and least value.

Source: Park et al. 2021, Lemma 13, for the direction (directions.py).
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.blocks.assembly import coordinates
from memcert.blocks.part import Part, carry
from memcert.constructions.directions import Direction
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Point order[i] has the value numerators[i] / denominator, ascending.

    Args:
        vector: v, integers.
        scale, bias: s > 0 and b.
        order: the distinct points in ascending order of their values.
        numerators, denominator: the values, in that order.
    """

    vector: tuple[int, ...]
    scale: Fraction
    bias: Fraction
    order: tuple[int, ...]
    numerators: tuple[int, ...]
    denominator: int

    @property
    def weights(self) -> tuple[Number, ...]:
        """The weights s v of the neuron that computes x. Raises: never."""
        return tuple(_number(self.scale * entry) for entry in self.vector)

    @property
    def offset(self) -> Number:
        """The bias of that neuron. Raises: never."""
        return _number(self.bias)

    @property
    def keys(self) -> list[int]:
        """The integer parts of the values, in their order. Raises: never."""
        return [n // self.denominator for n in self.numerators]

    @property
    def values(self) -> list[Number]:
        """The values themselves, in their order. Raises: never."""
        return [exact(n, self.denominator) for n in self.numerators]

    @property
    def nonzeros(self) -> int:
        """Nonzero parameters of the neuron: |v|_0 + [b != 0]. Raises: never."""
        return sum(entry != 0 for entry in self.vector) + (self.bias != 0)

    def box(self, room: Fraction) -> Number:
        """Return the radius of the sup-norm box on which x moves by at most `room`. Raises: never."""
        return _number(room / (self.scale * sum(map(abs, self.vector))))

    def part(self, stage: str, name: str = "x", unit: Fraction = Fraction(1)) -> Part:
        """Build X -> unit * x, one neuron; every value must be >= 0. Raises: never."""
        row = dict(zip(coordinates(len(self.vector)), self._scaled(unit), strict=True))
        return carry("project", stage, name, row=row, bias=_number(unit * self.bias))

    def _scaled(self, unit: Fraction) -> tuple[Number, ...]:
        return tuple(_number(unit * self.scale * entry) for entry in self.vector)


def lined(direction: Direction, denominator: int, gap: int, first: Fraction) -> Line:
    """Return the values whose smallest gap is `gap` and whose least is `first`.

    Args:
        direction: of at least two points, the numerators of the data.
        denominator: D; the points are numerators / D.
        gap: at least 1.
        first: at least 0.

    Raises:
        ZeroDivisionError: there is one point, which has no gap.
    """
    low, smallest = direction.values[0], direction.gap
    factor, start = gap * first.denominator, first.numerator * smallest
    return Line(
        vector=direction.vector,
        scale=Fraction(gap * denominator, smallest),
        bias=first - Fraction(gap * low, smallest),
        order=direction.order,
        numerators=tuple(factor * (value - low) + start for value in direction.values),
        denominator=smallest * first.denominator,
    )


def off_integers(direction: Direction, denominator: int, gap: int, first: int) -> Line:
    """Return values as `lined` does, moved up by less than 1 so that none is close to an integer.

    The middle of the largest circular gap of their fractional parts comes to lie on the integers:
    the distance is half that gap, at least 1 / 2 N, and one fractional part has a distance of 1/2.

    Raises:
        ZeroDivisionError: there is one point, which has no gap.
    """
    line = lined(direction, denominator, gap, Fraction(first))
    unit = line.denominator
    parts = sorted({n % unit for n in line.numerators})
    after = [*parts[1:], parts[0] + unit]
    widest = max(range(len(parts)), key=lambda k: after[k] - parts[k])
    moved = -(parts[widest] + after[widest]) % (2 * unit)
    return lined(direction, denominator, gap, first + Fraction(moved, 2 * unit))


def distance_to_integers(line: Line) -> Fraction:
    """Return the smallest distance of a value to an integer. Raises: ValueError, without values."""
    unit = line.denominator
    return Fraction(min(min(n % unit, -n % unit) for n in line.numerators), unit)


def bits(numbers: Sequence[Number]) -> int:
    """Return the largest bit complexity of some numbers; 0 for none. Raises: never."""
    return max((abs(n.numerator).bit_length() + n.denominator.bit_length() for n in numbers), default=0)


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
