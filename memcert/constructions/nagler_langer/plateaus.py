"""Every point gets the word of its block, small first: x -> (x, p) by ramps, then p times 2^(n kappa).

In units of eps = 2^-(n kappa), x being eps t, the ramp before a block climbs on
[floor(t) - 3/2, floor(t) - 1/2], t being its first point; the point before is below floor(t) - 2. A
ramp has slope 1 and the sum is eps p, so that no weight is large.

Source: the piecewise linear map of Proposition 3.4's proof.
Departure: written out as ramps of a few at a time; the paper quotes a lemma of Ou et al. 2024 on
piecewise linear maps by deep networks, whose depth is smaller.
UNTRUSTED.
"""

from collections.abc import Sequence
from fractions import Fraction

from memcert.blocks.part import Part, Row, carry, parallel, serial
from memcert.constructions.nagler_langer.sizes import Shape
from memcert.constructions.windows import ramp, steps
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

STAGE = "plateaus"


def plateaus(shape: Shape, starts: Sequence[int], heights: Sequence[Fraction]) -> Part:
    """Build x -> (x, p), p being the sum of the heights of all blocks up to x's.

    Args:
        shape: how many ramps stand in a layer, and eps.
        starts: the integer part of the first point of each block, ascending.
        heights: one a block; the first needs no ramp.

    Returns:
        As many layers as the ramps need, one more for the last sum, and kappa.

    Raises:
        ValueError: the lengths differ.
    """
    unit = Fraction(1, 1 << shape.digits * shape.key_groups)
    row: Row = {}
    bias, first, layers = _number(unit * heights[0]), 1, []
    for number, ramps in enumerate(shape.hinges):
        marks = [str(first + j) for j in range(ramps)]
        climbing = [
            ramp(mark, STAGE, {"x": 1}, _number((start - Fraction(1, 2)) * unit), _number(unit))
            for mark, start in zip(marks, starts[first : first + ramps], strict=True)
        ]
        layers.append(
            parallel(_kept(number), carry(f"word_{number}", STAGE, "p", row=row, bias=bias), *climbing)
        )
        heights_here = [_number(height) for height in heights[first : first + ramps]]
        row, bias, first = {"p": 1, **steps(marks, heights_here)}, 0, first + ramps
    for number in range(len(shape.hinges), len(shape.hinges) + shape.key_groups + 1):
        layers.append(parallel(_kept(number), carry(f"word_{number}", STAGE, "p", row=row, bias=bias)))
        row, bias = {"p": 1 << shape.digits}, 0
    return serial(layers)


def _kept(number: int) -> Part:
    return carry(f"x_of_word_{number}", STAGE, "x")


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
