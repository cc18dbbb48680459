"""A figure before it is drawn: what it shows, in words, as exact data, and how to draw it.

UNTRUSTED.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from memcert.kernel.certificate import Number

Cell = Number | str | None
"""An exact number, text (untrusted text included: whoever prints it escapes it), or nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A figure.

    Args:
        kind: one word, such as `projection`.
        title: a line.
        says: what a reader who cannot see it is told: its content in sentences.
        notes: what was left out or merged, a sentence each.
        columns: headings of the data behind it.
        rows: those data, exact and complete.
        height: units of the drawing for a width in units.
        draw: draws on an empty matplotlib figure of a width in units.
    """

    kind: str
    title: str
    says: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    height: Callable[[int], int]
    draw: Callable[[Any, int], None]
