"""An exact evaluator of ONNX graphs, node by node, in Fractions: the oracle of the lowering.

It shares nothing with the code under test: windows are cut out of padded arrays, products are sums
written out, attributes have their defaults here, and any number of samples is computed at once.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
Array = np.ndarray[Any, Any]
FLOATS = (1, 10, 11, 16)
MISSING = object()


class Value(NamedTuple):
    """Fractions in an object array, and the element type as ONNX numbers it."""

    array: Array
    kind: int


class Step(NamedTuple):
    """A node with the values it reads; None: an input is left out."""

    proto: Any
    given: list[Value | None]
    opset: int

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute as onnx gives it."""
        for attribute in self.proto.attribute:
            if attribute.name == name:
                found = onnx.helper.get_attribute_value(attribute)
                return found.decode() if isinstance(found, bytes) else found
        return default

    def number(self, name: str, default: float) -> Fraction:
        """Return a float attribute, exactly the float32."""
        return Fraction(float(np.float32(self.attribute(name, default))))

    def array(self, place: int) -> Array:
        """Return an input's Fractions."""
        found = self.given[place]
        assert found is not None
        return found.array

    def whole(self, name: str, place: int) -> list[int] | None:
        """Return integers from the attribute of old opsets or the input of new ones."""
        found = self.attribute(name)
        if found is not None:
            return [int(n) for n in found]
        if place < len(self.given) and self.given[place] is not None:
            return [int(n) for n in self.array(place).ravel()]
        return None


def exact(values: Any) -> Value:
    """Return a stored numpy array as Fractions."""
    kind = onnx.helper.np_dtype_to_tensor_dtype(values.dtype)
    flat = [Fraction(float(x)) if values.dtype.kind == "f" else Fraction(int(x)) for x in values.ravel()]
    return Value(fill(flat, values.shape), kind)


def fill(flat: Sequence[Any], shape: Sequence[int]) -> Array:
    """Return objects in an array of that shape."""
    made = np.empty(len(flat), dtype=object)
    made[:] = list(flat)
    return made.reshape(tuple(shape))


def evaluate(proto: Any, points: Sequence[Sequence[Any]], shape: Sequence[int]) -> list[list[Fraction]]:
    """Return the first output at every point, row by row; all points are one batch."""
    flat = [Fraction(x) for point in points for x in point]
    values = {"x": Value(fill(flat, (len(points), *shape)), 1)}
    opset = next(entry.version for entry in proto.opset_import if entry.domain == "")
    for tensor in proto.graph.initializer:
        values[tensor.name] = exact(onnx.numpy_helper.to_array(tensor))
    for node in proto.graph.node:
        given = [values[name] if name else None for name in node.input]
        made = evaluate_node(Step(node, given, opset))
        values.update(zip(node.output, made, strict=False))
    result = values[proto.graph.output[0].name].array
    return [np.asarray(row, dtype=object).ravel().tolist() for row in result]


def evaluate_node(step: Step) -> list[Value]:
    """Return the outputs of a node."""
    operator = step.proto.op_type
    if operator in _SEVERAL:
        return _SEVERAL[operator](step)
    if operator in _KINDS:
        return [_KINDS[operator](step)]
    first = next(value for value in step.given if value is not None)
    kind = step.given[1].kind if operator == "Where" and step.given[1] else first.kind
    return [Value(np.asarray(_ARRAYS[operator](step)), kind)]


def each(act: Callable[..., Any]) -> Callable[[Step], Array]:
    """Return an operator that works element by element, broadcast as numpy does."""

    def run(step: Step) -> Array:
        arrays = np.broadcast_arrays(*(value.array for value in step.given if value is not None))
        flat = [act(step, *xs) for xs in zip(*(a.ravel().tolist() for a in arrays), strict=True)]
        return fill(flat, arrays[0].shape)

    return run


def _quotient(step: Step, x: Fraction, y: Fraction) -> Fraction:
    assert step.given[0] is not None
    return x / y if step.given[0].kind in FLOATS else Fraction(math.trunc(x / y))


