"""What is known of a layer before it is computed, and how it will be: slices, places, digits.

UNTRUSTED.
"""

from collections.abc import Mapping
from typing import NamedTuple

from memcert.exact.slices.digits import Array, Digits
from memcert.exact.slices.matrices import Blocks, Entries, Matrix

NEVER = 1 << 40
"""The lowest place of a neuron that is always 0."""


class Signals(NamedTuple):
    """What is known of a layer's values before they are computed.

    Args:
        exponent: place p stands for 2**(exponent + base * p).
        bounds: the largest |digit| at each place.
        lowest: of each neuron the lowest place that may not be 0; NEVER: it is always 0.
        thin: of the lowest places, where less than half of the neurons have a digit: which ones.
    """

    exponent: int
    bounds: tuple[int, ...]
    lowest: Array
    thin: tuple[Array, ...]


class Cut(NamedTuple):
    """A layer's weights by place, and its biases.

    Args:
        shape: (outputs, inputs).
        slices: digits of the weights by place, ascending.
        biases: digits of the biases, by place of the sums.
        bias_rows: the neurons that the biases' entries count.
        weights: how many weights there are.
    """

    shape: tuple[int, int]
    slices: Mapping[int, Entries]
    biases: Mapping[int, Digits]
    bias_rows: Array
    weights: int


class Extra(NamedTuple):
    """A product beside the main ones: of the digits at one place of the inputs."""

    digit: int
    matrix: Matrix


class Stage(NamedTuple):
    """How one layer is computed. The sums at place p of the outputs add up digit i times slice p - i + shift.

    Args:
        width: outputs.
        before: of the inputs.
        after: of the outputs.
        shift: place 0 of the outputs is i + k = shift.
        dense: the main slices side by side, the highest first, (outputs, slices * inputs); or None.
        parts: the main slices as blocks; empty where they are `dense`.
        main: places of the main slices, ascending without a gap.
        extras: by place of the outputs.
        biases: by place of the outputs, a column, or None.
        carries: by place of the outputs, whether the sum may be more than a digit.
        relu: whether negative values become 0.
    """

    width: int
    before: Signals
    after: Signals
    shift: int
    dense: Array | None
    parts: tuple[Blocks, ...]
    main: range
    extras: tuple[tuple[Extra, ...], ...]
    biases: tuple[Array | None, ...]
    carries: tuple[bool, ...]
    relu: bool
