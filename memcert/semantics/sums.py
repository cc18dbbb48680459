"""Bounds of sums in any order: products and a bias, plain sums, and sums of sums that a runtime may join.

UNTRUSTED. A term of a sum with m terms meets at most m - 1 additions, in whatever tree they are added, and
one rounding of its own product. So a convolution to which something is added may start from that
something: `add` allows for every tree over the terms of both.
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
    Terms,
    as_terms,
    growth,
    product,
)
from memcert.semantics.precision import Array
from memcert.semantics.program import Add, Dot, Fold
from memcert.semantics.stored import Weights


def dot(digits: Digits, one: Dot, weights: tuple[Weights, Weights], x: Kept) -> Kept:
    """Bound rows times a matrix; the weights are those of float64, and of the precision. Raises: never."""
    exact, own = weights
    inner = exact.matrix.shape[0]
    blocks = Bound(*(part.reshape(-1, inner) for part in x.bound))
    middle = blocks.center @ exact.matrix + (0 if exact.bias is None else exact.bias)
    spread, _ = _affected(one, exact, blocks.size, DOUBLES, blocks.radius)
    local, terms = _affected(one, own, blocks.reach, digits)
    passed = product(blocks.error, own.size)
    rows = len(x.bound.center)

    def whole(values: Array) -> Array:
        return np.asarray(values.reshape(rows, -1))

    bound = Bound(whole(middle), whole(spread), whole((passed + local) * UP))
    return Kept(bound, whole(local), None, Terms(*map(whole, terms)))


def _affected(
    one: Dot, w: Weights, reach: Array, digits: Digits, passed: Array | None = None
) -> tuple[Array, Terms]:
    # At least what rounding adds to a sum of products, and what `passed` errors of x become, if given.
    unit, eta, largest = digits
    bias = 0.0 if w.bias is None else np.abs(w.bias) + (0.0 if w.bias_off is None else w.bias_off)
    total = (product(reach, w.upper) + bias) * UP
    count = (reach > 0).astype(np.float64) @ w.counted
    steps = count + (bias != 0) + (one.alpha != 1) + (one.beta != 1)
    grown = growth(steps, unit) * total
    # Each product may underflow, and once more when alpha scales it, or its sum; so may beta times the bias.
    # What these formulas themselves lose below the normal numbers is a few TINIEST a term.
    small = 2 * count * eta * max(1.0, abs(float(one.alpha)) * UP) + (4 * count + 8) * TINIEST
    small = np.where(count > 0, small, 0.0) + (0.0 if one.beta == 1 else 2 * eta)
    if w.plain is not None:
        # alpha may scale x, or the weights, before they meet.
        small = small + 2 * eta * (product(reach, w.counted) + _columns(w.plain))
    added = grown + small * 2
    if w.off is not None:
        added = added + product(reach, w.off)
    if w.bias_off is not None:
        added = added + w.bias_off
    if passed is not None:
        added = added + product(passed, w.size)
    added = np.where(_overflow(one, w, reach, total, largest), np.inf, added)
    # 0 times infinity: nothing is summed, or nothing is known.
    added = np.where(np.isnan(added), np.inf, added) * UP
    return np.asarray(added), Terms(total, np.broadcast_to(steps, total.shape), grown)


def _columns(plain: Array) -> Array:
    return np.asarray(plain.sum(axis=0) * (1.0 + (len(plain) + 4) * 2.0**-52))


def _overflow(one: Dot, w: Weights, reach: Array, total: Array, largest: float) -> Array:
    # Every partial sum is below twice the sum of absolute values, for g < 1; before alpha, too.
    bad = total * 2 > largest
    if w.plain is not None:
        bad = bad | (product(reach, w.plain) * 2 > largest)
        alpha = abs(float(one.alpha)) * UP
        bad = bad | (reach.max(axis=1, keepdims=True, initial=0.0) * alpha * 2 > largest)
        bad = bad | bool(w.plain.max(initial=0.0) * alpha * 2 > largest)
    return np.asarray(bad)


def fold(digits: Digits, one: Fold, x: Kept) -> Kept:
    """Bound sums of `width` consecutive numbers each. Raises: never."""

    def lanes(values: Array) -> Array:
        kept = values if one.left_out is None else np.where(one.left_out, 0.0, values)
        return np.asarray(kept.reshape(len(values), -1, one.width))

    def summed(values: Array) -> Array:
        return np.asarray(lanes(values).sum(axis=2) * (1.0 + (one.width + 4) * 2.0**-52))

    steps = np.asarray(lanes((x.bound.reach > 0) * 1.0).sum(axis=2))
    total = summed(x.bound.reach)
    grown = growth(steps, digits.unit) * total
    local = np.where(total * 2 > digits.largest, np.inf, grown * UP + TINIEST)
    lost = summed(x.bound.size) * growth(one.width, U64)
    bound = Bound(
        lanes(x.bound.center).sum(axis=2),
        (summed(x.bound.radius) + lost + TINIEST) * UP,
        (summed(x.bound.error) + local) * UP,
    )
    return Kept(bound, local, None, Terms(total, steps, grown))


def add(digits: Digits, one: Add, a: Kept, b: Kept) -> Kept:
    """Bound a + b, or a - b, also where the terms of both are one sum. Raises: never."""
    center = a.bound.center + one.sign * b.bound.center
    radius = (a.bound.radius + b.bound.radius + np.abs(center) * 2 * U64) * UP
    passed = a.bound.error + b.bound.error
    local = (np.abs(center) + radius + passed) * digits.unit * UP + TINIEST
    left, right = as_terms(a), as_terms(b)
    total = (left.total + right.total) * UP
    joined = local
    if a.terms is not None or b.terms is not None:
        joined = growth(left.steps + right.steps, digits.unit) * total
        # What the operands' errors hold already for their own roundings; the last term: this subtraction's.
        more = joined - left.grown - right.grown + joined * 2.0**-48
        local = np.where(total * 2 > digits.largest, np.inf, np.maximum(local, more * UP))
        joined = np.maximum(left.grown + right.grown, joined)
    made = Bound(center, radius, (passed + local) * UP)
    return Kept(made, local, None, Terms(total, left.steps + right.steps, joined))
