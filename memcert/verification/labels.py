"""What a rule compares in each row: labels as output indices, signs or values.

UNTRUSTED.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from memcert.datasets.labels import numbers_of
from memcert.datasets.numbers import number
from memcert.datasets.sequences import ReadSequence
from memcert.datasets.stored import Rows, as_values
from memcert.errors import DatasetError, UsageError
from memcert.kernel import certificate as c
from memcert.kernel.verdict import shown

Classes = tuple[int | str, ...] | None
"""The original label of each number."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """The number that stands for each label.

    Args:
        numbers: of every label that occurs; None: the labels are the numbers.
        classes: the original label of each number, or None.
    """

    numbers: Mapping[c.Original, c.Number] | None
    classes: Classes

    def of(self, labels: Sequence[c.Original]) -> tuple[c.Number, ...]:
        """Return what the rule compares in rows with these labels. Raises: never, once they are confirmed."""
        if self.numbers is None:
            return tuple(labels)  # type: ignore[arg-type]
        return tuple([self.numbers[label] for label in labels])


@dataclass(frozen=True, slots=True, eq=False)
class Numbers(ReadSequence[c.Number]):
    """What the rule compares in each row, found when it is asked for."""

    labels: Sequence[c.Original]
    numbering: Numbering

    def __len__(self) -> int:
        """Return N. Raises: never."""
        return len(self.labels)

    def at(self, place: int) -> c.Number:
        """Return the number of a row. Raises: UndecidedError."""
        return self.numbering.of((self.labels[place],))[0]

    def __iter__(self) -> Iterator[c.Number]:
        """Yield them in order. Raises: UndecidedError."""
        return (self.numbering.of((label,))[0] for label in self.labels)


def labelled(rows: Rows, rule: str, classes: tuple[str, ...] | None, outputs: int) -> tuple[Rows, Numbering]:
    """Return the rows, and what the rule compares in each of them.

    Args:
        rows: as they were read.
        rule: equal, sign, argmax or within.
        classes: names of the outputs in order, for argmax; of the negative and the positive sign, for sign;
            None: labels are output indices, or say themselves which sign they stand for.
        outputs: how many the network has.

    Returns:
        The rows, their labels as numbers where the rule is about values, and the numbers.

    Cost: the labels are read once or twice. Raises:
        DatasetError: a label that the rule cannot be about; it says in which row.
        UsageError: classes that do not fit.
    """
    if classes is not None and rule not in ("argmax", "sign"):
        raise UsageError("--classes: names the outputs in order, for the rule argmax")
    if rule in ("within", "equal"):
        return _values(rows, rule), Numbering(None, None)
    if classes is None:
        return _signs(rows) if rule == "sign" else (_indices(rows, outputs), Numbering(None, None))
    names = _names(classes, rows, 2 if rule == "sign" else outputs)
    _confirm(rows, names)
    if rule == "sign":
        return rows, _two(names)
    return rows, Numbering({name: place for place, name in enumerate(names)}, names)


def certified_classes(rows: Rows, rule: str, classes: Classes) -> Classes:
    """Return the classes that a certificate lists: for sign only those that rows have.

    Args:
        rows: with their labels.
        rule: what is compared.
        classes: the original label of each number, or None.

    Raises:
        UsageError: all rows have the positive class, and it is not called 1; a certificate lists the
            negative one first.
    """
    if rule != "sign" or classes is None or len(classes) < 2:
        return classes
    first = rows.labels[0]
    if any(label != first for label in rows.labels):
        return classes
    if first == classes[0]:
        return classes[:1]
    if first == 1:
        return None
    raise UsageError(
        f"{shown(rows.name)}: expected rows of both classes for a certificate, got {shown(first)} alone, the "
        f"class of the positive sign: add a row of {shown(classes[0])}; without -o such rows are judged"
    )


def _two(names: tuple[int | str, ...]) -> Numbering:
    # The first is the negative one.
    return Numbering(None, None) if names == (-1, 1) else Numbering({names[0]: -1, names[1]: 1}, names)


def _indices(rows: Rows, outputs: int) -> Rows:
    # Labels that are indices; 1.0 is one, as pandas writes a column of integers that once had a gap.
    spelled = False
    for row, label in enumerate(rows.labels):
        index = as_integer(label)
        if index is None or not 0 <= index < outputs:
            raise DatasetError(
                f"{shown(rows.name)}: {rows.place(row)}: expected the index of an output, 0 to "
                f"{outputs - 1}, got {shown(label)}; --classes names the outputs in order"
            )
        spelled = spelled or index is not label
    return as_values(rows) if spelled else rows


def as_integer(label: c.Original) -> int | None:
    """Return the integer that a label is or spells, such as 1.0; None: it is none. Raises: UndecidedError."""
    value = number(label) if isinstance(label, str) else label
    return value if isinstance(value, int) else None


def _confirm(rows: Rows, names: tuple[int | str, ...]) -> None:
    known = frozenset(names)
    for row, label in enumerate(rows.labels):
        if label not in known:
            whole = as_integer(label)
            hint = "" if whole is None or str(whole) not in map(str, names) else f"; write {whole}"
            raise DatasetError(
                f"{shown(rows.name)}: {rows.place(row)}: expected one of the classes {shown(names)}, "
                f"got {shown(label)}{hint}"
            )


def _names(classes: tuple[str, ...], rows: Rows, outputs: int) -> tuple[int | str, ...]:
    names: tuple[int | str, ...] = classes
    if all(isinstance(label, int) for label in rows.labels):
        # Where a name is no integer, the first row that it is not the label of will be told.
        with suppress(ValueError):
            names = tuple(int(name) for name in classes)
    if len(names) != outputs or len(set(names)) != outputs:
        raise UsageError(f"classes: expected {outputs} different names, one an output, got {shown(classes)}")
    return names


def _values(rows: Rows, rule: str) -> Rows:
    if rule == "within":
        return as_values(rows)
    spelled = False
    for row, label in enumerate(rows.labels):
        spelled = spelled or isinstance(label, str)
        if isinstance(label, str) and as_integer(label) is None:
            raise DatasetError(
                f"{shown(rows.name)}: {rows.place(row)}: expected an integer label for the rule equal, "
                f"got {shown(label)}; the rule for values is within"
            )
    return as_values(rows) if spelled else rows


def _signs(rows: Rows) -> tuple[Rows, Numbering]:
    found = _few(rows)
    if not found <= {-1, 1} and all(as_integer(label) in (-1, 1) for label in rows.labels):
        # +1 and 1.0 are 1: as names, +1 would come before -1 and stand for the negative sign.
        rows, found = as_values(rows), {-1}
    if found <= {-1, 1}:
        return rows, Numbering(None, None)
    if len(found) == 1 and found != {0}:
        raise UsageError(
            f"rule sign: the one label {shown(next(iter(found)))} does not say which sign it stands for; "
            "expected -1, 0 or 1, or labels of two classes"
        )
    numbers, classes = numbers_of(rows, "sign")
    _confirm_order(rows, classes)
    return rows, Numbering(numbers, classes)


def _confirm_order(rows: Rows, classes: tuple[int | str, ...]) -> None:
    # Names are sorted as texts, where 10.0 comes before 2.0: numbers would get each other's sign.
    values = [number(name) if isinstance(name, str) else name for name in classes]
    known = [value for value in values if value is not None]
    if len(known) < len(values) or known == sorted(set(known)):
        return
    raise DatasetError(
        f"{shown(rows.name)}: rule sign: expected labels whose order as numbers is that of their texts, "
        f"got {shown(classes)}, of which none is clearly the negative one; write 2 and 10 for 2.0 and 10.0"
    )


def _few(rows: Rows) -> set[c.Original]:
    # Some of the labels; all, where there are at most two.
    found: set[c.Original] = set()
    for label in rows.labels:
        found.add(label)
        if len(found) > 2:
            break
    return found
