"""Lemma G.4: the point of a convex hull that is nearest to 0, guessed in floats or found exactly.

Source: Wolfe 1976, "Finding the nearest point in a polytope".
Departure: the exact search stops as soon as its point separates 0 from the hull, which is all that
is asked of it.
UNTRUSTED. A set of points with 0 not in its hull has a direction along which all are positive;
else 0 is a combination of them. Either answer is verified by whoever asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from memcert.constructions.directions import Integers
from memcert.errors import UndecidedError

Floats = np.ndarray[Any, Any]
STEPS = 20_000
"""Points that the guess takes in before it is used as it is."""
TOLERANCE = 1e-12
"""Relative; below it the guess takes a share, or a distance from 0, for none."""
ENOUGH = 0.95
"""Share of the largest margin at which the guess is content."""
POLISHING = 100
"""Steps that are spent on a larger margin, once there is one."""
GUESS_BITS = 50
"""Precision to which a guessed vector is told."""
WORK = 3_000_000_000
"""Products that the exact search may take: some minutes."""


@dataclass(frozen=True, slots=True)
class Found:
    """How an exact search ended: `vector` is positive on all points, or 0 = sum multipliers * support.

    Args:
        vector: integers; None where 0 is in the hull.
        support: indices of affinely independent points.
        multipliers: one a point of the support, positive integers without a common factor.
    """

    vector: tuple[int, ...] | None
    support: tuple[int, ...]
    multipliers: tuple[int, ...]


def guess(numerators: Integers, unit: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return about a multiple of the nearest point, and the indices of the points that it is a mixture of.

    Args:
        numerators: integers, shape (N, D), N >= 1.
        unit: about the largest of their absolute values.

    Returns:
        (vector, support); the vector has up to GUESS_BITS bits. Nothing is promised of them. Cost: up to
        STEPS products of the table and a vector, and solutions of at most D + 1 equations.

    Raises: never.
    """
    # Python divides integers of any length; a quotient too small for a float is 0.
    points = (numerators / unit).astype(np.float64)
    with np.errstate(all="ignore"):
        vector, support = _approached(points)
    largest = np.abs(vector).max()
    if not largest > 0:
        return (0,) * points.shape[1], support
    return tuple(round(x) for x in (vector / largest * (1 << GUESS_BITS)).tolist()), support


def _approached(points: Floats) -> tuple[Floats, tuple[int, ...]]:
    squares = np.einsum("ij,ij->i", points, points)
    floor = TOLERANCE**2 * squares.max()
    support = [int(squares.argmin())]
    shares = np.ones(1)
    vector = points[support[0]]
    # Products of the support, plus 1: it grows by a row and a column a step.
    gram = np.array([[vector @ vector + 1]])
    left = POLISHING
    for _ in range(STEPS):
        products = points @ vector
        lowest = int(products.argmin())
        left -= int(products[lowest] > 0)
        if lowest in support or not left or products[lowest] > ENOUGH * (vector @ vector):
            break
        row = points[support] @ points[lowest] + 1
        gram = np.block([[gram, row[:, None]], [row[None, :], squares[lowest] + 1]])
        try:
            kept, shares = _settled(gram, np.append(shares, 0))
        except np.linalg.LinAlgError:
            break
        support = [i for i, stays in zip([*support, lowest], kept.tolist(), strict=True) if stays]
        gram = gram[np.ix_(kept, kept)]
        vector = shares @ points[support]
        if not vector @ vector > floor:
            # Near enough to 0, or no number at all.
            break
    return vector, tuple(support)


