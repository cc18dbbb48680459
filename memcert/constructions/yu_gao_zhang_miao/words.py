"""What the network stores: the keys of the stored points, cut into words, and the ramps between.

Source: the numbers v_i and the breakpoints of Lemma B.3.
Departure: blocks are plain index ranges (the printed block sizes and indices disagree with each
other); fields are binary; a block that has fewer keys than slots repeats its last one; borders are
moved, where there are slots to spare, to places where neighbouring samples are far apart, so that
slopes stay short; ramps are a power of two wide.
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.constructions.vardi_yehudai_shamir.tables import packed
from memcert.constructions.yu_gao_zhang_miao.projection import Line
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

ENOUGH = 3
"""Samples so far apart leave room enough for a ramp of width 1."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and the widest interval without samples between its points and the next key's."""

    number: int
    space: tuple[Fraction, Fraction] | None


@dataclass(frozen=True, slots=True)
class Word:
    """The keys of one block, one a slot, and the number a_1.a_2...a_n in base 2^w."""

    keys: tuple[int, ...]
    value: Number


@dataclass(frozen=True, slots=True)
class Ramp:
    """Where the word changes from one block's to the next; there is no sample in [start, end]."""

    start: Number
    end: Number


def keys_of(line: Line, stored: Sequence[bool]) -> tuple[Key, ...]:
    """Return the distinct keys of the stored points, ascending. Cost: linear in the points.

    Args:
        line: the values of all points.
        stored: whether a point is, in the order of the line; at least one is.

    Raises:
        ValueError: no point is stored.
    """
    numbers: list[int] = []
    spaces: list[tuple[int, int] | None] = []
    widest: tuple[int, int] | None = None
    before = 0
    for key, value, kept in zip(line.keys, line.numerators, stored, strict=True):
        if numbers and (widest is None or value - before > widest[1] - widest[0]):
            widest = before, value
        if kept:
            if not numbers or key != numbers[-1]:
                if numbers:
                    spaces.append(widest)
                numbers.append(key)
            # The interval in front of the next key begins behind the last point of this one.
            widest = None
        before = value
    if not numbers:
        raise ValueError("no point is stored")
    spaces.append(None)
    return tuple(Key(n, _fractions(s, line.denominator)) for n, s in zip(numbers, spaces, strict=True))


def _fractions(space: tuple[int, int] | None, unit: int) -> tuple[Fraction, Fraction] | None:
    return None if space is None else (Fraction(space[0], unit), Fraction(space[1], unit))


def borders(keys: Sequence[Key], slots: int) -> tuple[int, ...]:
    """Return where each block starts: as few blocks as possible, at the widest spaces.

    The narrowest space used is as wide as it can be, up to ENOUGH. Cost: P log P.

    Raises:
        ValueError: slots < 1.
    """
    if slots < 1:
        raise ValueError(f"expected at least one slot, got {slots}")
    blocks = -(-len(keys) // slots)
    widths = [_width(key) for key in keys]
    offered = sorted({min(width, Fraction(ENOUGH)) for width in widths[:-1]})
    best = tuple(range(0, len(keys), slots))
    low, high = 0, len(offered) - 1
    while low <= high:
        middle = (low + high) // 2
        found = _reaching(widths, slots, offered[middle])
        if found is not None and len(found) <= blocks:
            best, low = found, middle + 1
        else:
            high = middle - 1
    return best


def _width(key: Key) -> Fraction:
    return Fraction(0) if key.space is None else key.space[1] - key.space[0]


def _reaching(widths: Sequence[Fraction], slots: int, least: Fraction) -> tuple[int, ...] | None:
    """Return starts of blocks that end at spaces of at least that width, each as late as possible."""
    starts, usable = [0], 0
    for k in range(1, len(widths)):
        # Before key k: the block so far has k - starts[-1] keys and may end here or be full.
        if widths[k - 1] >= least:
            usable = k
        if k - starts[-1] == slots:
            if usable <= starts[-1]:
                return None
            starts.append(usable)
    return tuple(starts)


def words_of(keys: Sequence[Key], starts: Sequence[int], slots: int, width: int) -> tuple[Word, ...]:
    """Return the words of the blocks; a short one repeats its last key.

    Raises:
        ValueError: a block has more keys than slots.
    """
    ends = [*starts[1:], len(keys)]
    found = []
    for start, end in zip(starts, ends, strict=True):
        own = [key.number for key in keys[start:end]]
        fields = (*own, *[own[-1]] * (slots - len(own)))
        if len(fields) != slots:
            raise ValueError(f"a block has {len(fields)} keys, more than {slots} slots")
        found.append(Word(fields, exact(packed(fields, width), 1 << width * (slots - 1))))
    return tuple(found)


def ramps_of(keys: Sequence[Key], starts: Sequence[int]) -> tuple[Ramp, ...]:
    """Return a ramp in front of each block but the first. Raises: ValueError, where there is no space."""
    return tuple(_ramp(keys[start - 1].space) for start in starts[1:])


def _ramp(space: tuple[Fraction, Fraction] | None) -> Ramp:
    if space is None or space[0] >= space[1]:
        raise ValueError("there is no space between two blocks")
    low, high = space
    third = (high - low) / 3
    width = Fraction(1)
    while width > third:
        width /= 2
    # A multiple of the width, at most half of it from the middle: numbers of few bits.
    start = width * round((low + high - width) / (2 * width))
    return Ramp(_number(start), _number(start + width))


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
