"""What floats may make of a value in any order of summation, fused or not: a rigorous bound.

UNTRUSTED; tests put random orders through correctly rounded arithmetic. With p digits, u = 2^-p, eta half
the smallest positive number: a sum of n products that count and a bias passes k = n + [b] roundings at
most, g = k u / (1 - k u), and

    |computed - exact| <= sum |w| e + g S + n eta (1 + g),   S = sum |w| (|x| + e) + |b|.

Exact values are enclosed by a float64 evaluation with the same bound for p = 53. The bounds themselves
are evaluated in float64, every step enlarged by more than it may have lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from memcert.kernel.certificate import Number
from memcert.semantics.precision import FLOAT64, Array, Precision
from memcert.semantics.program import (
    Absolute,
    Add,
    Constant,
    Divide,
    Dot,
    Fold,
    Gather,
    Instruction,
    Larger,
    Multiply,
    Negate,
    Program,
    Root,
    Slope,
    sources,
)
from memcert.semantics.sequential import gathered


class Digits(NamedTuple):
    """u, eta and Omega of a precision, as floats."""

    unit: float
    eta: float
    largest: float


def digits_of(precision: Precision) -> Digits:
    """Return a precision's u, eta and Omega; all are float64 numbers. Raises: never."""
    return Digits(float(precision.unit), float(precision.underflow), float(precision.largest))


DOUBLES = digits_of(FLOAT64)
UP = 1.0 + 2.0**-46
"""More than the few roundings of one line of these formulas may lose."""
U64 = 2.0**-53


class Bound(NamedTuple):
    """Of some values, rows by numbers; all are float64, and rows may be one, for all.

    Exact values lie within `radius` of `center`, what floats compute within `error` of the exact ones.
    """

    center: Array
    radius: Array
    error: Array

    @property
    def reach(self) -> Array:
        """At least |exact| + error. Raises: never."""
        return np.asarray((np.abs(self.center) + self.radius + self.error) * UP)

    @property
    def size(self) -> Array:
        """At least |exact|. Raises: never."""
        return np.asarray((np.abs(self.center) + self.radius) * UP)


class Kept(NamedTuple):
    """What the second stage needs of one instruction.

    Args:
        bound: of its value.
        local: how much this instruction alone adds to the error, or None where it adds nothing.
        choice: for `Larger`, `Slope`, `Absolute`: 1 where the first alternative is sure, -1 where the
            other is, 0 where neither; None for others.
    """

    bound: Bound
    local: Array | None
    choice: Array | None


@dataclass(frozen=True, slots=True)
class Weights:
    """A matrix in one precision.

    Args:
        matrix: alpha times the rounded weights, in float64.
        off: at least how far the rounded weights are from the exact ones, alpha times; None: they are these.
        bias: beta times the rounded bias.
        bias_off: as `off`.
    """

    matrix: Array
    off: Array | None
    bias: Array | None
    bias_off: Array | None


