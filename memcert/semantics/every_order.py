"""The rule on rows in every order of summation: held or failed for sure, by a proved bound, or unsure.

UNTRUSTED.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.exact.outputs import Outputs, chosen
from memcert.kernel.certificate import Number
from memcert.semantics.any_order import AnyOrder
from memcert.semantics.bounds import U64, UP, Bound
from memcert.semantics.precision import Array, Precision
from memcert.semantics.program import Program
from memcert.semantics.rows import enclosed
from memcert.semantics.rules import Rule, margins
from memcert.semantics.second_stage import all_finite, target_errors

HOLDS, FAILS, UNSURE = 1, -1, 0
Evaluate = Callable[[Dataset], Outputs]
"""Exact outputs of rows: an `Evaluator`, which can be sent to other processes."""


class AnyOrderJudge:
    """Decides by bounds: of all rows at once in floats, then of each that is left, with exact outputs.

    Args:
        program: of the model.
        evaluate: the exact outputs of the same model, lowered.
        rule: what is asked of the rows.
        precision: of every number and operation.
    """

    def __init__(self, program: Program, evaluate: Evaluate, rule: Rule, precision: Precision) -> None:
        """Round the constants."""
        self.engine = AnyOrder(program, precision)
        self.exact, self.rule, self.precision = evaluate, rule, precision

    def __call__(self, rows: Dataset, labels: Sequence[Number]) -> tuple[list[int], int]:
        """Return the states of rows, and how many the first stage left unsure. Raises: LimitReached."""
        inputs = enclosed(rows, self.precision)
        bound, overflows, _ = self.engine.run(inputs)
        shape = (rows.size, bound.center.shape[1])
        bound = Bound(*(np.broadcast_to(part, shape) for part in bound))
        states = _quick(self.rule, bound, labels)
        states[overflows] = UNSURE
        unsure = np.flatnonzero(states == UNSURE).tolist()
        if not unsure:
            return states.tolist(), 0
        outputs, left = self.exact(chosen(rows, unsure)), 0
        for place, row in enumerate(unsure):
            exact = [Fraction(column[place]) * outputs.unit for column in outputs.columns]
            state = UNSURE
            if not overflows[row]:
                state = self._state(exact, labels[row], [_fraction(e) for e in bound.error[row].tolist()])
            if state == UNSURE:
                left += 1
                state = self._second(Bound(*(part[row : row + 1] for part in inputs)), exact, labels[row])
            states[row] = state
        return states.tolist(), left

    def _state(self, exact: list[Fraction], label: Number, errors: list[Fraction | None]) -> int:
        verdicts = []
        for form, margin in margins(self.rule, exact, label):
            known = [abs(c) * error for c, error in zip(form, errors, strict=True) if c and error is not None]
            whole = len(known) == sum(c != 0 for c in form)
            verdicts.append(_verdict(self.rule, margin, sum(known, Fraction(0)) if whole else None))
        return _all(verdicts)

    def _second(self, row: Bound, exact: list[Fraction], label: Number) -> int:
        _, overflows, kept = self.engine.run(row, keep=True)
        if overflows[0] or not all_finite(kept):
            return UNSURE
        forms = list(margins(self.rule, exact, label))
        targets = np.array([form for form, _ in forms], dtype=np.float64)
        errors = target_errors(self.engine, kept, targets).tolist()
        pairs = zip(forms, errors, strict=True)
        return _all([_verdict(self.rule, margin, _fraction(error)) for (_, margin), error in pairs])


def _quick(rule: Rule, bound: Bound, labels: Sequence[Number]) -> Array:
    """Return the states that the enclosures of the exact outputs decide alone; of others, UNSURE."""
    states = np.full(len(labels), UNSURE)
    if not rule.strict:
        return states
    reach = (bound.radius + bound.error) * UP
    if rule.name == "sign":
        gap = bound.center * np.array([int(label) for label in labels])[:, np.newaxis]
        doubt, own = reach, np.zeros_like(gap, dtype=bool)
    else:
        own = np.arange(reach.shape[1]) == np.array([int(label) for label in labels])[:, np.newaxis]
        gap = bound.center[own][:, np.newaxis] - bound.center
        doubt = (reach[own][:, np.newaxis] + reach) * UP + np.abs(gap) * 2 * U64
    states[(own | (gap > doubt)).all(axis=1)] = HOLDS
    states[(~own & (-gap > doubt)).any(axis=1)] = FAILS
    return states


def _fraction(error: float) -> Fraction | None:
    return Fraction(error) if np.isfinite(error) else None


def _verdict(rule: Rule, margin: Fraction, error: Fraction | None) -> int:
    # An error moves a margin by at most itself; only `argmax` and `sign` need more than 0.
    if error is None:
        return UNSURE
    if margin > error or (not rule.strict and margin >= error):
        return HOLDS
    return FAILS if -margin > error or (rule.strict and -margin >= error) else UNSURE


def _all(verdicts: Sequence[int]) -> int:
    if FAILS in verdicts:
        return FAILS
    return UNSURE if UNSURE in verdicts else HOLDS
