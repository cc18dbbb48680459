"""What a rule compares in each row: labels as output indices, signs or values.

UNTRUSTED.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from memcert.errors import DatasetError, UsageError
from memcert.formats.labels import numbers_of
from memcert.formats.stored import Rows, as_values
from memcert.kernel import certificate as c
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True)
class Numbering:
    """The number that stands for each label.

    Args:
        numbers: of every label that occurs; None: the labels are the numbers.
        classes: the original label of each number, or None.
    """

    numbers: Mapping[c.Original, c.Number] | None
    classes: tuple[int | str, ...] | None

    def of(self, labels: Sequence[c.Original]) -> tuple[c.Number, ...]:
        """Return what the rule compares in rows with these labels. Raises: never, once they are confirmed."""
        if self.numbers is None:
            return tuple(labels)  # type: ignore[arg-type]
        return tuple([self.numbers[label] for label in labels])


@dataclass(frozen=True, slots=True, eq=False)
class Numbers(Sequence[c.Number]):
    """What the rule compares in each row, found when it is asked for."""

    labels: Sequence[c.Original]
    numbering: Numbering

    def __len__(self) -> int:
        """Return N. Raises: never."""
        return len(self.labels)

    @overload
    def __getitem__(self, row: int) -> c.Number: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[c.Number, ...]: ...
    def __getitem__(self, row: int | slice) -> c.Number | tuple[c.Number, ...]:
        """Return the number of a row, or those of some. Raises: IndexError."""
        if isinstance(row, slice):
            return self.numbering.of(self.labels[row])
        return self.numbering.of((self.labels[row],))[0]

    def __iter__(self) -> Iterator[c.Number]:
        """Yield them in order. Raises: UndecidedError."""
        return (self.numbering.of((label,))[0] for label in self.labels)


def labelled(rows: Rows, rule: str, classes: tuple[str, ...] | None, outputs: int) -> tuple[Rows, Numbering]:
    """Return the rows, and what the rule compares in each of them.

    Args:
        rows: as they were read.
        rule: equal, sign, argmax or within.
        classes: names of the outputs in order, for argmax; None: labels are output indices.
        outputs: how many the network has.

    Returns:
        The rows, their labels as numbers where the rule is about values, and the numbers.

    Cost: the labels are read once or twice. Raises:
        DatasetError: a label that the rule cannot be about; it says in which row.
        UsageError: classes that do not fit.
    """
    if classes is not None and rule != "argmax":
        raise UsageError("--classes: names the outputs in order, for the rule argmax")
    if rule in ("within", "equal"):
        return _values(rows, rule), Numbering(None, None)
    if rule == "sign":
        return rows, _signs(rows)
    if classes is None:
        for row, label in enumerate(rows.labels):
            if not isinstance(label, int) or not 0 <= label < outputs:
                raise DatasetError(
                    f"{shown(rows.name)}: {rows.place(row)}: expected the index of an output, 0 to "
                    f"{outputs - 1}, got {shown(label)}; --classes names the outputs in order"
                )
        return rows, Numbering(None, None)
    names = _names(classes, rows, outputs)
    places: dict[c.Original, c.Number] = {name: place for place, name in enumerate(names)}
    for row, label in enumerate(rows.labels):
        if label not in places:
            raise DatasetError(
                f"{shown(rows.name)}: {rows.place(row)}: expected one of the classes {shown(names)}, "
                f"got {shown(label)}"
            )
    return rows, Numbering(places, names)


def _names(classes: tuple[str, ...], rows: Rows, outputs: int) -> tuple[int | str, ...]:
    names: tuple[int | str, ...] = classes
    if all(isinstance(label, int) for label in rows.labels):
        try:
            names = tuple(int(name) for name in classes)
        except ValueError:
            raise UsageError(
                f"--classes: expected integers, as the labels are, got {shown(classes)}"
            ) from None
    if len(names) != outputs or len(set(names)) != outputs:
        raise UsageError(
            f"--classes: expected {outputs} different names, one an output, got {shown(classes)}"
        )
    return names


def _values(rows: Rows, rule: str) -> Rows:
    if rule == "within":
        return as_values(rows)
    for row, label in enumerate(rows.labels):
        if isinstance(label, str):
            raise DatasetError(
                f"{shown(rows.name)}: {rows.place(row)}: expected an integer label for the rule equal, "
                f"got {shown(label)}; the rule for values is within"
            )
    return rows


def _signs(rows: Rows) -> Numbering:
    found = _few(rows)
    if found <= {-1, 1}:
        return Numbering(None, None)
    if len(found) == 1 and found != {0}:
        raise UsageError(
            f"rule sign: the one label {shown(next(iter(found)))} does not say which sign it stands for; "
            "expected -1, 0 or 1, or labels of two classes"
        )
    return Numbering(*numbers_of(rows, "sign"))


def _few(rows: Rows) -> set[c.Original]:
    # Some of the labels; all, where there are at most two.
    found: set[c.Original] = set()
    for label in rows.labels:
        found.add(label)
        if len(found) > 2:
            break
    return found
