"""Chains of layers, as most formats but ONNX hold them, lowered through the same forms as graphs are.

UNTRUSTED.
"""

from collections.abc import Callable, Sequence
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


def linear(name: str, weight: Sequence[Sequence[Number]], bias: Sequence[Number]) -> Step:
    """Return x -> W x + b.

    Args:
        name: what messages call the layer.
        weight: a row for each output.
        bias: as many numbers as rows.

    Raises: never; the step raises ModelError where x has another length than the rows.
    """

    def step(circuit: Circuit, forms: list[Form]) -> list[Form]:
        if len(weight) != len(bias) or any(len(row) != len(forms) for row in weight):
            columns = len(weight[0]) if weight else 0
            raise ModelError(
                f"layer {shown(name)}: expected weights for {len(forms)} inputs and as many rows as the bias "
                f"has numbers, {len(bias)}, got {len(weight)} rows of {columns}"
            )
        bottom = lcm(*{w.denominator for row in weight for w in row})
        places = range(len(forms))
        rows = (
            (places, [w.numerator * (bottom // w.denominator) for w in row], b)
            for row, b in zip(weight, bias, strict=True)
        )
        return circuit.products(forms, rows, bottom)

    return step


def scaled(factors: Sequence[Number], shifts: Sequence[Number]) -> Step:
    """Return x_i -> factors_i x_i + shifts_i. Raises: never; the step raises ModelError."""

    def step(circuit: Circuit, forms: list[Form]) -> list[Form]:
        if not len(forms) == len(factors) == len(shifts):
            raise ModelError(f"expected {len(forms)} factors and shifts, got {len(factors)}, {len(shifts)}")
        parts = zip(forms, factors, shifts, strict=True)
        return [circuit.combined(((factor, form),), shift) for form, factor, shift in parts]

    return step


def relu(circuit: Circuit, forms: list[Form]) -> list[Form]:
    """Return max(0, x) of every value. Raises: UndecidedError, by size."""
    return [circuit.relu(form) for form in forms]


def leaky_relu(slope: Number) -> Step:
    """Return x -> relu(x) - slope relu(-x). Raises: never; the step UndecidedError, by size."""

    def one(circuit: Circuit, form: Form) -> Form:
        below = circuit.relu(circuit.combined(((-1, form),)))
        return circuit.combined(((1, circuit.relu(form)), (-slope, below)))

    return lambda circuit, forms: [one(circuit, form) for form in forms]


def clipped(bounds: Sequence[tuple[Number, Number]]) -> Step:
    """Return x_i -> min(max(x_i, low_i), high_i), as low + relu(x - low) - relu(x - high).

    Args:
        bounds: low <= high for each value; one pair serves all.

    Raises: never; the step raises ModelError where the numbers of values differ, UndecidedError by size.
    """

    def one(circuit: Circuit, form: Form, low: Number, high: Number) -> Form:
        above = circuit.relu(circuit.combined(((1, form),), -low))
        over = circuit.relu(circuit.combined(((1, form),), -high))
        return circuit.combined(((1, above), (-1, over)), low)

    def step(circuit: Circuit, forms: list[Form]) -> list[Form]:
        pairs = list(bounds) * len(forms) if len(bounds) == 1 else list(bounds)
        if len(pairs) != len(forms):
            raise ModelError(f"expected bounds of {len(forms)} values, got {len(pairs)}")
        return [one(circuit, form, *pair) for form, pair in zip(forms, pairs, strict=True)]

    return step
