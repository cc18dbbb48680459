"""Intervals and boxes of inputs with open and closed ends, and finite decimals inside them.

UNTRUSTED.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from memcert.kernel.certificate import Number
from memcert.witnesses.formula import Atom

LONGEST = 400
"""Most digits behind the point that are tried for a decimal inside an interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from low to high; None: no bound. An open end does not belong to it."""

    low: Number | None = None
    high: Number | None = None
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: Number) -> bool:
        """Whether a number lies inside. Raises: never."""
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        below = self.high is None or value < self.high or (value == self.high and not self.high_open)
        return above and below

    def meet(self, other: "Interval") -> "Interval":
        """Return what both have in common. Raises: never."""
        found = self
        if other.low is not None and (found.low is None or other.low >= found.low):
            is_open = other.low_open or (found.low == other.low and found.low_open)
            found = replace(found, low=other.low, low_open=is_open)
        if other.high is not None and (found.high is None or other.high <= found.high):
            is_open = other.high_open or (found.high == other.high and found.high_open)
            found = replace(found, high=other.high, high_open=is_open)
        return found

    @property
    def empty(self) -> bool:
        """Whether no number lies inside. Raises: never."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def nearest(self, value: Number) -> Number | None:
        """Return a number inside near `value`: itself, else a finite decimal where there is one.

        It is the closest end if that belongs to the interval and is a finite decimal, else a decimal
        in the half of the interval beside that end. None: the interval is empty. Raises: never.
        """
        if self.holds(value):
            return value
        if self.empty:
            return None
        if self.low is not None and value <= self.low:
            return self._beside(1, self.low, self.low_open, self.high)
        if self.high is not None:
            return self._beside(-1, self.high, self.high_open, self.low)
        return None

    def _beside(self, sign: int, end: Number, is_open: bool, other: Number | None) -> Number | None:
        if not is_open and is_decimal(end):
            return end
        room = Fraction(1) if other is None else abs(Fraction(other) - end) / 2
        if room:
            for digits in range(LONGEST):
                scale = 10**digits
                candidate = Fraction(sign * (sign * end * scale // 1 + 1), scale)
                if abs(candidate - end) <= room:
                    return _plain(candidate)
        return None if is_open else end


def _plain(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def is_decimal(value: Number) -> bool:
    """Whether a number has a finite decimal expansion. Raises: never."""
    rest = value.denominator
    rest >>= (rest & -rest).bit_length() - 1
    while rest % 5 == 0:
        rest //= 5
    return rest == 1


def rounded(value: Number, digits: int) -> Number:
    """Return the decimal of so many significant digits nearest to a number. Raises: never."""
    if value == 0:
        return 0
    number = abs(Fraction(value))
    # The number of digits before the point, from the bits: too small by at most one.
    size = (number.numerator.bit_length() - number.denominator.bit_length() - 1) * 30103 // 100_000
    while number >= Fraction(10) ** size:
        size += 1
    shift = digits - size
    scaled = round(Fraction(value) * Fraction(10) ** shift)
    return _plain(scaled * Fraction(10) ** -shift)


Box = Mapping[int, Interval]
"""For each input variable that is bounded, where it lies."""


def box_of(atoms: Iterable[Atom]) -> Box | None:
    """Return the box of the atoms that bound one input each; None: it is empty. Raises: never."""
    box: dict[int, Interval] = {}
    for atom in atoms:
        bound = _bound(atom)
        if bound is not None:
            variable, interval = bound
            box[variable] = box.get(variable, Interval()).meet(interval)
            if box[variable].empty:
                return None
    return box


def _bound(atom: Atom) -> tuple[int, Interval] | None:
    if atom.output or atom.form.alone is None or atom.relation == "!=":
        return None
    ((variable, factor),) = atom.form.terms.items()
    end = _plain(-Fraction(atom.form.constant) / factor)
    if atom.relation == "=":
        return variable, Interval(end, end)
    is_open = atom.relation == ">"
    return variable, Interval(low=end, low_open=is_open) if factor > 0 else Interval(
        high=end, high_open=is_open
    )


def within(box: Box | None, wholes: Mapping[int, tuple[int, int]]) -> Box | None:
    """Return the part of a box in which some variables are integers, as a box whose ends are.

    Args:
        box: None: it is empty.
        wholes: for each such variable the least and the largest integer.

    Returns:
        None: it is empty.

    Raises:
        never.
    """
    if box is None:
        return None
    found = dict(box)
    for variable, ends in wholes.items():
        interval = found.get(variable, Interval()).meet(Interval(*ends))
        # Both ends are there: those of the type.
        low, high = Fraction(interval.low or 0), Fraction(interval.high or 0)
        first, last = ceil(low), floor(high)
        first += interval.low_open and first == low
        last -= interval.high_open and last == high
        found[variable] = Interval(first, last)
        if found[variable].empty:
            return None
    return found


def clamped(box: Box, inputs: Mapping[int, Number]) -> dict[int, Number] | None:
    """Return the inputs moved into a box, each as little as may be; None: it is empty. Raises: never."""
    moved = dict(inputs)
    for variable, interval in box.items():
        value = interval.nearest(inputs[variable])
        if value is None:
            return None
        moved[variable] = value
    return moved
