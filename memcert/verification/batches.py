"""The rule on a batch of rows: integers in, margins and decisions as integers out.

UNTRUSTED; the margin is that of `kernel.check.margin_of`, which tests compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from memcert.exact.outputs import Outputs
from memcert.kernel.certificate import Number


@dataclass(frozen=True, slots=True)
class Batch:
    """What is true of consecutive rows.

    Args:
        start: the first row.
        margins: how far the rule is from failing, in units; negative where it fails.
        unit: positive.
        decisions: for argmax the output, for sign -1 or 1; None at a tie, and for other rules.
        failing: the rows that fail, ascending.
        labels: what the rule compares, one a row.
    """

    start: int
    margins: list[int]
    unit: Fraction
    decisions: list[int | None]
    failing: tuple[int, ...]
    labels: Sequence[Number]


def judged(
    rule: str, tolerance: Number | None, labels: Sequence[Number], outputs: Outputs, start: int
) -> Batch:
    """Decide the rule at every row of a batch.

    Args:
        rule: equal, sign, argmax or within.
        tolerance: for within.
        labels: what the rule compares, one a row.
        outputs: exact.
        start: the first row.

    Raises:
        never.
    """
    unit, decisions = outputs.unit, list[int | None]()
    if rule == "argmax":
        margins, decisions = _largest(outputs.columns, labels)
    elif rule == "sign":
        margins = [value * int(label) for value, label in zip(outputs.columns[0], labels, strict=True)]
        decisions = [(value > 0) - (value < 0) or None for value in outputs.columns[0]]
    else:
        margins, unit = _near(outputs, labels, Fraction(tolerance or 0))
        decisions = [None] * len(margins)
    least = 1 if rule in ("argmax", "sign") else 0
    failing = tuple([row for row, margin in enumerate(margins, start) if margin < least])
    return Batch(start, margins, unit, decisions, failing, labels)


def _largest(
    columns: Sequence[Sequence[int]], labels: Sequence[Number]
) -> tuple[list[int], list[int | None]]:
    margins, decisions = [], list[int | None]()
    for values, label in zip(zip(*columns, strict=True), labels, strict=True):
        place = int(label)
        own = values[place]
        other = max(values[:place] + values[place + 1 :])
        margins.append(own - other)
        if own > other:
            decisions.append(place)
        else:
            tie = own == other or values.count(other) > 1
            decisions.append(None if tie else values.index(other))
    return margins, decisions


def _near(outputs: Outputs, labels: Sequence[Number], tolerance: Fraction) -> tuple[list[int], Fraction]:
    scale = lcm(outputs.unit.denominator, tolerance.denominator, *{label.denominator for label in labels})
    times = int(outputs.unit * scale)
    allowed = int(tolerance * scale)
    found = [
        allowed - abs(value * times - label.numerator * (scale // label.denominator))
        for value, label in zip(outputs.columns[0], labels, strict=True)
    ]
    return found, Fraction(1, scale)
