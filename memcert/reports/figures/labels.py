"""The labels of a data set as series of a figure: few kinds, each with its name and its rows.

UNTRUSTED.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from memcert.kernel.certificate import Original
from memcert.reports.figures.numerals import exact_text

MOST_SERIES = 10
"""More kinds of labels than this cannot be told apart by eye."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of labels, ascending; `of[row]` is the kind of a row, 0 everywhere if they are too many."""

    names: tuple[str, ...]
    counts: tuple[int, ...]
    of: tuple[int, ...]
    apart: bool

    @property
    def series(self) -> int:
        """How many series a figure has. Raises: never."""
        return len(self.names) if self.apart else 1


def kinds(labels: Sequence[Original]) -> Kinds:
    """Sort labels into kinds. Raises: never."""
    counted = Counter(labels)
    ordered = sorted(counted, key=lambda label: (isinstance(label, str), label))
    apart = len(ordered) <= MOST_SERIES
    places = {label: k if apart else 0 for k, label in enumerate(ordered)}
    return Kinds(
        tuple(label_text(label) for label in ordered),
        tuple(counted[label] for label in ordered),
        tuple(places[label] for label in labels),
        apart,
    )


def label_text(label: Original) -> str:
    """Return a label as text, untrusted as it was. Raises: never."""
    return label if isinstance(label, str) else exact_text(label)
