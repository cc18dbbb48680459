"""Lemma A.8: does x stand in the window of a key?

cmp(x, key) = relu(1 - relu(v)) + relu(1 - relu(-v - e)) - 1 is 1 for -e <= v <= 0 and 0 for v >= 1
or v <= -e - 1. The paper's v = 2 key - 2x, e = 2 gives the window [key, key + 1]; v = 2 key - 2x - 1,
e = 4 widens it by 1/2 on both sides, where keys are at least 3 apart.

Source: Lemma A.8.
Departure: the wide window, so that no sample stands on its border.
UNTRUSTED.
"""

from memcert.blocks.part import Neuron, Row, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract

Pair = tuple[Neuron, Neuron]


def comparison(key: Row, wide: bool) -> tuple[Pair, Pair]:
    """Build the two neurons of each of the two layers.

    Args:
        key: the key as a form of the layer before, beside the value `x`.
        wide: whether the window reaches 1/2 beyond [key, key + 1].

    Returns:
        (near, far) twice, last near + far - 1 = cmp; 2 |key|_0 + 7 nonzero parameters, 8 if wide.

    Raises:
        ValueError: the key reads x itself.
    """
    if "x" in key:
        raise ValueError("the key reads x")
    doubled = {name: 2 * weight for name, weight in key.items()}
    negated = {name: -weight for name, weight in doubled.items()}
    sides = (
        neuron("r1", {"x": -2, **doubled}, -1 if wide else 0),
        neuron("r2", {"x": 2, **negated}, -3 if wide else -2),
    )
    return sides, (neuron("s1", {"r1": -1}, 1), neuron("s2", {"r2": -1}, 1))


SIDES = ("r1 = v", "r2 = e - v")
"""The pattern of the first layer; the parameter e is minus the e above."""
NEAR = ("s1 = 1 - r1", "s2 = 1 - r2")
"""The pattern of the second layer."""
WINDOW = parameters(("e", "r2", None))
NOT_EMPTY = "e <= 0"
MATCH, LEFT, RIGHT = "v <= 0, v >= e", "v >= 1", "v <= e - 1"

COMPARISON = Contract(
    id="comparison",
    parameters=WINDOW,
    assumes=atoms(NOT_EMPTY),
    inputs=inputs("v = r1"),
    layers=(layer(*SIDES), layer(*NEAR)),
    outputs=outputs("both = s1 + s2"),
    cases=(
        case("match", MATCH, "both = 2"),
        case("left", LEFT, "both = 1"),
        case("right", RIGHT, "both = 1"),
        case("ramp", "", "both >= 1, both <= 2"),
    ),
)
"""The lemma by itself, both = cmp + 1; a network's blocks meet `GATE`, which contains it."""
