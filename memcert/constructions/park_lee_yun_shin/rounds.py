"""Lemma 6: below N^2/4 one shift is not enough for all keys; a few pieces have one each.

A round brings keys below K to keys below T = ceil(K/2): the keys from T on are cut into consecutive
pieces, each as long as a shift can be found that puts it on free places.

Source: Lemma 6.
Departure: pieces are as long as they go, by a sieve of candidate shifts, not K^2/(4 N^2) of one
length; a round is two layers.
UNTRUSTED: keys that collide end in a rejected certificate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from memcert.blocks.part import Part, carry, parallel, serial
from memcert.constructions.directions import Integers
from memcert.constructions.park_lee_yun_shin.halving import border_top, height
from memcert.constructions.windows import ramp, steps
from memcert.datasets.dataset import exact

STAGE = "rounds"
MAPPED = 1 << 26
"""Up to so many places are marked in a table of bits; beyond, they are searched in a sorted list."""
SIEVED = 1 << 28
"""Candidates times keys that a round may take."""
LEAST_CANDIDATES = 256


@dataclass(frozen=True, slots=True)
class Piece:
    """Keys from `start` on, to the next piece, move by `shift`."""

    start: int
    shift: int


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One round: its pieces, ascending, the bound of the keys after it, and those keys."""

    pieces: tuple[Piece, ...]
    bound: int
    keys: Integers


class _Places:
    """The places below `bound` that are taken."""

    def __init__(self, bound: int, taken: Integers) -> None:
        self._taken = np.sort(taken)
        self._marks = None if bound > MAPPED else np.zeros(bound, dtype=np.bool_)
        if self._marks is not None:
            self._marks[taken] = True

    def free(self, places: Integers) -> Integers:
        if self._marks is not None:
            return np.asarray(~self._marks[places])
        at = np.searchsorted(self._taken, places)
        found = self._taken[np.minimum(at, len(self._taken) - 1)]
        return np.asarray(found != places)

    def take(self, places: Integers) -> None:
        if self._marks is not None:
            self._marks[places] = True
        else:
            self._taken = np.sort(np.concatenate([self._taken, places]))


def one_round(keys: Integers, bound: int, generator: np.random.Generator) -> Round | None:
    """Return the round that brings keys below `bound` to its half, None where it has too few places.

    Args:
        keys: distinct int64, at least 0, one of them 0 or more below the half.
        bound: K, above every key.
        generator: draws the candidate shifts where there are too many to try all.

    Cost: SIEVED operations about. Raises: never.
    """
    half = -(-bound // 2)
    if half < len(keys):
        return None
    places = _Places(half, keys[keys < half])
    order = np.argsort(keys, kind="stable")
    high = keys[order][int((keys < half).sum()) :]
    made, pieces, start = keys.copy(), [], 0
    while start < len(high):
        length, shift = _longest(high[start:], half, places, generator)
        stop = start + length
        places.take(high[start:stop] + shift)
        pieces.append(Piece(int(high[start]), shift))
        made[order[len(keys) - len(high) + start : len(keys) - len(high) + stop]] += shift
        start = stop
    return Round(tuple(pieces), half, made)


def _longest(high: Integers, half: int, places: _Places, generator: np.random.Generator) -> tuple[int, int]:
    """Return how many of the first keys fit together, and the shift by which they do."""
    count = max(LEAST_CANDIDATES, SIEVED // (len(high) + 1))
    found = np.arange(half) if half <= count else generator.integers(0, half, size=count)
    alive = found[places.free(found)] - high[0]
    if not len(alive):
        every = np.arange(half)
        alive = every[places.free(every)] - high[0]
    length = 1
    for key in high[1:].tolist():
        moved = alive + key
        inside = moved < half
        kept = alive[inside][places.free(moved[inside])]
        if not len(kept):
            break
        alive, length = kept, length + 1
    return length, int(alive[0])


def rounds_part(rounds: Sequence[Round], width: Fraction) -> Part:
    """Build x -> x', two layers a round.

    Args:
        rounds: at least one.
        width: of every ramp; no value is within half of it of an integer.

    Returns:
        Layers of width 2 s + 1 and 1 for s pieces; 2 + 6 s nonzero parameters.

    Raises:
        ValueError: there is no round.
    """
    return serial(_round_part(number, taken, width) for number, taken in enumerate(rounds))


def _round_part(number: int, taken: Round, width: Fraction) -> Part:
    marks = [f"r{number}_{j}" for j in range(len(taken.pieces))]
    ramps = [
        ramp(mark, STAGE, {"x": 1}, border_top(piece.start, width), exact(width.numerator, width.denominator))
        for mark, piece in zip(marks, taken.pieces, strict=True)
    ]
    before = [0, *(piece.shift for piece in taken.pieces)]
    rises = [piece.shift - shift for piece, shift in zip(taken.pieces, before, strict=False)]
    row = {"x": 1, **steps(marks, [height(rise, width) for rise in rises])}
    return serial(
        [
            parallel(carry(f"round_{number}_x", STAGE, "x"), *ramps),
            carry(f"round_{number}", STAGE, "x", row=row),
        ]
    )
