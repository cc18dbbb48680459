"""Layers as float64 numbers, in blocks: matrices that others are multiplied by, and parts of them.

UNTRUSTED. Every number is correctly rounded; what rounding costs is known in `memcert.regions.enclosures`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from memcert.kernel.certificate import Number
from memcert.kernel.network import Layer, Network
from memcert.regions.blocks import Layout, narrowed

Array = np.ndarray[Any, Any]
NORMAL, SMALLEST = 2.0**-1022, 2.0**-1074


class Part(NamedTuple):
    """A block of a matrix: where it lies, its entries, and their absolute values."""

    rows: Array | slice
    columns: Array | slice
    entries: Array
    sizes: Array

    @property
    def turned(self) -> "Part":
        """The block of the transposed matrix. Raises: never."""
        return Part(self.columns, self.rows, self.entries.T, self.sizes.T)


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A matrix of correctly rounded numbers, by which others are multiplied from the left.

    Args:
        shape: of the matrix.
        parts: blocks of it; all other entries are 0.
        least: the smallest absolute value of an entry that is not 0; 0 where one is below the normal numbers.
    """

    shape: tuple[int, int]
    parts: tuple[Part, ...]
    least: float

    @property
    def absolute(self) -> "Factor":
        """The matrix of the absolute values. Raises: never."""
        return Factor(
            self.shape, tuple([part._replace(entries=part.sizes) for part in self.parts]), self.least
        )

    def times(self, left: Array) -> Array:
        """Return left @ the matrix. Raises: never."""
        return self._product(left, [part.entries for part in self.parts])

    def times_sizes(self, left: Array) -> Array:
        """Return left @ the absolute values. Raises: never."""
        return self._product(left, [part.sizes for part in self.parts])

    def _product(self, left: Array, matrices: Sequence[Array]) -> Array:
        if len(matrices) == 1 and isinstance(self.parts[0].rows, slice):
            return np.asarray(left @ matrices[0])
        found = np.zeros((len(left), self.shape[1]))
        for part, matrix in zip(self.parts, matrices, strict=True):
            found[:, part.columns] += left[:, part.rows] @ matrix
        return found


class Neighbours(NamedTuple):
    """Some neurons of a layer that read the same inputs, and their weights for these; None: all inputs."""

    neurons: Array
    weights: Array
    inputs: Array | None

    @property
    def twice(self) -> "Neighbours":
        """Each of them twice, all once and then again. Raises: never."""
        return Neighbours(np.tile(self.neurons, 2), np.tile(self.weights, (2, 1)), self.inputs)


