"""Operators that take values apart and put them together: Concat, Split, Slice, Gather, Pad.

UNTRUSTED. None of them may touch the first dimension of data, the batch.
"""

from collections.abc import Callable, Sequence

import numpy as np

from memcert.interop.onnx.nodes import Node
from memcert.interop.tensors import Array, Tensor, array, elements, lifted
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown


def concat(node: Node) -> Tensor:
    """Lower Concat. Raises: UnsupportedError, ModelError, UndecidedError."""
    parts = node.all()
    if not parts or "axis" not in node.attributes:
        node.wrong("expected an axis and at least one input")
    data = [part for part in parts if part.data]
    rank = len((data or parts)[0].shape)
    axis = node.axis(node.integer("axis", 0), rank)
    if any(map(node.batched, data)) and axis == 0:
        node.mixes("axis 0 is the batch")
    for part in parts:
        # Concat broadcasts nothing: a constant has a row for each sample.
        sizes = [part.at(k).shape[:1] for k in range(len(node.batches))]
        if any(map(node.batched, data)) and not part.data and sizes != [(size,) for size in node.batches]:
            node.mixes(f"a constant of shape {list(part.shape)} does not have the batch, the first dimension")
    values = [_forms(node.row(part, rank)) if data else part.values for part in parts]
    elements([sum(part.size for part in values)])
    try:
        return node.made(np.concatenate(values, axis=axis), *parts)
    except ValueError:
        shapes = [list(part.shape) for part in parts]
        node.wrong(f"shapes {shapes} do not fit")


def _forms(values: Array) -> Array:
    return array(map(lifted, values.ravel().tolist()), values.shape)


