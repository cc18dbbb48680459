"""The rule on what floats compute, and on exact outputs as margins of linear forms.

UNTRUSTED. An infinity counts as it compares; what is no number fails.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from memcert.kernel.certificate import Number
from memcert.semantics.precision import Array


class Rule(NamedTuple):
    """What the outputs of a row are compared with.

    Args:
        name: equal, sign, argmax or within.
        tolerance: for within.
    """

    name: str
    tolerance: Number | None = None

    @property
    def strict(self) -> bool:
        """Whether a margin of 0 fails. Raises: never."""
        return self.name in ("argmax", "sign")


def holding(rule: Rule, outputs: Array, labels: Sequence[Number]) -> list[bool]:
    """Return whether the rule holds on float outputs, a row for each label. Raises: never."""
    # Comparisons with what is no number are false, as they should be.
    if rule.name == "argmax":
        own = np.arange(outputs.shape[1]) == np.array([int(label) for label in labels])[:, np.newaxis]
        first = outputs[own][:, np.newaxis]
        return list((own | (first > outputs)).all(axis=1).tolist())
    values = outputs[:, 0].tolist()
    if rule.name == "sign":
        return [value > 0 if label > 0 else value < 0 for value, label in zip(values, labels, strict=True)]
    most = Fraction(rule.tolerance or 0)
    return [
        bool(np.isfinite(value)) and abs(Fraction(value) - label) <= most
        for value, label in zip(values, labels, strict=True)
    ]


def margins(rule: Rule, exact: list[Fraction], label: Number) -> Iterator[tuple[list[int], Fraction]]:
    """Yield forms of the outputs whose values decide the rule, with their exact margins. Raises: never."""
    if rule.name == "argmax":
        own = int(label)
        for other in range(len(exact)):
            if other != own:
                form = [0] * len(exact)
                form[own], form[other] = 1, -1
                yield form, exact[own] - exact[other]
    elif rule.name == "sign":
        yield [1], exact[0] * int(label)
    else:
        yield [1], Fraction(rule.tolerance or 0) - abs(exact[0] - label)
