"""Sequences whose items are read when they are asked for.

UNTRUSTED.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

Item = TypeVar("Item", covariant=True)


class ReadSequence(Sequence[Item]):
    """Items that lie elsewhere; equal to every sequence of the same items."""

    @abstractmethod
    def at(self, place: int) -> Item:
        """Return the item at a place from 0 on, which is there."""

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, place: int | slice) -> Item | tuple[Item, ...]:
        """Return the item at a place, or those at some. Raises: IndexError, and what reading raises."""
        if isinstance(place, slice):
            return tuple([self.at(at) for at in range(*place.indices(len(self)))])
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(place)
        return self.at(at)

    def __eq__(self, other: object) -> bool:
        """Whether another sequence has the same items. Raises: what reading raises."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to tuples, whose hash is another

    def __repr__(self) -> str:
        """Return what a debugger shows. Raises: never."""
        return f"{type(self).__name__}({len(self)})"
