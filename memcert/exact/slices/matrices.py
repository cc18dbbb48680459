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

FILLED, WORTH = 16, 128
"""Rows or columns with more than one entry in so many cells are multiplied as dense ones, if they have
so many entries together."""
GATHER = 2
"""Rows or columns are chosen where less than one of so many counts: else zeros cost less than copies."""


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


class Dense(NamedTuple):
    """A dense matrix among some rows and columns of a larger one; None: all of them."""

    rows: Array | None
    columns: Array | None
    values: Array


class Matrix(NamedTuple):
    """A matrix as the sum of dense ones and of blocks, each entry in one of them."""

    dense: tuple[Dense, ...]
    parts: tuple[Blocks, ...]

    def add_to(self, total: Array, digits: Array) -> None:
        """Add the product with digits (columns, samples) to the sums (rows, samples). Raises: never."""
        for rows, columns, values in self.dense:
            product = values @ (digits if columns is None else digits[columns])
            if rows is None:
                total += product
            else:
                total[rows] += product
        for part in self.parts:
            for rows, product in part.products(digits):
                total[rows.ravel()] += product.reshape(-1, total.shape[1])


def matrix(entries: Entries, shape: tuple[int, int]) -> Matrix:
    """Return a matrix of at least one entry in the form that suits its density. Raises: never."""
    if len(entries.values) * DENSE >= len(np.unique(entries.rows)) * len(np.unique(entries.columns)):
        return Matrix((_dense(entries, shape),), ())
    found = []
    for axis in (0, 1):
        # Neurons whose weights are all tiny fill rows of a slice that is empty elsewhere, or columns.
        filled = np.bincount(entries[axis])[entries[axis]] * FILLED > shape[1 - axis]
        if np.count_nonzero(filled) >= WORTH:
            found.append(_dense(_some(entries, filled), shape))
            entries = _some(entries, ~filled)
    return Matrix(tuple(found), blocks([entries]) if len(entries.values) else ())


def _some(entries: Entries, kept: Array) -> Entries:
    return Entries(entries.rows[kept], entries.columns[kept], entries.values[kept])


def _dense(entries: Entries, shape: tuple[int, int]) -> Dense:
    rows, row_places = _places(entries.rows, shape[0])
    columns, column_places = _places(entries.columns, shape[1])
    values = np.zeros(
        [size if kept is None else len(kept) for kept, size in zip((rows, columns), shape, strict=True)]
    )
    values[row_places, column_places] = entries.values
    return Dense(rows, columns, values)


def _places(members: Array, size: int) -> tuple[Array | None, Array]:
    # Which ones of `size` occur, and where each member stands among them; None, where most occur.
    kept, places = np.unique(members, return_inverse=True)
    return (None, members) if GATHER * len(kept) > size else (kept, places)
