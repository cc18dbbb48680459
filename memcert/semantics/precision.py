"""Binary floating-point formats: unit roundoff, underflow, overflow, and exact numbers rounded to them.

UNTRUSTED. Rounding goes by integers (`interop.bits`), never by a conversion of floats, so that a library
that flushes subnormals to zero cannot change a weight; arithmetic in such a process is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.errors import UnsupportedError
from memcert.interop.bits import DOUBLE, SINGLE, Layout, encoded
from memcert.kernel.certificate import Number

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Precision:
    """A format of IEEE 754, round to nearest, ties to even, gradual underflow.

    Args:
        name: as numpy has it.
        layout: its bits.
        word: the unsigned integers of its size.
    """

    name: str
    layout: Layout
    word: str

    @property
    def unit(self) -> Fraction:
        """The unit roundoff u = 2^-p. Raises: never."""
        return Fraction(1, 1 << (self.layout.significand + 1))

    @property
    def underflow(self) -> Fraction:
        """eta, half the smallest positive number: the most that underflow takes. Raises: never."""
        bias = (1 << (self.layout.exponent - 1)) - 1
        return Fraction(1, 1 << (bias + self.layout.significand))

    @property
    def largest(self) -> Fraction:
        """Omega, the largest finite number. Raises: never."""
        bias = (1 << (self.layout.exponent - 1)) - 1
        return Fraction((1 << (bias + 1)) - (1 << (bias - self.layout.significand)))

    def rounded(self, numbers: Iterable[Number]) -> Array:
        """Return numbers as the nearest floats, ties to even; beyond the largest, infinite.

        Cost: numpy's, where float64 holds the numbers and they are not subnormal; else microseconds each.

        Raises:
            never.
        """
        numbers = list(numbers)
        return self.narrowed(numbers, *doubles(numbers))

    def narrowed(self, numbers: Sequence[Number], near: Array, exact: Array) -> Array:
        """Return the same, given what `doubles` makes of the numbers. Raises: never."""
        if self.layout is DOUBLE:
            made, doubtful = near.copy(), ~exact
        else:
            with np.errstate(over="ignore", under="ignore"):
                made = near.astype(self.name)
            # A subnormal result is left to integers, and so is what was rounded twice.
            doubtful = ~exact | ((np.abs(near) < 2.0**-125) & (near != 0))
        for place in np.flatnonzero(doubtful).tolist():
            made[place] = self._slowly(numbers[place])
        return np.asarray(made)

    def _slowly(self, number: Number) -> Any:
        infinity = ((1 << self.layout.exponent) - 1) << self.layout.significand
        sign = 1 << (self.layout.exponent + self.layout.significand)
        pattern = encoded(number, self.layout)
        if pattern is None:
            pattern = infinity | (sign if number < 0 else 0)
        return np.array([pattern], dtype=self.word).view(self.name)[0]


def doubles(numbers: Sequence[Number]) -> tuple[Array, Array]:
    """Return float64 numbers, and a mask of where they are exactly the given ones, and far from underflow.

    Elsewhere they are anything. Python divides integers with one rounding, so that nothing passes for exact
    that is not.

    Raises: never.
    """
    near = np.zeros(len(numbers))
    exact = np.zeros(len(numbers), dtype=bool)
    for place, number in enumerate(numbers):
        top, bottom = number.numerator, number.denominator
        if top.bit_length() > 1000 or bottom.bit_length() > 1000:
            continue
        value = top / bottom
        if value.as_integer_ratio() == (top, bottom):
            near[place], exact[place] = value, True
    return near, exact


def above(number: Number) -> float:
    """Return a float that is at least a nonnegative number below the largest. Raises: never."""
    near = float(number)
    return near if near >= number else float(np.nextafter(near, np.inf))


FLOAT32 = Precision("float32", SINGLE, "uint32")
FLOAT64 = Precision("float64", DOUBLE, "uint64")
PRECISIONS = {precision.name: precision for precision in (FLOAT32, FLOAT64)}


def confirm_arithmetic() -> None:
    """Confirm that numpy's arithmetic is that of IEEE 754 here, subnormals included.

    Raises:
        UnsupportedError: this process flushes subnormals to zero, or keeps more digits than the format has.
    """
    for precision in PRECISIONS.values():
        smallest = np.array([1], dtype=precision.word).view(precision.name)
        two = np.array([2], dtype=precision.name)
        normal = smallest * two ** np.array([precision.layout.significand], dtype=precision.name)
        kept = (normal / two ** np.array([precision.layout.significand], dtype=precision.name)).view(
            precision.word
        )
        one = np.array([1], dtype=precision.name)
        unit = precision.rounded([precision.unit])
        if (smallest + smallest).view(precision.word)[0] != 2 or kept[0] != 1 or (one + unit)[0] != one[0]:
            raise UnsupportedError(
                f"this process does not compute in {precision.name} as IEEE 754 has it: a library that was "
                "loaded into it flushes subnormals to zero"
            )
