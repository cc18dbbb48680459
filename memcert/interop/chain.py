"""Chains of layers, as most formats but ONNX hold them, lowered through the same forms as graphs are.

UNTRUSTED.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from memcert.errors import UsageError
from memcert.interop.forms import Circuit, Form
from memcert.interop.lowering import LOWERING, lowered
from memcert.interop.preprocessing import Affine
from memcert.interop.refusals import ModelError
from memcert.kernel.certificate import Number
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown

Step = Callable[[Circuit, list[Form]], list[Form]]
"""What a layer does to all values at once."""


def network_of(
    size: int, steps: Sequence[Step], preprocess: Affine | None, rule: str | None, lowering: int = LOWERING
) -> Network:
    """Return the network of a chain over Q^size.

    Args:
        size: coordinates of the input.
        steps: the layers, first to last.
        preprocess: of every coordinate, before the first layer.
        rule: what the outputs are compared by; None: nothing is.
        lowering: the version that makes the network.

    Cost: linear in the weights, where no two linear layers follow each other.

    Raises:
        UsageError: the number of outputs does not suit the rule, or a list of `preprocess` the input.
        ModelError: a layer takes another number of values.
        UnsupportedError: a lowering that is not known.
        UndecidedError: it is too large.
    """
    circuit = Circuit(size)
    first = (preprocess or Affine()).coefficients((size,))
    forms = [circuit.affine(i, factor, shift) for i, (factor, shift) in enumerate(first)]
    for step in steps:
        forms = step(circuit, forms)
    confirm_outputs(len(forms), rule)
    return lowered(circuit, forms, lowering)


def confirm_outputs(count: int, rule: str | None) -> None:
    """Refuse a rule that does not suit the number of outputs. Raises: UsageError."""
    if rule is not None and (count > 1) != (rule == "argmax"):
        expected = "two outputs or more" if rule == "argmax" else "one output"
        hint = "; the rule for one output that says which of two classes is sign" if count == 1 else ""
        raise UsageError(f"rule {rule}: expected {expected}, the model has {count}{hint}")


@dataclass(frozen=True, slots=True)
class Linear:
    """x -> W x + b.

    Args:
        name: what messages call the layer.
        weight: a row for each output.
        bias: as many numbers as rows.
    """

    name: str
    weight: Sequence[Sequence[Number]]
    bias: Sequence[Number]

    def __call__(self, circuit: Circuit, forms: list[Form]) -> list[Form]:
        """Return the values after it. Raises: ModelError, x has another length than the rows."""
        weight, bias = self.weight, self.bias
        if len(weight) != len(bias) or any(len(row) != len(forms) for row in weight):
            columns = len(weight[0]) if weight else 0
            raise ModelError(
                f"layer {shown(self.name)}: expected weights for {len(forms)} inputs and as many rows as the "
                f"bias has numbers, {len(bias)}, got {len(weight)} rows of {columns}"
            )
        bottom = lcm(*{w.denominator for row in weight for w in row})
        places = range(len(forms))
        rows = (
            (places, [w.numerator * (bottom // w.denominator) for w in row], b)
            for row, b in zip(weight, bias, strict=True)
        )
        return circuit.products(forms, rows, bottom)


@dataclass(frozen=True, slots=True)
class Scaled:
    """Each value by itself: operations with a number a value, in the order in which they are computed.

    Args:
        operations: (+, -, * or /, numbers); x -> (x - mean) / range is two of them.
    """

    operations: tuple[tuple[str, Sequence[Number]], ...]

    def coefficients(self) -> list[tuple[Number, Number]]:
        """Return factor and shift of every value. Raises: ModelError, the lists differ in length."""
        lengths = {len(numbers) for _, numbers in self.operations}
        if len(lengths) > 1:
            raise ModelError(f"expected one number of factors and shifts, got {sorted(lengths)}")
        columns = zip(*(numbers for _, numbers in self.operations), strict=True)
        signs = [sign for sign, _ in self.operations]
        return [_composed(list(zip(signs, column, strict=True))) for column in columns]

    def __call__(self, circuit: Circuit, forms: list[Form]) -> list[Form]:
        """Return the values after it. Raises: ModelError, other numbers of values."""
        pairs = self.coefficients()
        if len(pairs) != len(forms):
            raise ModelError(f"expected factors and shifts for {len(forms)} values, got {len(pairs)}")
        parts = zip(forms, pairs, strict=True)
        return [circuit.combined(((factor, form),), shift) for form, (factor, shift) in parts]


def _composed(operations: Sequence[tuple[str, Number]]) -> tuple[Number, Number]:
    factor, shift = Fraction(1), Fraction(0)
    for sign, number in operations:
        if sign in "+-":
            shift += number if sign == "+" else -number
        else:
            by = Fraction(number) if sign == "*" else 1 / Fraction(number)
            factor, shift = factor * by, shift * by
    return _plain(factor), _plain(shift)


def _plain(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


@dataclass(frozen=True, slots=True)
class Relu:
    """max(0, x) of every value."""

    def __call__(self, circuit: Circuit, forms: list[Form]) -> list[Form]:
        """Return the values after it. Raises: UndecidedError, by size."""
        return [circuit.relu(form) for form in forms]


@dataclass(frozen=True, slots=True)
class LeakyRelu:
    """x -> relu(x) - slope relu(-x)."""

    slope: Number

    def __call__(self, circuit: Circuit, forms: list[Form]) -> list[Form]:
        """Return the values after it. Raises: UndecidedError, by size."""

        def one(form: Form) -> Form:
            below = circuit.relu(circuit.combined(((-1, form),)))
            return circuit.combined(((1, circuit.relu(form)), (-self.slope, below)))

        return [one(form) for form in forms]


@dataclass(frozen=True, slots=True)
class Clipped:
    """x_i -> min(max(x_i, low_i), high_i), as low + relu(x - low) - relu(x - high).

    Args:
        bounds: low <= high for each value; one pair serves all.
    """

    bounds: Sequence[tuple[Number, Number]]

    def pairs(self, count: int) -> list[tuple[Number, Number]]:
        """Return the bounds of each of so many values. Raises: ModelError, there are others."""
        pairs = list(self.bounds) * count if len(self.bounds) == 1 else list(self.bounds)
        if len(pairs) != count:
            raise ModelError(f"expected bounds of {count} values, got {len(pairs)}")
        return pairs

    def __call__(self, circuit: Circuit, forms: list[Form]) -> list[Form]:
        """Return the values after it. Raises: ModelError, other numbers of values; UndecidedError by size."""

        def one(form: Form, low: Number, high: Number) -> Form:
            above = circuit.relu(circuit.combined(((1, form),), -low))
            over = circuit.relu(circuit.combined(((1, form),), -high))
            return circuit.combined(((1, above), (-1, over)), low)

        return [one(form, *pair) for form, pair in zip(forms, self.pairs(len(forms)), strict=True)]


@dataclass(frozen=True, slots=True)
class Same:
    """Every value as it is: dropout, flatten, identity."""

    def __call__(self, _circuit: Circuit, forms: list[Form]) -> list[Form]:
        """Return the values. Raises: never."""
        return forms


Layer = Linear | Scaled | Relu | LeakyRelu | Clipped | Same


@dataclass(frozen=True, slots=True)
class Chain:
    """What a model file holds, layer by layer, with its numbers decoded.

    Args:
        size: coordinates of the input.
        layers: first to last, in the order in which the format's own readers compute.
        stored: how the file holds the numbers: element types such as `float32`, or `decimals`.
        notes: what was assumed or left out.
    """

    size: int
    layers: tuple[Layer, ...]
    stored: tuple[str, ...]
    notes: tuple[str, ...] = ()
