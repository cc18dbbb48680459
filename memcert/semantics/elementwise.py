"""Bounds of what is computed number by number.

UNTRUSTED. `multiply` and `divide` have a constant on the right. A quotient may be a product with the
rounded reciprocal, and a normalization any arrangement of its formula: runtimes do both.
"""

import numpy as np

from memcert.semantics.bounds import (
    DOUBLES,
    TINIEST,
    U64,
    UP,
    Bound,
    Digits,
    Kept,
    apart,
    growth,
    known,
)
from memcert.semantics.precision import Array
from memcert.semantics.program import (
    Absolute,
    Add,
    Divide,
    Larger,
    Multiply,
    Negate,
    Normalize,
    Root,
    Slope,
)
from memcert.semantics.sums import add

ROUNDINGS = 12
"""More than any number meets in a normalization, in any arrangement."""


def _nothing(x: Bound, values: Array) -> Array:
    # 0 times or over anything finite is 0, and nothing is rounded.
    return np.asarray(np.where(x.reach > 0, values, 0.0))


def multiply(digits: Digits, _: Multiply, a: Kept, b: Kept) -> Kept:
    """Bound a product with a constant. Raises: never."""
    x, w = a.bound, b.bound
    center = x.center * w.center
    radius = (x.radius * w.size + x.size * w.radius + np.abs(center) * 2 * U64 + 4 * TINIEST) * UP
    rounding = x.reach * w.reach * digits.unit + digits.eta
    local = known(_nothing(x, (x.reach * w.error + rounding + 4 * TINIEST) * UP))
    error = known((x.error * w.size + local + _nothing(x, np.full(1, TINIEST))) * UP)
    return Kept(Bound(center, known(_nothing(x, radius)), error), local)


def least(w: Bound) -> Array:
    """Return at most |exact| and at most |computed|. Raises: never."""
    return np.asarray(np.maximum((np.abs(w.center) - w.radius - w.error) / UP, 0.0))


def divide(digits: Digits, _: Divide, a: Kept, b: Kept) -> Kept:
    """Bound a quotient by a constant, also where it is a product with the reciprocal. Raises: never."""
    # |1/w' - 1/w| <= |w' - w| / (|w| |w'|).
    x, w = a.bound, b.bound
    low = least(w)
    center = x.center / w.center
    exact = apart(x.radius, low) + apart(apart(x.size * UP, low) * w.radius, low)
    radius = (exact + np.abs(center) * 2 * U64 + 8 * TINIEST) * UP
    # The reciprocal is rounded, and the product: (1 + u)^2 - 1 <= 3 u; the reciprocal may underflow.
    rounding = apart(x.reach, low) * 3 * digits.unit + 2 * digits.eta * (1 + x.reach)
    moved = apart(apart(x.reach, low) * w.error, low)
    local = known(_nothing(x, (moved + rounding + 8 * TINIEST) * UP))
    # A reciprocal that may overflow is not known.
    local = np.where(low * digits.largest > 2, local, np.inf)
    error = known((_nothing(x, apart(x.error, low)) + local) * UP)
    return Kept(Bound(center, known(_nothing(x, radius)), error), local)


def larger(_: Digits, one: Larger, left: Kept, right: Kept) -> Kept:
    """Bound the larger, or the smaller, of two. Raises: never."""
    a, b = left.bound, right.bound
    gap = one.sign * (a.center - b.center)
    doubt = (a.radius + a.error + b.radius + b.error) * UP + np.abs(gap) * 2 * U64
    choice = np.where(gap >= doubt, 1, np.where(-gap >= doubt, -1, 0))
    center = (np.maximum if one.sign > 0 else np.minimum)(a.center, b.center)
    parts = [
        np.where(choice > 0, x, np.where(choice < 0, y, np.maximum(x, y)))
        for x, y in ((a.radius, b.radius), (a.error, b.error))
    ]
    return Kept(Bound(center, *parts), choice=choice)


def absolute(_: Digits, __: Absolute, x: Kept) -> Kept:
    """Bound an absolute value. Raises: never."""
    return Kept(x.bound._replace(center=np.abs(x.bound.center)), choice=_signs(x.bound))


def _signs(x: Bound) -> Array:
    doubt = (x.radius + x.error) * UP
    return np.where(x.center >= doubt, 1, np.where(-x.center > doubt, -1, 0))


def negate(_: Digits, __: Negate, x: Kept) -> Kept:
    """Bound a negative. Raises: never."""
    return Kept(x.bound._replace(center=-x.bound.center), terms=x.terms)


