"""Give x the word of its block: v <- v + (w_{i+1} - w_i) (ramp from 0 to 1 between blocks i and i + 1).

Source: Lemma B.3, one block after the other; Lemma E.3, all ramps side by side.
Departure: indices as in the proof's idea (the printed verification has v_i - v_{i-1} where
v_{i+1} - v_i is meant, and t(i + 1) where t(i) + 1 is); no ramp holds a sample of either label.
UNTRUSTED.
"""

from collections.abc import Sequence
from fractions import Fraction

from memcert.blocks.part import Part, block, carry, neuron, parallel, serial
from memcert.constructions.yu_gao_zhang_miao.words import Ramp, Word
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Contract, Number

STAGE = "block_selection"


def slopes(words: Sequence[Word], ramps: Sequence[Ramp]) -> tuple[Number, ...]:
    """Return (w_{i+1} - w_i) / width of each ramp. Raises: ValueError, if their numbers do not fit."""
    found = []
    for before, after, ramp in zip(words[:-1], words[1:], ramps, strict=True):
        slope = (Fraction(after.value) - before.value) / (Fraction(ramp.end) - ramp.start)
        found.append(exact(slope.numerator, slope.denominator))
    return tuple(found)


def in_series(words: Sequence[Word], ramps: Sequence[Ramp]) -> Part:
    """Build x -> (x, v), one ramp after the other.

    Args:
        words: m >= 2.
        ramps: m - 1, ascending.

    Returns:
        2 (m - 1) layers of width 4 and 2; 10 (m - 1) nonzero parameters, if the first word is not 0.

    Raises:
        ValueError: there is one word only.
    """
    steps = zip(slopes(words, ramps), ramps, strict=True)
    return serial(
        _switch(i, slope, ramp, words[0].value if i == 0 else None) for i, (slope, ramp) in enumerate(steps)
    )


def _switch(index: int, slope: Number, ramp: Ramp, first: Number | None) -> Part:
    word = neuron("v", {"v": 1}) if first is None else neuron("v", {}, first)
    rows = [
        neuron("x", {"x": 1}),
        word,
        neuron("low", {"x": 1}, -ramp.start),
        neuron("high", {"x": 1}, -ramp.end),
    ]
    after = [neuron("x", {"x": 1}), neuron("v", {"v": 1, "low": slope, "high": -slope})]
    return block(f"switch_{index}", STAGE, SWITCH.id, [rows, after])


def side_by_side(words: Sequence[Word], ramps: Sequence[Ramp]) -> Part:
    """Build x -> (x, v), all ramps in one layer.

    Args:
        words: m >= 2.
        ramps: m - 1, ascending.

    Returns:
        Two layers of width 2 m - 1 and 2; 6 (m - 1) + 3 nonzero parameters, if the first word is not 0.

    Raises:
        ValueError: there is one word only.
    """
    lows = [neuron(f"low{i}", {"x": 1}, -ramp.start) for i, ramp in enumerate(ramps)]
    highs = [neuron(f"high{i}", {"x": 1}, -ramp.end) for i, ramp in enumerate(ramps)]
    pairs = zip(lows, highs, strict=True)
    first = parallel(
        carry("ramps_x", STAGE, "x"),
        *(block(f"ramp_{i}", STAGE, RISE.id, [list(pair)]) for i, pair in enumerate(pairs)),
    )
    row: dict[str, Number] = {}
    for i, slope in enumerate(slopes(words, ramps)):
        row |= {f"low{i}": slope, f"high{i}": -slope}
    word = carry("word", STAGE, "v", row=row, bias=words[0].value)
    return serial([first, parallel(carry("word_x", STAGE, "x"), word)])


_DOMAIN = "x >= 0, v >= 0"

SWITCH = Contract(
    id="switch",
    parameters=parameters(("s", "low", None), ("e", "high", None), ("k", "v2", "low")),
    assumes=atoms("e > s"),
    inputs=inputs("x = x1, v = v1"),
    layers=(
        layer("x1 = x", "v1 = v", "low = x - s", "high = x - e"),
        layer("x2 = x1", "v2 = v1 + k*low - k*high"),
    ),
    outputs=outputs("x2, v2"),
    cases=(
        case("before", f"{_DOMAIN}, x <= s", "x2 = x, v2 = v"),
        case("behind", f"{_DOMAIN}, x >= e, v + k*e - k*s >= 0", "x2 = x, v2 = v + k*e - k*s"),
    ),
)
"""One ramp: nothing is added in front of it, k (e - s) behind it."""

RISE = Contract(
    id="rise",
    parameters=parameters(("w", "low", None)),
    assumes=atoms("w > 0"),
    inputs=inputs("u = high"),
    layers=(layer("low = u + w", "high = u"),),
    outputs=outputs("step = low - high"),
    cases=(case("before", "u <= -w", "step = 0"), case("behind", "u >= 0", "step = w")),
)
"""One ramp of many in a layer, u = x - e; on the ramp itself, where no sample is, nothing is said."""
