"""Matrices of small integers times digits: dense blocks of rows that read the same columns.

UNTRUSTED. A convolution's rows at one place read the same columns whatever their channel, so that a
sparse matrix falls into dense blocks of few shapes, and BLAS multiplies a whole stack of them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from memcert.exact.slices.digits import Array

GATHERED = 1 << 18
"""Numbers that are gathered at once; they stay in the cache."""
DENSE = 8
"""A matrix with more than one entry in so many cells is multiplied as a dense one."""


class Entries(NamedTuple):
    """Entries of a sparse matrix: rows, columns, and integer values; no place twice."""

    rows: Array
    columns: Array
    values: Array


class Blocks(NamedTuple):
    """Dense blocks of one shape: block g has the rows rows[g] and the columns columns[g].

    Args:
        rows: (blocks, r).
        columns: (blocks, c).
        values: (blocks, matrices * r, c), for several matrices with entries at the same places.
    """

    rows: Array
    columns: Array
    values: Array

    def products(self, digits: Array) -> Iterator[tuple[Array, Array]]:
        """Yield rows and their products with digits of shape (columns, samples), block by block.

        Yields:
            Row indices (blocks, r), and (blocks, matrices * r, samples).

        Raises:
            never.
        """
        step = max(1, GATHERED // (self.columns.shape[1] * digits.shape[1]))
        for start in range(0, len(self.rows), step):
            part = slice(start, start + step)
            yield self.rows[part], self.values[part] @ digits[self.columns[part]]


NOTHING = Entries(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
"""No entries."""


def blocks(matrices: Sequence[Entries]) -> tuple[Blocks, ...]:
    """Return matrices, not all of them empty, as blocks of the columns that any of them reads.

    Cost: some operations a row and an entry. Raises: never.
    """
    width = max(int(m.columns.max(initial=0)) for m in matrices) + 1
    keys = [m.rows.astype(np.int64) * width + m.columns for m in matrices]
    known = _distinct(np.concatenate(keys))
    every, columns = np.divmod(known, width)
    starts = np.flatnonzero(np.diff(every, prepend=-1))
    rows = every[starts]
    filled = np.zeros((len(matrices), len(known)))
    for k, (key, m) in enumerate(zip(keys, matrices, strict=True)):
        filled[k, np.searchsorted(known, key)] = m.values
    found = []
    for places, lengths in _alike(columns, starts):
        # Rows of a stack may be shorter than the longest: they end in zeros.
        reach = np.arange(int(lengths.max()))
        inside = reach < lengths[:, None]
        cells = starts[places][:, :, None] + np.where(inside, reach, 0)[:, None]
        values = np.moveaxis(filled[:, cells] * inside[:, None], 0, 1).reshape(len(places), -1, len(reach))
        found.append(Blocks(rows[places], columns[cells[:, 0]], np.ascontiguousarray(values)))
    return tuple(found)


def _distinct(keys: Array) -> Array:
    # Runs that are sorted already are merged; numpy's `unique` hashes, which takes twenty times as long.
    keys = np.sort(keys, kind="stable")
    return np.asarray(keys[np.diff(keys, prepend=-1) != 0])


def _alike(columns: Array, starts: Array) -> Iterator[tuple[Array, Array]]:
    # Rows of the same columns make a block. Blocks of one height and about one length come together:
    # the places of their rows, (blocks, rows), and their lengths.
    ends = np.append(starts[1:], len(columns)).tolist()
    members: dict[bytes, list[int]] = {}
    for place, (start, end) in enumerate(zip(starts.tolist(), ends, strict=True)):
        members.setdefault(columns[start:end].tobytes(), []).append(place)
    shapes: dict[tuple[int, int], list[list[int]]] = {}
    for places in members.values():
        length = ends[places[0]] - int(starts[places[0]])
        alike = length.bit_length() if len(places) == 1 else -length
        shapes.setdefault((len(places), alike), []).append(places)
    for listed in shapes.values():
        found = np.array(listed)
        yield found, np.array([ends[places[0]] for places in listed]) - starts[found[:, 0]]


class Matrix(NamedTuple):
    """A matrix cut to its rows and columns that are not 0: dense, or as blocks.

    Args:
        rows: of the whole matrix, for each row that is kept; None: all.
        columns: likewise.
        dense: the values; None: they are `parts`.
        parts: blocks whose rows and columns count among those kept.
    """

    rows: Array | None
    columns: Array | None
    dense: Array | None
    parts: tuple[Blocks, ...]

    def add_to(self, total: Array, digits: Array) -> None:
        """Add the product with digits (columns, samples) to the sums (rows, samples). Raises: never."""
        if self.dense is not None:
            product = self.dense @ (digits if self.columns is None else digits[self.columns])
            if self.rows is None:
                total += product
            else:
                total[self.rows] += product
            return
        for part in self.parts:
            for rows, product in part.products(digits):
                total[rows.ravel()] += product.reshape(-1, total.shape[1])


def matrix(entries: Entries, shape: tuple[int, int]) -> Matrix:
    """Return a matrix of at least one entry in the form that suits its density. Raises: never."""
    rows, row_places = np.unique(entries.rows, return_inverse=True)
    columns, column_places = np.unique(entries.columns, return_inverse=True)
    if len(entries.values) * DENSE < len(rows) * len(columns):
        return Matrix(None, None, None, blocks([entries]))
    dense = np.zeros((len(rows), len(columns)))
    dense[row_places, column_places] = entries.values
    whole_rows, whole_columns = len(rows) == shape[0], len(columns) == shape[1]
    return Matrix(None if whole_rows else rows, None if whole_columns else columns, dense, ())
