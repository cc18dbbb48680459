"""Peel the integer part of v = a_1.a_2...a_n in base 2^w, bit by bit, from the leading one.

One bit a = 2^t: z -> relu(z) - (a/b) relu(z - a + b) + (a/b) relu(z - a) is z for 0 <= z <= a - b and
z - a for z >= a. What stands behind the point is a multiple of b, so one of the two is met.

Source: Lemma B.4.
Departure: the paper's ramp is on the right of a, where it never takes off the lowest bit that is
set if nothing follows: relu(a) - ... = a. The last field is then decoded wrongly. Here the ramp is
on the left. Base 2 in place of 10.
UNTRUSTED.
"""

from fractions import Fraction

from memcert.blocks.part import Part, Row, block, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Contract, Number

STAGE = "decoding"


def slope(bit: int, behind: int) -> int:
    """Return a / b for bit 2^`bit` with `behind` binary places left. Raises: ValueError, if negative."""
    return 1 << bit + behind


def rest(bit: int, behind: int) -> Row:
    """Return what is left after a bit was peeled, as a form of the layer that peels it."""
    steep = slope(bit, behind)
    return {"r0": 1, "r1": -steep, "r2": steep}


def peel(name: str, source: Row, number: Number, bit: int, behind: int) -> Part:
    """Build z -> (r0, r1, r2), the three neurons of one bit; z is `source` + `number`.

    Args:
        name: of the block.
        source: a form of the layer before.
        number: a constant beside it.
        bit: t, the bit being 2^t.
        behind: binary places behind the point.

    Returns:
        One layer of width 3; 3 |source|_0 + 2 nonzero parameters, one less if 2^t = 2^-behind = 1.

    Raises:
        ValueError: bit or behind is negative.
    """
    if bit < 0 or behind < 0:
        raise ValueError(f"expected bit and places of at least 0, got {bit}, {behind}")
    whole, unit = 1 << bit, Fraction(1, 1 << behind)
    left = number - whole + unit
    return block(
        name,
        STAGE,
        PEEL.id,
        [
            [
                neuron("r0", source, number),
                neuron("r1", source, exact(left.numerator, left.denominator)),
                neuron("r2", source, number - whole),
            ]
        ],
    )


PEEL = Contract(
    id="peel",
    parameters=parameters(("a", "r2", None), ("b", "r1", None)),
    assumes=atoms("a > 0, b > 0"),
    inputs=inputs("z = r0"),
    layers=(layer("r0 = z", "r1 = z - a + b", "r2 = z - a"),),
    outputs=outputs("r0, step = r1 - r2"),
    cases=(
        case("unset", "z >= 0, z <= a - b", "r0 = z, step = 0"),
        case("set", "z >= a", "r0 = z, step = b"),
    ),
)
"""The three neurons of a bit; a reader that takes (a/b) step from r0 has peeled it."""