def _clip(step: Step) -> Array:
    low = high = None
    if step.opset < 11:
        low = step.number("min", 0) if step.attribute("min") is not None else None
        high = step.number("max", 0) if step.attribute("max") is not None else None
    else:
        bounds = [*step.given, None, None]
        low, high = (None if b is None else b.array.ravel()[0] for b in bounds[1:3])
    made = step.array(0)
    if low is not None:
        made = fill([max(x, low) for x in made.ravel()], made.shape)
    if high is not None:
        made = fill([min(x, high) for x in made.ravel()], made.shape)
    return made


def _matmul(a: Array, b: Array) -> Array:
    """Multiply with the definition: sums over the inner index, stacks broadcast."""
    x = a[np.newaxis, :] if a.ndim == 1 else a
    y = b[:, np.newaxis] if b.ndim == 1 else b
    stack = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = np.broadcast_to(x, (*stack, *x.shape[-2:])), np.broadcast_to(y, (*stack, *y.shape[-2:]))
    made = np.empty((*stack, x.shape[-2], y.shape[-1]), dtype=object)
    for place in np.ndindex(made.shape):
        *where, i, j = place
        row, column = x[(*where, i)], y[(*where, slice(None), j)]
        made[place] = sum((p * q for p, q in zip(row, column, strict=True)), Fraction(0))
    if a.ndim == 1:
        made = made[..., 0, :]
    return np.asarray(made[..., 0] if b.ndim == 1 else made)


def _gemm(step: Step) -> Array:
    a = step.array(0).T if step.attribute("transA", 0) else step.array(0)
    b = step.array(1).T if step.attribute("transB", 0) else step.array(1)
    made = step.number("alpha", 1.0) * _matmul(a, b)
    if len(step.given) > 2 and step.given[2] is not None:
        made = made + step.number("beta", 1.0) * step.array(2)
    return np.asarray(made)


