"""The claimed rule on columns: which samples fail it, and the smallest margin of those that hold.

UNTRUSTED. Decided once for each combination of output values and label that occurs.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import lcm

import numpy as np

from memcert.datasets.dataset import exact
from memcert.exact.columns import Array, Column, distinct
from memcert.exact.partitions import Joins, Partition
from memcert.exact.samples import grouped
from memcert.exact.separation import exact_number
from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.check import holds
from memcert.kernel.data import numbering
from memcert.kernel.decode import label_fits
from memcert.kernel.verdict import Rejected, shown


@dataclass(frozen=True, slots=True)
class Judged:
    """The first failure of the rule, if any; else the smallest margin, and the labels that occur."""

    failure: Rejected | None
    margin: Number | None
    labels: Sequence[Original]


@dataclass(frozen=True, slots=True)
class Scaled:
    """Outputs on one partition over one denominator: values[k][c] / denominator."""

    values: tuple[list[int], ...]
    denominator: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The rule on the classes of one partition of rows; a class is one label and one value an output.

    Args:
        partition: of the rows.
        originals: the distinct labels, as the file has them.
        places: for each class of the partition, the place in `originals` of its label.
        scaled: the outputs on the partition.
        margins: times the denominator of `scaled`; None: the label is none that the rule can be about.
    """

    partition: Partition
    originals: list[Original]
    places: list[int]
    scaled: Scaled
    margins: list[Number | None]


def decide(certificate: Certificate, labels: Sequence[Original], outputs: Sequence[Column]) -> Decided:
    """Decide the rule once for each combination of outputs and label.

    Args:
        certificate: its rule, tolerance and classes count.
        labels: one a row, as the file has them.
        outputs: columns over the rows, one an output.

    Raises: never.
    """
    originals, label_classes = grouped(labels)
    outputs = [distinct(part) for part in outputs]
    partition, places = _joint([part.partition for part in outputs] + [label_classes], len(labels))
    scaled = _scaled(outputs, places, partition.count)
    own = places[-1].tolist()
    return Decided(partition, originals, own, scaled, _margins(certificate, originals, own, scaled))


def judge(
    certificate: Certificate, labels: Sequence[Original], outputs: Sequence[Column], rows: Sequence[int]
) -> Judged:
    """Decide the rule at every row; an excepted row must fail it.

    Args:
        certificate: its rule, tolerance, `except` and classes count.
        labels: of the samples that are examined, as the file has them.
        outputs: columns over the rows, one an output.
        rows: which samples these are, ascending; at least one.

    Raises: never.
    """
    decided = decide(certificate, labels, outputs)
    margins, scaled, partition = decided.margins, decided.scaled, decided.partition
    held = np.array([m is not None and holds(certificate.claim.rule, m) for m in margins])
    rule_holds = partition.of_samples(held)
    every = certificate.claim.excepted
    near = every[bisect_left(every, rows[0]) : bisect_right(every, rows[-1])]
    excepted = np.isin(np.asarray(rows), np.asarray(near, dtype=np.int64))
    # A label that the rule cannot be about is refused whether its row is excepted or not.
    strange = partition.of_samples(np.array([m is None for m in margins]))
    wrong = (rule_holds == excepted) | strange
    if wrong.any():
        place = int(wrong.argmax())
        found = [exact(column[partition.class_of(place)], scaled.denominator) for column in scaled.values]
        return Judged(_failure(certificate, labels[place], rows[place], found), None, ())
    best = min((m for m, h in zip(margins, held.tolist(), strict=True) if h and m is not None), default=None)
    margin = None if best is None else exact_number(best, scaled.denominator)
    return Judged(None, margin, decided.originals)


def _joint(partitions: Sequence[Partition], size: int) -> tuple[Partition, list[Array]]:
    # The join of all, and for each partition the class that a joint class lies in.
    joins = Joins()
    total = Partition(1, np.zeros(size, dtype=np.int32))
    places: list[Array] = []
    for partition in partitions:
        if partition.count == 1:
            places.append(np.zeros(total.count, dtype=np.int64))
            continue
        joint = joins.join(total, partition)
        if joint.first is not None:
            places = [place[joint.first] for place in places]
        total = joint.partition
        places.append(np.arange(total.count) if joint.second is None else joint.second)
    return total, places


def _scaled(outputs: Sequence[Column], places: Sequence[Array], count: int) -> Scaled:
    power = max(0, *(part.power for part in outputs))
    divisor = lcm(*(part.divisor for part in outputs))
    values = []
    for part, place in zip(outputs, places, strict=False):
        factor = divisor // part.divisor << (power - part.power)
        numbers = [int(value) * factor for value in part.values]
        values.append([numbers[c] for c in place.tolist()] if count > 1 else numbers)
    return Scaled(tuple(values), divisor << power)


def _number(certificate: Certificate, label: Original) -> Number | None:
    # What the rule compares; None: it is no label of the rule and its classes.
    numbers = numbering(certificate)
    number = label if numbers is None else numbers.get(label)
    if number is None or isinstance(number, str) or not label_fits(certificate, number):
        return None
    return number


def _margins(
    certificate: Certificate, originals: Sequence[Original], places: Sequence[int], scaled: Scaled
) -> list[Number | None]:
    # The margin, times the denominator, of each joint class; None: its label does not fit.
    rule, tolerance = certificate.claim.rule, certificate.claim.tolerance or 0
    scale = 1 if rule in ("sign", "argmax") else scaled.denominator
    numbers = [_number(certificate, label) for label in originals]
    known = [None if number is None else number * scale for number in numbers]
    margins: list[Number | None] = []
    for values, place in zip(zip(*scaled.values, strict=True), places, strict=True):
        label = known[place]
        margins.append(None if label is None else _margin(rule, values, label, tolerance * scale))
    return margins


def _margin(rule: str, outputs: Sequence[int], label: Number, tolerance: Number) -> Number:
    # As `kernel.check.margin_of`, in the units of `outputs`, `label` and `tolerance`.
    if rule == "sign":
        return outputs[0] * label
    if rule == "argmax":
        place = int(label)
        return outputs[place] - max(chain(outputs[:place], outputs[place + 1 :]))
    difference = outputs[0] - label
    return tolerance - max(difference, -difference)


def _failure(certificate: Certificate, original: Original, row: int, outputs: Sequence[Number]) -> Rejected:
    rule, at, label = certificate.claim.rule, f"samples[{row}]", _number(certificate, original)
    if label is None:
        return Rejected("label", at, "a label of the rule and its classes", original)
    got = outputs[0] if len(outputs) == 1 else tuple(outputs)
    if row in certificate.claim.excepted:
        return Rejected("except", at, f"F to miss the label {shown(label)}", got)
    return Rejected(rule, at, label, got)
