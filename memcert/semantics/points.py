"""A program at one point, with exact numbers in and out.

UNTRUSTED. Numbers come back from their bit patterns, so that no library can change them on the way.
"""

from collections.abc import Sequence

import numpy as np

from memcert.errors import UnsupportedError
from memcert.interop.bits import decoded
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown
from memcert.semantics.precision import PRECISIONS, Array, Precision, confirm_arithmetic
from memcert.semantics.program import Program
from memcert.semantics.sequential import Sequential


class PointRunner:
    """Evaluates a program in memcert's sequential order, one point at a time.

    Args:
        program: of a model.
        kind: `float32` or `float64`.
    """

    def __init__(self, program: Program, kind: str) -> None:
        """Round the constants. Raises: UnsupportedError, another type or arithmetic that is not IEEE 754."""
        if kind not in PRECISIONS:
            raise UnsupportedError(f"{shown(kind)}: expected one of {', '.join(PRECISIONS)}")
        confirm_arithmetic()
        self._precision: Precision = PRECISIONS[kind]
        self._run = Sequential(program, self._precision)

    def rounded(self, numbers: Sequence[Number]) -> list[Number | None]:
        """Return the nearest floats; None: beyond the largest. Raises: never."""
        return self._exact(self._precision.rounded(numbers))

    def outputs(self, point: Sequence[Number]) -> list[Number | None]:
        """Return the outputs at a point; None: infinite, or no number. Raises: never."""
        return self._exact(self._run(self._precision.rounded(point)[np.newaxis])[0])

    def _exact(self, values: Array) -> list[Number | None]:
        patterns = np.ascontiguousarray(values).view(self._precision.word)
        return [decoded(pattern, self._precision.layout) for pattern in patterns.tolist()]
