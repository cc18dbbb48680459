"""Exact verdicts and margins of a network made elsewhere, row by row, and the certificate of them.

UNTRUSTED; `check` and `prove` work on the certificate, which says which rows fail.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from memcert.contracts.neurons import neuron_outline
from memcert.errors import DatasetError, UsageError
from memcert.exact.engine import evaluate
from memcert.exact.separation import data_radius_squared, squared_separation
from memcert.formats.canonical import dataset_digest
from memcert.formats.dataset import Dataset
from memcert.formats.labels import distinct, numbered, valued
from memcert.interop.onnx_model import Imported
from memcert.kernel import certificate as c
from memcert.kernel.check import holds, margin_of, sizes
from memcert.kernel.data import network_digest
from memcert.kernel.verdict import shown

INLINE_NUMBERS = 4_000_000
"""Data of more coordinates are left out of the certificate."""
EXACT_POINTS = 2_000
"""Up to so many distinct points the exact separation is claimed."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What is true of each row, exactly.

    Args:
        dataset: the rows.
        labels: what the rule compares, one a row.
        classes: the original label of each number, or None.
        margins: how far the rule is from failing, one a row; negative where it fails.
        excepted: the rows that fail.
        confusion: for argmax and sign, how often (label, decision) occurs; a decision is None at a tie.
    """

    dataset: Dataset
    rule: str
    tolerance: c.Number | None
    labels: tuple[c.Number, ...]
    classes: tuple[int | str, ...] | None
    margins: tuple[c.Number, ...]
    excepted: tuple[int, ...]
    confusion: dict[tuple[c.Number, c.Number | None], int]

    @property
    def accuracy(self) -> Fraction:
        """The share of rows that hold. Raises: never."""
        return Fraction(len(self.margins) - len(self.excepted), len(self.margins))

    def smallest(self, count: int = 5) -> tuple[int, ...]:
        """Return the rows with the smallest margins of those that hold, ascending. Raises: never."""
        rows = set(range(len(self.margins))) - set(self.excepted)
        return tuple(sorted(rows, key=lambda row: (self.margins[row], row))[:count])


def verify(
    imported: Imported,
    dataset: Dataset,
    rule: str,
    tolerance: c.Number | None = None,
    classes: tuple[str, ...] | None = None,
) -> Verified:
    """Evaluate the network at every row, exactly, and decide the rule.

    Args:
        imported: the network.
        dataset: rows of its input size.
        rule: equal, sign, argmax or within.
        tolerance: for within, at least 0.
        classes: names of the outputs in order, for argmax; None: labels are output indices.

    Raises:
        DatasetError: rows of another length, or labels that do not fit.
        UsageError: the tolerance or the classes do not fit the rule.
        LimitReached: numbers grow too long.
    """
    network = imported.network
    if dataset.dimension != network.input_size:
        raise DatasetError(
            f"{shown(dataset.name)}: expected rows of {network.input_size} numbers, as the model takes, "
            f"got {dataset.dimension}"
        )
    if (tolerance is not None) != (rule == "within") or (tolerance is not None and tolerance < 0):
        raise UsageError("--tolerance: the rule within needs one of at least 0, other rules have none")
    dataset, labels, names = _labels(dataset, rule, classes, network.layers[-1].shape[0])
    outputs = evaluate(network, dataset)
    margins = tuple(
        _plain(margin_of(rule, found, label, tolerance)) for found, label in zip(outputs, labels, strict=True)
    )
    excepted = tuple(row for row, margin in enumerate(margins) if not holds(rule, margin))
    confusion: Counter[tuple[c.Number, c.Number | None]] = Counter()
    if rule in ("argmax", "sign"):
        confusion.update((label, _decision(found)) for label, found in zip(labels, outputs, strict=True))
    return Verified(dataset, rule, tolerance, labels, names, margins, excepted, dict(confusion))


def _plain(number: c.Number) -> c.Number:
    return number.numerator if number.denominator == 1 else number


def _decision(outputs: tuple[c.Number, ...]) -> c.Number | None:
    if len(outputs) == 1:
        return None if outputs[0] == 0 else 1 if outputs[0] > 0 else -1
    best = max(outputs)
    return None if outputs.count(best) > 1 else outputs.index(best)


def _labels(
    dataset: Dataset, rule: str, classes: tuple[str, ...] | None, outputs: int
) -> tuple[Dataset, tuple[c.Number, ...], tuple[int | str, ...] | None]:
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


def certificate_of(imported: Imported, found: Verified) -> c.Certificate:
    """Return the certificate: the network, the rows that fail, and an outline of its neurons.

    Cost: one comparison of all pairs of points, up to EXACT_POINTS distinct ones. Raises: never.
    """
    dataset, network = found.dataset, imported.network
    contracts, blocks = neuron_outline(network)
    points = len(distinct(dataset).rows)
    held = [margin for margin in found.margins if holds(found.rule, margin)]
    claim = c.Claim(
        rule=found.rule,
        tolerance=found.tolerance,
        excepted=found.excepted,
        separation_squared=squared_separation(dataset) if 1 < points <= EXACT_POINTS else None,
        separation_direction=None,
        data_radius_squared=data_radius_squared(dataset),
        margin=None if found.rule == "equal" else min(held, default=None),
        box_radius=None,
        promises=(),
        **sizes(network),
    )
    inline = dataset.size * dataset.dimension <= INLINE_NUMBERS
    return c.Certificate(
        construction=None,
        model=imported.model,
        dataset=c.Samples(
            name=dataset.name,
            size=dataset.size,
            dimension=dataset.dimension,
            columns=dataset.columns,
            classes=found.classes,
            points=tuple(dataset.point(row) for row in range(dataset.size)) if inline else None,
            labels=found.labels if inline else None,
        ),
        network=network,
        claim=claim,
        contracts=contracts,
        blocks=blocks,
        witness=c.Witness({}, ()),
        digests=c.Digests(dataset_digest(dataset), network_digest(network)),
        annotations={},
    )