class AnyOrder:
    """Bounds a program's floats in one precision, rows by rows.

    Args:
        program: whatever it computes.
        precision: of all numbers and operations.
    """

    def __init__(self, program: Program, precision: Precision) -> None:
        """Round constants and weights, and bound how far that moves them."""
        self.program, self.precision = program, precision
        self.digits = digits_of(precision)
        self.constants: dict[int, Bound] = {}
        self.weights: dict[int, tuple[Weights, Weights]] = {}
        for place, instruction in enumerate(program.instructions):
            if isinstance(instruction, Constant):
                self.constants[place] = self._constant(instruction.numbers)
            elif isinstance(instruction, Dot):
                self.weights[place] = (_weights(instruction, FLOAT64), _weights(instruction, precision))

    def _constant(self, numbers: Sequence[Number]) -> Bound:
        center, radius = nearby(numbers, FLOAT64)
        _, error = nearby(numbers, self.precision)
        return Bound(center[np.newaxis], radius[np.newaxis], error[np.newaxis])

    def run(self, rows: Bound, *, keep: bool = False) -> tuple[Bound, Array, list[Kept | None]]:
        """Bound the outputs of rows.

        Args:
            rows: the data.
            keep: whether every instruction's bounds are returned.

        Returns:
            Bounds of the outputs; which rows may overflow, so that nothing is said of them; what was kept.

        Raises:
            never.
        """
        program, left = self.program, self.program.readers()
        values: list[Bound | None] = [None] * len(program.instructions)
        kept: list[Kept | None] = [None] * len(program.instructions)
        overflows = np.zeros(len(rows.center), dtype=bool)
        with np.errstate(all="ignore"):
            for place, instruction in enumerate(program.instructions):
                if not left[place]:
                    continue
                made = self._made(place, instruction, values, rows)
                values[place] = made.bound
                finite = made.bound.reach <= self.digits.largest
                overflows |= ~finite.all(axis=1)
                kept[place] = made if keep else None
                for source in () if keep else sources(instruction):
                    left[source] -= 1
                    if not left[source]:
                        values[source] = None
        final = values[program.output]
        found = rows if final is None else final
        return found, overflows, kept

    def _made(self, place: int, instruction: Instruction, values: list[Bound | None], rows: Bound) -> Kept:
        if place == 0:
            return Kept(rows, rows.error, None)
        if isinstance(instruction, Constant):
            bound = self.constants[place]
            return Kept(bound, bound.error, None)
        parts = [values[source] for source in sources(instruction)]
        if isinstance(instruction, Dot):
            return self._dot(place, instruction, parts[0])  # type: ignore[arg-type]  # it was made
        return BOUNDED[type(instruction)](self, instruction, *parts)

    def _dot(self, place: int, dot: Dot, x: Bound) -> Kept:
        own, exact = self.weights[place][1], self.weights[place][0]
        inner = exact.matrix.shape[0]
        center, radius, error = (part.reshape(-1, inner) for part in x)
        blocks = Bound(center, radius, error)
        middle = center @ exact.matrix + (0 if exact.bias is None else exact.bias)
        spread = _affected(dot, exact, blocks.size, DOUBLES, radius)
        local = _affected(dot, own, blocks.reach, self.digits)
        passed = _product(error, np.abs(own.matrix))
        made = Bound(middle, spread, (passed + local) * UP)
        rows = len(x.center)
        return Kept(Bound(*(part.reshape(rows, -1) for part in made)), local.reshape(rows, -1), None)


def _product(left: Array, right: Array) -> Array:
    """Return at least the product of nonnegative matrices. Raises: never."""
    # In any order the product loses less than one part in 2^53 for each of its terms.
    return np.asarray((left @ right) * (1.0 + (left.shape[1] + 4) * 2.0**-52))


def _affected(dot: Dot, w: Weights, reach: Array, digits: Digits, passed: Array | None = None) -> Array:
    # At least what rounding adds to a sum of products, and what `passed` errors of x become, if given.
    (unit, eta, largest), size = digits, np.abs(w.matrix)
    total = _product(reach, size) + (0 if w.bias is None else np.abs(w.bias))
    count = (reach > 0).astype(np.float64) @ (size > 0).astype(np.float64)
    steps = count + (0 if w.bias is None else (w.bias != 0)) + (dot.alpha != 1) + (dot.beta != 1)
    growth = np.where(steps * unit < 0.5, steps * unit / (1 - steps * unit) * UP, np.inf)
    small = (2 * count + 2) * eta * max(1.0, abs(float(dot.alpha)) * UP)
    added = growth * total + np.where(count > 0, small, 0) * (1 + growth)
    # Some order of the sum may overflow: nothing is known.
    added = np.where((total + added) * UP > largest, np.inf, added)
    if w.off is not None:
        added = added + _product(reach, w.off)
    if w.bias_off is not None:
        added = added + w.bias_off
    if passed is not None:
        added = added + _product(passed, size)
    # 0 times infinity: nothing is summed, or nothing is known.
    return np.asarray(np.where(np.isnan(added), np.inf, added) * UP)


