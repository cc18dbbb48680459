"""What a rule compares in each row: labels as output indices, signs or values.

UNTRUSTED.
"""

from memcert.errors import DatasetError, UsageError
from memcert.formats.dataset import Dataset
from memcert.formats.labels import numbered, valued
from memcert.kernel import certificate as c
from memcert.kernel.verdict import shown


def labelled(
    dataset: Dataset, rule: str, classes: tuple[str, ...] | None, outputs: int
) -> tuple[Dataset, tuple[c.Number, ...], tuple[int | str, ...] | None]:
    """Return the data set, what the rule compares in each row, and the original label of each number.

    Args:
        dataset: as it was read.
        rule: equal, sign, argmax or within.
        classes: names of the outputs in order, for argmax; None: labels are output indices.
        outputs: how many the network has.

    Returns:
        The data set (its labels as numbers where the rule is about values), one number a row, and the
        classes, or None.

    Raises:
        DatasetError: a label that the rule cannot be about; it says in which row.
        UsageError: classes that do not fit.
    """
    if classes is not None and rule != "argmax":
        raise UsageError("--classes: names the outputs in order, for the rule argmax")
    if rule in ("within", "equal"):
        return _values(dataset, rule)
    if rule == "sign":
        return _signs(dataset)
    if classes is None:
        for row, label in enumerate(dataset.labels):
            if not isinstance(label, int) or not 0 <= label < outputs:
                raise DatasetError(
                    f"{shown(dataset.name)}: {dataset.place(row)}: expected the index of an output, 0 to "
                    f"{outputs - 1}, got {shown(label)}; --classes names the outputs in order"
                )
        return dataset, tuple(dataset.labels), None  # type: ignore[arg-type]
    names = _names(classes, dataset, outputs)
    places: dict[c.Original, int] = {name: place for place, name in enumerate(names)}
    for row, label in enumerate(dataset.labels):
        if label not in places:
            raise DatasetError(
                f"{shown(dataset.name)}: {dataset.place(row)}: expected one of the classes {shown(names)}, "
                f"got {shown(label)}"
            )
    return dataset, tuple(places[label] for label in dataset.labels), names


def _names(classes: tuple[str, ...], dataset: Dataset, outputs: int) -> tuple[int | str, ...]:
    names: tuple[int | str, ...] = classes
    if all(isinstance(label, int) for label in dataset.labels):
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


def _values(dataset: Dataset, rule: str) -> tuple[Dataset, tuple[c.Number, ...], None]:
    if rule == "within":
        dataset = valued(dataset)
    for row, label in enumerate(dataset.labels):
        if isinstance(label, str):
            raise DatasetError(
                f"{shown(dataset.name)}: {dataset.place(row)}: expected an integer label for the rule equal, "
                f"got {shown(label)}; the rule for values is within"
            )
    return dataset, tuple(dataset.labels), None  # type: ignore[arg-type]


def _signs(dataset: Dataset) -> tuple[Dataset, tuple[c.Number, ...], tuple[int | str, ...] | None]:
    found = set(dataset.labels)
    if found <= {-1, 1}:
        return dataset, tuple(dataset.labels), None  # type: ignore[arg-type]
    if len(found) == 1 and found != {0}:
        raise UsageError(
            f"rule sign: the one label {shown(next(iter(found)))} does not say which sign it stands for; "
            "expected -1, 0 or 1, or labels of two classes"
        )
    known = numbered(dataset, "sign")
    return dataset, known.labels, known.classes
