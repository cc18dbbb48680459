"""The largest box around a row inside its activation-pattern polytope, and inside it with its label.

UNTRUSTED, exact. On the closed activation-pattern polytope of a row every neuron before its ReLU is an
affine map z(x') = a . x' + b. The closed sup-norm box of radius r lies inside iff r <= |z(x)| / |a|_1
for every neuron with a != 0; the smallest of these is attained. A statement m > 0 about the outputs, m
affine there, holds on the box iff r < m(x) / |grad m|_1. Which neuron gives the smallest number is found
by floats with error bounds: those that are proved larger than another are left out, all others are
evaluated exactly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from memcert.boxes.statements import Statement, statements
from memcert.datasets.dataset import Dataset, exact
from memcert.exact.slices.threads import alone
from memcert.kernel.certificate import Number
from memcert.kernel.check import holds
from memcert.kernel.network import Network
from memcert.regions.blocks import layouts
from memcert.regions.digits import integers_of, row_sums, signs
from memcert.regions.distances import Near, nearest_neurons, nearest_statements
from memcert.regions.matrices import FloatLayer, float_layers
from memcert.regions.passes import IntegerLayer, Maps, integer_layers, neuron_maps, output_maps
from memcert.regions.patterns import Patterns, patterns

Array = np.ndarray[Any, Any]
BATCH, NUMBERS = 250, 1 << 19
"""Rows at once, and numbers of a layer at once; both bound memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows, with what a rule asks of them and how it went.

    Args:
        dataset: the rows.
        rule: equal, sign, argmax or within.
        labels: what the rule compares, one a row.
        margins: as `verify` finds them, one a row; the rule holds or fails by them.
        tolerance: for within.
    """

    dataset: Dataset
    rule: str
    labels: Sequence[Number]
    margins: Sequence[Number]
    tolerance: Number | None = None


@dataclass(frozen=True, slots=True)
class Wall:
    """What ends a box: the first neuron that becomes 0, or statement about the outputs that fails.

    Args:
        radius: of the largest box on one side of it, at least 0.
        layer: of the neuron, from 0; None: a statement about the outputs.
        index: of the neuron in its layer, or of the statement: for argmax the output that is reached.
        direction: -1, 0 or 1 a coordinate: x + radius * direction is a point on the wall and on the box.
        strict: at that point the statement is false, so that the radius itself is left out.
    """

    radius: Number
    layer: int | None
    index: int
    direction: bytes
    strict: bool

    def point(self, x: Sequence[Number]) -> tuple[Number, ...]:
        """Return the point of the wall that is a corner of the box around x. Raises: never."""
        moves = np.frombuffer(self.direction, dtype=np.int8).tolist()
        return tuple([a + self.radius * move for a, move in zip(x, moves, strict=True)])


@dataclass(frozen=True, slots=True)
class Region:
    """One row: the walls nearest to it.

    Args:
        row: from 0.
        neuron: the nearest wall of the activation-pattern polytope; None: there is none.
        label: the nearest wall of the label on that polytope, continued affinely; None: there is
            none, or the rule fails at the row.
        holds: whether the rule holds at the row.
    """

    row: int
    neuron: Wall | None
    label: Wall | None
    holds: bool

    @property
    def nearest(self) -> Wall | None:
        """The wall that ends the box in which the rule is shown; of two at one radius the strict one.

        Raises: never.
        """
        walls = [wall for wall in (self.label, self.neuron) if wall is not None]
        return min(walls, key=lambda wall: wall.radius, default=None)


class Layers(NamedTuple):
    """A network's layers in floats and in integers."""

    network: Network
    floats: tuple[FloatLayer, ...]
    integers: tuple[IntegerLayer, ...]


def layers_of(network: Network) -> Layers:
    """Prepare a network, once for all parts of its rows.

    Cost: some operations a weight.

    Raises:
        LimitReached: a layer is too large, or numbers are too long.
    """
    where = layouts(network)
    return Layers(network, float_layers(network, where), integer_layers(network, where))


