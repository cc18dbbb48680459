"""Networks as parts: neurons by name, blocks that know their contract, serial and parallel composition.

UNTRUSTED. A part is a stretch of layers. A neuron's row names neurons of the layer before it, in
the same part or in the one composed before it, so that a stage is written without an index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from memcert.contracts import mechanisms
from memcert.kernel.certificate import Number

Row = Mapping[str, Number]
"""A linear form of the layer before: coefficients by neuron name; zeros may be present."""


@dataclass(frozen=True, slots=True)
class Neuron:
    """name = relu(row . layer before + bias); the row holds no zero coefficient."""

    name: str
    row: tuple[tuple[str, Number], ...]
    bias: Number


@dataclass(frozen=True, slots=True)
class Outline:
    """A block of a part: its contract and, a layer, its neurons' positions in contract order."""

    name: str
    stage: str
    contract: str
    first_layer: int
    neurons: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive layers and the blocks that divide their neurons among them."""

    layers: tuple[tuple[Neuron, ...], ...]
    outlines: tuple[Outline, ...]

    @property
    def depth(self) -> int:
        """The number of layers. Raises: never."""
        return len(self.layers)


def neuron(name: str, row: Row, bias: Number = 0) -> Neuron:
    """Return the neuron `name` with that row and bias. Raises: never."""
    return Neuron(name, tuple((source, weight) for source, weight in row.items() if weight), bias)


def block(name: str, stage: str, contract: str, layers: Sequence[Sequence[Neuron]]) -> Part:
    """Return the part that is one block: all its neurons, in the order of the contract's.

    Args:
        name: of the block, distinct within a network.
        stage: the step of the construction that it belongs to.
        contract: the id of the contract that it meets.
        layers: at least one layer of at least one neuron.

    Raises:
        ValueError: there is no layer, an empty layer, or a name twice in a layer.
    """
    if not layers or not all(layers):
        raise ValueError(f"block {name!r}: expected layers of at least one neuron")
    fixed = tuple(tuple(layer) for layer in layers)
    for layer in fixed:
        _refuse_repeats(layer)
    positions = tuple(tuple(range(len(layer))) for layer in fixed)
    return Part(fixed, (Outline(name, stage, contract, 0, positions),))


def carry(
    name: str, stage: str, stream: str, *, depth: int = 1, row: Row | None = None, bias: Number = 0
) -> Part:
    """Carry a value >= 0 past `depth` layers of other blocks, one neuron called `stream` a layer.

    Its contract is `mechanisms.carry(depth)`.

    Args:
        name: of the block.
        stage: the step of the construction that it belongs to.
        stream: the name of the neuron in each layer.
        depth: at least 1.
        row: what the first neuron reads; by default the stream itself.
        bias: of the first neuron.

    Raises:
        ValueError: depth < 1.
    """
    first = neuron(stream, {stream: 1} if row is None else row, bias)
    later = neuron(stream, {stream: 1})
    return block(name, stage, _carry_id(depth), [[first], *[[later]] * (depth - 1)])


def parallel(*parts: Part) -> Part:
    """Put parts of equal depth side by side, neurons in the order given.

    Raises:
        ValueError: the depths differ, there is no part, or a layer has a name twice.
    """
    if len({part.depth for part in parts}) != 1:
        raise ValueError(f"parallel parts of depths {[part.depth for part in parts]}: expected one depth")
    rows = tuple(zip(*(part.layers for part in parts), strict=True))
    layers = tuple(tuple(n for layer in level for n in layer) for level in rows)
    for layer in layers:
        _refuse_repeats(layer)
    outlines: list[Outline] = []
    offsets = [0] * len(layers)
    for part in parts:
        outlines.extend(_moved(outline, offsets) for outline in part.outlines)
        offsets = [offset + len(layer) for offset, layer in zip(offsets, part.layers, strict=True)]
    return Part(layers, tuple(outlines))


def serial(parts: Iterable[Part]) -> Part:
    """Put parts one after another; each reads the last layer of the one before it.

    Cost: linear in the number of neurons.

    Raises:
        ValueError: there is no part.
    """
    layers: list[tuple[Neuron, ...]] = []
    outlines: list[Outline] = []
    for part in parts:
        start = len(layers)
        layers.extend(part.layers)
        outlines.extend(
            Outline(o.name, o.stage, o.contract, o.first_layer + start, o.neurons) for o in part.outlines
        )
    if not layers:
        raise ValueError("a serial composition needs at least one part")
    return Part(tuple(layers), tuple(outlines))


def position(part: Part, layer: int, name: str) -> int:
    """Return where neuron `name` stands in a layer.

    Raises:
        ValueError: the layer has no neuron of that name.
    """
    names = [n.name for n in part.layers[layer]]
    if name not in names:
        raise ValueError(f"layer {layer} has no neuron {name!r}; it has {names}")
    return names.index(name)


@cache
def _carry_id(depth: int) -> str:
    return mechanisms.carry(depth).id


def _moved(outline: Outline, offsets: Sequence[int]) -> Outline:
    here = offsets[outline.first_layer :]
    # A block may end before the part does: zip to the block's own layers.
    moved = (tuple(i + offset for i in layer) for layer, offset in zip(outline.neurons, here, strict=False))
    return Outline(outline.name, outline.stage, outline.contract, outline.first_layer, tuple(moved))


def _refuse_repeats(layer: Sequence[Neuron]) -> None:
    names = [n.name for n in layer]
    if len(set(names)) < len(names):
        raise ValueError(f"a layer has a neuron name twice: {names}")
