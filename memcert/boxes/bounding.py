"""A lower bound of a linear form of neurons on a box: backward through the layers, exactly.

The form is carried from a layer to the one before. A layer is replaced by its rows, exactly. A ReLU
between bounds is replaced by the line below it where its coefficient is positive, and the line above it
where negative, either of which lowers the form. Where a case fixes z >= 0 (or z <= 0), any multiple m z
(-m z) with m >= 0 may be subtracted, since it is at least 0 there. At the inputs the least value on the
box is taken, coordinate by coordinate. Every step is exact arithmetic in integers over one denominator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from operator import mul
from typing import NamedTuple

from memcert.boxes.integers import IntegerLayer
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


def box_of(low: Sequence[Number], high: Sequence[Number]) -> Box:
    """Return the box between two corners. Raises: LimitReached, for long denominators."""
    unit = common((*low, *high))
    return Box(
        tuple([x.numerator * (unit // x.denominator) for x in low]),
        tuple([x.numerator * (unit // x.denominator) for x in high]),
        unit,
    )


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


def _times(x: Number, scale: int) -> int:
    return x.numerator * (scale // x.denominator)


class Form(NamedTuple):
    """(coefficients . h + constant) / denominator, in integers."""

    coefficients: Sequence[int]
    constant: int
    denominator: int


def least(layers: Sequence[IntegerLayer], relus: Sequence[Relaxed | None], box: Box, form: Form) -> Fraction:
    """Return a number that the form is never below on the box.

    Args:
        layers: the first layers of a network; h are their outputs.
        relus: for each, its ReLUs as lines; None: it has none.
        box: of inputs.
        form: of the outputs of the last of the layers.

    Cost: as `IntegerLayer.combined` for each layer.

    Raises:
        LimitReached: numbers grow beyond MAX_VALUE_BITS.
    """
    factors, constant, denominator = form
    unit = 1  # the form is factors / denominator, constant / (denominator * unit)
    for layer, relu in zip(reversed(layers), reversed(relus), strict=True):
        if relu is not None:
            both = lcm(unit, relu.unit)
            above = sum([f * t for f, t in zip(factors, relu.intercept, strict=True) if f < 0])
            constant = constant * relu.scale * (both // unit) + above * (both // relu.unit)
            unit, denominator = both, denominator * relu.scale
            factors = _before_relu(relu, factors, denominator)
        constant = constant * layer.denominator + unit * sum(map(mul, factors, layer.bias))
        factors = layer.combined(factors)
        denominator *= layer.denominator
        if denominator.bit_length() > MAX_VALUE_BITS:
            raise LimitReached("value_bits", "a bound", f"at most {MAX_VALUE_BITS}", Words("more"))
    ends = [low if factor > 0 else high for factor, low, high in zip(factors, box.low, box.high, strict=True)]
    whole = denominator * unit * box.denominator
    return Fraction(sum(map(mul, factors, ends)) * unit + constant * box.denominator, whole)


def _before_relu(relu: Relaxed, factors: Sequence[int], denominator: int) -> list[int]:
    found = [
        factor * (lower if factor > 0 else upper)
        for factor, lower, upper in zip(factors, relu.lower, relu.upper, strict=True)
    ]
    for neuron, multiple in relu.subtracted:
        found[neuron] -= multiple.numerator * (denominator // multiple.denominator)
    return found
