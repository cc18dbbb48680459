"""The rule on a batch of rows in each of several semantics: what floats make of it.

UNTRUSTED. The sequential semantics compute; `any order` holds or fails only where every order does, by a
proved bound, and else may differ. A judge is made once and can be sent to other processes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.exact.outputs import chosen
from memcert.kernel.certificate import Number
from memcert.semantics.every_order import FAILS, HOLDS, AnyOrderJudge, Evaluate
from memcert.semantics.precision import PRECISIONS, Array, Precision, confirm_arithmetic
from memcert.semantics.program import Program
from memcert.semantics.rows import rounded
from memcert.semantics.rules import Rule, holding
from memcert.semantics.sequential import Sequential

ANY = "any-order"
NAMES = ("float32", "float64", "any-order", "any-order-float64")
"""Semantics beside the exact one; `any-order` is of float32."""
ROOM = 1 << 22
"""Numbers that are held at once."""


class Judged(NamedTuple):
    """What each semantics makes of consecutive rows.

    Args:
        start: the first row.
        states: HOLDS, FAILS or UNSURE, a byte a row; one line a semantics.
        first_stage: for each semantics, how many rows were unsure before the second stage of any order.
    """

    start: int
    states: Array
    first_stage: tuple[int, ...]


class Judge:
    """Judges batches of rows in each semantics, wherever it is sent.

    Args:
        program: of the model.
        evaluate: the exact outputs of the same model, lowered; used where bounds alone do not decide.
        rule: what is asked of the rows.
        names: of NAMES.
    """

    def __init__(self, program: Program, evaluate: Evaluate, rule: Rule, names: Sequence[str]) -> None:
        """Round the constants, once for each semantics."""
        self.names, self.stored = tuple(names), program.stored
        self.batch = max(1, ROOM // max(sum(sorted(program.sizes)[-6:]), 1))
        """Rows that are held at once; a batch that is larger is taken in parts."""
        self._judges = [_judge(name, program, evaluate, rule) for name in names]

    def __call__(self, rows: Dataset, labels: Sequence[Number], start: int) -> Judged:
        """Judge rows that start at `start`.

        Args:
            rows: of the data set that `evaluate` was made for.
            labels: what the rule compares, one a row.
            start: the number of the first row.

        Cost: of a sequential semantics one pass over the rows for each inner index of a product; of any
        order six matrix products a layer, and for each row that they leave unsure a pass back.

        Raises:
            UnsupportedError: this process's arithmetic is not that of IEEE 754.
            LimitReached: an exact value grows too long.
        """
        confirm_arithmetic()
        states = np.empty((len(self.names), rows.size), dtype=np.int8)
        first = [0] * len(self.names)
        for at in range(0, rows.size, self.batch):
            part = slice(at, at + self.batch)
            few = chosen(rows, part)
            for place, of in enumerate(self._judges):
                states[place, part], left = of(few, labels[part])
                first[place] += left
        return Judged(start, states, tuple(first))


def format_of(name: str) -> str:
    """Return the format of a semantics: float32 or float64. Raises: never."""
    return "float32" if name == ANY else name.removeprefix(f"{ANY}-")


RowsJudge = Callable[[Dataset, Sequence[Number]], tuple[list[int], int]]


class SequentialJudge:
    """Decides by what the sequential order computes.

    Args:
        program: of the model.
        rule: what is asked of the rows.
        precision: of every number and operation.
    """

    def __init__(self, program: Program, rule: Rule, precision: Precision) -> None:
        """Round the constants."""
        self.run, self.rule, self.precision = Sequential(program, precision), rule, precision

    def __call__(self, rows: Dataset, labels: Sequence[Number]) -> tuple[list[int], int]:
        """Return the states of rows, none of which is unsure. Raises: never."""
        outputs = self.run(rounded(rows, self.precision))
        return [HOLDS if held else FAILS for held in holding(self.rule, outputs, labels)], 0


def _judge(name: str, program: Program, evaluate: Evaluate, rule: Rule) -> RowsJudge:
    precision = PRECISIONS[format_of(name)]
    if name.startswith(ANY):
        return AnyOrderJudge(program, evaluate, rule, precision)
    return SequentialJudge(program, rule, precision)
