"""Sparse layers as blocks: rows that read nearly the same inputs, and the inputs that they read.

UNTRUSTED. A convolution lowered to a matrix is nearly all zeros, but the outputs of all channels at
neighbouring places read the same few inputs. Rows are gathered greedily: next comes the row that adds
the fewest inputs to the block. Within a block a matrix is dense, so that products are those of BLAS.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import LimitReached, Words

Array = np.ndarray[Any, Any]
MAX_ENTRIES = 1 << 26
"""Entries of all blocks of a layer together: each is held as a number, and again as its absolute value."""
SMALL = 1 << 20
"""A matrix of so many entries is one block, whatever it holds."""
FILLED = 8
"""So is one of which at least an entry in so many is not 0; a block is closed where fewer are."""
TINY, LARGE = 1 << 12, 1 << 18
"""Blocks below the first may be emptier; none grows beyond the second, unless by a single kind of row."""
MOST_ROWS = 512


class Block(NamedTuple):
    """Rows of a matrix and the columns in which they are not 0, both ascending."""

    rows: Array
    columns: Array


@dataclass(frozen=True)
class Layout:
    """Where the weights of a layer are.

    Args:
        shape: (outputs, inputs).
        starts: of each row's weights, and their end.
        columns: of every weight, row by row.
        blocks: they part the rows that hold any weight; each weight of such a row lies in its block.
        whole: one block that is the matrix, rows and columns of zeros included.
    """

    shape: tuple[int, int]
    starts: Array
    columns: Array
    blocks: tuple[Block, ...]
    whole: bool

    @cached_property
    def rows(self) -> Array:
        """The row of every weight. Raises: never."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.starts))

    def among(self, rows: Array) -> tuple[Array, Array]:
        """Return the weights of some rows, as (index in `rows`, index of the weight). Raises: IndexError."""
        counts = self.starts[rows + 1] - self.starts[rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        before = np.repeat(np.cumsum(counts) - counts, counts)
        return owner, np.arange(len(owner)) - before + self.starts[rows][owner]

    def places(self, block: Block) -> tuple[Array, Array, Array]:
        """Return the weights of a block, as (row in it, column in it, index of the weight). Raises: never."""
        owner, weights = self.among(block.rows)
        return owner, np.searchsorted(block.columns, self.columns[weights]), weights

    @property
    def most_in_a_column(self) -> int:
        """The largest number of weights in one column. Raises: never."""
        return int(np.bincount(self.columns, minlength=1).max())


def layouts(network: Network) -> tuple[Layout, ...]:
    """Return the layouts of all layers.

    Cost: some operations a weight.

    Raises:
        LimitReached: the blocks of a layer hold more than MAX_ENTRIES entries.
    """
    return tuple(_layout(depth, layer) for depth, layer in enumerate(network.layers))


def _layout(depth: int, layer: Layer) -> Layout:
    height, width = layer.shape
    starts, columns = np.array(layer.indptr, dtype=np.int64), np.array(layer.indices, dtype=np.int64)
    area = height * width
    if area <= SMALL or (area <= MAX_ENTRIES and len(columns) * FILLED >= area):
        every = Block(np.arange(height), np.arange(width))
        return Layout(layer.shape, starts, columns, (every,), whole=True)
    blocks, held = [], 0
    for block in _gathered(layer.shape, starts, columns):
        held += len(block.rows) * len(block.columns)
        if held > MAX_ENTRIES:
            told = f"{height} x {width}, {len(columns)} not 0"
            where = f"at most {MAX_ENTRIES} entries in blocks of rows that read the same inputs"
            raise LimitReached("layer_size", f"layer {depth}", where, Words(told))
        blocks.append(block)
    return Layout(layer.shape, starts, columns, tuple(blocks), whole=False)


class _Kinds:
    """Rows by the columns that they read, and which of them are in no block yet."""

    def __init__(self, shape: tuple[int, int], starts: Array, columns: Array) -> None:
        """Sort the rows, once."""
        found: dict[bytes, list[int]] = {}
        ends = starts.tolist()
        for row in range(shape[0]):
            if ends[row] < ends[row + 1]:
                found.setdefault(columns[ends[row] : ends[row + 1]].tobytes(), []).append(row)
        self.rows = list(found.values())
        self.columns = [columns[ends[rows[0]] : ends[rows[0] + 1]] for rows in self.rows]
        self.sizes = np.array([len(c) for c in self.columns], dtype=np.int64)
        kinds = np.repeat(np.arange(len(self.rows)), self.sizes)
        each = np.concatenate(self.columns) if self.columns else np.zeros(0, dtype=np.int64)
        order = np.argsort(each, kind="stable")
        self._readers = kinds[order]
        self._from = np.searchsorted(each[order], np.arange(shape[1] + 1))
        self.free = np.ones(len(self.rows), dtype=np.bool_)

    def readers(self, columns: Array) -> Array:
        """Return the kinds that read some columns, one for each column that they read."""
        starts, counts = self._from[columns], self._from[columns + 1] - self._from[columns]
        before = np.repeat(np.cumsum(counts) - counts, counts)
        return np.asarray(self._readers[np.arange(counts.sum()) - before + np.repeat(starts, counts)])


def _gathered(shape: tuple[int, int], starts: Array, columns: Array) -> list[Block]:
    kinds, found, first = _Kinds(shape, starts, columns), [], 0
    added, touched = kinds.sizes.copy(), np.zeros(len(kinds.rows), dtype=np.int64)
    read = np.zeros(shape[1], dtype=np.bool_)
    while first < len(kinds.rows):
        if not kinds.free[first]:
            first += 1
            continue
        members = _grown(kinds, first, added, touched, read)
        found.append(_block(kinds, members))
    return found


def _grown(kinds: _Kinds, first: int, added: Array, touched: Array, read: Array) -> list[int]:
    """Return the kinds of rows of a block, from its first; what was noted of others is undone."""
    members: list[int] = []
    near = [np.zeros(0, dtype=np.int64)]
    rows = weights = width = 0
    chosen = first
    while chosen >= 0:
        grown = rows + len(kinds.rows[chosen])
        area, filled = (
            grown * (width + int(added[chosen])),
            len(kinds.rows[chosen]) * int(kinds.sizes[chosen]),
        )
        fits = grown <= MOST_ROWS and area <= min(LARGE, max(TINY, FILLED * (weights + filled)))
        if members and not fits:
            break
        kinds.free[chosen] = False
        members.append(chosen)
        new = kinds.columns[chosen][~read[kinds.columns[chosen]]]
        read[new] = True
        rows, weights, width = grown, weights + filled, width + len(new)
        readers, counts = np.unique(kinds.readers(new), return_counts=True)
        added[readers] -= counts
        fresh = readers[(touched[readers] == 0) & kinds.free[readers]]
        touched[fresh] = len(members)
        near.append(fresh)
        chosen = _next(kinds, np.concatenate(near), added, touched, first)
    every = np.concatenate(near)
    touched[every] = 0
    for member in members:
        read[kinds.columns[member]] = False
    # Each column that was read counts again for all its readers.
    readers, counts = np.unique(kinds.readers(_union(kinds, members)), return_counts=True)
    added[readers] += counts
    return members


def _next(kinds: _Kinds, near: Array, added: Array, touched: Array, first: int) -> int:
    """Return the free kind that adds the fewest columns; of several the one that was near for longest."""
    free = near[kinds.free[near]]
    if not len(free):
        others = np.flatnonzero(kinds.free[first:])
        return first + int(others[0]) if len(others) else -1
    return int(free[np.lexsort((free, touched[free], added[free]))[0]])


def _union(kinds: _Kinds, members: Sequence[int]) -> Array:
    return np.unique(np.concatenate([kinds.columns[member] for member in members]))


def _block(kinds: _Kinds, members: Sequence[int]) -> Block:
    rows = np.sort(np.concatenate([kinds.rows[member] for member in members]))
    return Block(rows.astype(np.int64), _union(kinds, members))


class Placed(Protocol):
    """A block of a matrix that knows its rows and its columns there."""

    @property
    def rows(self) -> Any:
        """Which rows of the matrix."""

    @property
    def columns(self) -> Any:
        """Which columns of the matrix."""


Piece = TypeVar("Piece", bound=Placed)


def narrowed(
    parts: Sequence[Piece], shape: tuple[int, int], rows: Array
) -> tuple[list[tuple[Piece, Array, Array, Array]], Array]:
    """Return what some rows of a matrix of blocks consist of, without the columns that no block of them has.

    Args:
        parts: the blocks.
        shape: of the matrix.
        rows: ascending.

    Returns:
        Each block that has some of them: which of its own rows these are, and where they and its columns
        stand then; and the columns of the matrix that are left.

    Raises:
        never.
    """
    place = np.full(shape[0], -1)
    place[rows] = np.arange(len(rows))
    met = [(part, np.flatnonzero(place[part.rows] >= 0)) for part in parts]
    met = [(part, at) for part, at in met if len(at)]
    read = np.zeros(shape[1], dtype=np.bool_)
    for part, _ in met:
        read[part.columns] = True
    column = np.cumsum(read) - 1
    found = [(part, at, place[part.rows][at], column[part.columns]) for part, at in met]
    return found, np.flatnonzero(read)
