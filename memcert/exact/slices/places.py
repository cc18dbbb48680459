"""The digits of a layer at a chunk of rows, and its sums while they are made.

UNTRUSTED. The lowest and highest places often hold zeros only, in most rows, and are looked at for that.
"""

from typing import NamedTuple

import numpy as np

from memcert.exact.slices.digits import Array
from memcert.exact.slices.stage import Stage

ALL, NONE = np.zeros(1, dtype=np.intp), np.zeros(0, dtype=np.intp)
"""Stand for many rows, and for none; compared by identity."""
FEW = 4
"""Digits in less than one row of so many are multiplied for these rows alone."""


class Places(NamedTuple):
    """Digits of a layer.

    Args:
        thin: of the thin places.
        full: (places, neurons, rows) of the others.
        live: of these, the rows where any digit is not 0; NONE: there is none, and `full` holds
            nothing that counts; ALL: many.
    """

    thin: tuple[Array, ...]
    full: Array
    live: tuple[Array, ...]

    def at(self, place: int) -> Array | None:
        """Return the digits at a place; None: they are all 0. Raises: never."""
        if place < len(self.thin):
            return self.thin[place]
        place -= len(self.thin)
        return self.full[place] if place < len(self.full) and self.live[place] is not NONE else None

    def rows_at(self, place: int) -> Array:
        """Return the rows where a digit at a place is not 0; ALL: many. Raises: IndexError."""
        return ALL if place < len(self.thin) else self.live[place - len(self.thin)]

    def many(self) -> tuple[int, int]:
        """Return the first and last full place with digits in many rows; (0, -1): there is none.

        Raises: never.
        """
        found = [place for place, rows in enumerate(self.live) if rows is ALL]
        return (found[0], found[-1]) if found else (0, -1)


class Sums:
    """The sums of a layer while they are made: a full place is cleared when it is first added to."""

    def __init__(self, thin: tuple[Array, ...], full: Array, live: tuple[Array, ...] | None = None) -> None:
        """Start with the places that hold something; None: none does."""
        self.thin, self.full = thin, full
        self._touched = [rows is not NONE for rows in live] if live else [False] * len(full)

    def untouched(self, place: int) -> bool:
        """Whether nothing was added at a full place. Raises: IndexError."""
        return place >= len(self.thin) and not self._touched[place - len(self.thin)]

    def opened(self, place: int) -> Array:
        """Return the sums at a place, to add to. Raises: IndexError."""
        if place < len(self.thin):
            return self.thin[place]
        place -= len(self.thin)
        if not self._touched[place]:
            self.full[place].fill(0)
            self._touched[place] = True
        return np.asarray(self.full[place])

    def written(self, place: int) -> Array:
        """Return a full place that the caller writes as a whole, and first. Raises: IndexError."""
        self._touched[place] = True
        return np.asarray(self.full[place])

    def places(self) -> Places:
        """Return what was summed. Raises: never."""
        return Places(self.thin, self.full, tuple([ALL if used else NONE for used in self._touched]))


def whole(full: Array) -> Places:
    """Return digits with many rows at every place. Raises: never."""
    return Places((), full, (ALL,) * len(full))


def looked_at(sums: Places) -> Places:
    """Return the places with the rows where they have digits.

    Cost: a pass over the places with few of them, and an eighth of one over the first with many, from
    both ends. Raises: never.
    """
    live = list(sums.live)
    for places in (range(len(live)), range(len(live) - 1, -1, -1)):
        for place in places:
            if live[place] is ALL:
                live[place] = _live(sums.full[place])
                if live[place] is ALL:
                    break
    return Places(sums.thin, sums.full, tuple(live))


def _live(digits: Array) -> Array:
    rows = digits.shape[1]
    if FEW * int(digits[:, ::8].any(axis=0).sum()) * 8 >= rows:
        return ALL
    found = np.flatnonzero(digits.any(axis=0))
    if not len(found):
        return NONE
    return ALL if FEW * len(found) >= rows else found


def all_places(stage: Stage, values: Places, rows: int) -> Array:
    """Return digits of all neurons at all places, (places, neurons, rows). Raises: never."""
    for digits, live in zip(values.full, values.live, strict=True):
        if live is NONE:
            digits.fill(0)
    if not values.thin:
        return values.full
    spread = np.zeros((len(values.thin), stage.width, rows))
    for place, (members, digits) in enumerate(zip(stage.after.thin, values.thin, strict=True)):
        spread[place][members] = digits
    return np.concatenate([spread, values.full])