def _pads(step: Step, sizes: Sequence[int], kernel: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the padding in front and behind, for all spatial dimensions."""
    rank = len(sizes)
    auto = step.attribute("auto_pad", "NOTSET")
    strides = step.attribute("strides") or [1] * rank
    dilations = step.attribute("dilations") or [1] * rank
    if auto == "NOTSET":
        pads = step.attribute("pads") or [0] * 2 * rank
        return list(pads[:rank]), list(pads[rank:])
    if auto == "VALID":
        return [0] * rank, [0] * rank
    front, behind = [], []
    for size, k, s, d in zip(sizes, kernel, strides, dilations, strict=True):
        total = max((math.ceil(size / s) - 1) * s + (k - 1) * d + 1 - size, 0)
        small, large = total // 2, total - total // 2
        front.append(small if auto == "SAME_UPPER" else large)
        behind.append(large if auto == "SAME_UPPER" else small)
    return front, behind


def _slid(step: Step, x: Array, kernel: Sequence[int], act: Callable[[Array, Array], Any]) -> Array:
    """Return act(window, known) over the windows of each channel; `known` is 1 inside, 0 in the padding.

    What lies behind the padding, which ceil_mode can look at, is None in the window.
    """
    rank = x.ndim - 2
    strides = step.attribute("strides") or [1] * rank
    dilations = step.attribute("dilations") or [1] * rank
    front, behind = _pads(step, x.shape[2:], kernel)
    extra = [k * d + s for k, d, s in zip(kernel, dilations, strides, strict=True)]
    shape = [f + n + b + e for f, n, b, e in zip(front, x.shape[2:], behind, extra, strict=True)]
    out = []
    for n, f, b, k, d, s in zip(x.shape[2:], front, behind, kernel, dilations, strides, strict=True):
        room = Fraction(n + f + b - (k - 1) * d - 1, s)
        ceil = step.attribute("ceil_mode", 0) and step.attribute("auto_pad", "NOTSET") == "NOTSET"
        count = (math.ceil(room) if ceil else math.floor(room)) + 1
        if ceil and (count - 1) * s >= n + f:
            count -= 1
        out.append(count)
    made = np.empty((*x.shape[:2], *out), dtype=object)
    for lane in itertools.product(*map(range, x.shape[:2])):
        canvas = np.full(shape, None, dtype=object)
        known = np.full(shape, None, dtype=object)
        padded = tuple(slice(0, f + n + b) for f, n, b in zip(front, x.shape[2:], behind, strict=True))
        inside = tuple(slice(f, f + n) for f, n in zip(front, x.shape[2:], strict=True))
        canvas[padded], known[padded] = Fraction(0), 0
        canvas[inside], known[inside] = x[lane], 1
        for place in np.ndindex(*out):
            cut = tuple(
                slice(p * s, p * s + k * d, d)
                for p, s, k, d in zip(place, strides, kernel, dilations, strict=True)
            )
            made[(*lane, *place)] = act(canvas[cut], known[cut])
    return made


def _weighted(weights: Array) -> Callable[[Array, Array], Any]:
    return lambda window, _: sum((window * weights).ravel(), Fraction(0))


def _conv(step: Step) -> Array:
    x, w = step.array(0), step.array(1)
    group = step.attribute("group", 1)
    per_in, per_out = w.shape[1], w.shape[0] // group
    planes = []
    for m in range(w.shape[0]):
        total: Any = Fraction(0)
        for c in range(per_in):
            channel = (m // per_out) * per_in + c
            total = total + _slid(step, x[:, channel : channel + 1], w.shape[2:], _weighted(w[m, c]))
        if len(step.given) > 2 and step.given[2] is not None:
            total = total + step.array(2)[m]
        planes.append(total)
    return np.concatenate(planes, axis=1)


def _average_pool(step: Step) -> Array:
    include = step.attribute("count_include_pad", 0)

    def act(window: Array, known: Array) -> Fraction:
        counted = [
            x for x, k in zip(window.ravel(), known.ravel(), strict=True) if k == 1 or (include and k == 0)
        ]
        return sum(counted, Fraction(0)) / len(counted)

    return _slid(step, step.array(0), step.attribute("kernel_shape"), act)


def _max_pool(step: Step) -> Array:
    def act(window: Array, known: Array) -> Any:
        return max(x for x, k in zip(window.ravel(), known.ravel(), strict=True) if k == 1)

    return _slid(step, step.array(0), step.attribute("kernel_shape"), act)


def _globally(act: Callable[[list[Any]], Any]) -> Callable[[Step], Array]:
    def run(step: Step) -> Array:
        x = step.array(0)
        flat = [act(x[n, c].ravel().tolist()) for n in range(x.shape[0]) for c in range(x.shape[1])]
        return fill(flat, (*x.shape[:2], *[1] * (x.ndim - 2)))

    return run


def _average(values: Sequence[Any]) -> Any:
    return sum(values, Fraction(0)) / len(values)


def _reduced(act: Callable[[list[Any]], Any]) -> Callable[[Step], Array]:
    def run(step: Step) -> Array:
        x = step.array(0)
        axes = step.whole("axes", 1)
        if not axes and step.attribute("noop_with_empty_axes", 0):
            return x
        chosen = {axis % x.ndim for axis in axes} if axes else set(range(x.ndim))
        shape = [1 if axis in chosen else n for axis, n in enumerate(x.shape)]
        flat = []
        for place in np.ndindex(*shape):
            cut = tuple(slice(None) if axis in chosen else slice(p, p + 1) for axis, p in enumerate(place))
            flat.append(act(x[cut].ravel().tolist()))
        made = fill(flat, shape)
        return (
            made
            if step.attribute("keepdims", 1)
            else made.reshape([n for axis, n in enumerate(shape) if axis not in chosen])
        )

    return run


def _batch_normalization(step: Step) -> Array:
    x = step.array(0)
    made = np.empty(x.shape, dtype=object)
    for c in range(x.shape[1]):
        scale, bias, mean, var = (step.array(k)[c] for k in range(1, 5))
        square = var + step.number("epsilon", 1e-5)
        root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
        assert scale == 0 or root * root == square
        made[:, c] = (x[:, c] - mean) / root * scale + bias if scale else bias
    return made


def _reshape(step: Step) -> Array:
    x, wanted = step.array(0), [int(n) for n in step.array(1).ravel()]
    shape = [x.shape[i] if n == 0 and not step.attribute("allowzero", 0) else n for i, n in enumerate(wanted)]
    return x.reshape(shape)


def _flatten(step: Step) -> Array:
    x, axis = step.array(0), step.attribute("axis", 1)
    axis = axis if axis >= 0 else axis + x.ndim
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _squeeze(step: Step) -> Array:
    axes = step.whole("axes", 1)
    return np.squeeze(step.array(0), axis=None if axes is None else tuple(axes))


def _unsqueeze(step: Step) -> Array:
    axes = step.whole("axes", 1)
    assert axes is not None
    return np.expand_dims(step.array(0), tuple(axes))


def _slice(step: Step) -> Array:
    x = step.array(0)
    starts, ends = step.whole("starts", 1) or [], step.whole("ends", 2) or []
    axes, steps = step.whole("axes", 3), step.whole("steps", 4)
    for k, bounds in enumerate(zip(starts, ends, strict=True)):
        axis, stride = (axes[k] if axes else k), (steps[k] if steps else 1)
        n = x.shape[axis]
        start, end = (bound + n if bound < 0 else bound for bound in bounds)
        places = []
        if stride > 0:
            place, last = min(max(start, 0), n), min(max(end, 0), n)
        else:
            place, last = min(max(start, 0), n - 1), min(max(end, -1), n - 1)
        while (place < last) if stride > 0 else (place > last):
            places.append(place)
            place += stride
        x = np.take(x, np.array(places, dtype=int), axis=axis)
    return x


def _gather(step: Step) -> Array:
    indices = np.array(step.array(1).tolist(), dtype=int)
    return np.take(step.array(0), indices, axis=step.attribute("axis", 0))


def _outside(mode: Any, rows: list[Any], before: int, after: int) -> tuple[list[Any], list[Any]]:
    """Return what stands in front of rows and behind them; None: the constant."""
    if mode == "reflect":
        mirrored = rows[::-1]
        return mirrored[len(rows) - 1 - before : len(rows) - 1], mirrored[1 : 1 + after]
    if mode == "wrap":
        return (rows * before)[len(rows) * before - before :], (rows * after)[:after]
    one = (rows[0], rows[-1]) if mode == "edge" else (None, None)
    return [one[0]] * before, [one[1]] * after


def _pad(step: Step) -> Array:
    x = step.array(0)
    pads, axes = step.whole("pads", 1), step.whole("axes", 3)
    assert pads is not None
    value: Any = step.number("value", 0.0)
    if len(step.given) > 2 and step.given[2] is not None:
        value = step.array(2).ravel()[0]
    chosen = list(range(x.ndim)) if axes is None else [axis % x.ndim for axis in axes]
    for k, axis in enumerate(chosen):
        before, after = pads[k], pads[len(chosen) + k]
        column = np.moveaxis(x, axis, 0)
        rows = [column[i] for i in range(max(-before, 0), len(column) - max(-after, 0))]
        front, behind = _outside(step.attribute("mode", "constant"), rows, max(before, 0), max(after, 0))
        blank = np.full(column.shape[1:], value, dtype=object)
        rows = [blank if r is None else r for r in front] + rows + [blank if r is None else r for r in behind]
        x = np.moveaxis(np.stack(rows), 0, axis)
    return x


def _split(step: Step) -> list[Value]:
    first = step.given[0]
    assert first is not None
    axis, count = step.attribute("axis", 0), len(step.proto.output)
    sizes, n = step.whole("split", 1), first.array.shape[axis]
    if sizes is None:
        part = math.ceil(n / step.attribute("num_outputs", count))
        sizes = [part] * (count - 1) + [n - part * (count - 1)]
    made, start = [], 0
    for size in sizes:
        made.append(Value(np.take(first.array, range(start, start + size), axis=axis), first.kind))
        start += size
    return made


def _shape(step: Step) -> Value:
    shape = step.array(0).shape
    cut = shape[slice(step.attribute("start", 0), step.attribute("end", None))]
    return Value(fill([Fraction(n) for n in cut], (len(cut),)), 7)


def _constant(step: Step) -> Value:
    for attribute in step.proto.attribute:
        found = onnx.helper.get_attribute_value(attribute)
        if attribute.name == "value":
            return exact(onnx.numpy_helper.to_array(found))
        return exact(np.array(found, dtype="f4" if "float" in attribute.name else "i8"))
    raise AssertionError("a Constant without value")


def _constant_of_shape(step: Step) -> Value:
    shape = [int(n) for n in step.array(0).ravel()]
    stored = step.attribute("value")
    one = (
        exact(onnx.numpy_helper.to_array(stored))
        if stored is not None
        else Value(fill([Fraction(0)], (1,)), 1)
    )
    return Value(fill([one.array.ravel()[0]] * math.prod(shape), shape), one.kind)


def _range(step: Step) -> Value:
    start, limit, delta = (step.array(k).ravel()[0] for k in range(3))
    made = []
    while (start < limit) if delta > 0 else (start > limit):
        made.append(start)
        start += delta
    first = step.given[0]
    assert first is not None
    return Value(fill(made, (len(made),)), first.kind)


def _cast(step: Step) -> Value:
    return Value(step.array(0), step.attribute("to"))


def _extreme(act: Callable[..., Any]) -> Callable[[Step], Array]:
    return each(lambda _, *xs: act(xs))


def _truth(act: Callable[..., bool]) -> Callable[[Step], Value]:
    return lambda step: Value(each(lambda _, *xs: Fraction(act(*xs)))(step), 9)


_ARRAYS: dict[str, Callable[[Step], Array]] = {
    "Abs": each(lambda _, x: abs(x)),
    "Add": each(lambda _, x, y: x + y),
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_normalization,
    "Clip": _clip,
    "Concat": lambda step: np.concatenate([v.array for v in step.given if v], axis=step.attribute("axis")),
    "Conv": _conv,
    "Div": each(_quotient),
    "Dropout": lambda step: step.array(0),
    "Expand": lambda step: (
        step.array(0) + np.full([int(n) for n in step.array(1)], Fraction(0), dtype=object)
    ),
    "Flatten": _flatten,
    "Gather": _gather,
    "Gemm": _gemm,
    "GlobalAveragePool": _globally(_average),
    "GlobalMaxPool": _globally(max),
    "HardSigmoid": each(
        lambda s, x: max(Fraction(0), min(Fraction(1), s.number("alpha", 0.2) * x + s.number("beta", 0.5)))
    ),
    "Identity": lambda step: step.array(0),
    "LeakyRelu": each(lambda s, x: x if x >= 0 else s.number("alpha", 0.01) * x),
    "MatMul": lambda step: _matmul(step.array(0), step.array(1)),
    "Max": _extreme(max),
    "MaxPool": _max_pool,
    "Mean": _extreme(_average),
    "Min": _extreme(min),
    "Mul": each(lambda _, x, y: x * y),
    "Neg": each(lambda _, x: -x),
    "PRelu": each(lambda _, x, slope: x if x >= 0 else slope * x),
    "Pad": _pad,
    "ReduceMax": _reduced(max),
    "ReduceMean": _reduced(_average),
    "ReduceMin": _reduced(min),
    "ReduceSum": _reduced(sum),
    "Relu": each(lambda _, x: max(x, Fraction(0))),
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Sub": each(lambda _, x, y: x - y),
    "Sum": _extreme(sum),
    "Tile": lambda step: np.tile(step.array(0), [int(n) for n in step.array(1)]),
    "Transpose": lambda step: np.transpose(step.array(0), step.attribute("perm")),
    "Unsqueeze": _unsqueeze,
    "Where": each(lambda _, c, x, y: x if c else y),
}
_KINDS: dict[str, Callable[[Step], Value]] = {
    "Cast": _cast,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Equal": _truth(lambda x, y: x == y),
    "Greater": _truth(lambda x, y: x > y),
    "Less": _truth(lambda x, y: x < y),
    "Range": _range,
    "Shape": _shape,
    "Size": lambda step: Value(fill([Fraction(step.array(0).size)], ()), 7),
}
_SEVERAL: dict[str, Callable[[Step], list[Value]]] = {"Split": _split}
