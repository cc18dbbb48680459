"""The exact median of many numbers that lie on disk: what is held does not grow with how many there are.

UNTRUSTED. Rounding to the nearest double keeps the order, so that the doubles, as integers of 64 bits, lead
to the few numbers among which the median is; these are compared exactly.
"""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np

from memcert.datasets.spool import Records, Spool
from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient

Array = np.ndarray[Any, Any]
BLOCK = 1 << 16
"""Keys that are read at once."""
_DIGIT = 16


class Median:
    """The median of the numbers that were taken in, all at least 0."""

    def __init__(self) -> None:
        """Start with none."""
        self._keys, self._numbers = Spool(), Records()

    def take(self, number: Number) -> None:
        """Take a number in. Raises: UndecidedError (the disk is full)."""
        self._keys.append(np.float64(_nearest(number)).tobytes())
        self._numbers.append([f"{number.numerator:x}", f"{number.denominator:x}"])

    def value(self) -> Number | None:
        """Return the middle one, of an even number the larger; None: there are none. Cost: five passes.

        Raises:
            UndecidedError: the disk does not give them back.
        """
        rank, key = len(self._numbers) // 2, 0
        if not self._numbers:
            return None
        for shift in (48, 32, 16, 0):
            counts = np.zeros(1 << _DIGIT, dtype=np.int64)
            for _, keys in self._blocks():
                alike = keys if shift == 48 else keys[keys >> np.uint64(shift + _DIGIT) == np.uint64(key)]
                digits = (alike >> np.uint64(shift)) & np.uint64((1 << _DIGIT) - 1)
                counts += np.bincount(digits.astype(np.int64), minlength=1 << _DIGIT)
            below = np.cumsum(counts)
            digit = int(np.searchsorted(below, rank, side="right"))
            rank -= int(below[digit - 1]) if digit else 0
            key = key << _DIGIT | digit
        return self._among(key, rank)

    def _among(self, key: int, rank: int) -> Number:
        # Of the numbers with this key the one of that rank, from 0.
        found: Counter[Fraction] = Counter()
        for start, keys in self._blocks():
            for place in np.flatnonzero(keys == np.uint64(key)).tolist():
                top, bottom = self._numbers[start + place]
                found[Fraction(int(top, 16), int(bottom, 16))] += 1
        for number in sorted(found):
            if rank < found[number]:
                return quotient(number, 1)
            rank -= found[number]
        raise AssertionError("a rank beyond the numbers")

    def _blocks(self) -> Iterator[tuple[int, Array]]:
        for start in range(0, len(self._numbers), BLOCK):
            size = min(BLOCK, len(self._numbers) - start)
            yield start, np.frombuffer(self._keys.read(8 * start, 8 * size), dtype="<u8")


def _nearest(number: Number) -> float:
    try:
        return number.numerator / number.denominator
    except OverflowError:
        return inf
