"""Slot by slot: does the orbit stand at x? The label that it passed on the way counts then.

In step t = s (rho + c) + c the orbit's number p has 2^rho p in (key, key + 1) of slot s. The window
comparison takes |x - 2^rho p| up to 11/8 for a match and from 13/8 on for none; a sample of that
key is within 1, every other is beyond 2: each may move by 3/8 at least.

UNTRUSTED.
"""

from fractions import Fraction

from memcert.blocks.part import Part, Row, block, carry, neuron, serial
from memcert.constructions.tent_keys import orbit
from memcert.constructions.tent_keys.sizes import Shape
from memcert.constructions.windows import NEURON, apart, beside
from memcert.kernel.certificate import Number

STAGE = "lookup"
SLOPE = 4
HALF_WIDTH = Fraction(11, 8)


def lookup(shape: Shape, sharpness: int) -> Part:
    """Build (x, p) -> y, the code of the stored point whose key is x's, else 0.

    Args:
        shape: n, rho and c.
        sharpness: K of the label bits.

    Returns:
        (n - 1)(rho + c) + c + 4 layers, of width at most 7.

    Raises:
        ValueError: the sharpness is below 1.
    """
    return serial(_layer(shape, sharpness, t) for t in range(shape.end + 4))


def shut(label: int, label_bits: int) -> Fraction:
    """Return the least |x - 2^rho p| from which on a slot with that label gives nothing. Raises: never."""
    height = max(1, (1 << label_bits) - 1)
    return HALF_WIDTH + Fraction(label if label_bits else 1, SLOPE * height)


def _layer(shape: Shape, sharpness: int, t: int) -> Part:
    """Step t of the orbit, beside x, the label, the comparison of this slot or the last, and the sum."""
    c = shape.label_bits
    started = t - c - 1
    since = started % shape.period if t <= shape.end else t - shape.end - 1
    parts: list[Part | None] = []
    if t <= shape.end:
        parts += [carry(f"x_{t}", STAGE, "x"), _orbit(shape, sharpness, t), _label(shape, sharpness, t)]
    if started >= 0 and since == 0:
        parts += [_compare(shape, t), carry(f"label_kept_{t}", STAGE, "lab") if c else None]
    if started >= 1 and since == 1:
        parts.append(_gate(c, t))
    if started >= 2:
        row: dict[str, Number] = {"y": 1} if started > 2 else {}
        parts.append(carry(f"y_{t}", STAGE, "y", row=row | ({"g": 1} if since == 2 else {})))
    return beside(*parts)


def _orbit(shape: Shape, sharpness: int, t: int) -> Part:
    z = orbit.TENT_OF if t else orbit.STORED
    if t == shape.end:
        return orbit.last(t, z)
    return orbit.step(t, z, sharpness if t % shape.period < shape.label_bits else None)


def _label(shape: Shape, sharpness: int, t: int) -> Part | None:
    """The leading bits of the label so far, doubled as the next one comes."""
    bits = t % shape.period
    if not t or not 1 <= bits <= shape.label_bits:
        return None
    before: dict[str, Number] = {"lab": 2} if bits > 1 else {}
    return carry(f"label_{t}", STAGE, "lab", row=before | orbit.bit(sharpness))


def _compare(shape: Shape, t: int) -> Part:
    row: Row = {"x": SLOPE, "p": -SLOPE << shape.key_bits}
    half = SLOPE * HALF_WIDTH
    return apart(f"apart_{t}", STAGE, row, -half, int(2 * half))


def _gate(label_bits: int, t: int) -> Part:
    """The label less so much for what x lies apart that nothing remains; 1 where there are no labels."""
    height = max(1, (1 << label_bits) - 1)
    row: dict[str, Number] = {"lab": 1} if label_bits else {}
    row |= {"e1": -height, "e2": -height}
    return block(f"gate_{t}", STAGE, NEURON.id, [[neuron("g", row, 0 if label_bits else 1)]])
