"""Which column holds the labels, and what the others are called.

UNTRUSTED.
"""

import re

from memcert.datasets.problems import Findings
from memcert.kernel.verdict import shown

USUAL = ("label", "class", "target", "y")
"""What a column of labels is called where the user does not say; earlier names first."""


def label_column(names: tuple[str, ...] | None, width: int, wanted: str | None, findings: Findings) -> int:
    """Return the index of the column of the labels.

    Args:
        names: the names of all columns, or None.
        width: the number of columns.
        wanted: the user's choice: a name, or, where columns have no names, a number from 0 (from
            the end: -1, -2, ..). None: the first of `label`, `class`, `target` in any case or `y`
            that there is, else the last column.
        findings: knows the file's name.

    Raises:
        DatasetError: there is no such column, or more than one.
    """
    if wanted is None:
        return _usual(names or (), width, findings)
    if names is None:
        if not re.fullmatch(r"-?[0-9]{1,9}", wanted, re.ASCII) or not -width <= int(wanted) < width:
            raise findings.error(
                f"label column: expected a number from 0 to {width - 1}, for columns without names, "
                f"got {shown(wanted)}"
            )
        return int(wanted) % width
    found = [i for i, name in enumerate(names) if name == wanted]
    if not found:
        raise findings.error(f"label column: expected one of {shown(names)}, got {shown(wanted)}")
    return _single(found, wanted, findings)


def _usual(names: tuple[str, ...], width: int, findings: Findings) -> int:
    for usual in USUAL:
        exact = [i for i, name in enumerate(names) if name == usual]
        # A capital Y is as likely to be a coordinate.
        alike = [i for i, name in enumerate(names) if name.casefold() == usual != "y"]
        if exact or alike:
            return _single(exact or alike, usual, findings)
    return width - 1


def _single(found: list[int], name: str, findings: Findings) -> int:
    if len(found) > 1:
        raise findings.error(
            f"label column: expected one column called {shown(name)}, got columns {shown(found)}"
        )
    return found[0]


def coordinate_name(names: tuple[str, ...] | None, index: int) -> str | int:
    """Return a column's name, or its number from 0 where columns have no names. Raises: IndexError."""
    return index if names is None else names[index]


def without(names: tuple[str, ...] | None, label: int | None) -> tuple[str, ...] | None:
    """Return the names of the coordinates. Raises: never."""
    if names is None or label is None:
        return names
    return names[:label] + names[label + 1 :]