@dataclass(frozen=True, eq=False)
class FloatLayer:
    """A layer as float64 numbers, each correctly rounded.

    Args:
        shape: (outputs, inputs).
        parts: the weights, in blocks.
        least: the smallest absolute value of these that is not 0; 0 where one is below the normal numbers.
        largest: the largest.
        bias: one an output.
        relu: whether negative results become 0.
        whole: whether one block is the whole matrix.
    """

    shape: tuple[int, int]
    parts: tuple[Part, ...]
    least: float
    largest: float
    bias: Array
    relu: bool
    whole: bool

    @cached_property
    def back(self) -> Factor:
        """W: gradients of outputs, one a row, times it are those of inputs. Raises: never."""
        return Factor(self.shape, self.parts, self.least)

    @cached_property
    def forth(self) -> Factor:
        """W transposed: inputs, one a row, times it are outputs without their bias. Raises: never."""
        return Factor(self.shape[::-1], tuple([part.turned for part in self.parts]), self.least)

    @cached_property
    def norms(self) -> Array:
        """For each output the sum of the absolute weights, in floats. Raises: never."""
        found = np.zeros(self.shape[0])
        for part in self.parts:
            found[part.rows] += part.sizes.sum(axis=1)
        return found

    @cached_property
    def compressed(self) -> tuple[Array, Array, Array]:
        """All weights but 0, row by row: these, their columns, where each row starts. Raises: never."""
        rows, columns, weights = [], [], []
        for part in self.parts:
            i, j = np.nonzero(part.entries)
            every = np.arange(self.shape[0])[part.rows], np.arange(self.shape[1])[part.columns]
            rows.append(every[0][i])
            columns.append(every[1][j])
            weights.append(part.entries[i, j])
        row = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
        order = np.argsort(row, kind="stable")
        ends = np.searchsorted(row[order], np.arange(self.shape[0] + 1))
        return (
            np.concatenate([*weights, np.zeros(0)])[order],
            np.concatenate([*columns, row[:0]])[order],
            ends,
        )

    def back_from(self, outputs: Array | None) -> tuple[Factor, Array | None]:
        """Return W without the rows of other outputs, and without inputs that these do not read.

        Args:
            outputs: ascending; None: all.

        Returns:
            The matrix, and the inputs that its columns stand for; None: all. Raises: never.
        """
        if outputs is None:
            return self.back, None
        if self.whole:
            (part,) = self.parts
            chosen = Part(slice(None), slice(None), part.entries[outputs], part.sizes[outputs])
            return Factor((len(outputs), self.shape[1]), (chosen,), self.least), None
        met, inputs = narrowed(self.parts, self.shape, outputs)
        parts = [Part(rows, columns, part.entries[at], part.sizes[at]) for part, at, rows, columns in met]
        return Factor((len(outputs), len(inputs)), tuple(parts), self.least), inputs

    def rows(self, outputs: Array) -> Array:
        """Return some rows of a W that is one block. Raises: IndexError."""
        (part,) = self.parts
        return part.entries[outputs]

    @cached_property
    def owners(self) -> Array:
        """For each output the block that it is in; -1: it has no weights. Raises: never."""
        found = np.full(self.shape[0], -1)
        for k, part in enumerate(self.parts):
            found[part.rows] = k
        return found

    def beside(self, outputs: Array) -> Neighbours:
        """Return some outputs of one block with their weights. Raises: IndexError."""
        if self.whole:
            return Neighbours(outputs, self.rows(outputs), None)
        owner = int(self.owners[outputs[0]])
        if owner < 0:
            return Neighbours(outputs, np.zeros((len(outputs), 0)), np.zeros(0, dtype=np.int64))
        part = self.parts[owner]
        weights = part.entries[np.searchsorted(np.asarray(part.rows), outputs)]
        return Neighbours(outputs, weights, np.asarray(part.columns))

    def gathered(self, most: int) -> Iterator[Neighbours]:
        """Yield every output, at most so many at a time. Raises: never."""
        for owner in np.unique(self.owners).tolist():
            every = np.flatnonzero(self.owners == owner)
            for start in range(0, len(every), most):
                yield self.beside(every[start : start + most])


def nearest(numbers: Sequence[Number]) -> Array:
    """Return the float64 nearest to each number; infinite where it is too large. Raises: never."""
    return np.array([ratio(number.numerator, number.denominator) for number in numbers], dtype=np.float64)


def ratio(numerator: int, denominator: int) -> float:
    """Return the float64 nearest to a quotient, but 0 for 0 only; infinite where it is too large.

    Raises:
        never.
    """
    try:
        return numerator / denominator or (SMALLEST if numerator > 0 else -SMALLEST if numerator else 0.0)
    except OverflowError:
        return float("inf") if numerator > 0 else float("-inf")


def float_layers(network: Network, layouts: Sequence[Layout]) -> tuple[FloatLayer, ...]:
    """Return the layers in float64.

    Cost: one division a weight. Raises: never.
    """
    pairs = zip(network.layers, layouts, strict=True)
    return tuple([_float_layer(layer, layout) for layer, layout in pairs])


def _float_layer(layer: Layer, layout: Layout) -> FloatLayer:
    data = nearest(layer.data)
    sizes = np.abs(data)
    least = float(sizes.min(initial=np.inf))
    parts = []
    for block in layout.blocks:
        rows, columns, weights = layout.places(block)
        entries = np.zeros((len(block.rows), len(block.columns)))
        entries[rows, columns] = data[weights]
        at: tuple[Array | slice, Array | slice] = (block.rows, block.columns)
        if layout.whole:
            at = (slice(None), slice(None))
        parts.append(Part(*at, entries, np.abs(entries)))
    return FloatLayer(
        layer.shape,
        tuple(parts),
        0.0 if least < NORMAL else least,
        float(sizes.max(initial=0)),
        nearest(layer.bias),
        layer.relu,
        layout.whole,
    )
