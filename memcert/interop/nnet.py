"""`.nnet` files: the text format of fully connected ReLU networks, decimals read exactly.

UNTRUSTED. Values are clipped to [min, max], then (x - mean) / range; outputs y * range + mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from memcert.datasets.numbers import number
from memcert.errors import UndecidedError
from memcert.interop.chain import Chain, Clipped, Layer, Linear, Relu, Scaled
from memcert.interop.refusals import ModelError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

MAX_LAYERS = 10_000
MAX_WIDTH = 1 << 20


@dataclass(frozen=True, slots=True)
class Nnet:
    """What a file holds: W and b of each layer, and how inputs and outputs are scaled.

    Args:
        sizes: of the input, then of every layer.
        lows: smallest value of each input.
        highs: largest value of each input.
        means: of each input, then of the outputs.
        ranges: of each input, then of the outputs; none is 0.
        layers: (weight, bias), a row of the weight for each neuron.
    """

    sizes: tuple[int, ...]
    lows: tuple[Number, ...]
    highs: tuple[Number, ...]
    means: tuple[Number, ...]
    ranges: tuple[Number, ...]
    layers: tuple[tuple[list[tuple[Number, ...]], list[Number]], ...]

    def chain(self, *, normalize: bool, clip: bool) -> Chain:
        """Return the chain of layers.

        Args:
            normalize: scale inputs before and outputs after; else the bare network.
            clip: cut inputs to [low, high] first; only with `normalize`.

        Raises: never.
        """
        layers: list[Layer] = []
        if normalize and clip:
            layers.append(Clipped(tuple(zip(self.lows, self.highs, strict=True))))
        if normalize:
            layers.append(Scaled((("-", self.means[:-1]), ("/", self.ranges[:-1]))))
        for place, (weight, bias) in enumerate(self.layers):
            layers += [Relu()] if place else []
            layers.append(Linear(f"layer {place}", weight, bias))
        if normalize:
            outputs = self.sizes[-1]
            layers.append(Scaled((("*", self.ranges[-1:] * outputs), ("+", self.means[-1:] * outputs))))
        return Chain(self.sizes[0], tuple(layers), ("decimals",), (_done(normalize=normalize, clip=clip),))


def _done(*, normalize: bool, clip: bool) -> str:
    if not normalize:
        return "the bare network: neither clipped nor normalized, in and out"
    if not clip:
        return "inputs (x - mean) / range, not clipped; outputs y * range + mean"
    return "inputs clipped to [minimum, maximum], then (x - mean) / range; outputs y * range + mean"


def read_nnet(content: bytes) -> Nnet:
    """Read the text of a `.nnet` file.

    Raises:
        ModelError: a line is missing, has another length, or a cell is no finite number; the message
            names line and place.
        UndecidedError: a number has too many digits, or there are too many layers or neurons.
    """
    lines = _Lines(content)
    count, inputs, outputs, _ = lines.integers("the counts of layers, inputs, outputs, widest layer", 4)
    if count < 1:
        raise lines.fault("at least one layer", count)
    if count > MAX_LAYERS or max(inputs, outputs) > MAX_WIDTH:
        raise UndecidedError(
            f"expected at most {MAX_LAYERS:,} layers of {MAX_WIDTH:,} neurons, got {count:,} layers from "
            f"{inputs:,} inputs to {outputs:,} outputs"
        )
    sizes = lines.integers("the sizes of the layers", count + 1)
    if (sizes[0], sizes[-1]) != (inputs, outputs) or min(sizes) < 1:
        raise lines.fault(f"sizes of at least 1 from {inputs} inputs to {outputs} outputs", sizes)
    lines.skip("the flag that is not used any more")
    lows, highs = (lines.numbers(f"the {what} of inputs", inputs) for what in ("minima", "maxima"))
    if any(low > high for low, high in zip(lows, highs, strict=True)):
        raise lines.fault("maxima not below the minima", highs)
    means = lines.numbers("the means of inputs and outputs", inputs + 1)
    ranges = lines.numbers("the ranges of inputs and outputs", inputs + 1)
    if 0 in ranges:
        raise lines.fault("ranges that are not 0", ranges)
    layers = tuple(
        (
            [lines.numbers(f"weights of layer {k}, row {i}", sizes[k]) for i in range(sizes[k + 1])],
            [lines.numbers(f"biases of layer {k}, row {i}", 1)[0] for i in range(sizes[k + 1])],
        )
        for k in range(count)
    )
    lines.end()
    return Nnet(sizes, lows, highs, means, ranges, layers)


@dataclass(slots=True)
class _Lines:
    """Hands out lines that are neither comments nor blank, with their numbers."""

    content: bytes
    at: int = 0
    _rest: Iterator[tuple[int, str]] = field(init=False)

    def __post_init__(self) -> None:
        try:
            text = self.content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ModelError(f"expected a .nnet text, got the byte at {error.start} that is none") from None
        self._rest = (
            (place, line.strip())
            for place, line in enumerate(text.splitlines(), start=1)
            if line.strip() and not line.lstrip().startswith("//")
        )

    def cells(self, what: str) -> list[str]:
        found = next(self._rest, None)
        if found is None:
            raise ModelError(f"expected a line with {what}, got the end of the file")
        self.at, line = found
        return [cell.strip() for cell in line.removesuffix(",").split(",")]

    def skip(self, what: str) -> None:
        self.cells(what)

    def numbers(self, what: str, count: int) -> tuple[Number, ...]:
        cells = self.cells(what)
        if len(cells) != count:
            raise self.fault(f"{what}: {count} numbers", len(cells))
        values = []
        for place, cell in enumerate(cells):
            value = None if "/" in cell else number(cell)
            if value is None:
                raise self.fault(f"{what}: a finite decimal number at index {place}", cell)
            values.append(value)
        return tuple(values)

    def integers(self, what: str, count: int) -> tuple[int, ...]:
        values = self.numbers(what, count)
        if not all(type(value) is int for value in values):
            raise self.fault(f"{what}: whole numbers", values)
        return tuple(int(value) for value in values)

    def fault(self, expected: str, got: object) -> ModelError:
        return ModelError(f"line {self.at}: expected {expected}, got {shown(got)}")

    def end(self) -> None:
        found = next(self._rest, None)
        if found is not None:
            raise ModelError(f"line {found[0]}: expected the end of the file, got {shown(found[1])}")
