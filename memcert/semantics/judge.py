"""The rule on every row in each of several semantics: what floats make of it, beside what is exactly true.

UNTRUSTED. The sequential semantics compute; `any order` holds or fails only where every order does, by a
proved bound, and else may differ. An infinity counts as it compares; what is no number fails.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.exact.outputs import Evaluator, chosen
from memcert.formats.dataset import Dataset
from memcert.kernel.certificate import Number
from memcert.kernel.network import Network
from memcert.semantics.any_order import AnyOrder
from memcert.semantics.bounds import Bound
from memcert.semantics.precision import PRECISIONS, Array, Precision, confirm_arithmetic
from memcert.semantics.program import Program
from memcert.semantics.rows import enclosed, rounded
from memcert.semantics.second_stage import pattern_is_sure, target_errors
from memcert.semantics.sequential import Sequential
from memcert.verification.verdicts import Question

HOLDS, FAILS, UNSURE = 1, -1, 0
ANY = "any-order"
NAMES = ("float32", "float64", "any-order", "any-order-float64")
"""Semantics beside the exact one; `any-order` is of float32."""
ROOM = 1 << 22
"""Numbers that are held at once."""


@dataclass(slots=True)
class Told:
    """What one semantics makes of the rows.

    Args:
        name: of the semantics.
        states: HOLDS, FAILS or UNSURE, one a row.
        first_stage: of `any order`, how many rows were unsure before the second stage.
    """

    name: str
    states: list[int] = field(default_factory=list)
    first_stage: int = 0

    def rows(self, state: int) -> list[int]:
        """Return the rows of a state. Raises: never."""
        return [row for row, found in enumerate(self.states) if found == state]


def judge(
    program: Program,
    network: Network,
    question: Question,
    names: Sequence[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Told]:
    """Judge every row in each semantics.

    Args:
        program: of the model's graph.
        network: what the exact verdicts are about: the same model, lowered.
        question: rows, rule and labels.
        names: of NAMES.
        progress: told how many rows are judged.

    Cost: of a sequential semantics one pass over the rows for each inner index of a product; of any order six
    matrix products a layer, and for each row that they leave unsure a pass back.

    Raises:
        UnsupportedError: this process's arithmetic is not that of IEEE 754.
        LimitReached: an exact value grows too long.
    """
    confirm_arithmetic()
    told = [Told(name) for name in names]
    judges = [_judge(name, program, network, question) for name in names]
    size, chunk = question.dataset.size, max(1, ROOM // max(sum(sorted(program.sizes)[-6:]), 1))
    for start in range(0, size, chunk):
        rows = chosen(question.dataset, slice(start, start + chunk))
        labels = question.labels[start : start + chunk]
        for one, of in zip(told, judges, strict=True):
            states, first = of(rows, labels)
            one.states += states
            one.first_stage += first
        if progress is not None:
            progress("rows in floats", min(start + chunk, size), size)
    return told


Judge = Callable[[Dataset, Sequence[Number]], tuple[list[int], int]]


def _judge(name: str, program: Program, network: Network, question: Question) -> Judge:
    precision = PRECISIONS[name.removeprefix(f"{ANY}-") if name != ANY else "float32"]
    if name.startswith(ANY):
        return _AnyOrderJudge(program, network, question, precision)
    sequential = Sequential(program, precision)

    def judged(rows: Dataset, labels: Sequence[Number]) -> tuple[list[int], int]:
        outputs = sequential(rounded(rows, precision))
        return [
            HOLDS if _holds(question, row, y) else FAILS for row, y in zip(outputs, labels, strict=True)
        ], 0

    return judged


def _holds(question: Question, outputs: Array, label: Number) -> bool:
    if question.rule == "argmax":
        others = np.delete(outputs, int(label))
        return bool((outputs[int(label)] > others).all())
    value = outputs[0]
    if question.rule == "sign":
        return bool(value > 0) if label > 0 else bool(value < 0)
    if not np.isfinite(value):
        return False
    return abs(Fraction(float(value)) - label) <= Fraction(question.tolerance or 0)


class _AnyOrderJudge:
    """Decides by bounds: first of all rows at once, then of each that is left, with exact outputs."""

    def __init__(self, program: Program, network: Network, question: Question, precision: Precision) -> None:
        self.engine = AnyOrder(program, precision)
        self.question, self.precision = question, precision
        self.exact = Evaluator(network, question.dataset)

    def __call__(self, rows: Dataset, labels: Sequence[Number]) -> tuple[list[int], int]:
        inputs = enclosed(rows, self.precision)
        bound, overflows, _ = self.engine.run(inputs)
        shape = (rows.size, bound.center.shape[1])
        errors = np.broadcast_to(bound.error, shape)
        outputs = self.exact(rows)
        states, left = [], 0
        for row, label in enumerate(labels):
            exact = [Fraction(column[row]) * outputs.unit for column in outputs.columns]
            state = UNSURE
            if not overflows[row]:
                state = self._state(exact, label, [_fraction(e) for e in errors[row].tolist()])
            if state == UNSURE:
                left += 1
                state = self._second(Bound(*(part[row : row + 1] for part in inputs)), exact, label)
            states.append(state)
        return states, left

    def _state(self, exact: list[Fraction], label: Number, errors: list[Fraction | None]) -> int:
        verdicts = []
        for form, margin in _margins(self.question, exact, label):
            known = [abs(c) * error for c, error in zip(form, errors, strict=True) if c and error is not None]
            whole = len(known) == sum(c != 0 for c in form)
            verdicts.append(_verdict(self.question, margin, sum(known, Fraction(0)) if whole else None))
        return _all(verdicts)

    def _second(self, row: Bound, exact: list[Fraction], label: Number) -> int:
        _, overflows, kept = self.engine.run(row, keep=True)
        if overflows[0] or not pattern_is_sure(kept):
            return UNSURE
        forms = list(_margins(self.question, exact, label))
        targets = np.array([form for form, _ in forms], dtype=np.float64)
        errors = target_errors(self.engine, kept, targets).tolist()
        pairs = zip(forms, errors, strict=True)
        return _all([_verdict(self.question, margin, _fraction(error)) for (_, margin), error in pairs])


def _fraction(error: float) -> Fraction | None:
    return Fraction(error) if np.isfinite(error) else None


def _margins(
    question: Question, exact: list[Fraction], label: Number
) -> Iterator[tuple[list[int], Fraction]]:
    """Yield forms of the outputs whose values decide the rule, with their exact margins."""
    if question.rule == "argmax":
        own = int(label)
        for other in range(len(exact)):
            if other != own:
                form = [0] * len(exact)
                form[own], form[other] = 1, -1
                yield form, exact[own] - exact[other]
    elif question.rule == "sign":
        yield [1], exact[0] * int(label)
    else:
        yield [1], Fraction(question.tolerance or 0) - abs(exact[0] - label)


def _verdict(question: Question, margin: Fraction, error: Fraction | None) -> int:
    # An error moves a margin by at most itself; only `argmax` and `sign` need more than 0.
    if error is None:
        return UNSURE
    strict = question.rule in ("argmax", "sign")
    if margin > error or (not strict and margin >= error):
        return HOLDS
    return FAILS if -margin > error or (strict and -margin >= error) else UNSURE


def _all(verdicts: Sequence[int]) -> int:
    if FAILS in verdicts:
        return FAILS
    return UNSURE if UNSURE in verdicts else HOLDS


def sequential_outputs(
    program: Program, point: Sequence[Number], precision: Precision
) -> list[Number | None]:
    """Return what memcert's sequential order gives at one point; None: infinite, or no number.

    Args:
        program: any.
        point: as many numbers as it takes; they are rounded first.
        precision: of every number and operation.

    Raises:
        UnsupportedError: this process's arithmetic is not that of IEEE 754.
    """
    confirm_arithmetic()
    outputs: Any = Sequential(program, precision)(precision.rounded(point)[np.newaxis])[0]
    return [_number(float(x)) for x in outputs.tolist()]


def _number(value: float) -> Number | None:
    if not np.isfinite(value):
        return None
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact
