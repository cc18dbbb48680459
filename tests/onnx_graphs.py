"""Random ONNX graphs of every operator that is lowered, in the spelling of a random opset."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from onnx_evaluator import Array, Step, Value, evaluate_node, exact, fill
from onnx_models import model, node, stored

NEWEST = 28
MOST = 60
"""Most values of a tensor a sample, so that a graph takes milliseconds."""
WEIGHTS = st.integers(-8, 8).map(lambda k: k / 4) | st.sampled_from([1e-45, -3e38, 0.1, 1 / 3])


class Builder:
    """A graph that grows; each node is evaluated at two samples, so that the shapes are known."""

    def __init__(self, draw: st.DrawFn, shape: Sequence[int], opset: int) -> None:
        """Start with the input `x` of that shape behind the batch."""
        self.draw, self.opset = draw, opset
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        sample = [Fraction(k % 5 - 2, 2) for k in range(2 * math.prod(shape))]
        self.values: dict[str, Value] = {"x": Value(fill(sample, (2, *shape)), 1)}
        self.open = ["x"]

    def array(self, name: str) -> Array:
        """Return the value at the two samples."""
        return self.values[name].array

    def stored(self, values: Any, kind: str = "f4") -> str:
        """Add an initializer."""
        name = f"w{len(self.weights)}"
        array = np.asarray(values, dtype=kind)
        self.weights.append(stored(name, array, kind))
        self.values[name] = exact(array)
        return name

    def vector(self, *shape: int, zero: bool = True) -> Any:
        """Draw weights."""
        count = math.prod(shape)
        found = self.draw(st.lists(WEIGHTS, min_size=count, max_size=count))
        return np.array([x if zero or x else 1.0 for x in found], dtype="f4").reshape(shape)

    def add(self, operator: str, inputs: Sequence[str], **attributes: Any) -> list[str]:
        """Add a node, unless its result is too large or has no elements."""
        made = [f"v{len(self.nodes)}_{k}" for k in range(2 if operator == "Split" else 1)]
        proto = node(operator, inputs, made, **attributes)
        given = [self.values[name] if name else None for name in inputs]
        found = evaluate_node(Step(proto, given, self.opset))
        if any(not 0 < value.array.size <= 2 * MOST for value in found):
            return [next(name for name in inputs if name in self.open)]
        self.nodes.append(proto)
        self.values.update(zip(made, found, strict=True))
        return made

    def between(self, low: int, high: int) -> int:
        """Draw an integer."""
        return self.draw(st.integers(low, high))

    def axis(self, name: str) -> int:
        """Draw an axis behind the batch, from either end."""
        rank = self.array(name).ndim
        axis = self.between(1, rank - 1) if rank > 1 else 0
        return axis - rank if self.draw(st.booleans()) else axis

    def like(self, name: str) -> Any:
        """Draw constants that broadcast to a value: of its shape, or less."""
        shape = [1, *self.array(name).shape[1:]]
        cut = self.between(0, len(shape))
        shape = [n if self.draw(st.booleans()) else 1 for n in shape[cut:]]
        return self.vector(*shape, zero=False)


def _unary(operator: str, **attributes: Any) -> Callable[[Builder, str], list[str]]:
    return lambda b, x: b.add(operator, [x], **attributes)


def _sometimes(b: Builder, **attributes: Any) -> dict[str, Any]:
    return attributes if b.draw(st.booleans()) else {}


def _slopes(b: Builder, x: str) -> list[str]:
    return b.add("LeakyRelu", [x], **_sometimes(b, alpha=0.3))


def _p_relu(b: Builder, x: str) -> list[str]:
    return b.add("PRelu", [x, b.stored(b.like(x))])


def _hard_sigmoid(b: Builder, x: str) -> list[str]:
    return b.add("HardSigmoid", [x], **_sometimes(b, alpha=-0.7))


def _clip(b: Builder, x: str) -> list[str]:
    bounds = {name: float(b.vector(1)[0]) for name in ("min", "max") if b.draw(st.booleans())}
    if b.opset < 11:
        return b.add("Clip", [x], **bounds)
    return b.add("Clip", [x, *(b.stored(bounds[name]) if name in bounds else "" for name in ("min", "max"))])


def _binary(b: Builder, x: str) -> list[str]:
    shape = b.array(x).shape
    same = [y for y in b.open if b.array(y).shape == shape]
    operators = ["Add", "Sub"] + (["Max", "Min", "Sum", "Mean"] if b.opset >= 8 else [])
    return b.add(b.draw(st.sampled_from(operators)), [x, b.draw(st.sampled_from(same))])


def _constant(b: Builder, x: str) -> list[str]:
    operator = b.draw(
        st.sampled_from(["Add", "Sub", "Mul", "Div", *(["Max", "Min"] if b.opset >= 8 else [])])
    )
    pair = [x, b.stored(b.like(x))]
    if operator != "Div" and b.draw(st.booleans()):
        pair.reverse()
    return b.add(operator, pair)


def _where(b: Builder, x: str) -> list[str]:
    if b.opset < 9:
        return [x]
    flags, other = b.stored(b.like(x) > 0, "bool"), b.stored(b.like(x))
    return b.add("Where", [flags, x, other] if b.draw(st.booleans()) else [flags, other, x])


def _gemm(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim != 2:
        return _matmul(b, x)
    n, m = b.array(x).shape[1], b.between(1, 4)
    turned = b.between(0, 1)
    inputs = [x, b.stored(b.vector(*((m, n) if turned else (n, m))))]
    if b.opset < 11 or b.draw(st.booleans()):
        inputs.append(b.stored(b.vector(*b.draw(st.sampled_from([(), (1,), (m,), (1, m)])))))
    scales: Any = b.draw(st.sampled_from([{}, {"alpha": 0.1}, {"beta": 0.3}, {"alpha": -2.0, "beta": 0.5}]))
    return b.add("Gemm", inputs, transB=turned, **scales)


def _matmul(b: Builder, x: str) -> list[str]:
    shape, m = b.array(x).shape, b.between(1, 3)
    if len(shape) > 2 and b.draw(st.booleans()):
        return b.add("MatMul", [b.stored(b.vector(m, shape[-2])), x])
    if len(shape) < 2:
        return [x]
    return b.add("MatMul", [x, b.stored(b.vector(*b.draw(st.sampled_from([(shape[-1], m), (shape[-1],)]))))])


def _window(b: Builder, x: str, *, pool: bool) -> dict[str, Any]:
    sizes = b.array(x).shape[2:]
    kernel = [b.between(1, min(n, 3)) for n in sizes]
    made: dict[str, Any] = {"kernel_shape": kernel, "strides": [b.between(1, 2) for _ in sizes]}
    auto = b.draw(st.sampled_from(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if auto != "NOTSET":
        made["auto_pad"] = auto
        if pool:  # strides that jump over the last elements are read in different ways
            made["strides"] = [min(pair) for pair in zip(made["strides"], kernel, strict=True)]
    elif b.draw(st.booleans()):
        made["pads"] = [b.between(0, k - 1) for k in kernel * 2]
    fits = [(n - 1) // (k - 1) if k > 1 else 2 for n, k in zip(sizes, kernel, strict=True)]
    if not pool:
        made["dilations"] = [b.between(1, min(2, most)) for most in fits]
    elif b.opset >= 22 and auto == "NOTSET" and b.draw(st.booleans()):
        made["ceil_mode"] = 1
    return made


def _conv(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim not in (3, 4):
        return [x]
    made = _window(b, x, pool=False)
    group = b.between(1, 2) if b.array(x).shape[1] % 2 == 0 else 1
    outputs = group * b.between(1, 2)
    weights = b.stored(b.vector(outputs, b.array(x).shape[1] // group, *made["kernel_shape"]))
    bias = [b.stored(b.vector(outputs))] if b.draw(st.booleans()) else []
    return b.add("Conv", [x, weights, *bias], group=group, **made)


def _pool(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim not in (3, 4):
        return [x]
    operators = ["AveragePool", "MaxPool", "GlobalAveragePool", "GlobalMaxPool"]
    operator = b.draw(st.sampled_from(operators))
    if operator.startswith("Global"):
        return b.add(operator, [x])
    made = _window(b, x, pool=True)
    if operator == "AveragePool" and b.draw(st.booleans()):
        made["count_include_pad"] = 1
    return b.add(operator, [x], **made)


def _normalization(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim < 2:
        return [x]
    c = b.array(x).shape[1]
    roots = [b.draw(st.sampled_from([0.5, 1.5, 2.0])) ** 2 for _ in range(c)]
    parts = [b.vector(c), b.vector(c), b.vector(c), [v - 0.25 for v in roots]]
    return b.add("BatchNormalization", [x, *map(b.stored, parts)], epsilon=0.25)


def _flat(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim < 2 or b.draw(st.booleans()):
        return b.add("Flatten", [x])
    n = b.array(x).size // 2
    first = b.draw(st.sampled_from([k for k in range(1, n + 1) if n % k == 0]))
    return b.add(
        "Reshape", [x, b.stored(b.draw(st.sampled_from([[0, first, -1], [-1, n // first, first]])), "i8")]
    )


def _shaped_by_arithmetic(b: Builder, x: str) -> list[str]:
    """Reshape to [Shape(x)[0], -1], as exporters write a view of (size(0), -1)."""
    if b.opset < 13:
        return b.add("Flatten", [x])
    shape = b.add("Shape", [x])[0]
    first = b.add("Gather", [shape, b.stored(0, "i8")])[0]
    row = b.add("Unsqueeze", [first, b.stored([0], "i8")])[0]
    return b.add("Reshape", [x, b.add("Concat", [row, b.stored([-1], "i8")], axis=0)[0]])


def _axes(b: Builder, operator: str, x: str, axes: list[int], since: int = 13, **more: Any) -> list[str]:
    if b.opset < since:
        return b.add(operator, [x], axes=axes, **more)
    return b.add(operator, [x, b.stored(axes, "i8")], **more)


def _unsqueeze(b: Builder, x: str) -> list[str]:
    return _axes(b, "Unsqueeze", x, [b.between(1, b.array(x).ndim)]) if b.array(x).ndim < 4 else [x]


def _squeeze(b: Builder, x: str) -> list[str]:
    ones = [axis for axis, n in enumerate(b.array(x).shape) if n == 1 and axis]
    return _axes(b, "Squeeze", x, ones) if ones else [x]


def _transpose(b: Builder, x: str) -> list[str]:
    rank = b.array(x).ndim
    return b.add("Transpose", [x], perm=[0, *b.draw(st.permutations(range(1, rank)))])


def _reduce(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim < 2:
        return [x]
    operator = b.draw(st.sampled_from(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"]))
    axes = sorted({b.axis(x) % b.array(x).ndim for _ in range(2)})
    since = 13 if operator == "ReduceSum" else 18
    return _axes(b, operator, x, axes, since, keepdims=b.between(0, 1))


def _expand(b: Builder, x: str) -> list[str]:
    if b.opset < 8:
        return b.add("Tile", [x, b.stored([1] * b.array(x).ndim, "i8")])
    shape = [1, *(n if n > 1 else b.between(1, 2) for n in b.array(x).shape[1:])]
    return b.add("Expand", [x, b.stored(shape, "i8")])


def _tile(b: Builder, x: str) -> list[str]:
    return b.add("Tile", [x, b.stored([1, *(b.between(1, 2) for _ in b.array(x).shape[1:])], "i8")])


def _concat(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim < 2:
        return [x]
    axis = b.axis(x)
    shape = list(b.array(x).shape)
    shape[axis] = -1

    def fits(y: str) -> bool:
        other = list(b.array(y).shape)
        return (
            len(other) == len(shape)
            and [*other[: axis % len(shape)], -1, *other[axis % len(shape) + 1 :]] == shape
        )

    return b.add("Concat", [x, b.draw(st.sampled_from([y for y in b.open if fits(y)]))], axis=axis)


def _split(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim < 2:
        return [x]
    axis = b.axis(x)
    n = b.array(x).shape[axis]
    if n < 2:
        return [x]
    first = b.between(1, n - 1)
    if b.opset < 13:
        return b.add("Split", [x], axis=axis, split=[first, n - first])
    if b.opset >= 18 and b.draw(st.booleans()) and (n + 1) // 2 < n:
        return b.add("Split", [x], axis=axis, num_outputs=2)
    return b.add("Split", [x, b.stored([first, n - first], "i8")], axis=axis)


def _slice(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim < 2:
        return [x]
    axis = b.axis(x)
    if b.opset < 10:
        return b.add(
            "Slice", [x], starts=[b.between(-3, 1)], ends=[b.between(1, 9)], axes=[axis % b.array(x).ndim]
        )
    bounds = [[b.between(-5, 5)], [b.draw(st.sampled_from([-(2**62), -1, 1, 3, 2**62]))], [axis]]
    bounds.append([b.draw(st.sampled_from([1, 1, 2, -1, -2]))])
    return b.add("Slice", [x, *(b.stored(bound, "i8") for bound in bounds)])


def _gather(b: Builder, x: str) -> list[str]:
    if b.array(x).ndim < 2:
        return [x]
    axis = b.axis(x)
    n = b.array(x).shape[axis]
    low = -n if b.opset >= 11 else 0
    indices: Any = b.draw(st.lists(st.integers(low, n - 1), min_size=1, max_size=3))
    return b.add("Gather", [x, b.stored(indices[0] if len(indices) == 1 else indices, "i8")], axis=axis)


def _pad(b: Builder, x: str) -> list[str]:
    rank = b.array(x).ndim
    least = [max(-1, 1 - n) if n > 2 else 0 for n in b.array(x).shape]
    pads = [0 if axis == 0 else b.between(least[axis], 2) for axis in [*range(rank)] * 2]
    value = float(b.vector(1)[0])
    modes = ["constant", "constant", "edge", *(["wrap"] if b.opset >= 19 else [])]
    sizes = [n + min(before, 0) + min(after, 0) for n, before, after in _thirds(b.array(x).shape, pads)]
    if all(pad < n for n, pad in zip(sizes * 2, pads, strict=True) if pad > 0):
        modes.append("reflect")
    mode = b.draw(st.sampled_from(modes))
    if b.opset < 11:
        return b.add("Pad", [x], pads=pads, value=value, mode=mode)
    filled = [b.stored(value)] if b.draw(st.booleans()) else []
    return b.add("Pad", [x, b.stored(pads, "i8"), *filled], mode=mode)


def _thirds(shape: Sequence[int], pads: Sequence[int]) -> list[tuple[int, int, int]]:
    return list(zip(shape, pads[: len(shape)], pads[len(shape) :], strict=True))


OPERATORS: dict[str, Callable[[Builder, str], list[str]]] = {
    "relu": _unary("Relu"),
    "abs": _unary("Abs"),
    "neg": _unary("Neg"),
    "identity": _unary("Identity"),
    "dropout": _unary("Dropout"),
    "cast": _unary("Cast", to=11),
    "leaky": _slopes,
    "prelu": _p_relu,
    "hard sigmoid": _hard_sigmoid,
    "clip": _clip,
    "binary": _binary,
    "constant": _constant,
    "where": _where,
    "gemm": _gemm,
    "matmul": _matmul,
    "conv": _conv,
    "pool": _pool,
    "batchnorm": _normalization,
    "flat": _flat,
    "view": _shaped_by_arithmetic,
    "unsqueeze": _unsqueeze,
    "squeeze": _squeeze,
    "transpose": _transpose,
    "reduce": _reduce,
    "expand": _expand,
    "tile": _tile,
    "concat": _concat,
    "split": _split,
    "slice": _slice,
    "gather": _gather,
    "pad": _pad,
}


@st.composite
def graphs(draw: st.DrawFn, only: str | None = None) -> tuple[Any, tuple[int, ...]]:
    """Draw a branching graph and the shape of a sample; `only` names the operator to be seen."""
    shape = tuple(draw(st.sampled_from([(3,), (2, 3), (1, 4), (2, 4, 3), (1, 3, 3), (2, 5)])))
    opset = draw(st.integers(7, NEWEST))
    builder = Builder(draw, shape, opset)
    count = draw(st.integers(1, 6))
    for k in range(count):
        kind = only if only is not None and k == count - 1 else draw(st.sampled_from(sorted(OPERATORS)))
        x = draw(st.sampled_from(builder.open[-2:])) if kind == only else draw(st.sampled_from(builder.open))
        builder.open += [y for y in OPERATORS[kind](builder, x) if y not in builder.open]
    output = builder.open[-1]
    batch: Any = draw(st.sampled_from(["N", 2]))
    return model(
        builder.nodes or [node("Identity", ["x"], ["y"])],
        builder.weights,
        shape,
        output if builder.nodes else "y",
        opset=opset,
        batch=batch,
    ), shape
