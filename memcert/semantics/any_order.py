"""What floats may make of a value in any order of summation, fused or not: a rigorous bound.

UNTRUSTED; tests put random orders through correctly rounded arithmetic. With p digits, u = 2^-p, eta half
the smallest positive number: a sum of n products that count and a bias passes k = n + [b] roundings at
most, g = k u / (1 - k u), and

    |computed - exact| <= sum |w| e + g S + n eta (1 + g),   S = sum |w| (|x| + e) + |b|.

Exact values are enclosed by a float64 evaluation with the same bound for p = 53. The bounds themselves
are evaluated in float64, every step enlarged by more than it may have lost. The proofs are in
docs/semantics.md.
"""

from collections.abc import Callable, Sequence

import numpy as np

from memcert.kernel.certificate import Number
from memcert.semantics.bounds import Bound, Digits, Kept, Terms, as_terms, digits_of
from memcert.semantics.elementwise import (
    absolute,
    divide,
    larger,
    multiply,
    negate,
    normalize,
    root,
    slope,
)
from memcert.semantics.precision import FLOAT64, Array, Precision
from memcert.semantics.program import (
    Absolute,
    Add,
    Constant,
    Divide,
    Dot,
    Fold,
    Gather,
    Instruction,
    Larger,
    Multiply,
    Negate,
    Normalize,
    Program,
    Root,
    Slope,
    sources,
)
from memcert.semantics.sequential import gathered
from memcert.semantics.stored import Weights, nearby, weights_of
from memcert.semantics.sums import add, dot, fold


class AnyOrder:
    """Bounds a program's floats in one precision, rows by rows.

    Args:
        program: whatever it computes.
        precision: of all numbers and operations.
    """

    def __init__(self, program: Program, precision: Precision) -> None:
        """Round constants and weights, and bound how far that moves them."""
        self.program, self.precision = program.bare(), precision
        self.digits = digits_of(precision)
        self.constants: dict[int, Bound] = {}
        self.weights: dict[int, tuple[Weights, Weights]] = {}
        for place, instruction in enumerate(program.instructions):
            if isinstance(instruction, Constant):
                self.constants[place] = self._constant(instruction.numbers)
            elif isinstance(instruction, Dot):
                exact = weights_of(instruction, FLOAT64)
                own = exact if precision is FLOAT64 else weights_of(instruction, precision)
                self.weights[place] = (exact, own)

    def _constant(self, numbers: Sequence[Number]) -> Bound:
        center, radius = nearby(numbers, FLOAT64)
        _, error = nearby(numbers, self.precision)
        return Bound(center[np.newaxis], radius[np.newaxis], error[np.newaxis])

    def run(self, rows: Bound, *, keep: bool = False) -> tuple[Bound, Array, list[Kept | None]]:
        """Bound the outputs of rows.

        Args:
            rows: the data.
            keep: whether every instruction's bounds are returned.

        Returns:
            Bounds of the outputs; which rows may overflow, so that nothing is said of them; what was kept.

        Cost: six matrix products a layer.

        Raises:
            never.
        """
        program, readers = self.program, self.program.readers()
        left = list(readers)
        values: list[Kept | None] = [None] * len(program.instructions)
        overflows = np.zeros(len(rows.center), dtype=bool)
        final = rows
        with np.errstate(all="ignore"):
            for place, instruction in enumerate(program.instructions):
                if not left[place]:
                    continue
                made = self._made(place, instruction, values, rows)
                # A sum may be joined with the one value that reads it, and with no other.
                values[place] = made if readers[place] == 1 else made._replace(terms=None)
                finite = made.bound.reach <= self.digits.largest
                overflows |= ~finite.all(axis=1)
                final = made.bound if place == program.output else final
                for source in () if keep else sources(instruction):
                    left[source] -= 1
                    if not left[source]:
                        values[source] = None
        return final, overflows, values

    def _made(self, place: int, instruction: Instruction, values: list[Kept | None], rows: Bound) -> Kept:
        if place == 0:
            return Kept(rows, rows.error)
        if isinstance(instruction, Constant):
            bound = self.constants[place]
            return Kept(bound, bound.error)
        parts = [values[source] for source in sources(instruction)]
        if isinstance(instruction, Dot):
            return dot(self.digits, instruction, self.weights[place], parts[0])  # type: ignore[arg-type]  # it was made
        return BOUNDED[type(instruction)](self.digits, instruction, *parts)


def _gather(_: Digits, one: Gather, *parts: Kept) -> Kept:
    columns = [[part.bound[k] for part in parts] for k in range(3)]
    bound = Bound(*(gathered(one.places, column) for column in columns))
    terms: Terms | None = None
    single = len(np.unique(one.places)) == len(one.places)
    if single and any(part.terms is not None for part in parts):
        # What is moved and not repeated is still the same sum.
        each = [as_terms(part) for part in parts]
        terms = Terms(*(gathered(one.places, [own[k] for own in each]) for k in range(3)))
    return Kept(bound, terms=terms)


BOUNDED: dict[type, Callable[..., Kept]] = {
    Gather: _gather,
    Fold: fold,
    Add: add,
    Multiply: multiply,
    Divide: divide,
    Larger: larger,
    Absolute: absolute,
    Negate: negate,
    Normalize: normalize,
    Slope: slope,
    Root: root,
}
"""What each instruction does to bounds."""
