"""Answers that are found when they are first asked for, and kept: on disk where they are many.

UNTRUSTED.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

from memcert.formats.spool import Integers, Spool

Answer = TypeVar("Answer")


class Kept(Sequence[Answer]):
    """Answers in order, each of which is found once.

    What ends the search for one (Ctrl-C, a limit) loses nothing that was found; who asks again begins there.

    Args:
        find: yields the answers from a place on, in order.
        size: how many there are.

    Cost: the pickled text of each and 8 bytes, on disk.
    """

    def __init__(self, find: Callable[[int], Iterator[Answer]], size: int) -> None:
        """Find none yet."""
        self._find, self._size = find, size
        self._spool, self._ends = Spool(), Integers()
        self._running: Iterator[Answer] | None = None

    def __len__(self) -> int:
        """Return how many there are, found or not. Raises: never."""
        return self._size

    @overload
    def __getitem__(self, place: int) -> Answer: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Answer, ...]: ...
    def __getitem__(self, place: int | slice) -> Answer | tuple[Answer, ...]:
        """Return the answer at a place, or those at some; what comes before is found, too.

        Raises:
            IndexError: there is no such place.
            UndecidedError: the disk is full.
            Exception: what finding it raises.
        """
        if isinstance(place, slice):
            return tuple([self[at] for at in range(*place.indices(self._size))])
        at = place + self._size if place < 0 else place
        if not 0 <= at < self._size:
            raise IndexError(place)
        while len(self._ends) <= at:
            self._find_next()
        start = self._ends[at - 1] if at else 0
        found: Answer = pickle.loads(self._spool.read(start, self._ends[at] - start))  # noqa: S301 - written here
        return found

    def _find_next(self) -> None:
        if self._running is None:
            self._running = self._find(len(self._ends))
        try:
            answer = next(self._running)
        except BaseException:
            # A generator that was interrupted yields nothing more: the next one begins at this place.
            self._running = None
            raise
        self._spool.append(pickle.dumps(answer))
        self._ends.extend((len(self._spool),))
        if len(self._ends) == self._size:
            # Let it run to its end, lest its processes wait for who takes another answer.
            next(self._running, None)
            self._running = None

    def __repr__(self) -> str:
        """Return what a debugger shows. Raises: never."""
        return f"{type(self).__name__}({self._size} rows, {len(self._ends)} found)"
