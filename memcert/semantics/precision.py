"""Binary floating-point formats: unit roundoff, underflow, overflow, and exact numbers rounded to them.

UNTRUSTED. Rounding goes by integers (`interop.bits`), never by a conversion of floats, so that a library
that flushes subnormals to zero cannot change a weight; arithmetic in such a process is refused.
"""

from collections.abc import Iterable
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
        """Return numbers as the nearest floats, ties to even; beyond the largest, infinite. Raises: never."""
        infinity = ((1 << self.layout.exponent) - 1) << self.layout.significand
        sign = 1 << (self.layout.exponent + self.layout.significand)
        patterns = []
        for number in numbers:
            pattern = encoded(number, self.layout)
            patterns.append((infinity | (sign if number < 0 else 0)) if pattern is None else pattern)
        return np.array(patterns, dtype=self.word).view(self.name)


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
