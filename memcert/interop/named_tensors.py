"""Weights by name, as state dicts and safetensors files hold them: decoded from their bytes when asked for.

UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.errors import UnsupportedError
from memcert.interop.bits import BRAIN, DOUBLE, HALF, SINGLE, Layout
from memcert.interop.refusals import ModelError
from memcert.interop.stored_tensors import finite_numbers
from memcert.interop.tensors import elements
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

LAYOUTS: Mapping[str, Layout] = {"float64": DOUBLE, "float32": SINGLE, "float16": HALF, "bfloat16": BRAIN}
"""The element types that are read, by their usual names."""


@dataclass(frozen=True, slots=True)
class NamedTensor:
    """A strided view of stored bytes, of which nothing is decoded yet.

    Args:
        kind: the element type's usual name.
        shape: its dimensions, row-major.
        data: the storage.
        offset: of the first element, in elements.
        strides: steps along each dimension, in elements; None: the elements follow each other.
        order: `<` or `>`, the bytes' order.
    """

    kind: str
    shape: tuple[int, ...]
    data: bytes
    offset: int = 0
    strides: tuple[int, ...] | None = None
    order: str = "<"

    def numbers(self, name: str) -> list[Number]:
        """Return the elements in row-major order, exactly.

        Args:
            name: what messages call the tensor.

        Raises:
            UnsupportedError: the elements are no binary floats.
            ModelError: an element is NaN or infinite, or lies outside of the storage.
            UndecidedError: too many elements.
        """
        layout = LAYOUTS.get(self.kind)
        if layout is None:
            raise UnsupportedError(
                f"tensor {shown(name)}: expected elements of {', '.join(LAYOUTS)}, got {shown(self.kind)}"
            )
        elements(self.shape)
        return finite_numbers(self._patterns(name, layout).ravel().tolist(), layout, name)

    def _patterns(self, name: str, layout: Layout) -> Any:
        size = (1 + layout.exponent + layout.significand) // 8
        strides = self.strides if self.strides is not None else _contiguous(self.shape)
        held = len(self.data) // size
        reach = self.offset + sum((n - 1) * step for n, step in zip(self.shape, strides, strict=True))
        fits = self.offset >= 0 and all(step >= 0 for step in strides) and reach < held
        if len(self.data) % size or (0 not in self.shape and not fits):
            raise ModelError(
                f"tensor {shown(name)}: expected shape {list(self.shape)}, strides {list(strides)} and "
                f"offset {self.offset} inside of its storage, got {len(self.data)} bytes of {size} each"
            )
        if 0 in self.shape:
            return np.empty(self.shape, dtype=np.uint64)
        flat = np.frombuffer(self.data, dtype=f"{self.order}u{size}")[self.offset :]
        steps = tuple(step * size for step in strides)
        return np.lib.stride_tricks.as_strided(flat, self.shape, steps, writeable=False)


def _contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))