def slope(digits: Digits, _: Slope, given: Kept, factor: Kept) -> Kept:
    """Bound a where a >= 0, else a times a constant. Raises: never."""
    x, w = given.bound, factor.bound
    scaled = multiply(digits, Multiply(0, 0), given, factor)
    below, local = scaled.bound, scaled.local if scaled.local is not None else np.zeros(1)
    choice = _signs(x)
    center = np.where(x.center >= 0, x.center, below.center)
    # Where the sign is not sure: both functions have slopes of at most max(1, |w|), and meet at 0.
    steep = np.maximum(1.0, w.reach)
    radius = (np.maximum(x.radius * steep * UP, below.radius) + 4 * TINIEST) * UP
    error = (x.error * steep * UP + local + 4 * TINIEST) * UP
    parts = [
        np.where(choice > 0, own, np.where(choice < 0, other, doubtful))
        for own, other, doubtful in ((x.radius, below.radius, radius), (x.error, below.error, error))
    ]
    return Kept(Bound(center, *map(known, parts)), np.where(choice > 0, 0.0, local), choice)


def root(digits: Digits, _: Root, square: Kept) -> Kept:
    """Bound a square root of a positive constant; of others nothing is known. Raises: never."""
    # |sqrt(a) - sqrt(b)| <= |a - b| / sqrt(b).
    x = square.bound
    center = np.sqrt(x.center)
    low = np.sqrt(np.maximum((x.center - x.radius - x.error) / UP, 0.0)) / UP
    radius = known((apart(x.radius, low) + center * 2 * U64 + TINIEST) * UP)
    local = known(np.sqrt(x.reach) * UP * digits.unit * UP + TINIEST)
    return Kept(Bound(center, radius, known((apart(x.error, low) + local) * UP)), local)


EXACTLY = Digits(0.0, 0.0, np.inf)


def normalize(digits: Digits, _: Normalize, x: Kept, *parts: Kept) -> Kept:
    """Bound (x - mean) / sqrt(v + e) scale + bias, computed in any arrangement.

    Such as x a + b with a = scale / sqrt(v + e), b = bias - mean a.

    Raises: never.
    """
    scale, bias, mean, v, e = parts
    rows = _normalized(EXACTLY, x, *parts)
    # Errors of x and of the constants pass; then every number meets a few roundings.
    deviation = root(digits, Root(0), add(digits, Add(0, 0, 1), v, e)).bound
    low = least(deviation)
    wide = (x.bound.reach + mean.bound.reach) * UP
    factor = apart(scale.bound.reach, low)
    most = (wide * factor * UP + apart(wide, low) + factor + bias.bound.reach + apart(np.ones(1), low)) * 2
    grown = growth(ROUNDINGS, digits.unit) * (wide * factor + bias.bound.reach) * UP
    small = 4 * (digits.eta + TINIEST) * (4 + wide + scale.bound.reach * (1 + wide) + apart(wide, low))
    own = np.where(most < digits.largest, known((grown + small) * UP), np.inf)
    exact = _normalized(DOUBLES, *map(_alone, (x, *parts)))
    # What constants alone move: the same where x is what floats have, exactly.
    bound = x.bound
    given = Bound(bound.center, (bound.radius + bound.error) * UP, np.zeros_like(bound.error))
    still = _normalized(EXACTLY, Kept(given), *parts)
    local = known((still.bound.error + own) * UP)
    error = known((rows.bound.error + own) * UP)
    return Kept(Bound(exact.bound.center, exact.bound.radius, error), local)


def _alone(value: Kept) -> Kept:
    bound = value.bound
    return Kept(bound._replace(error=np.zeros_like(bound.error)))


def _normalized(digits: Digits, x: Kept, *parts: Kept) -> Kept:
    scale, bias, mean, v, e = parts
    deviation = root(digits, Root(0), add(digits, Add(0, 0, 1), v, e))
    normal = divide(digits, Divide(0, 0), add(digits, Add(0, 0, -1), x._replace(terms=None), mean), deviation)
    return add(digits, Add(0, 0, 1), multiply(digits, Multiply(0, 0), normal, scale), bias)


def ratio(scale: Bound, v: Bound, e: Bound) -> Bound:
    """Return scale / sqrt(v + e), exactly: how steep a normalization is. Raises: never."""
    given = (_alone(Kept(part)) for part in (v, e))
    deviation = root(EXACTLY, Root(0), add(EXACTLY, Add(0, 0, 1), *given))
    return divide(EXACTLY, Divide(0, 0), _alone(Kept(scale)), deviation).bound
