"""Operators that are evaluated on constants alone: comparisons, logic, roundings, roots, powers.

UNTRUSTED. What is not a rational number is refused.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from math import ceil, floor, isqrt
from typing import Any

from memcert.interop.onnx.arithmetic import wrapped
from memcert.interop.onnx.nodes import Node
from memcert.interop.stored_tensors import BOOL, FLOATS
from memcert.interop.tensors import Tensor
from memcert.kernel.certificate import Number

MAX_POWER = 64
"""Largest exponent."""
Act = Callable[..., Any]


def _constants(node: Node) -> list[Tensor]:
    return [node.constant(place) for place in range(len(node.inputs))]


def evaluated(act: Act, node: Node) -> Tensor:
    """Return `act` on constants, of the first one's type. Raises: UnsupportedError, ModelError."""
    return wrapped(node, node.broadcast(_constants(node), act))


def told(act: Act, node: Node) -> Tensor:
    """Return `act` on the elements of constants, as truth values. Raises: UnsupportedError, ModelError."""
    found = node.broadcast(_constants(node), lambda *xs: int(act(*xs)))
    return Tensor(found.values, False, BOOL)


def square_root(node: Node) -> Tensor:
    """Return square roots of constants that are rational. Raises: UnsupportedError, ModelError."""

    def act(x: Number) -> Number:
        root = rational_root(x)
        if root is None:
            node.refuse(f"the root of {x} is not a rational number")
        return root

    return evaluated(act, node)


def rational_root(x: Number) -> Number | None:
    """Return the square root of a number, or None where it is not rational. Raises: never."""
    if x < 0:
        return None
    top, bottom = isqrt(x.numerator), isqrt(x.denominator)
    if top * top != x.numerator or bottom * bottom != x.denominator:
        return None
    return top if bottom == 1 else Fraction(top, bottom)


def power(node: Node) -> Tensor:
    """Return constants to whole powers. Raises: UnsupportedError, ModelError."""

    def act(x: Number, y: Number) -> Number:
        if (
            y.denominator != 1
            or not -MAX_POWER <= y <= MAX_POWER
            or (y < 0 and node.input(0).kind not in FLOATS)
        ):
            node.refuse(f"the power {y}: expected a whole one up to {MAX_POWER}")
        if y < 0 and x == 0:
            node.wrong("zero to a negative power")
        found = Fraction(x) ** int(y)
        return found.numerator if found.denominator == 1 else found

    return evaluated(act, node)


def modulo(node: Node) -> Tensor:
    """Return remainders of constants, with the divisor's sign, or with fmod the dividend's.

    Raises:
        UnsupportedError, ModelError.
    """
    like_c = node.integer("fmod", 0)

    def act(x: Number, y: Number) -> Number:
        if y == 0:
            node.wrong("the divisor holds a zero")
        rest = Fraction(x) % Fraction(y)
        # The divisor's sign becomes the dividend's.
        return rest - Fraction(y) if like_c and rest and (rest > 0) != (x > 0) else rest

    return evaluated(act, node)


def reciprocal(node: Node) -> Tensor:
    """Return 1 / x of constants. Raises: UnsupportedError, ModelError."""

    def act(x: Number) -> Number:
        if x == 0:
            node.wrong("the reciprocal of zero")
        return 1 / Fraction(x)

    return evaluated(act, node)


ACTS: Mapping[str, Callable[[Node], Tensor]] = {
    "And": partial(told, lambda x, y: x and y),
    "Ceil": partial(evaluated, ceil),
    "Equal": partial(told, lambda x, y: x == y),
    "Floor": partial(evaluated, floor),
    "Greater": partial(told, lambda x, y: x > y),
    "GreaterOrEqual": partial(told, lambda x, y: x >= y),
    "Less": partial(told, lambda x, y: x < y),
    "LessOrEqual": partial(told, lambda x, y: x <= y),
    "Mod": modulo,
    "Not": partial(told, lambda x: not x),
    "Or": partial(told, lambda x, y: x or y),
    "Pow": power,
    "Reciprocal": reciprocal,
    "Round": partial(evaluated, round),
    "Sign": partial(evaluated, lambda x: (x > 0) - (x < 0)),
    "Sqrt": square_root,
    "Xor": partial(told, lambda x, y: bool(x) != bool(y)),
}
"""By operator; each refuses what depends on the model's input."""
