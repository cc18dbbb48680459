"""What floats make of an ONNX graph, node by node, in correctly rounded arithmetic: in one order, or in any.

Each node goes through the exact evaluator with expressions for numbers; what they add, multiply and divide
is then rounded, in the order in which it stands or in a random one: random trees of additions, products
fused with them, quotients by reciprocals, folded normalizations, and sums joined with the nodes that they
are added to. Shares nothing with the code under test.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
from correct_rounding import Format
from onnx_evaluator import FLOATS, Array, Step, Value, evaluate_node, exact, fill, onnx

JOINED = ("Add", "Sub", "Sum", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Identity")
LEAF, SUM, PRODUCT, QUOTIENT = range(4)


@dataclass(frozen=True, eq=False)
class Real:
    """A float, or a sum, product or quotient that is not rounded yet."""

    kind: int
    parts: tuple[Any, ...]

    @property
    def value(self) -> Fraction:
        """Of a float."""
        assert self.kind == LEAF
        found: Fraction = self.parts[0]
        return found

    def __add__(self, other: Any) -> Any:
        other = real(other)
        pair = [x for x in (self, other) if not (x.kind == LEAF and x.value == 0)] or [self]
        if len(pair) == 1:
            return pair[0]
        parts = [part for x in pair for part in (x.parts if x.kind == SUM else (x,))]
        return Real(SUM, tuple(parts))

    def __radd__(self, other: Any) -> Any:
        return real(other) + self

    def __neg__(self) -> Any:
        if self.kind == LEAF:
            return leaf(-self.value)
        if self.kind == SUM:
            return Real(SUM, tuple(-part for part in self.parts))
        return Real(self.kind, (-self.parts[0], self.parts[1]))

    def __sub__(self, other: Any) -> Any:
        return self + -real(other)

    def __rsub__(self, other: Any) -> Any:
        return real(other) + -self

    def __mul__(self, other: Any) -> Any:
        other = real(other)
        return self if other.kind == LEAF and other.value == 1 else Real(PRODUCT, (self, other))

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> Any:
        other = real(other)
        return self if other.value == 1 else Real(QUOTIENT, (self, other))

    def __abs__(self) -> Any:
        return leaf(abs(self.value))

    def __lt__(self, other: Any) -> bool:
        return self.value < real(other).value

    def __gt__(self, other: Any) -> bool:
        return self.value > real(other).value

    def __le__(self, other: Any) -> bool:
        return self.value <= real(other).value

    def __ge__(self, other: Any) -> bool:
        return self.value >= real(other).value


def leaf(x: Any) -> Real:
    """Return a float."""
    return Real(LEAF, (Fraction(x),))


def real(x: Any) -> Real:
    """Return an expression as it is, a number as a float."""
    return x if isinstance(x, Real) else leaf(x)


@dataclass(frozen=True)
class Simulator:
    """Evaluates graphs in a format: in the order in which they stand, or with `chance` in a random one."""

    form: Format
    chance: Random | None

    def coin(self, share: float = 0.5) -> bool:
        """Return a random choice; without chance, no."""
        return self.chance is not None and self.chance.random() < share

    def rounded(self, one: Real) -> Fraction:
        """Return an expression's float."""
        near = self.form.near
        if one.kind == LEAF:
            return one.value
        if one.kind == PRODUCT:
            a, b = one.parts
            if a.kind == SUM and len(a.parts) > 1 and self.coin():
                # A factor that is applied to blocks of a sum, each on its own.
                cut = self.chance.randrange(1, len(a.parts)) if self.chance else 1
                halves = (a.parts[:cut], a.parts[cut:])
                return near(sum((self.rounded(Real(SUM, half) * b) for half in halves), Fraction(0)))
            return near(self.rounded(a) * self.rounded(b))
        if one.kind == QUOTIENT:
            a, b = self.rounded(one.parts[0]), one.parts[1].value
            return near(a * near(1 / b)) if self.coin() else near(a / b)
        return self._sum(one.parts) if self.chance is None else self._tree(one.parts, self.chance)

    def _sum(self, parts: Sequence[Real]) -> Fraction:
        total = self.rounded(parts[0])
        for part in parts[1:]:
            total = self.form.near(total + self.rounded(part))
        return total

    def _tree(self, parts: Sequence[Real], chance: Random) -> Fraction:
        waiting = list(parts)
        sums: list[Fraction] = []
        chance.shuffle(waiting)
        while waiting or len(sums) > 1:
            if waiting and (not sums or chance.random() < 0.6):
                part = waiting.pop()
                if sums and part.kind == PRODUCT and chance.random() < 0.5:
                    # Fused: the product is not rounded before it is added.
                    a, b = (self.rounded(factor) for factor in part.parts)
                    place = chance.randrange(len(sums))
                    sums[place] = self.form.near(sums[place] + a * b)
                else:
                    sums.append(self.rounded(part))
            elif len(sums) > 1:
                a, b = (sums.pop(chance.randrange(len(sums))) for _ in range(2))
                sums.append(self.form.near(a + b))
        return sums[0]

    def realised(self, array: Array) -> Array:
        """Return expressions as floats."""
        return fill([leaf(self.rounded(real(x))) for x in array.ravel().tolist()], array.shape)

    def run(self, proto: Any, point: Sequence[Any], shape: Sequence[int]) -> list[Fraction]:
        """Return the outputs at one point, which is rounded first."""
        row = fill([leaf(self.form.near(Fraction(x))) for x in point], (1, *shape))
        values = {"x": Value(row, 1)}
        opset = next(entry.version for entry in proto.opset_import if entry.domain == "")
        for tensor in proto.graph.initializer:
            values[tensor.name] = exact(onnx.numpy_helper.to_array(tensor))
        nodes = _needed(proto)
        readers = Counter(name for node in nodes for name in node.input)
        readers[proto.graph.output[0].name] += 2
        consumers = {name: node.op_type for node in nodes for name in node.input}
        for node in nodes:
            step = Step(node, [values[name] if name else None for name in node.input], opset)
            for name, made in zip(node.output, self._node(step), strict=False):
                array = made.array
                if _holds_reals(array):
                    stays = readers[name] == 1 and consumers.get(name) in JOINED and self.coin()
                    array = array if stays else self.realised(array)
                values[name] = Value(array, made.kind)
        return [real(x).value for x in values[proto.graph.output[0].name].array.ravel().tolist()]

    def _node(self, step: Step) -> list[Value]:
        if not any(value is not None and _holds_reals(value.array) for value in step.given):
            return evaluate_node(step)
        given = [self._given(step, value) for value in step.given]
        step = Step(step.proto, given, step.opset)
        if step.proto.op_type == "BatchNormalization":
            return [Value(self._normalized(step), 1)]
        if step.proto.op_type == "HardSigmoid":
            line = step.array(0) * leaf(step.number("alpha", 0.2)) + leaf(step.number("beta", 0.5))
            inner = self.realised(line)
            flat = [min(max(x, leaf(0)), leaf(1)) for x in inner.ravel().tolist()]
            return [Value(fill(flat, inner.shape), 1)]
        # A constant that wins a comparison is a value of the data like any other.
        return [
            Value(fill([real(x) for x in v.array.ravel().tolist()], v.array.shape), v.kind)
            if v.kind in FLOATS
            else v
            for v in evaluate_node(step)
        ]

    def _given(self, step: Step, value: Value | None) -> Value | None:
        if value is None or value.kind not in FLOATS:
            return value
        shape = (
            np.broadcast_shapes(*(v.array.shape for v in step.given if v is not None))
            if (step.proto.op_type in ("Add", "Sub", "Sum"))
            else value.array.shape
        )
        array = fill([real(x) for x in value.array.ravel().tolist()], value.array.shape)
        # A sum that is repeated is computed once.
        return Value(array if array.size == math.prod(shape) else self.realised(array), value.kind)

    def _normalized(self, step: Step) -> Array:
        x, near = step.array(0), self.form.near
        made = np.empty(x.shape, dtype=object)
        for c in range(x.shape[1]):
            scale, bias, mean, var = (step.array(k)[c].value for k in range(1, 5))
            square = near(var + step.number("epsilon", 1e-5))
            root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
            assert root * root == square
            if not self.coin():
                made[:, c] = (x[:, c] - mean) / root * scale + bias
                continue
            factor = near(scale * near(1 / root)) if self.coin() else near(scale / root)
            shift = near(bias - (mean * factor if self.coin() else near(mean * factor)))
            made[:, c] = x[:, c] * factor + shift
        return made


def _needed(proto: Any) -> list[Any]:
    """Return the nodes that the output depends on, in order."""
    names, kept = {proto.graph.output[0].name}, []
    for node in reversed(proto.graph.node):
        if names & set(node.output):
            kept.append(node)
            names |= set(node.input)
    return kept[::-1]


def _holds_reals(array: Array) -> bool:
    return any(isinstance(x, Real) for x in array.ravel().tolist())
