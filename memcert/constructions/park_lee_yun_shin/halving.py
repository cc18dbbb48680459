"""Lemma 5: keys below K become keys below T, about K/2, by one shift of those from T on.

x' = x + e [x >= T]. Of the 2T - K + 1 shifts e that bring [T, K) into [0, T) more than N^2/4 are
not excluded by counting, and at most N^2/4 make two keys collide.

Source: Lemma 5.
Departure: no key wraps round modulo T, so that one ramp a step is enough; steps stop at N^2/2; the
shift is drawn and tested, not taken from a list of all.
UNTRUSTED: keys that collide end in a rejected certificate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from memcert.blocks.part import Part, Row, carry, parallel, serial
from memcert.constructions.windows import ramp, steps
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

STAGE = "halving"
DRAWS = 200


@dataclass(frozen=True, slots=True)
class Halving:
    """One step: what is at least `border` moves by `shift`, to below `border`."""

    border: int
    shift: int


def halvings(
    keys: Sequence[int], generator: np.random.Generator
) -> tuple[tuple[Halving, ...], tuple[int, ...]]:
    """Return the steps that bring distinct keys to at most N^2/2, and the keys after them.

    Steps beyond would come close to N^2/4 by less and less; the rounds of Lemma 6 take over.

    Cost: expected linear in N a step; log2 of the largest key steps. Raises: never, for keys >= 0.
    """
    found: list[Halving] = []
    pairs, bound = len(keys) ** 2 // 4, max(keys) + 1
    while bound > max(2 * pairs, 8):
        border = (bound + pairs) // 2 + 1
        shift = _shift(keys, border, bound, generator)
        found.append(Halving(border, shift))
        keys = [key + shift if key >= border else key for key in keys]
        bound = border
    return tuple(found), tuple(keys)


def _shift(keys: Sequence[int], border: int, bound: int, generator: np.random.Generator) -> int:
    low = {key for key in keys if key < border}
    high = [key for key in keys if key >= border]
    room = 2 * border - bound + 1

    def free(shift: int) -> bool:
        return not any(key + shift in low for key in high)

    for _ in range(DRAWS):
        shift = int.from_bytes(generator.bytes(room.bit_length() // 8 + 8)) % room - border
        if free(shift):
            return shift
    # Among the first N^2/4 + 1 there is one.
    return next(shift for shift in range(-border, room - border) if free(shift))


def halving(steps_taken: Sequence[Halving], width: Fraction) -> Part:
    """Build x -> x', one layer a step and one for the last sum.

    Args:
        steps_taken: at least one.
        width: of every ramp; no value is within half of it of an integer.

    Returns:
        h + 1 layers of width 3, at last 1; 11 h - 3 nonzero parameters.

    Raises:
        ValueError: there is no step.
    """
    row: Row = {"x": 1}
    layers = []
    for number, step in enumerate(steps_taken):
        mark = f"h{number}"
        layers.append(
            parallel(
                carry(f"halved_{number}", STAGE, "x", row=row),
                ramp(mark, STAGE, row, border_top(step.border, width), _number(width)),
            )
        )
        row = {"x": 1, **steps([mark], [height(step.shift, width)])}
    layers.append(carry(f"halved_{len(steps_taken)}", STAGE, "x", row=row))
    return serial(layers)


def border_top(border: int, width: Fraction) -> Number:
    """Return where a ramp ends whose middle is the integer `border`. Raises: never."""
    return _number(border + width / 2)


def height(rise: int, width: Fraction) -> Number:
    """Return rise / width: what a ramp of height `width` is multiplied by. Raises: never."""
    return _number(rise / width)


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