def regions(layers: Layers, asked: Rows) -> Iterator[Region]:
    """Yield the region of every row, in order.

    Args:
        layers: of any network.
        asked: rows of its input size, and what is asked of them.

    Cost: two float products a layer and row, a few for each neuron that may be the nearest, and one
    exact product of digits for the nearest. Memory does not grow with the rows.

    Raises:
        LimitReached: numbers grow too long.
    """
    network = layers.network
    search = _Search(*layers, asked.dataset)
    outputs = network.layers[-1].shape[0]
    widest = max(network.input_size, *(layer.shape[0] for layer in network.layers))
    batch = max(1, min(BATCH, NUMBERS // widest))
    for start in range(0, asked.dataset.size, batch):
        rows = range(start, min(start + batch, asked.dataset.size))
        said = [statements(asked.rule, asked.labels[row], outputs, asked.tolerance) for row in rows]
        held = [holds(asked.rule, asked.margins[row]) for row in rows]
        with (
            alone()
        ):  # products of a batch are small: to share each among processors costs more than it gains
            found = search.batch(rows, said, held)
        yield from found


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    network: Network
    floats: tuple[FloatLayer, ...]
    integers: tuple[IntegerLayer, ...]
    dataset: Dataset

    def batch(
        self, rows: range, asked: Sequence[tuple[Statement, ...]], held: Sequence[bool]
    ) -> list[Region]:
        with np.errstate(all="ignore"):  # what overflows is evaluated exactly
            found = patterns(self.network, self.floats, self.dataset, rows)
            neurons = nearest_neurons(self.floats, found)
            spoken = [some if good else () for some, good in zip(asked, held, strict=True)]
            labels = nearest_statements(self.floats, found, spoken)
        walls = self._least(rows, [self._neuron_walls(rows, found, part) for part in neurons])
        limits = self._least(rows, [self._label_walls(rows, found, labels, spoken)])
        return [Region(row, walls[k], limits[k], held[k]) for k, row in enumerate(rows)]

    def _neuron_walls(self, rows: range, found: Patterns, part: Near) -> list[tuple[int, Wall]]:
        maps = neuron_maps(self.integers, found.masks, part.layer or 0, part.rows, part.items)
        strict = [False] * len(part.rows)
        return list(self._walls(rows, maps, part, strict))

    def _label_walls(
        self, rows: range, found: Patterns, part: Near, spoken: Sequence[tuple[Statement, ...]]
    ) -> list[tuple[int, Wall]]:
        chosen = [spoken[row][item] for row, item in zip(part.rows, part.items, strict=True)]
        if not chosen:
            return []
        forms = np.array([statement.form for statement in chosen], dtype=object)
        maps = output_maps(self.integers, found.masks, part.rows, forms)
        shift = [statement.constant for statement in chosen]
        strict = [statement.strict for statement in chosen]
        named = part._replace(items=np.array([statement.target for statement in chosen]))
        return list(self._walls(rows, maps, named, strict, shift))

    def _walls(
        self,
        rows: range,
        maps: Maps,
        part: Near,
        strict: Sequence[bool],
        shift: Sequence[Number] | None = None,
    ) -> Iterator[tuple[int, Wall]]:
        """Yield (index of the row, wall) for every map whose gradient is not 0, exactly."""
        toward = signs(maps.gradients)
        norms = row_sums(maps.gradients, toward)
        points = self.dataset.numerators[np.asarray(rows)[part.rows]]
        products = row_sums(maps.gradients, points)
        unit = self.dataset.denominator
        for k, norm in enumerate(norms):
            if norm == 0:
                continue
            # z = (a . x / unit + b) / denominator, and |a| / denominator is the 1-norm of its gradient.
            value = Fraction(products[k] + int(maps.constants[k]) * unit, unit * norm)
            if shift is not None and shift[k]:
                value += Fraction(shift[k]) * maps.denominator / norm
            moves = (toward[k] * (-1 if value > 0 else 1 if value < 0 else 0)).astype(np.int8)
            radius = abs(value)
            yield (
                int(part.rows[k]),
                Wall(
                    radius.numerator if radius.denominator == 1 else radius,
                    part.layer,
                    int(part.items[k]),
                    moves.tobytes(),
                    strict[k],
                ),
            )

    @staticmethod
    def _least(rows: range, parts: Sequence[Sequence[tuple[int, Wall]]]) -> list[Wall | None]:
        best: list[Wall | None] = [None] * len(rows)
        for part in parts:
            for row, wall in part:
                known = best[row]
                if known is None or (wall.radius, _order(wall)) < (known.radius, _order(known)):
                    best[row] = wall
        return best


def _order(wall: Wall) -> tuple[int, int]:
    return (-1 if wall.layer is None else wall.layer), wall.index


Map = tuple[tuple[tuple[Number, ...], ...], tuple[Number, ...]]


def affine_maps(layers: Layers, dataset: Dataset) -> Iterator[Map]:
    """Yield (J, c) with F(x') = J x' + c on the polytope of each row, exactly.

    Cost: an exact product of digits a layer and output, and a fraction an entry of J.

    Raises:
        LimitReached: numbers grow too long.
    """
    network, floats, integers = layers
    outputs = network.layers[-1].shape[0]
    forms = np.eye(outputs, dtype=np.int64).astype(object)
    for row in range(dataset.size):
        with np.errstate(all="ignore"):  # what overflows is evaluated exactly
            found = patterns(network, floats, dataset, [row])
        maps = output_maps(integers, found.masks, np.zeros(outputs, dtype=np.int64), forms)
        lines = integers_of(maps.gradients).tolist()
        gradient = tuple([tuple([exact(x, maps.denominator) for x in line]) for line in lines])
        yield gradient, tuple([exact(x, maps.denominator) for x in maps.constants.tolist()])