def _settled(gram: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Return which points of a support stay, and the shares of the mixture nearest to 0."""
    kept = np.ones(len(shares), dtype=np.bool_)
    while True:
        best = np.linalg.solve(gram[np.ix_(kept, kept)], np.ones(len(shares)))
        best = best / best.sum()
        low = best <= TOLERANCE
        if not low.any() or len(shares) == 1:
            return kept, best
        falls = shares[low] - best[low]
        step = np.min(shares[low] / np.where(falls > 0, falls, 1))
        shares = shares + step * (best - shares)
        stays = shares > TOLERANCE
        if stays.all() or not stays.any():
            # Rounding: what falls fastest goes.
            stays = np.arange(len(shares)) != int(best.argmin())
        kept[np.flatnonzero(kept)[~stays]] = False
        shares = shares[stays] / shares[stays].sum()


def nearest(points: Integers) -> Found:
    """Decide whether 0 is in the convex hull of integer points, exactly.

    Args:
        points: shape (N, D), N >= 1.

    Returns:
        A vector that is positive on all of them, or 0 as a combination. The search ends: the
        distance to 0 of each mixture that it settles on is less than that of the one before.

    Raises:
        UndecidedError: more than WORK products would be needed.
    """
    size, dimension = points.shape
    table = fmpz_mat(size, dimension, [int(x) for row in points.tolist() for x in row])
    rows: dict[int, list[int]] = {}
    support = [min(range(size), key=lambda i: sum(int(x) * int(x) for x in points[i].tolist()))]
    shares = [fmpq(1)]
    work = 0
    while True:
        rows |= {i: points[i].tolist() for i in support if i not in rows}
        multipliers = primitive(shares)
        vector = [
            sum(m * rows[i][j] for m, i in zip(multipliers, support, strict=True)) for j in range(dimension)
        ]
        if not any(vector):
            return Found(None, tuple(support), multipliers)
        products = (table * fmpz_mat(dimension, 1, vector)).entries()
        lowest = min(range(size), key=products.__getitem__)
        if products[lowest] > 0:
            return Found(tuple(vector), tuple(support), multipliers)
        work += size * dimension + (len(support) + 1) ** 3
        if work > WORK:
            raise UndecidedError(
                f"whether the rows are linearly separable: expected at most {WORK:,} exact products, got more"
            )
        support.append(lowest)
        shares.append(fmpq(0))
        support, shares = _settled_exactly(points, support, shares)


def _settled_exactly(points: Integers, support: list[int], shares: list[Any]) -> tuple[list[int], list[Any]]:
    """Return the mixture of some of these points that is nearest to 0 among the affine ones.

    The support stays affinely independent, so that the system has one solution.
    """
    while True:
        best = _affine(points[np.array(support)])
        if all(share > 0 for share in best):
            return support, best
        steps = (s / (s - b) for s, b in zip(shares, best, strict=True) if b <= 0)
        step = min(steps)
        moved = [s + step * (b - s) for s, b in zip(shares, best, strict=True)]
        support = [i for i, share in zip(support, moved, strict=True) if share > 0]
        shares = [share for share in moved if share > 0]


def _affine(chosen: Integers) -> list[Any]:
    """Return the shares, of sum 1, of the point of an affine hull that is nearest to 0."""
    count, dimension = chosen.shape
    matrix = fmpz_mat(count, dimension, [int(x) for row in chosen.tolist() for x in row])
    # G a = c 1 with sum a = 1: a is a multiple of the solution of (G + 1 1^T) a = 1.
    gram = matrix * matrix.transpose() + fmpz_mat(count, count, [1] * (count * count))
    solved = gram.solve(fmpz_mat(count, 1, [1] * count)).entries()
    total = sum(solved, fmpq(0))
    return [share / total for share in solved]


def combination(points: Integers) -> tuple[int, ...] | None:
    """Return the positive integers m, without a common factor, with sum m_i p_i = 0.

    Args:
        points: shape (N, D).

    Returns:
        None where there are none, or where the points leave a choice.

    Raises:
        ValueError: never.
    """
    count, dimension = points.shape
    matrix = fmpz_mat(count, dimension, [int(x) for row in points.tolist() for x in row]).transpose()
    basis, nullity = matrix.nullspace()
    if nullity != 1:
        return None
    found = primitive([fmpq(basis[i, 0]) for i in range(count)])
    if all(m < 0 for m in found):
        found = tuple(-m for m in found)
    return found if all(m > 0 for m in found) else None


def primitive(numbers: Sequence[Any]) -> tuple[int, ...]:
    """Return the fmpq numbers times the positive factor that makes them integers without a common one.

    Raises:
        ZeroDivisionError: all are 0.
    """
    bottom = fmpz(1)
    for number in numbers:
        bottom = bottom.lcm(number.q)
    whole = [number.p * (bottom // number.q) for number in numbers]
    common = fmpz(0)
    for number in whole:
        common = common.gcd(number)
    return tuple(int(number // common) for number in whole)
