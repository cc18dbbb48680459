"""Lemma A.7: one more bit of a word by Telgarsky's map phi(z) = relu(relu(2z) - relu(4z - 2)).

A word u of T bits is carried as p = phi^i(u/2^T + 2^-(T+1)) and q = phi^i(u/2^T + 2^-(T+2)). Bit
i, counted from the leading one, is relu(2^(T+2-i) (q_i - p_i)): phi^i falls exactly where the
first i bits are odd as a number, and |p_i - q_i| = 2^(i-T-2).

Source: Lemma A.7 (Telgarsky 2016).
Departure: the lemma is used for single bits (i = j) too; the outer relu of phi never acts there.
UNTRUSTED.
"""

from fractions import Fraction

from memcert.blocks.part import Part, block, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract

STAGE = "bit_extraction"


def heads(word_bits: int) -> tuple[Fraction, Fraction, Fraction]:
    """Return (2^-T, 2^-(T+1), 2^-(T+2)): the scale of a word and the offsets of p_0 and q_0.

    Raises:
        ValueError: word_bits < 1.
    """
    if word_bits < 1:
        raise ValueError(f"expected words of at least one bit, got {word_bits}")
    return Fraction(1, 1 << word_bits), Fraction(1, 2 << word_bits), Fraction(1, 4 << word_bits)


def extract(stream: str, name: str, factor: int) -> Part:
    """Build (p, q) -> (phi p, phi q, bit) for one stream.

    Args:
        stream: suffix of the neuron names.
        name: of the block.
        factor: 2^(T+2-i) for bit i of a word of T bits.

    Returns:
        Three layers of width 4, 2, 3; 14 nonzero parameters.

    Raises:
        ValueError: factor < 2, which no bit has.
    """
    if factor < 2:
        raise ValueError(f"expected a factor >= 2, got {factor}")
    p, q, bit = f"p{stream}", f"q{stream}", f"bit{stream}"
    halves = [f"{part}{stream}" for part in ("a1", "a2", "a3", "a4")]
    first = [
        neuron(halves[0], {p: 2}),
        neuron(halves[1], {p: 4}, -2),
        neuron(halves[2], {q: 2}),
        neuron(halves[3], {q: 4}, -2),
    ]
    second = [neuron(p, {halves[0]: 1, halves[1]: -1}), neuron(q, {halves[2]: 1, halves[3]: -1})]
    third = [neuron(p, {p: 1}), neuron(q, {q: 1}), neuron(bit, {q: factor, p: -factor})]
    return block(name, STAGE, BIT.id, [first, second, third])


_LOW = "p >= 0, q >= 0, 2p <= 1, 2q <= 1"
_HIGH = "2p >= 1, 2q >= 1, p <= 1, q <= 1"
_FIRST, _SECOND = "2k*p - 2k*q = 1", "2k*q - 2k*p = 1"
_RISING, _FALLING = "p3 = 2p, q3 = 2q", "p3 = 2 - 2p, q3 = 2 - 2q"

BIT = Contract(
    id="bit",
    parameters=parameters(("k", "bit", "q2")),
    assumes=atoms("k > 0"),
    inputs=inputs("p = 1/2*a1, q = 1/2*a3"),
    layers=(
        layer("a1 = 2p", "a2 = 4p - 2", "a3 = 2q", "a4 = 4q - 2"),
        layer("p2 = a1 - a2", "q2 = a3 - a4"),
        layer("p3 = p2", "q3 = q2", "bit = k*q2 - k*p2"),
    ),
    outputs=outputs("p3, q3, bit"),
    cases=(
        case("low_zero", f"{_LOW}, {_FIRST}", f"{_RISING}, bit = 0"),
        case("low_one", f"{_LOW}, {_SECOND}", f"{_RISING}, bit = 1"),
        case("high_zero", f"{_HIGH}, {_SECOND}", f"{_FALLING}, bit = 0"),
        case("high_one", f"{_HIGH}, {_FIRST}", f"{_FALLING}, bit = 1"),
    ),
)
"""One extraction step for every word length: p and q are 1/(2k) apart; order and half decide."""
