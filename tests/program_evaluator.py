"""A program of float operations, computed exactly instead: what it would be if nothing were rounded."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import mul, neg, truediv

from memcert.interop.onnx.constant_operators import rational_root
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
    Slope,
    sources,
)

Row = list[Fraction]


def exact_outputs(program: Program, point: Sequence[Fraction]) -> Row:
    """Return the exact outputs; of a normalization the root must be rational, or the scale 0."""
    values: list[Row] = []
    for instruction in program.instructions:
        values.append(_made(instruction, [values[s] for s in sources(instruction)], point))
    return values[program.output]


def _made(one: Instruction, given: list[Row], point: Sequence[Fraction]) -> Row:
    if isinstance(one, Constant):
        return [Fraction(x) for x in one.numbers]
    if not given:
        return list(point)
    if isinstance(one, Gather):
        side = [x for row in given for x in row]
        return [side[k] for k in one.places.tolist()]
    if isinstance(one, Dot):
        return _dot(one, given[0])
    if isinstance(one, Fold):
        skip = [False] * len(given[0]) if one.left_out is None else one.left_out.tolist()
        kept = [Fraction(0) if s else x for x, s in zip(given[0], skip, strict=True)]
        return [sum(kept[k : k + one.width], Fraction(0)) for k in range(0, len(kept), one.width)]
    return [_number(one, *xs) for xs in zip(*given, strict=True)]


def _dot(one: Dot, x: Row) -> Row:
    made = []
    for start in range(0, len(x), len(one.weights)):
        block = x[start : start + len(one.weights)]
        for j in range(len(one.weights[0])):
            total = sum((a * row[j] for a, row in zip(block, one.weights, strict=True)), Fraction(0))
            made.append(one.alpha * total + (one.beta * one.bias[j] if one.bias is not None else 0))
    return made


def _number(one: Instruction, *xs: Fraction) -> Fraction:
    if isinstance(one, Normalize):
        x, scale, bias, mean, v, e = xs
        root = rational_root(v + e)
        assert scale == 0 or root is not None
        return (x - mean) / Fraction(root or 1) * scale + bias
    if isinstance(one, Add | Larger):
        choose = max if one.sign > 0 else min
        return xs[0] + one.sign * xs[1] if isinstance(one, Add) else choose(xs)
    return NUMBERS[type(one)](*xs)


NUMBERS: dict[type, Callable[..., Fraction]] = {
    Multiply: mul,
    Divide: truediv,
    Absolute: abs,
    Negate: neg,
    Slope: lambda x, slope: x if x >= 0 else x * slope,
}
