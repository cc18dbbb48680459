"""A lower bound of a linear form of neurons on a box: backward through the layers, in integers.

The form is carried from a layer to the one before. A layer is replaced by its rows. A ReLU between
bounds is replaced by the line below it where its coefficient is positive, and the line above it where
negative, either of which lowers the form. Where a case fixes z >= 0 (or z <= 0), any multiple m z
(-m z) with m >= 0 may be subtracted, since it is at least 0 there. At the inputs the least value on the
box is taken, coordinate by coordinate.

Every step is exact, but for coefficients and weights longer than memcert.boxes.integers.lengths says, which
are shortened: what that can cost, by how far the neurons reach, is subtracted, so that the bound stays one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm
from operator import mul
from typing import NamedTuple

from memcert.boxes.integers import IntegerLayer, Lengths
from memcert.boxes.lines import Lines
from memcert.kernel.certificate import Number
from memcert.kernel.network import MAX_VALUE_BITS, common
from memcert.kernel.verdict import LimitReached, Words


@dataclass(frozen=True, slots=True)
class Box:
    """The points between two corners, as integers over one denominator."""

    low: tuple[int, ...]
    high: tuple[int, ...]
    denominator: int


class Reach(NamedTuple):
    """How far the outputs of a layer reach on a box: the largest |h|, and a bound of the sum of |h|."""

    most: Fraction
    total: Fraction


def box_of(low: Sequence[Number], high: Sequence[Number]) -> Box:
    """Return the box between two corners. Raises: LimitReached, for long denominators."""
    unit = common((*low, *high))
    return Box(tuple([_times(x, unit) for x in low]), tuple([_times(x, unit) for x in high]), unit)


def _times(x: Number, scale: int) -> int:
    return x.numerator * (scale // x.denominator)


def reach_of(box: Box) -> Reach:
    """Return how far the inputs reach. Raises: never."""
    ends = [max(-low, high) for low, high in zip(box.low, box.high, strict=True)]
    return Reach(Fraction(max(ends), box.denominator), Fraction(sum(ends), box.denominator))


def reach_after(layer: IntegerLayer, before: Reach, known: Sequence[Number | None]) -> Reach:
    """Return how far a layer's values before their ReLU reach.

    Args:
        layer: the layer.
        before: how far its inputs reach.
        known: for each neuron a number that |z| is shown to stay below, None: only what the inputs
            give. 0 stands for a neuron that the ReLU drops.

    Raises:
        never.
    """
    unit = before.most.denominator
    inputs = [
        norm * before.most.numerator + (abs(bias) + layer.shortened) * unit
        for norm, bias, most in zip(layer.norms, layer.bias, known, strict=True)
        if most is None
    ]
    stated = [Fraction(most) for most in known if most is not None]
    unit *= layer.denominator
    most = max(Fraction(max(inputs, default=0), unit), *stated, Fraction(0))
    return Reach(most, _sum(stated) + Fraction(sum(inputs), unit))


def _sum(numbers: Sequence[Fraction]) -> Fraction:
    """Return the sum; most of many numbers have one of a few denominators."""
    sums: dict[int, int] = {}
    for x in numbers:
        sums[x.denominator] = sums.get(x.denominator, 0) + x.numerator
    return sum([Fraction(total, unit) for unit, total in sums.items()], Fraction(0))


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A layer of ReLUs as lines, in integers, and what is subtracted.

    Args:
        scale: positive; every multiplier times it is an integer.
        unit: positive.
        lower: slopes where the coefficient is positive, times scale.
        upper: slopes where it is negative, times scale.
        intercept: added, times the coefficient, where it is negative; times scale * unit.
        subtracted: (neuron, multiple of z that is subtracted); negative where the case is z <= 0.
    """

    scale: int
    unit: int
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    intercept: tuple[int, ...]
    subtracted: tuple[tuple[int, Number], ...]

    def of(self, neurons: Sequence[int] | None) -> "Relaxed":
        """Return the lines of some neurons, of which none is subtracted; None: of all. Raises: IndexError."""
        if neurons is None:
            return self
        return Relaxed(
            self.scale,
            self.unit,
            tuple([self.lower[i] for i in neurons]),
            tuple([self.upper[i] for i in neurons]),
            tuple([self.intercept[i] for i in neurons]),
            (),
        )


