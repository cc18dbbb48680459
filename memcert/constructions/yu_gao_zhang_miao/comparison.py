"""Does x stand behind a key? The tent g = relu(h - |x - key|), h = 9/4.

A stored value stands in [key + 3/8, key + 11/8), where g > 7/8; values with the other label are at
least 4 from it, hence h + 3/8 from the key, where g = 0.

Source: Lemma B.5, relu(1.1 - |x - a|).
Departure: a wider tent, of which the right slope is used, so that a stored value may move 3/8 to
either side, and the others as much, without any change of sign. One tent for both labels.
UNTRUSTED.
"""

from fractions import Fraction

from memcert.blocks.part import Part, Row, block, neuron
from memcert.contracts.notation import case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract

STAGE = "comparison"
HEIGHT = Fraction(9, 4)
LEAST = Fraction(1, 2)
"""What the contract's case `match` leaves of the tent at least."""
THRESHOLD = Fraction(1, 4)
"""The sum of all tents is compared with this."""


def tent(name: str, difference: Row) -> Part:
    """Build the tent of one key.

    Args:
        name: of the block.
        difference: x - key as a form of the layer before.

    Returns:
        Two layers of width 2 and 1; 2 |difference|_0 + 3 nonzero parameters.

    Raises:
        ValueError: never.
    """
    negated = {source: -weight for source, weight in difference.items()}
    sides = [neuron("c1", difference), neuron("c2", negated)]
    return block(name, STAGE, TENT.id, [sides, [neuron("g", {"c1": -1, "c2": -1}, HEIGHT)]])


TENT = Contract(
    id="tent",
    parameters=parameters(("h", "g", None)),
    assumes=(),
    inputs=inputs("u = c1"),
    layers=(layer("c1 = u", "c2 = -u"), layer("g = h - c1 - c2")),
    outputs=outputs("g"),
    cases=(
        case("match", "u >= 0, u <= h - 1/2", "g = h - u"),
        case("behind", "u >= h, u >= 0", "g = 0"),
        case("before", "u <= -h, u <= 0", "g = 0"),
        # Beside another key of its own label a value may stand anywhere.
        case("anywhere", "h >= 0", "g >= 0, g <= h"),
    ),
)
"""The tent over u = x - key: its right slope down to 1/2, nothing at h or more from the key."""
