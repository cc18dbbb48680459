"""What each semantics made of all rows: counts, and the rows that differ, taken in batch by batch.

UNTRUSTED. A row has a place here only where its verdict in floats differs from the exact one, or may: eight
bytes each, on disk where they are many. Which rows fail follows from these and from those that fail exactly.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter

import numpy as np

from memcert.datasets.spool import Integers
from memcert.errors import UndecidedError
from memcert.semantics.every_order import FAILS, HOLDS, UNSURE
from memcert.semantics.judge import ANY, Judged, format_of


@dataclass(slots=True)
class Told:
    """What one semantics makes of the rows so far.

    Args:
        name: of the semantics.
        size: how many rows there were.
        holds: on how many it holds; in any order, for sure.
        named: the rows whose verdict differs from the exact one; in any order, those where it may.
        first_stage: of any order, how many rows were unsure before the second stage.
        conversion: how data and stored numbers become floats, in words.
    """

    name: str
    size: int = 0
    holds: int = 0
    named: Integers = field(default_factory=Integers)
    first_stage: int = 0
    conversion: str = ""

    @property
    def bounds(self) -> bool:
        """Whether it is about every order, by bounds, so that rows may differ. Raises: never."""
        return self.name.startswith(ANY)

    @property
    def unsure(self) -> int:
        """How many rows may differ. Raises: never."""
        return len(self.named) if self.bounds else 0

    @property
    def fails(self) -> int:
        """On how many rows it fails; in any order, for sure. Raises: never."""
        return self.size - self.holds - self.unsure

    def failing(self, excepted: Iterable[int]) -> Integers:
        """Return the rows on which it fails, given those that fail exactly, both ascending.

        Raises:
            UndecidedError: the disk is full.
        """
        # A row that differs fails if it holds exactly; one that may differ does not fail for sure.
        both = merge(((row, "exact") for row in excepted), ((row, "named") for row in self.named))
        kinds = ((row, [kind for _, kind in same]) for row, same in groupby(both, itemgetter(0)))
        wanted = (["exact"],) if self.bounds else (["exact"], ["named"])
        return Integers(row for row, kind in kinds if kind in wanted)

    def take(self, states: Sequence[int], start: int, excepted: Collection[int]) -> None:
        """Take in consecutive rows.

        Args:
            states: of these rows.
            start: the first one.
            excepted: those of them that fail exactly.

        Raises:
            UndecidedError: a row is sure in every order, and otherwise than it is exactly.
        """
        found = np.asarray(states)
        exact = np.full(len(found), HOLDS, dtype=found.dtype)
        exact[[row - start for row in excepted]] = FAILS
        differing = found != exact
        if self.bounds:
            # The exact function lies within the bound of every order, so that this is a fault of memcert.
            wrong = np.flatnonzero(differing & (found != UNSURE))
            if len(wrong):
                raise UndecidedError(
                    f"{self.name}: row {start + int(wrong[0])}: the bound and the exact verdict contradict "
                    "each other: please report it"
                )
        self.size += len(found)
        self.holds += int((found == HOLDS).sum())
        self.named.extend((start + np.flatnonzero(differing)).tolist())


_SHORT = {"float32", "float16", "bfloat16"}
HELD = {"float32": _SHORT, "float64": {*_SHORT, "float64"}}
"""Element types whose numbers are all floats of a format."""


def summaries(names: Sequence[str], stored: Sequence[str]) -> list[Told]:
    """Return a summary of no rows for each semantics.

    Args:
        names: of the semantics.
        stored: how the model file holds its numbers, as a program says it.

    Raises:
        never.
    """
    made = []
    for name in names:
        form = format_of(name)
        lost = [kind for kind in stored if kind not in HELD[form]]
        what = f"the data and the model's stored {' and '.join(lost)}" if lost else "the data"
        text = f"assumed: {what} are rounded once to the nearest {form}, ties to even, as a cast does"
        made.append(Told(name, conversion=text))
    return made


def taken(told: Sequence[Told], judged: Judged, excepted: Collection[int]) -> None:
    """Take a batch in, in each semantics.

    Args:
        told: one a semantics, as the judge has them.
        judged: the batch.
        excepted: the rows of the batch that fail exactly.

    Raises:
        UndecidedError: a row is sure in every order, and otherwise than it is exactly.
    """
    for one, states, first in zip(told, judged.states, judged.first_stage, strict=True):
        one.take(states, judged.start, excepted)
        one.first_stage += first


WORDS = {HOLDS: "holds", FAILS: "fails", UNSURE: "may differ"}


def records(
    names: Sequence[str], judged: Judged, excepted: Collection[int]
) -> Iterator[dict[str, int | str]]:
    """Yield each row of a batch: its number, exact verdict, and that of each semantics. Raises: never."""
    failing = set(excepted)
    for row, states in enumerate(judged.states.T.tolist(), judged.start):
        exact = "fails" if row in failing else "holds"
        words = {name: WORDS[state] for name, state in zip(names, states, strict=True)}
        yield {"row": row, "exact": exact, **words}