def relaxed(lines: Sequence[Lines], subtracted: Sequence[tuple[int, Number]] = ()) -> Relaxed:
    """Return lines over one scale. Raises: LimitReached, for long denominators."""
    slopes = [x for line in set(lines) for x in (line.lower, line.upper)]
    scale = lcm(common(slopes), common([multiple for _, multiple in subtracted]))
    whole = lcm(scale, common({line.intercept for line in lines}))
    return Relaxed(
        scale,
        whole // scale,
        tuple([_times(line.lower, scale) for line in lines]),
        tuple([_times(line.upper, scale) for line in lines]),
        tuple([_times(line.intercept, whole) for line in lines]),
        tuple(subtracted),
    )


class Form(NamedTuple):
    """(coefficients . h + constant) / denominator, in integers; h of the neurons `about`, None: of all."""

    coefficients: Sequence[int]
    constant: int
    denominator: int
    about: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The first layers of a network on a box.

    Args:
        layers: in order.
        relus: for each, its ReLUs as lines; None: it has none.
        reaches: of the inputs, then of the values of each layer before its ReLU.
        box: of inputs.
    """

    layers: Sequence[IntegerLayer]
    relus: Sequence[Relaxed | None]
    reaches: Sequence[Reach]
    box: Box

    def least(self, form: Form) -> Fraction:
        """Return a number that a form of the last layer's outputs is never below on the box.

        Cost: as `IntegerLayer.combined` for each layer.

        Raises:
            LimitReached: numbers grow beyond MAX_VALUE_BITS.
        """
        factors, constant, denominator, about = form
        unit = 1  # the form is factors / denominator, constant / (denominator * unit)
        for depth in range(len(self.layers) - 1, -1, -1):
            layer, every = self.layers[depth], self.relus[depth]
            if every is not None:
                if every.subtracted:
                    factors, about = layer.filled(factors, about), None
                relu = every.of(about)
                both = lcm(unit, relu.unit)
                above = sum([f * t for f, t in zip(factors, relu.intercept, strict=True) if f < 0])
                constant = constant * relu.scale * (both // unit) + above * (both // relu.unit)
                unit, denominator = both, denominator * relu.scale
                factors = _before_relu(relu, factors, denominator)
            shift = _shift(factors, denominator, layer.lengths)
            if shift:
                half = 1 << (shift - 1)
                constant = (constant - ceil(half * unit * self.reaches[depth + 1].total)) >> shift
                factors = [(factor + half) >> shift for factor in factors]
                denominator >>= shift
            constant = constant * layer.denominator + unit * sum(map(mul, factors, _of(layer.bias, about)))
            if layer.shortened:
                lost = Fraction(sum(map(abs, factors)) * unit, 2)  # 1/2 a weight and bias
                constant -= ceil(lost * (self.reaches[depth].total + 1))
            factors, about = layer.combined(factors, about)
            denominator *= layer.denominator
            if denominator.bit_length() > MAX_VALUE_BITS:
                raise LimitReached("value_bits", "a bound", f"at most {MAX_VALUE_BITS}", Words("more"))
        box = self.box
        sides = zip(factors, _of(box.low, about), _of(box.high, about), strict=True)
        ends = [low if f > 0 else high for f, low, high in sides]
        total = sum(map(mul, factors, ends)) * unit + constant * box.denominator
        return Fraction(total, denominator * unit * box.denominator)


def _of(numbers: Sequence[int], places: Sequence[int] | None) -> Sequence[int]:
    return numbers if places is None else [numbers[i] for i in places]


def _before_relu(relu: Relaxed, factors: Sequence[int], denominator: int) -> list[int]:
    found = [
        factor * (lower if factor > 0 else upper)
        for factor, lower, upper in zip(factors, relu.lower, relu.upper, strict=True)
    ]
    for neuron, multiple in relu.subtracted:
        found[neuron] -= multiple.numerator * (denominator // multiple.denominator)
    return found


def _shift(factors: Sequence[int], denominator: int, allowed: Lengths) -> int:
    """Return by how many bits long factors are shortened: as far as the denominator is a power of two."""
    longest = max(max(factors, default=0), -min(factors, default=0)).bit_length()
    if longest <= allowed.long:
        return 0
    return min(longest - allowed.short, (denominator & -denominator).bit_length() - 1)
