"""Answers that are found when they are first asked for, and kept: on disk where they are many.

UNTRUSTED.
"""

import pickle
from collections.abc import Callable, Iterator
from typing import TypeVar

from memcert.datasets.sequences import ReadSequence
from memcert.datasets.spool import Contents

Answer = TypeVar("Answer")


class Kept(ReadSequence[Answer]):
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
        self._found = Contents()
        self._running: Iterator[Answer] | None = None

    def __len__(self) -> int:
        """Return how many there are, found or not. Raises: never."""
        return self._size

    def at(self, place: int) -> Answer:
        """Return the answer at a place; what comes before is found, too.

        Raises:
            UndecidedError: the disk is full.
            Exception: what finding it raises.
        """
        while len(self._found) <= place:
            self._find_next()
        found: Answer = pickle.loads(self._found.at(place))  # noqa: S301 - written here
        return found

    def _find_next(self) -> None:
        if self._running is None:
            self._running = self._find(len(self._found))
        try:
            answer = next(self._running)
        except BaseException:
            # A generator that was interrupted yields nothing more: the next one begins at this place.
            self._running = None
            raise
        self._found.append(pickle.dumps(answer))
        if len(self._found) == self._size:
            # Let it run to its end, lest its processes wait for who takes another answer.
            next(self._running, None)
            self._running = None

    def __repr__(self) -> str:
        """Return what a debugger shows. Raises: never."""
        return f"{type(self).__name__}({self._size} rows, {len(self._found)} found)"
