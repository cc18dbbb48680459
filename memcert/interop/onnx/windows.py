"""Windows that slide over the spatial dimensions: sizes, padding, and where each one looks.

UNTRUSTED. Source: the formulas in the definitions of Conv, AveragePool and MaxPool.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from memcert.interop.onnx.nodes import Node
from memcert.interop.tensors import elements

Places = np.ndarray[Any, np.dtype[np.int64]]
LATE_WINDOWS = 22
"""Since this version a window that would start in the padding at the end is left out."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Windows along one dimension.

    Args:
        size: of the dimension.
        before: padding in front.
        after: padding behind.
        places: for each window the positions that it looks at, of shape (windows, kernel); those below 0
            or from `size` on lie in the padding, or behind it.
    """

    size: int
    before: int
    after: int
    places: Places

    @property
    def inside(self) -> Any:
        """Which positions hold an element. Raises: never."""
        return (self.places >= 0) & (self.places < self.size)

    @property
    def padded(self) -> Any:
        """Which positions hold an element or padding. Raises: never."""
        return (self.places >= -self.before) & (self.places < self.size + self.after)


def axes_of(node: Node, sizes: Sequence[int], kernel: Sequence[int], *, pool: bool) -> list[Axis]:
    """Return the windows along each spatial dimension.

    Args:
        node: Conv or a pool.
        sizes: of the spatial dimensions.
        kernel: of the window.
        pool: whether ceil_mode counts.

    Raises:
        ModelError: an attribute is of another length, or not positive.
        UnsupportedError: a window starts in the padding at the end, in a version that does not say what then.
        UndecidedError: too many windows.
    """
    rank = len(sizes)
    strides, dilations = (node.integers(name) or [1] * rank for name in ("strides", "dilations"))
    pads = node.integers("pads") or [0] * (2 * rank)
    auto = node.text("auto_pad", "NOTSET")
    if {len(strides), len(dilations), len(kernel)} != {rank} or len(pads) != 2 * rank:
        node.wrong(f"expected {rank} numbers for each of kernel, strides and dilations, and {2 * rank} pads")
    if min(*strides, *dilations, *kernel, 1) < 1 or min(*pads, 0) < 0:
        node.wrong("expected a kernel, strides and dilations of at least 1, and pads of at least 0")
    if auto not in ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"):
        node.wrong(f"auto_pad {auto!r} is none of NOTSET, SAME_UPPER, SAME_LOWER, VALID")
    up = pool and node.integer("ceil_mode", 0) != 0
    made = []
    for i, size in enumerate(sizes):
        reach = (kernel[i] - 1) * dilations[i] + 1
        if pool and _disputed(auto, size, reach, strides[i], dilated=reach > kernel[i], up=up):
            node.refuse(
                f"auto_pad {auto} with these strides, dilations or ceil_mode: runtimes pad in several ways; "
                "export the model with pads"
            )
        before, after, count = _padding(auto, size, reach, strides[i], (pads[i], pads[rank + i]), up=up)
        while up and count > 1 and (count - 1) * strides[i] >= size + before:
            if node.version < LATE_WINDOWS:
                node.refuse(
                    "with ceil_mode a window starts in the padding at the end; export with opset 22 or more, "
                    "which leaves it out"
                )
            count -= 1
        if count < 1:
            node.wrong(f"a window of {reach} does not fit into {before + size + after}")
        elements((count, kernel[i]))
        starts = np.arange(count, dtype=np.int64)[:, np.newaxis] * strides[i] - before
        made.append(Axis(size, before, after, starts + np.arange(kernel[i], dtype=np.int64) * dilations[i]))
    return made


def _disputed(auto: str, size: int, reach: int, stride: int, *, dilated: bool, up: bool) -> bool:
    # Where the definitions of pools, their reference and runtimes do not agree: how VALID is rounded up, and
    # what SAME pads with dilations, or where strides jump over the last elements and it would be negative.
    if auto == "VALID":
        return up and (size - reach) % stride != 0
    return auto != "NOTSET" and (dilated or (-(-size // stride) - 1) * stride + reach < size)


def _padding(
    auto: str, size: int, reach: int, stride: int, pads: tuple[int, int], *, up: bool
) -> tuple[int, int, int]:
    # Padding in front and behind, and the number of windows.
    if auto in ("NOTSET", "VALID"):
        before, after = pads if auto == "NOTSET" else (0, 0)
        room = size + before + after - reach
        # VALID rounds down, with ceil_mode too.
        count = (-(-room // stride) if up and auto == "NOTSET" else room // stride) + 1
        return before, after, count
    count = -(-size // stride)
    needed = max((count - 1) * stride + reach - size, 0)
    less, more = needed // 2, needed - needed // 2
    return (less, more, count) if auto == "SAME_UPPER" else (more, less, count)


def flat_places(axes: Sequence[Axis]) -> tuple[Places, Any, Any]:
    """Return, for each window and each position in it, both in row-major order, the place looked at.

    Returns:
        Places in the flattened spatial dimensions, of shape (windows, kernel); which of them hold an
        element; and which hold an element or padding.

    Raises:
        UndecidedError: too many.
    """
    shape = (*(axis.places.shape[0] for axis in axes), *(axis.places.shape[1] for axis in axes))
    elements(shape)
    rank = len(axes)
    places = np.zeros(shape, dtype=np.int64)
    inside, padded = np.ones(shape, dtype=bool), np.ones(shape, dtype=bool)
    for i, axis in enumerate(axes):
        view = [1] * (2 * rank)
        view[i], view[rank + i] = axis.places.shape
        places = places * axis.size + axis.places.reshape(view)
        inside &= axis.inside.reshape(view)
        padded &= axis.padded.reshape(view)
    windows = prod(shape[:rank])
    return places.reshape(windows, -1), inside.reshape(windows, -1), padded.reshape(windows, -1)