def nearby(numbers: Sequence[Number], precision: Precision) -> tuple[Array, Array]:
    """Return the nearest floats of a precision as float64, and at least how far they are from the numbers.

    Raises: never.
    """
    rounded = precision.rounded(numbers).astype(np.float64)
    off = [_distance(x, y) for x, y in zip(numbers, rounded.tolist(), strict=True)]
    return rounded, np.array(off, dtype=np.float64)


def _distance(number: Number, stored: float) -> float:
    if not np.isfinite(stored):
        return np.inf
    exact = Fraction(number)
    return 0.0 if exact == Fraction(stored) else above(_size(exact - Fraction(stored)))


def _size(x: Fraction) -> Fraction:
    return x if x >= 0 else -x


def above(number: Number) -> float:
    """Return a float that is at least a nonnegative number below the largest. Raises: never."""
    near = float(number)
    return near if near >= number else float(np.nextafter(near, np.inf))


def _weights(dot: Dot, precision: Precision) -> Weights:
    shape = (len(dot.weights), len(dot.weights[0]) if dot.weights else 0)
    matrix, off = _scaled([x for row in dot.weights for x in row], dot.alpha, precision)
    bias, bias_off = (None, None) if dot.bias is None else _scaled(dot.bias, dot.beta, precision)
    return Weights(
        matrix.reshape(shape),
        off.reshape(shape) if off.any() else None,
        bias,
        bias_off if bias_off is not None and bias_off.any() else None,
    )


def _scaled(numbers: Sequence[Number], factor: Number, precision: Precision) -> tuple[Array, Array]:
    rounded, off = nearby(numbers, precision)
    if factor == 1 or not np.isfinite(rounded).all():
        return rounded, off
    # factor times the rounded number, which float64 may have to round again.
    product, more = nearby([factor * Fraction(x) for x in rounded.tolist()], FLOAT64)
    return product, np.asarray((off * above(_size(Fraction(factor))) + more) * UP)


# One function for each instruction: the engine, the instruction, and the bounds of what it reads.


def _gather(_: AnyOrder, one: Gather, *parts: Bound) -> Kept:
    columns = [[part[k] for part in parts] for k in range(3)]
    return Kept(Bound(*(gathered(one.places, column) for column in columns)), None, None)


def _fold(engine: AnyOrder, one: Fold, x: Bound) -> Kept:
    def lanes(values: Array) -> Array:
        kept = values if one.left_out is None else np.where(one.left_out, 0.0, values)
        return np.asarray(kept.reshape(len(values), -1, one.width))

    def summed(values: Array) -> Array:
        return np.asarray(lanes(values).sum(axis=2) * (1.0 + (one.width + 4) * 2.0**-52))

    steps = one.width * 1.0
    middle = lanes(x.center).sum(axis=2)
    total, unit = summed(x.reach), engine.digits.unit
    local = total * (steps * unit / (1 - steps * unit)) * UP
    local = np.where((total + local) * UP > engine.digits.largest, np.inf, local)
    radius = (summed(x.radius) + summed(x.size) * (steps * U64 / (1 - steps * U64))) * UP
    return Kept(Bound(middle, radius, (summed(x.error) + local) * UP), local, None)


def _add(engine: AnyOrder, one: Add, a: Bound, b: Bound) -> Kept:
    center = a.center + one.sign * b.center
    radius = (a.radius + b.radius + np.abs(center) * 2 * U64) * UP
    passed = a.error + b.error
    local = (np.abs(center) + radius + passed) * engine.digits.unit * UP
    return Kept(Bound(center, radius, (passed + local) * UP), local, None)


def _multiply(engine: AnyOrder, _: Multiply, x: Bound, w: Bound) -> Kept:
    center = x.center * w.center
    tiny = float(FLOAT64.underflow)
    radius = (x.radius * w.size + x.size * w.radius + np.abs(center) * 2 * U64 + 4 * tiny) * UP
    local = (x.reach * w.error + x.reach * w.reach * engine.digits.unit + 2 * engine.digits.eta) * UP
    return Kept(Bound(center, radius, (x.error * w.size + local) * UP), local, None)


