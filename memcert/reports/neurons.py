"""What every neuron of a network does at one point: exact values, which are on, which is nearest to its kink.

UNTRUSTED. For any network, also where there is no outline that says what neurons are for; it decides nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from memcert.kernel.certificate import Number
from memcert.kernel.network import Network, Values, apply, values_of
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown
from memcert.reports.words import rough

SUMMARY = ("#layer", "#neurons", "#on", "#off", "#at 0", "nearest to its kink")
EACH = ("#layer", "#neuron", "state", "exact value before its ReLU")
MOST_NEURONS = 48
"""A network of so many neurons, or fewer, is told neuron by neuron unasked."""


@dataclass(frozen=True, slots=True)
class LayerSeen:
    """A layer at one point.

    Args:
        relu: whether it ends in ReLU.
        before: W x + b, one number a neuron.
    """

    relu: bool
    before: tuple[Number, ...]

    @property
    def after(self) -> tuple[Number, ...]:
        """What the next layer reads. Raises: never."""
        return tuple(max(value, 0) for value in self.before) if self.relu else self.before

    @property
    def nearest(self) -> int | None:
        """The neuron whose value before its ReLU is the smallest in size; None: no ReLU. Raises: never."""
        if not self.relu:
            return None
        return min(range(len(self.before)), key=lambda i: (abs(self.before[i]), i))

    def count(self, sign: int) -> int:
        """Return how many neurons have a value of that sign, 1, 0 or -1. Raises: never."""
        return sum((value > 0) - (value < 0) == sign for value in self.before)


def layers_at(network: Network, point: Sequence[Number]) -> tuple[LayerSeen, ...]:
    """Return every layer's exact values at a point.

    Cost: one product of integers a nonzero weight.

    Raises:
        LimitReached: a value grew beyond the kernel's bound.
    """
    found, values = [], values_of([point], network.input_size)
    for layer in network.layers:
        values = apply(replace(layer, relu=False), values, 1)
        seen = LayerSeen(layer.relu, tuple(_number(column[0], values) for column in values.columns))
        if layer.relu:
            values = Values(tuple([max(column[0], 0)] for column in values.columns), values.denominator)
        found.append(seen)
    return tuple(found)


def _number(numerator: int, values: Values) -> Number:
    value = Fraction(numerator, values.denominator)
    return value.numerator if value.denominator == 1 else value


def summary(layers: Sequence[LayerSeen]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each layer, as SUMMARY names the columns. Raises: never."""
    for place, layer in enumerate(layers):
        counts = (f"{layer.count(sign):,}" if layer.relu else "" for sign in (1, -1, 0))
        nearest = layer.nearest
        told = "no ReLU" if nearest is None else f"neuron {nearest}: {rough(layer.before[nearest])}"
        yield (str(place), f"{len(layer.before):,}", *counts, told)


def each(layers: Sequence[LayerSeen]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each neuron, as EACH names the columns. Raises: never."""
    for place, layer in enumerate(layers):
        for i, value in enumerate(layer.before):
            state = "on" if value > 0 else "off" if value < 0 else "at 0"
            yield (str(place), str(i), state if layer.relu else "no ReLU", rough(value))


def as_data(layers: Sequence[LayerSeen], *, every_neuron: bool) -> list[dict[str, object]]:
    """Return the layers for `--json`.

    Args:
        layers: of one point.
        every_neuron: whether the values of all neurons are told.

    Raises:
        never.
    """
    return [_layer(place, layer, every_neuron) for place, layer in enumerate(layers)]


def _layer(place: int, layer: LayerSeen, every_neuron: bool) -> dict[str, object]:
    nearest = layer.nearest
    told: dict[str, object] = {
        "layer": place,
        "relu": layer.relu,
        "neurons": len(layer.before),
        "on": layer.count(1),
        "off": layer.count(-1),
        "at_zero": layer.count(0),
        "nearest": None if nearest is None else {"neuron": nearest, "value": spell(layer.before[nearest])},
    }
    if every_neuron:
        told["values"] = [spell(value) for value in layer.before]
    return told


def decision(rule: str, outputs: Sequence[Number], names: Sequence[int | str] | None) -> str | None:
    """Return which outputs lead, for argmax: the largest, the next, and by how much; None: another rule.

    Args:
        rule: the certificate's.
        outputs: of the network.
        names: of the outputs, in order, if they have any.

    Raises:
        never.
    """
    if rule != "argmax":
        return None
    first, second = sorted(range(len(outputs)), key=lambda i: (-outputs[i], i))[:2]

    def called(i: int) -> str:
        return f"output {i}" if names is None else f"output {i} ({shown(names[i])})"

    lead = outputs[first] - outputs[second]
    if lead == 0:
        return f"{called(first)} and {called(second)} are both the largest, {rough(outputs[first])}: a tie"
    return (
        f"{called(first)} is the largest, {rough(outputs[first])}; it leads {called(second)} by {rough(lead)}"
    )
