"""Exact verdicts and margins of a network, row by row.

UNTRUSTED; `check` and `prove` work on the certificate, which says which rows fail.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from memcert.errors import DatasetError, UsageError
from memcert.exact.engine import evaluate
from memcert.formats.dataset import Dataset
from memcert.kernel import certificate as c
from memcert.kernel.check import holds, margin_of
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown
from memcert.verification.labels import labelled


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
    network: Network,
    dataset: Dataset,
    rule: str,
    tolerance: c.Number | None = None,
    classes: tuple[str, ...] | None = None,
) -> Verified:
    """Evaluate the network at every row, exactly, and decide the rule.

    Args:
        network: any.
        dataset: rows of its input size.
        rule: equal, sign, argmax or within.
        tolerance: for within, at least 0.
        classes: names of the outputs in order, for argmax; None: labels are output indices.

    Raises:
        DatasetError: rows of another length, or labels that do not fit.
        UsageError: the tolerance or the classes do not fit the rule.
        LimitReached: numbers grow too long.
    """
    if dataset.dimension != network.input_size:
        raise DatasetError(
            f"{shown(dataset.name)}: expected rows of {network.input_size} numbers, as the model takes, "
            f"got {dataset.dimension}"
        )
    if (tolerance is not None) != (rule == "within") or (tolerance is not None and tolerance < 0):
        raise UsageError("--tolerance: the rule within needs one of at least 0, other rules have none")
    dataset, labels, names = labelled(dataset, rule, classes, network.layers[-1].shape[0])
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