def _divide(engine: AnyOrder, _: Divide, x: Bound, w: Bound) -> Kept:
    # |1/w' - 1/w| <= |w' - w| / (|w| |w'|); least is at most both.
    least = (np.abs(w.center) - w.radius - w.error) / UP
    least = np.where(least > 0, least, 0.0)
    center = x.center / w.center
    tiny = float(FLOAT64.underflow)
    radius = (x.radius / least + x.size * w.radius / least**2 + np.abs(center) * 2 * U64 + 4 * tiny) * UP
    local = (x.reach * w.error / least**2 + x.reach / least * engine.digits.unit + 2 * engine.digits.eta) * UP
    made = Bound(center, _known(radius), _known((x.error / least + local) * UP))
    return Kept(made, _known(local), None)


def _known(values: Array) -> Array:
    """Return bounds with those that are no numbers infinite. Raises: never."""
    return np.asarray(np.where(np.isnan(values), np.inf, values))


def _larger(_: AnyOrder, one: Larger, a: Bound, b: Bound) -> Kept:
    apart = one.sign * (a.center - b.center)
    doubt = (a.radius + a.error + b.radius + b.error) * UP + np.abs(apart) * 2 * U64
    choice = np.where(apart >= doubt, 1, np.where(-apart >= doubt, -1, 0))
    center = (np.maximum if one.sign > 0 else np.minimum)(a.center, b.center)
    parts = [
        np.where(choice > 0, left, np.where(choice < 0, right, np.maximum(left, right)))
        for left, right in ((a.radius, b.radius), (a.error, b.error))
    ]
    return Kept(Bound(center, *parts), None, choice)


def _absolute(_: AnyOrder, __: Absolute, x: Bound) -> Kept:
    choice = _signs(x)
    return Kept(Bound(np.abs(x.center), x.radius, x.error), None, choice)


def _signs(x: Bound) -> Array:
    doubt = (x.radius + x.error) * UP
    return np.where(x.center >= doubt, 1, np.where(-x.center > doubt, -1, 0))


def _negate(_: AnyOrder, __: Negate, x: Bound) -> Kept:
    return Kept(x._replace(center=-x.center), None, None)


def _slope(engine: AnyOrder, _: Slope, x: Bound, w: Bound) -> Kept:
    scaled = _multiply(engine, Multiply(0, 0), x, w)
    below, local = scaled.bound, scaled.local
    choice = _signs(x)
    center = np.where(x.center >= 0, x.center, below.center)
    # Where the sign is not sure, both sides are within max(1, |w'|) times the error of x, and rounding.
    steep = np.maximum(1.0, w.reach)
    parts = []
    for own, other, passed in ((x.radius, below.radius, x.radius), (x.error, below.error, x.error)):
        doubtful = np.maximum(np.maximum(own, other), (passed * steep + (0 if local is None else local)) * UP)
        doubtful = (doubtful + steep * (x.radius + x.error)) * UP
        parts.append(np.where(choice > 0, own, np.where(choice < 0, other, doubtful)))
    return Kept(Bound(center, *parts), np.where(choice > 0, 0.0, 0.0 if local is None else local), choice)


def _root(engine: AnyOrder, _: Root, x: Bound) -> Kept:
    # |sqrt(a) - sqrt(b)| <= |a - b| / sqrt(b); the center is well above its radius, or nothing is known.
    center = np.sqrt(x.center)
    least = np.sqrt(np.maximum(x.center - x.radius - x.error, 0.0)) / UP
    radius = _known((x.radius / least + center * 2 * U64) * UP)
    local = center * engine.digits.unit * UP + engine.digits.eta
    return Kept(Bound(center, radius, _known((x.error / least + local) * UP)), local, None)


BOUNDED: dict[type, Callable[..., Kept]] = {
    Gather: _gather,
    Fold: _fold,
    Add: _add,
    Multiply: _multiply,
    Divide: _divide,
    Larger: _larger,
    Absolute: _absolute,
    Negate: _negate,
    Slope: _slope,
    Root: _root,
}
"""What each instruction does to bounds."""
