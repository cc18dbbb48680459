"""Stage II: each interval of samples gets its two packed words, y <- y + w I_[a,b](x).

Source: Lemma A.4; two copies run side by side, for the words of keys and of labels.
Departure: both copies and the outer x share their layers; a zero word keeps its (idle) block.
UNTRUSTED.
"""

from collections.abc import Sequence

from memcert.blocks.part import Part, block, carry, neuron, parallel, serial
from memcert.constructions.vardi_yehudai_shamir.interval_indicator import (
    ABOVE,
    BELOW,
    ENDS,
    INSIDE,
    ORDERED,
    RAMPS,
    SIDES,
    interval_indicator,
)
from memcert.constructions.vardi_yehudai_shamir.tables import Interval
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract

STAGE = "subset_selection"


def select(stream: str, interval: int, ends: tuple[int, int], word: int) -> Part:
    """Build (x, y) -> (x, y + word I(x)) for one stream.

    Args:
        stream: `u` for keys, `w` for labels.
        interval: its number, for the name of the block.
        ends: (2a, 2b) of the interval.
        word: at least 0.

    Returns:
        Three layers of width 4, 4, 2; 18 nonzero parameters if no end and no word is 0.

    Raises:
        ValueError: the interval is empty, or the word negative.
    """
    if word < 0:
        raise ValueError(f"expected a word >= 0, got {word:#x}")
    x, y, left, right = f"x{stream}", f"y{stream}", f"l{stream}", f"r{stream}"
    kept = (neuron(x, {x: 1}), neuron(y, {y: 1}))
    ramps, sides = interval_indicator(stream, *ends)
    total = neuron(y, {y: 1, left: word, right: word}, -word)
    layers = [[*kept, *ramps], [*kept, *sides], [kept[0], total]]
    return block(f"select_{stream}_{interval}", STAGE, SELECT.id, layers)


def subset_selection(intervals: Sequence[Interval]) -> Part:
    """Build (x, xu, yu, xw, yw) -> the same, yu and yw being the words of x's interval.

    Returns:
        3 layers an interval of width 9; 37 nonzero parameters an interval, less 3 for each zero
        word and 1 for each interval end at 0, in both streams.

    Raises:
        ValueError: there is no interval.
    """
    return serial(
        parallel(
            carry(f"select_x_{j}", STAGE, "x", depth=3),
            select("u", j, interval.ends, interval.key_word),
            select("w", j, interval.ends, interval.label_word),
        )
        for j, interval in enumerate(intervals)
    )


_DOMAIN = "x >= 0, y >= 0"

SELECT = Contract(
    id="select",
    parameters=(*ENDS, *parameters(("w", "y3", "l2"))),
    assumes=atoms(f"{ORDERED}, w >= 0"),
    inputs=inputs("x = x1, y = y1"),
    layers=(
        layer("x1 = x", "y1 = y", *RAMPS),
        layer("x2 = x1", "y2 = y1", *SIDES),
        layer("x3 = x2", "y3 = y2 + w*l2 + w*r2 - w"),
    ),
    outputs=outputs("x3, y3"),
    cases=(
        case("inside", f"{_DOMAIN}, {INSIDE}", "x3 = x, y3 = y + w"),
        case("below", f"{_DOMAIN}, {BELOW}", "x3 = x, y3 = y"),
        case("above", f"{_DOMAIN}, {ABOVE}", "x3 = x, y3 = y"),
    ),
)
"""One selection step: the word is added inside [a, b], nothing at 1/2 or more from it."""
