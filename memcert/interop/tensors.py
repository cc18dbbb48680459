"""Tensors of exact numbers, or of forms where they depend on the input.

UNTRUSTED.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import lcm, prod
from typing import Any

import numpy as np

from memcert.errors import UndecidedError
from memcert.interop.forms import Form, bounded, constant_form
from memcert.kernel.certificate import Number

Array = np.ndarray[Any, Any]
MAX_ELEMENTS = 1 << 22
"""Most elements of one tensor."""


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """Exact values in row-major order.

    Args:
        values: objects, of the tensor's shape: numbers if it is constant, else forms.
        data: whether it depends on the input; the first dimension is the batch then, and 1, unless the file
            fixes a batch of one: then a dimension is like any other.
        kind: the element type, as ONNX numbers them.
        other: of a constant that speaks of the size of the batch, which the file leaves open, its
            values for a batch of two; `values` are those for a batch of one. None: they are the same.
        mark: what was dropped on the way to it, see `last_nodes`; None: nothing.
    """

    values: Array
    data: bool
    kind: int
    other: Array | None = None
    mark: Any = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions. Raises: never."""
        return tuple(int(n) for n in self.values.shape)

    def at(self, k: int) -> "Tensor":
        """Return a constant as it is for the first or second size of the batch. Raises: never."""
        return self if k == 0 or self.other is None else Tensor(self.other, False, self.kind)

    def forms(self) -> list[Form]:
        """Return every element as a form. Raises: never."""
        return [lifted(x) for x in self.values.ravel().tolist()]


def lifted(value: "Form | Number") -> Form:
    """Return a number as a constant form, a form as it is. Raises: never."""
    return value if isinstance(value, Form) else constant_form(value)


def array(values: Iterable[object], shape: Sequence[int]) -> Array:
    """Return objects as an array. Raises: UndecidedError, ValueError (their number is another)."""
    elements(shape)
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made.reshape(tuple(shape))


def elements(shape: Sequence[int]) -> int:
    """Return how many elements a shape has. Raises: UndecidedError, beyond MAX_ELEMENTS."""
    count = prod(shape)
    if prod(max(n, 1) for n in shape) > MAX_ELEMENTS:  # numpy counts the others beside a 0 too
        raise UndecidedError(f"a tensor of shape {list(shape)} has more than {MAX_ELEMENTS:,} elements")
    return count


def integers(values: Array) -> tuple[Array, int]:
    """Return numbers as integers over one denominator. Raises: UndecidedError, where that is too long."""
    flat = values.ravel().tolist()
    bottom = lcm(*{x.denominator for x in flat})
    bounded(bottom)
    return array((x.numerator * (bottom // x.denominator) for x in flat), values.shape), bottom