def split(node: Node) -> tuple[Tensor, ...]:
    """Lower Split. Raises: UnsupportedError, ModelError."""
    x = node.input(0)
    axis = node.axis(node.integer("axis", 0), len(x.shape))
    if node.batched(x) and axis == 0:
        node.mixes("axis 0 is the batch")
    count, size = node.integer("num_outputs", node.outputs), x.shape[axis]
    if count != node.outputs:
        node.wrong(f"num_outputs {count} is not the number of outputs, {node.outputs}")
    sizes = node.integers("split", 1)
    if sizes is None:
        part = -(-size // max(count, 1))
        if "num_outputs" not in node.attributes and part * count != size:
            node.wrong(f"{size} does not split into {count} equal parts")
        sizes = [max(0, min(part, size - k * part)) for k in range(count)]
    if sum(sizes) != size or any(n < 0 for n in sizes) or len(sizes) != node.outputs:
        node.wrong(f"{size} does not split into {sizes}")
    ends = np.cumsum(sizes).tolist()
    pieces = np.split(x.values, ends[:-1], axis=axis)
    return tuple(node.made(piece, x) for piece in pieces)


def slice_(node: Node) -> Tensor:
    """Lower Slice. Raises: UnsupportedError, ModelError."""
    x = node.input(0)
    rank = len(x.shape)
    if node.version < _BOUNDS_AS_INPUTS:
        starts, ends = node.integers("starts"), node.integers("ends")
        bounds = [(starts or [], ends or [])] * len(node.batches)
    else:
        bounds = list(zip(node.shapes(1), node.shapes(2), strict=True))
    count = len(bounds[0][0])
    axes, steps = node.integers("axes", 3), node.integers("steps", 4) or [1] * count
    axes = list(range(count)) if axes is None else [node.axis(axis, rank) for axis in axes]
    lengths = {count, len(axes), len(steps)} | {len(part) for pair in bounds for part in pair}
    if len(lengths) != 1 or len(set(axes)) != count or 0 in steps or count > rank:
        node.wrong("starts, ends, axes and steps do not fit each other")
    values = x.values
    for place, axis in enumerate(axes):
        kept = [
            _range(node.full(x, k)[axis], bounds[k][0][place], bounds[k][1][place], steps[place])
            for k in range(len(bounds))
        ]
        if node.batched(x) and axis == 0:
            if any(found != range(size) for found, size in zip(kept, node.batches, strict=True)):
                node.mixes("it cuts the batch, the first dimension")
        elif any(found != kept[0] for found in kept):
            node.mixes("its bounds depend on the size of the batch")
        else:
            values = np.take(values, list(kept[0]), axis=axis)
    return node.made(values, x)


_BOUNDS_AS_INPUTS = 10


def _range(size: int, start: int, end: int, step: int) -> range:
    # The definition's clamping, which for negative steps is not Python's.
    start, end = (n + size if n < 0 else n for n in (start, end))
    if step > 0:
        return range(min(max(start, 0), size), min(max(end, 0), size), step)
    return range(min(max(start, 0), size - 1), min(max(end, -1), size - 1), step)


def gather(node: Node) -> Tensor:
    """Lower Gather by constant indices. Raises: UnsupportedError, ModelError, UndecidedError."""
    x, indices = node.input(0), node.constant(1)
    rank = len(x.shape)
    axis = node.axis(node.integer("axis", 0), rank)
    if node.batched(x) and axis == 0:
        node.mixes("axis 0 is the batch")
    size = x.shape[axis]
    places = [int(n) for n in indices.values.ravel().tolist()]
    if any(not -size <= n < size for n in places):
        node.wrong(f"an index outside of {size} values")
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    elements(shape)
    taken = np.take(x.values, [n % size for n in places] if size else [], axis=axis)
    return node.made(taken.reshape(shape), x)


def array_feature_extractor(node: Node) -> Tensor:
    """Lower ArrayFeatureExtractor by constant indices: Gather along the last axis.

    Raises:
        UnsupportedError, ModelError, UndecidedError.
    """
    x, indices = node.input(0), node.constant(1)
    places = [int(n) for n in indices.values.ravel().tolist()]
    axis = len(x.shape) - 1
    if axis < 0 or any(not 0 <= n < x.shape[axis] for n in places):
        node.wrong(f"an index outside of the last dimension of {list(x.shape)}")
    if node.batched(x) and axis == 0:
        node.mixes("axis 0 is the batch")
    shape = (*x.shape[:axis], len(places)) if axis else (1, len(places))
    elements(shape)
    return node.made(np.take(x.values, places, axis=axis).reshape(shape), x)


def pad(node: Node) -> Tensor:
    """Lower Pad, with a constant or with values. Raises: UnsupportedError, ModelError, UndecidedError."""
    x = node.input(0)
    rank = len(x.shape)
    mode = node.text("mode", "constant")
    if mode != "constant" and (mode not in _PLACES or (mode == "wrap" and node.version < _WRAPS)):
        node.refuse(
            f"mode {shown(mode)}: expected one of constant, {', '.join(_PLACES)} (wrap: from opset 19)"
        )
    pads, axes = node.integers("pads", 1), node.integers("axes", 3)
    axes = list(range(rank)) if axes is None else [node.axis(axis, rank) for axis in axes]
    if pads is None or len(pads) != 2 * len(axes) or len(set(axes)) != len(axes):
        node.wrong(f"expected {2 * len(axes)} pads, got {pads}")
    values = array(map(lifted, x.values.ravel().tolist()), x.shape) if x.data else x.values
    fill = lifted(_fill(node)) if x.data else _fill(node)
    for place, axis in enumerate(axes):
        before, after = pads[place], pads[len(axes) + place]
        if node.batched(x) and axis == 0 and (before or after):
            node.mixes("it pads the batch, the first dimension")
        values = _padded(node, values, axis, (before, after), mode=mode, fill=fill)
    return node.made(values, x)


_WRAPS = 19
_PLACES: dict[str, Callable[[int, int], int]] = {
    "edge": lambda i, n: min(max(i, 0), n - 1),
    "reflect": lambda i, n: -i if i < 0 else 2 * (n - 1) - i if i >= n else i,
    "wrap": lambda i, n: i % n,
}
"""Modes that pad with values: which of n stands at a place outside of them."""


def _fill(node: Node) -> Number:
    if node.optional(2) is None:
        return node.number("value", 0)
    values: Sequence[Number] = node.constant(2).values.ravel().tolist()
    if len(values) != 1:
        node.wrong(f"expected one value to pad with, got {len(values)}")
    return values[0]


def _padded(node: Node, values: Array, axis: int, pads: tuple[int, int], *, mode: str, fill: object) -> Array:
    before, after = pads
    size = values.shape[axis]
    if max(-before, 0) + max(-after, 0) > size:
        node.wrong(f"pads {list(pads)} cut more than {size} values")
    kept = np.take(values, range(max(-before, 0), size - max(-after, 0)), axis=axis)
    shape = list(values.shape)
    shape[axis] = size + before + after
    elements(shape)
    if mode == "constant":
        blocks = [_block(shape, axis, max(count, 0), fill) for count in pads]
        return np.concatenate([blocks[0], kept, blocks[1]], axis=axis)
    return _repeated(node, kept, axis, [max(count, 0) for count in pads], mode)


def _repeated(node: Node, kept: Array, axis: int, counts: Sequence[int], mode: str) -> Array:
    left = kept.shape[axis]
    if any(counts) and (not left or (mode == "reflect" and max(counts) >= left)):
        node.wrong(f"mode {mode}: {max(counts)} values in front or behind do not come from {left}")
    places = range(-counts[0], left + counts[1])
    return np.take(kept, [_PLACES[mode](i, left) for i in places], axis=axis)


def _block(shape: Sequence[int], axis: int, count: int, fill: object) -> Array:
    sizes = [count if place == axis else n for place, n in enumerate(shape)]
    return array([fill] * elements(sizes), sizes)
