"""A network on data that it need not memorize: on which rows its rule holds, exactly.

UNTRUSTED. An evaluation is no check: nothing that a certificate claims is examined here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.datasets.canonical import dataset_digest
from memcert.datasets.dataset import Dataset, exact
from memcert.datasets.labels import valued
from memcert.errors import DatasetError
from memcert.exact.outputs import output_columns
from memcert.exact.rules import Decided, decide
from memcert.exact.separation import exact_number
from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.check import holds
from memcert.kernel.data import network_digest, numbering, original
from memcert.kernel.verdict import Mismatch, shown


@dataclass(frozen=True, slots=True)
class Told:
    """What the network gives for one row, or for all rows with this label and these outputs.

    Args:
        label: as the file has it.
        outputs: of the network.
        predicted: the label that the outputs stand for; None: none. For `within`, the output.
        holds: whether the rule holds.
        margin: as a check measures it; None: the rule has none, or cannot be about this label.
    """

    label: Original
    outputs: tuple[Number, ...]
    predicted: Original | None
    holds: bool
    margin: Number | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A network on a data set.

    Args:
        rule: the certificate's.
        tolerance: with the rule `within`.
        size: the number of rows.
        right: rows on which the rule holds.
        unknown: rows whose label is none of the certificate's; they are not right.
        classes: the certificate's labels, as its data had them; None: labels are numbers.
        confusion: rows by (label, predicted label); None: labels are values.
        dataset_digest: of the data.
        network_digest: of the network.
    """

    rule: str
    tolerance: Number | None
    size: int
    right: int
    unknown: int
    classes: tuple[Original, ...] | None
    confusion: Mapping[tuple[Original, Original | None], int] | None
    dataset_digest: str
    network_digest: str
    _told: tuple[Told, ...]
    _decided: Decided

    @property
    def accuracy(self) -> Fraction:
        """The share of rows on which the rule holds. Raises: never."""
        return Fraction(self.right, self.size)

    def rows(self) -> Iterator[Told]:
        """Yield what is told of each row, in order. Raises: never."""
        partition = self._decided.partition
        for row in range(self.size):
            yield self._told[partition.class_of(row)]


def evaluate(certificate: Certificate, dataset: Dataset) -> Evaluation:
    """Run a certificate's network on any data of its dimension, exactly.

    Args:
        certificate: its network, rule, tolerance and classes are used; its claims are not examined.
        dataset: at least one row. Labels are those of the certificate's classes, in any number.

    Cost: as the fast check.

    Raises:
        Mismatch: another dimension, or columns of other names.
        DatasetError: no label is one of the certificate's, or values are wanted and a label is none.
        LimitReached: a value grew beyond the bound.
    """
    if certificate.dataset.classes is None:
        dataset = valued(dataset)
    _refuse_other(certificate, dataset)
    decided = decide(certificate, dataset.labels, output_columns(certificate.network, dataset))
    told = _told(certificate, decided)
    counts = Counter(decided.partition.class_of(row) for row in range(dataset.size))
    unknown = sum(n for place, n in counts.items() if decided.margins[place] is None)
    if unknown == dataset.size:
        raise DatasetError(
            f"{shown(dataset.name)}: expected labels of the certificate's: {_known(certificate)}, "
            f"got none of them but {shown(dataset.labels[0])}, .."
        )
    return Evaluation(
        rule=certificate.claim.rule,
        tolerance=certificate.claim.tolerance,
        size=dataset.size,
        right=sum(n for place, n in counts.items() if told[place].holds),
        unknown=unknown,
        classes=certificate.dataset.classes,
        confusion=_confusion(certificate.claim.rule, told, counts),
        dataset_digest=dataset_digest(dataset),
        network_digest=network_digest(certificate.network),
        _told=told,
        _decided=decided,
    )


def _refuse_other(certificate: Certificate, dataset: Dataset) -> None:
    stated = certificate.dataset
    if dataset.dimension != stated.dimension:
        raise Mismatch("dimension", "dataset", f"points of Q^{stated.dimension}", dataset.dimension)
    named = stated.columns is not None and dataset.columns is not None
    if named and stated.columns != dataset.columns:
        raise Mismatch("columns", "dataset.columns", stated.columns, dataset.columns)


def _known(certificate: Certificate) -> str:
    classes = certificate.dataset.classes
    return "numbers that the rule can be about" if classes is None else shown(classes)


def _told(certificate: Certificate, decided: Decided) -> tuple[Told, ...]:
    rule, scaled = certificate.claim.rule, decided.scaled
    found = []
    columns = zip(*scaled.values, strict=True)
    for place, margin, values in zip(decided.places, decided.margins, columns, strict=True):
        exact_values = tuple([exact(value, scaled.denominator) for value in values])
        measured = None if margin is None or rule == "equal" else exact_number(margin, scaled.denominator)
        right = margin is not None and holds(rule, margin)
        label = decided.originals[place]
        found.append(Told(label, exact_values, _predicted(certificate, exact_values), right, measured))
    return tuple(found)


def _predicted(certificate: Certificate, values: tuple[Number, ...]) -> Original | None:
    rule = certificate.claim.rule
    number: Number = values[0]
    if rule == "argmax":
        largest = max(values)
        if values.count(largest) > 1:
            return None
        number = values.index(largest)
    elif rule == "sign":
        number = (number > 0) - (number < 0)
    numbers = numbering(certificate)
    if numbers is None:
        return None if rule == "sign" and number == 0 else number
    return original(certificate, number) if number in numbers.values() else None


def _confusion(
    rule: str, told: tuple[Told, ...], counts: Mapping[int, int]
) -> dict[tuple[Original, Original | None], int] | None:
    if rule == "within":
        return None
    found: Counter[tuple[Original, Original | None]] = Counter()
    for place, rows in counts.items():
        found[told[place].label, told[place].predicted] += rows
    return dict(found)
