"""Exact products of integer matrices as float64 products of their digits.

UNTRUSTED. A matrix of integers is a stack of planes: sum over p of planes[p] * 2^(bits * p), digits
balanced, |digit| <= 2^(bits - 1). Every sum of products of digits, with its carry, is bounded in Python
integers before it is computed, and stays below 2^53: then BLAS is exact, in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from memcert.kernel.verdict import LimitReached
from memcert.regions.blocks import Block

Array = np.ndarray[Any, Any]
EXACT = 1 << 53
"""Integers up to this are float64 values, and so are their sums."""
MAX_PLANES = 512
"""Longest integers: so many digits."""


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """A matrix of integers; plane p counts 2^(bits * p), None: all its digits are 0."""

    shape: tuple[int, ...]
    planes: tuple[Array | None, ...]
    bits: int


class Slice(NamedTuple):
    """What is not 0 of a plane: its rows, its columns, and the digits where they meet."""

    place: int
    rows: Array
    columns: Array
    digits: Array


@dataclass(frozen=True, slots=True, eq=False)
class Sliced:
    """A matrix that many others are multiplied by, its planes without rows and columns of zeros.

    Trained weights reach from 0.1 to 1e-43, so that a plane is about some inputs only.

    Args:
        shape: of the matrix.
        slices: of one place, no two have a row in common.
        bits: of a digit.
        terms: the largest number of entries of one column that are not 0.
    """

    shape: tuple[int, int]
    slices: tuple[Slice, ...]
    bits: int
    terms: int


def sliced(digits: Digits, block: Block) -> list[Slice]:
    """Return the planes of a block without what is 0.

    Args:
        digits: of the block.
        block: where it lies.

    Raises:
        never.
    """
    found = []
    for place, plane in enumerate(digits.planes):
        if plane is not None:
            rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
            full = plane.shape == (len(rows), len(columns))
            kept = plane if full else np.ascontiguousarray(plane[np.ix_(rows, columns)])
            found.append(Slice(place, block.rows[rows], block.columns[columns], kept))
    return found


def digit_bits(terms: int, planes: int) -> int:
    """Return the longest digits with which sums of `terms` products over `planes` pairs are exact.

    Raises:
        LimitReached: there are too many terms.
    """
    for bits in range(24, 3, -1):
        # Of each pair of planes that meet in a position, and what is carried into it.
        if (terms * planes << 2 * (bits - 1)) + (EXACT >> (bits - 1)) <= EXACT:
            return bits
    raise LimitReached("terms", "a row", "fewer terms", terms * planes)


def digits_of(integers: Array, bits: int) -> Digits:
    """Return an array of integers, of Python or int64 below 2^62, as digits. Cost: a few operations a digit.

    Raises:
        LimitReached: there are more than MAX_PLANES digits.
    """
    planes: list[Array | None] = []
    rest = integers if integers.dtype == np.int64 else integers.astype(object)
    half, mask = 1 << (bits - 1), (1 << bits) - 1
    while rest.any():
        if len(planes) == MAX_PLANES:
            raise LimitReached("digits", "weights", f"at most {MAX_PLANES * bits} bits", "more")
        digit = ((rest + half) & mask) - half
        rest = (rest - digit) >> bits
        planes.append(_plane(digit.astype(np.float64)))
    return Digits(integers.shape, tuple(planes), bits)


def _plane(digits: Array) -> Array | None:
    return digits if digits.any() else None


def integers_of(digits: Digits) -> Array:
    """Return the Python integers. Cost: one operation a digit. Raises: never."""
    found = np.zeros(digits.shape, dtype=object)
    for place, plane in enumerate(digits.planes):
        if plane is not None:
            found += plane.astype(np.int64).astype(object) << (digits.bits * place)
    return found


def masked(digits: Digits, mask: Array) -> Digits:
    """Return the digits where the mask is true, 0 elsewhere. Raises: never."""
    planes = (None if plane is None else _plane(plane * mask) for plane in digits.planes)
    return Digits(digits.shape, tuple(planes), digits.bits)


def scattered(digits: Digits, which: Array, places: tuple[Array, Array], shape: tuple[int, int]) -> Digits:
    """Return a matrix of numbers, 0 where none is put.

    Args:
        digits: of some numbers, in one row.
        which: of these, one for each place.
        places: rows and columns, no place twice.
        shape: of the matrix.

    Raises:
        IndexError.
    """
    planes: list[Array | None] = []
    for plane in digits.planes:
        found = None
        if plane is not None and (chosen := plane[which]).any():
            found = np.zeros(shape)
            found[places] = chosen
        planes.append(found)
    return Digits(shape, tuple(planes), digits.bits)


def exact_product(left: Digits, right: Sliced) -> Digits:
    """Return left @ right, exactly.

    Args:
        left: of shape (m, n).
        right: of shape (n, k), with digits of the same length.

    Cost: a float64 product for each plane on the left and slice on the right.

    Raises:
        LimitReached: a sum might reach 2^53; `digit_bits` says which length is short enough.
    """
    bits, terms = left.bits, right.terms
    pairs = min(sum(p is not None for p in left.planes), len({part.place for part in right.slices}))
    # The carry into a position is at most the bound of the one below, over 2^bits, rounded.
    if (terms * pairs << 2 * (bits - 1)) + (EXACT >> (bits - 1)) > EXACT:
        raise LimitReached("terms", "a product", "sums below 2^53", terms * pairs)
    shape = (left.shape[0], right.shape[1])
    places = len(left.planes) + max((part.place for part in right.slices), default=0)
    sums: list[Array | None] = [None] * places
    for i, plane in enumerate(left.planes):
        for part in right.slices if plane is not None else ():
            known = sums[i + part.place]
            if known is None:
                known = sums[i + part.place] = np.zeros(shape)
            _add_product(known, _taken(plane, part.rows), part)
    return _carried(shape, sums, bits)


def _add_product(known: Array, left: Array, part: Slice) -> None:
    if len(part.columns) == known.shape[1]:
        known += left @ part.digits
        return
    # Rows of zeros are many where the matrix is in blocks: a gradient is about few of them.
    rows = np.flatnonzero(left.any(axis=1))
    if len(rows):
        known[np.ix_(rows, part.columns)] += left[rows] @ part.digits


def _taken(plane: Array | None, columns: Array) -> Array:
    if plane is None:
        raise ValueError("a plane of zeros has no product")
    return plane if len(columns) == plane.shape[1] else plane[:, columns]


def _carried(shape: tuple[int, ...], sums: Sequence[Array | None], bits: int) -> Digits:
    planes: list[Array | None] = []
    scale = 1 << bits
    carry: Array | None = None
    for part in sums:
        whole = part if carry is None else carry if part is None else part + carry
        if whole is None:
            planes.append(None)
            continue
        carry = np.rint(whole / scale)
        planes.append(_plane(whole - carry * scale))
        carry = _plane(carry)
    while carry is not None:
        above = np.rint(carry / scale)
        planes.append(_plane(carry - above * scale))
        carry = _plane(above)
    return Digits(shape, tuple(planes), bits)


def signs(digits: Digits) -> Array:
    """Return -1, 0 or 1 an entry: the sign of its highest digit that is not 0.

    The digits below it amount to less than one unit of it: sum over p < q of 2^(bits - 1) 2^(bits p)
    is less than 2^(bits q). Raises: never.
    """
    found = np.zeros(digits.shape, dtype=np.int64)
    for plane in digits.planes:
        if plane is not None:
            found = np.where(plane != 0, np.sign(plane), found).astype(np.int64)
    return found


def row_sums(digits: Digits, weights: Array) -> list[int]:
    """Return for each row the sum of weight * entry, as Python integers.

    Args:
        digits: of shape (m, n).
        weights: integers of shape (m, n), int64.

    Cost: one operation a digit, of machine integers where these are proved to suffice. Raises: never.
    """
    found = [0] * digits.shape[0]
    largest = int(np.abs(weights).max(initial=0))
    machine = largest * digits.shape[1] << (digits.bits - 1) < 1 << 62
    for place, plane in enumerate(digits.planes):
        if plane is None:
            continue
        whole = plane.astype(np.int64)
        sums = (whole * weights if machine else whole.astype(object) * weights).sum(axis=1)
        shift = digits.bits * place
        found = [known + (int(part) << shift) for known, part in zip(found, sums.tolist(), strict=True)]
    return found
