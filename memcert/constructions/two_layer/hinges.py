"""Where hinges stand and how they turn the slope: y(t) = start + sum c_j relu(t - h_j).

Tables for points t_1 < ... < t_N with codes y_i. By forward substitution: h_1 < t_1 and
h_j = t_(j-1), N hinges, whatever the codes. By interpolation: a hinge at t_i where the slope
changes. Between the points: every slope is 0 or +-sigma, one power of two for all, so that weights
are +-sigma and +-2 sigma and places have few bits; runs of equal codes stay flat, or every point
does, with a ramp wherever the code changes.

Source: Zhang et al. 2017, Theorem 1, for the first; piecewise linear interpolation.
Departure: hinges at the points, where the paper interlaces them (b_1 < t_1 < b_2 < ...): numbers
then grow with every substitution. The third table is no paper's: interpolation with slopes dy / dt
has one denominator a gap, and their common one has as many bits as all gaps together.
UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number

Turn = tuple[Number, Number]
"""(h, c): the place of a hinge and the change of slope there."""


@dataclass(frozen=True, slots=True)
class Hinges:
    """A piecewise linear function as hinges, those of one block together.

    Args:
        start: y left of all hinges.
        blocks: the hinges; of two with changes c, -c (a ramp), of three with c, -2c, c (a tooth),
            or single ones.
        steepest: the largest |slope| at a point.
    """

    start: Number
    blocks: tuple[tuple[Turn, ...], ...]
    steepest: Number

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All hinges, in the order of the blocks. Raises: never."""
        return tuple(turn for block in self.blocks for turn in block)


def substituted(values: Sequence[int], codes: Sequence[int], gap: int) -> Hinges:
    """Return N hinges, the first `gap` before t_1, the others at t_1, ..., t_(N-1).

    Args:
        values: t, strictly ascending.
        codes: one a value.
        gap: at least 1.

    Returns:
        Changes of slope w with sum_j w_j relu(t_i - h_j) = y_i; some may be 0. Raises: never.
    """
    places = (values[0] - gap, *values[:-1])
    rises = (codes[0], *(after - before for before, after in pairwise(codes)))
    slopes = [Fraction(rise, value - place) for place, value, rise in zip(places, values, rises, strict=True)]
    changes = [after - before for before, after in pairwise([Fraction(0), *slopes])]
    turns = [((place, exact(change)),) for place, change in zip(places, changes, strict=True)]
    return Hinges(0, tuple(turns), exact(max(map(abs, slopes))))


def interpolated(values: Sequence[int], codes: Sequence[int]) -> Hinges:
    """Return a hinge at each t_i, i < N, where the slope of the interpolation changes. Raises: never."""
    rises = zip(pairwise(values), pairwise(codes), strict=True)
    slopes = [Fraction(y1 - y0, t1 - t0) for (t0, t1), (y0, y1) in rises]
    changes = [after - before for before, after in pairwise([Fraction(0), *slopes])]
    turns = [((t, exact(c)),) for t, c in zip(values, changes, strict=False) if c]
    return Hinges(codes[0], tuple(turns), exact(max(map(abs, slopes), default=Fraction(0))))


def between(values: Sequence[int], codes: Sequence[int], gap: int, *, flat: bool = False) -> Hinges:
    """Return hinges strictly between the points, all slopes 0 or +-sigma.

    A point has slope 0 if it is the first, or a neighbour has its code. From slope 0 to slope 0
    across a change of code stands a ramp; points that differ from both neighbours have slopes
    of alternating sign, one hinge a step; the way back to slope 0 takes one hinge or two.

    Args:
        values: t, strictly ascending, at least `gap` apart.
        codes: one a value, not all equal.
        gap: at least 1.
        flat: whether every point has slope 0.

    Returns:
        As many hinges as `interpolated` has, or fewer, unless slopes there agree by chance; if
        flat, two for each change of code.

    Raises:
        ValueError: all codes are equal.
    """
    largest = max(abs(after - before) for before, after in pairwise(codes))
    if not largest:
        raise ValueError("all codes are equal")
    run = run_of(gap, largest)
    level = [flat or i == 0 or _level(codes, i) for i in range(len(codes))]
    blocks = tuple(_blocks(values, codes, level, run=run, gap=gap))
    return Hinges(codes[0], blocks, 0 if all(level) else exact(1 / run))


def _level(codes: Sequence[int], i: int) -> bool:
    """Whether point i > 0 has a neighbour with its code."""
    return codes[i] in (codes[i - 1], codes[i + 1] if i + 1 < len(codes) else None)


def run_of(gap: int, largest: int) -> Fraction:
    """Return 1 / sigma, the largest power of two with `largest` / sigma <= gap / 2.

    Raises:
        ZeroDivisionError: largest = 0.
    """
    ratio = Fraction(gap, 2 * largest)
    power = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    found = Fraction(2) ** power
    return found if found <= ratio else found / 2


def _blocks(
    values: Sequence[int], codes: Sequence[int], level: Sequence[bool], *, run: Fraction, gap: int
) -> Iterator[tuple[Turn, ...]]:
    """Yield the hinges of each stretch from slope 0 to slope 0, in ramps and teeth."""
    stretch: list[tuple[Fraction, int]] = []
    sign = 0
    for i, ends in enumerate(pairwise(values)):
        rise = codes[i + 1] - codes[i]
        if rise:
            turns, sign = _step(ends, rise * run, sign, level=level[i + 1], moment=Fraction(gap, 8))
            stretch += turns
        if sign == 0 and stretch:
            yield from _paired(stretch, run)
            stretch = []
    if stretch:
        yield from _paired(stretch, run)


def _step(
    ends: tuple[int, int], rise: Fraction, sign: int, *, level: bool, moment: Fraction
) -> tuple[list[tuple[Fraction, int]], int]:
    """Return the hinges between two points of different codes, and the sign of the slope after them.

    Args:
        ends: the values of the points.
        rise: the difference of their codes, in units of sigma; at most half the gap in size.
        sign: of the slope at the first.
        level: whether the slope at the second is to be 0.
        moment: an eighth of the gap.

    Returns:
        Places and changes of slope, in units of sigma. Raises: never.
    """
    start, end = ends
    up = 1 if rise > 0 else -1
    if sign == 0 and not level:
        return [(end - abs(rise), up)], up
    if sign == 0:
        middle = Fraction(start + end, 2)
        return [(middle - abs(rise) / 2, up), (middle + abs(rise) / 2, -up)], 0
    if not level:
        return [((start + end + sign * rise) / 2, -2 * sign)], -sign
    if up == sign:
        return [(start + abs(rise), -sign)], 0
    # On for a moment, then back, and flat well before the next point.
    return [(start + moment, -2 * sign), (start + 2 * moment + abs(rise), sign)], 0


def _paired(stretch: list[tuple[Fraction, int]], run: Fraction) -> Iterator[tuple[Turn, ...]]:
    """Divide c, -2c, 2c, ..., +-c into one ramp or tooth and the ramps inside of it."""
    turns = [(exact(place), exact(change / run)) for place, change in stretch]
    if abs(stretch[-1][1]) == 1 and len(stretch) > 1:
        first, *inner, last = turns
        odd = len(inner) % 2
        yield (first, *inner[:odd], last)
        rest = inner[odd:]
    else:
        # The data end before the slope is 0 again.
        odd = (len(turns) - 1) % 2
        yield from ((turn,) for turn in turns[: 1 + odd])
        rest = turns[1 + odd :]
    yield from zip(rest[::2], rest[1::2], strict=True)
