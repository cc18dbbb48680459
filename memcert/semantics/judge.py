"""The rule on every row in each of several semantics: what floats make of it, beside what is exactly true.

UNTRUSTED. The sequential semantics compute; `any order` holds or fails only where every order does, by a
proved bound, and else may differ. An infinity counts as it compares; what is no number fails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from memcert.exact.outputs import chosen
from memcert.formats.dataset import Dataset
from memcert.kernel.certificate import Number
from memcert.kernel.network import Network
from memcert.semantics.every_order import FAILS, HOLDS, AnyOrderJudge
from memcert.semantics.precision import PRECISIONS, Array, confirm_arithmetic
from memcert.semantics.program import Program
from memcert.semantics.rows import rounded
from memcert.semantics.sequential import Sequential
from memcert.verification.verdicts import Question

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
        return AnyOrderJudge(program, network, question, precision)
    sequential = Sequential(program, precision)

    def judged(rows: Dataset, labels: Sequence[Number]) -> tuple[list[int], int]:
        outputs = sequential(rounded(rows, precision))
        return [HOLDS if held else FAILS for held in _holds(question, outputs, labels)], 0

    return judged


def _holds(question: Question, outputs: Array, labels: Sequence[Number]) -> list[bool]:
    # Comparisons with what is no number are false, as they should be.
    if question.rule == "argmax":
        own = np.arange(outputs.shape[1]) == np.array([int(label) for label in labels])[:, np.newaxis]
        first = outputs[own][:, np.newaxis]
        return list((own | (first > outputs)).all(axis=1).tolist())
    values = outputs[:, 0].tolist()
    if question.rule == "sign":
        return [value > 0 if label > 0 else value < 0 for value, label in zip(values, labels, strict=True)]
    most = Fraction(question.tolerance or 0)
    return [
        bool(np.isfinite(value)) and abs(Fraction(value) - label) <= most
        for value, label in zip(values, labels, strict=True)
    ]
