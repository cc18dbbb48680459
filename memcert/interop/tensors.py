"""Tensors of exact numbers, or of forms where they depend on the input.

UNTRUSTED.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from memcert.errors import UndecidedError
from memcert.interop.forms import Form, constant_form
from memcert.kernel.certificate import Number

Array = np.ndarray[Any, Any]
MAX_ELEMENTS = 1 << 22
"""Most elements of one tensor."""


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """Exact values in row-major order.

    Args:
        values: objects, of the tensor's shape: numbers if it is constant, else forms.
        data: whether it depends on the input; the first dimension is the batch then, and 1.
        kind: the element type, as ONNX numbers them.
    """

    values: Array
    data: bool
    kind: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions. Raises: never."""
        return tuple(int(n) for n in self.values.shape)

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


def paired(a: Array, b: Array, act: Callable[[Any, Any], object]) -> Array:
    """Return act on the elements of two arrays, broadcast. Raises: ValueError, UndecidedError."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    elements(shape)
    left, right = np.broadcast_to(a, shape).ravel(), np.broadcast_to(b, shape).ravel()
    return array((act(x, y) for x, y in zip(left.tolist(), right.tolist(), strict=True)), shape)


def mapped(a: Array, act: Callable[[Any], object]) -> Array:
    """Return act on every element. Raises: never of itself."""
    return array((act(x) for x in a.ravel().tolist()), a.shape)
