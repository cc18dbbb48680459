"""The tent map T(z) = 2z - relu(4z - 2) on [0, 1]: two neurons a step, and the bits it passes.

A layer holds p = z and h = relu(4z - 2), so that the next z is 2p - h. Where a label bit is due it
also holds q = relu(K (4z - 2) - 1), and K h - q is 1 where z > 1/2, 0 where z <= 1/2.

Source: the map is Telgarsky's (2016), as in Lemma A.7 of Vardi, Yehudai, Shamir 2021.
Departure: the lemma's outer relu never acts on [0, 1] and is left out: one layer a step, not three.
UNTRUSTED.
"""

from memcert.blocks.part import Part, Row, block, carry, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract, Number

STAGE = "orbit"
STORED: Row = {"p": 1}
TENT_OF: Row = {"p": 2, "h": -1}


def step(mark: int, z: Row, sharpness: int | None) -> Part:
    """Build z -> (p, h), and q where a label bit is read.

    Args:
        mark: the step's number, for the name of the block.
        z: the number as a form of the layer before.
        sharpness: K, at least 1; None: no bit is read.

    Returns:
        One layer of width 2 or 3.

    Raises:
        ValueError: sharpness < 1.
    """
    if sharpness is not None and sharpness < 1:
        raise ValueError(f"expected a sharpness of at least 1, got {sharpness}")
    neurons = [neuron("p", z), neuron("h", _scaled(z, 4), -2)]
    if sharpness is None:
        return block(f"tent_{mark}", STAGE, TENT.id, [neurons])
    neurons.append(neuron("q", _scaled(z, 4 * sharpness), -2 * sharpness - 1))
    return block(f"tent_{mark}", STAGE, TENT_BIT.id, [neurons])


def last(mark: int, z: Row) -> Part:
    """Build z -> p, where the orbit ends. Raises: never."""
    return carry(f"tent_{mark}", STAGE, "p", row=z)


def bit(sharpness: int) -> dict[str, Number]:
    """Return the bit of the layer before as a form. Raises: never."""
    return {"h": sharpness, "q": -1}


def _scaled(row: Row, factor: int) -> Row:
    return {source: factor * weight for source, weight in row.items()}


_LOW, _HIGH = "z >= 0, z <= 1/2", "z >= 1/2"

TENT = Contract(
    id="tent",
    parameters=(),
    assumes=(),
    inputs=inputs("z = p"),
    layers=(layer("p = z", "h = 4z - 2"),),
    outputs=outputs("p, h"),
    cases=(
        case("rising", _LOW, "p = z, h = 0"),
        case("falling", _HIGH, "p = z, h = 4z - 2"),
    ),
)
"""One step: the next number 2p - h is 2z on the rising half, 2 - 2z on the falling one."""

TENT_BIT = Contract(
    id="tent_bit",
    parameters=parameters(("k", "q", "z")),
    assumes=atoms("k >= 1"),
    inputs=inputs("z = p"),
    layers=(layer("p = z", "h = 4z - 2", "q = 4k*z - 2k - 1"),),
    outputs=outputs("p, h, q"),
    cases=(
        case("zero", _LOW, "p = z, h = 0, q = 0"),
        case("one", "4k*z >= 2k + 1", "p = z, h = 4z - 2, q = 4k*z - 2k - 1"),
    ),
)
"""One step with a bit: k h - q is 0 on the rising half; 1 on the falling one, off the middle."""
