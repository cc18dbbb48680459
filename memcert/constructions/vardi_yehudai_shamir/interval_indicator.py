"""Lemma A.6: the indicator of an interval [a, b], with ramps half a unit wide.

I(x) = relu(1 - relu(2a - 2x)) + relu(1 - relu(2x - 2b)) - 1 is 1 on [a, b], 0 for x <= a - 1/2 or
x >= b + 1/2, and in [0, 1] everywhere.

Source: Lemma A.6 (Bartlett et al. 2019, proof of Lemma 13, with eps = 1/2).
UNTRUSTED.
"""

from memcert.blocks.part import Neuron, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract

Pair = tuple[Neuron, Neuron]


def interval_indicator(stream: str, doubled_start: int, doubled_end: int) -> tuple[Pair, Pair]:
    """Build the two neurons of each of the two layers for the value `x<stream>`.

    Args:
        stream: suffix of the neuron names.
        doubled_start: 2a.
        doubled_end: 2b >= 2a.

    Returns:
        (l, r) twice, last l + r - 1 = I(x); 8 nonzero parameters, less one for each end at 0.

    Raises:
        ValueError: the interval is empty.
    """
    if doubled_start > doubled_end:
        raise ValueError(f"expected an interval, got [{doubled_start}/2, {doubled_end}/2]")
    x, left, right = f"x{stream}", f"l{stream}", f"r{stream}"
    ramps = neuron(left, {x: -2}, doubled_start), neuron(right, {x: 2}, -doubled_end)
    return ramps, (neuron(left, {left: -1}, 1), neuron(right, {right: -1}, 1))


RAMPS = ("l1 = a2 - 2x", "r1 = 2x + b2")
"""The pattern of the first layer, a2 = 2a and b2 = -2b."""
SIDES = ("l2 = 1 - l1", "r2 = 1 - r1")
"""The pattern of the second layer."""
ENDS = parameters(("a2", "l1", None), ("b2", "r1", None))
ORDERED = "a2 + b2 <= 0"
INSIDE, BELOW, ABOVE = "2x >= a2, 2x <= -b2", "2x <= a2 - 1", "2x >= 1 - b2"

INTERVAL_INDICATOR = Contract(
    id="indicator",
    parameters=ENDS,
    assumes=atoms(ORDERED),
    inputs=inputs("x ~ -1/2*l1"),
    layers=(layer(*RAMPS), layer(*SIDES)),
    outputs=outputs("both = l2 + r2"),
    cases=(
        case("inside", INSIDE, "both = 2"),
        case("below", BELOW, "both = 1"),
        case("above", ABOVE, "both = 1"),
        case("ramp", "", "both >= 1, both <= 2"),
    ),
)
"""The lemma by itself, both = I + 1; a network's blocks meet `SELECT`, which contains it."""
