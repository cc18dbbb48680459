"""Labels as the small numbers that a memorizer stores, and how the outputs read them back.

A construction stores a code 0..K-1 a point, of c = max(1, ceil(log2 K)) bits, and ends in one
value y, the code. Each output neuron is then an affine reading of y, so that one network serves
every rule: y itself (equal), 2 y - 1 (sign), the line 2 k y - k^2, largest at k = y (argmax), or
lo + q + 2 q y (within).

Source: for `within` Remark 3.3 of Vardi, Yehudai, Shamir 2021: an interval of length l is covered
by ceil(l / 2 q) classes, each standing for the middle of its piece.
UNTRUSTED.
"""

from dataclasses import dataclass
from fractions import Fraction

from memcert.constructions.registry import Task
from memcert.datasets.dataset import exact
from memcert.errors import BuildError, UsageError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

Reading = tuple[Number, Number]
"""Weight and bias by which an output neuron reads the code."""


@dataclass(frozen=True, slots=True)
class Coding:
    """The codes of a task's distinct points and the outputs that read them.

    Args:
        codes: one a distinct point, from 0.
        count: K, one more than the largest code that is meant.
        readings: one an output neuron.
        margin: the smallest margin of the samples in the rule's own measure; None for equal.
    """

    codes: tuple[int, ...]
    count: int
    readings: tuple[Reading, ...]
    margin: Number | None

    @property
    def bits(self) -> int:
        """c, the bits of a stored code, at least one. Raises: never."""
        return max(1, (self.count - 1).bit_length())


def coding(task: Task) -> Coding:
    """Return the codes of a task under its rule.

    Cost: linear in the number of points.

    Raises:
        BuildError: the rule is argmax and there is one class.
        UsageError: the rule is within, with a tolerance of 0 or less.
    """
    if task.rule == "within":
        return _within(task)
    if task.rule == "sign":
        # With one class that class is -1, and code 0 is the only one.
        return Coding(tuple(int(label > 0) for label in task.labels), task.class_count, ((2, -1),), 1)
    codes = tuple(int(label) for label in task.labels)
    if task.rule == "argmax":
        if task.class_count == 1:
            raise BuildError(
                "the rule argmax compares two outputs, but the data have one class; use the rule equal"
            )
        readings = tuple((2 * k, -k * k) for k in range(task.class_count))
        return Coding(codes, task.class_count, readings, 1)
    return Coding(codes, task.class_count, ((1, 0),), None)


def _within(task: Task) -> Coding:
    q = Fraction(task.tolerance or 0)
    if q <= 0:
        raise UsageError(f"the rule within needs a tolerance above 0, got {shown(task.tolerance)}")
    low, high = min(task.labels), max(task.labels)
    # A label on the border of two pieces is within q of both middles; the last piece is closed.
    count = max(1, -((low - high) // (2 * q)))
    codes = tuple(min(count - 1, int((label - low) // (2 * q))) for label in task.labels)
    middles = (low + q + 2 * q * code for code in codes)
    errors = [abs(middle - label) for middle, label in zip(middles, task.labels, strict=True)]
    slack = q - max(errors)
    offset, step = low + q, 2 * q
    reading = (exact(step.numerator, step.denominator), exact(offset.numerator, offset.denominator))
    return Coding(codes, count, (reading,), exact(slack.numerator, slack.denominator))
