"""Every point gets the word of its block: x -> (x, p), a sum of ramps between the blocks.

The ramp before block j climbs from 0 to 1 on [key - 3/2, key - 1/2], key being that of the block's
first point; the point before it is below key - 2.

Source: the selection step of Vardi, Yehudai, Shamir 2021 (Lemma A.4).
Departure: one wide layer of ramps and one sum, not three layers a block.
UNTRUSTED.
"""

from collections.abc import Sequence
from fractions import Fraction

from memcert.blocks.part import Part, carry, parallel, serial
from memcert.constructions.windows import ramp, steps
from memcert.kernel.certificate import Number

STAGE = "selection"


def selection(starts: Sequence[int], heights: Sequence[Number]) -> Part:
    """Build x -> (x, p), p being the sum of the heights of all blocks up to x's.

    Args:
        starts: the key of the first point of each block, ascending, at least two.
        heights: one a block; the first needs no ramp.

    Returns:
        Two layers of width 2 m - 1 and 2; 6 m - 3 nonzero parameters.

    Raises:
        ValueError: there is one block, or the lengths differ.
    """
    marks = [str(j) for j in range(1, len(starts))]
    ramps = [
        ramp(mark, STAGE, {"x": 1}, start - Fraction(1, 2), 1)
        for mark, start in zip(marks, starts[1:], strict=True)
    ]
    total = carry("word", STAGE, "p", row=steps(marks, heights[1:]), bias=heights[0])
    return serial(
        [
            parallel(carry("select_x", STAGE, "x"), *ramps),
            parallel(carry("selected_x", STAGE, "x"), total),
        ]
    )
