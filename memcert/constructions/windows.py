"""Steps in gaps between samples, and the distance of a value from a window: blocks of one layer.

Source: the ramps and trapezoids that every key comparison of the literature is made of; each is
one mechanism with its own contract, whatever the construction.
UNTRUSTED.
"""

from collections.abc import Iterable

from memcert.blocks.part import Part, Row, block, neuron, parallel
from memcert.contracts import mechanisms
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract, Number

RAMP = mechanisms.ramp()
NEURON = mechanisms.neuron()

APART = Contract(
    id="apart",
    parameters=parameters(("w", "e2", None)),
    assumes=atoms("w <= 0"),
    inputs=inputs("v = e1"),
    layers=(layer("e1 = v", "e2 = w - v"),),
    outputs=outputs("off = e1 + e2"),
    cases=(
        case("inside", "v <= 0, v >= w", "off = 0"),
        case("one_side", "v >= 0", "off = v"),
        case("other_side", "v <= w", "off = w - v"),
    ),
)
"""The distance of v from the window [w, 0], by two neurons whose sum is read."""


def ramp(mark: str, stage: str, row: Row, top: Number, rise: Number, *, name: str | None = None) -> Part:
    """Build the ramp that climbs from 0 at row = top - rise to `rise` at row = top.

    Args:
        mark: the neurons are `low<mark>` and `high<mark>`; their difference is read.
        stage: the step of the construction that it belongs to.
        row: what climbs.
        top: where the ramp ends.
        rise: its height and its width, above 0.
        name: of the block; by default `ramp_<mark>`.

    Raises:
        ValueError: the rise is not above 0.
    """
    if rise <= 0:
        raise ValueError(f"expected a ramp that rises, got {rise}")
    low, high = neuron(f"low{mark}", row, rise - top), neuron(f"high{mark}", row, -top)
    return block(name or f"ramp_{mark}", stage, RAMP.id, [[low, high]])


def steps(marks: Iterable[str], heights: Iterable[Number]) -> dict[str, Number]:
    """Return the row of the sum of heights * (low - high) over ramps. Raises: ValueError, lengths."""
    row: dict[str, Number] = {}
    for mark, height in zip(marks, heights, strict=True):
        row[f"low{mark}"], row[f"high{mark}"] = height, -height
    return row


def apart(name: str, stage: str, row: Row, bias: Number, window: Number) -> Part:
    """Build e1 = relu(v), e2 = relu(-v - window) of v = row + bias: their sum is what v lies apart.

    Args:
        name: of the block.
        stage: the step of the construction that it belongs to.
        row: v, but for its constant.
        bias: the constant of v.
        window: the length of [-window, 0], at least 0.

    Raises:
        ValueError: the window has a negative length.
    """
    if window < 0:
        raise ValueError(f"expected a window, got the length {window}")
    mirrored = {source: -weight for source, weight in row.items()}
    return block(name, stage, APART.id, [[neuron("e1", row, bias), neuron("e2", mirrored, -bias - window)]])


def gate(name: str, stage: str, stream: str, row: Row) -> Part:
    """Build one neuron that is on where its row is >= 0 and off where it is <= 0. Raises: never."""
    return block(name, stage, NEURON.id, [[neuron(stream, row)]])


def beside(*parts: Part | None) -> Part:
    """Put the parts that there are side by side. Raises: ValueError, as `parallel`."""
    return parallel(*(part for part in parts if part is not None))
