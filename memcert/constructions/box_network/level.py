"""The level y moves to the code l of a box inside of it, and stays in the boxes of other codes.

From below, e = relu(l - y - K V) and y <- y + e (`raise`); from above, e = relu(y - l - K V) and
y <- y - e (`lower`). Inside, V = 0 and y becomes l; where K V >= |l - y|, e = 0. In between y
moves towards l, not beyond it: this is what makes overlapping boxes of one code harmless.

Source: the box network of Yu, Gao, Zhang 2024, layer B.
Departure: the level starts at the most frequent code, whichever that is, so that its points need
no box; codes below it are reached by `lower`.
UNTRUSTED.
"""

from memcert.blocks.part import Part, Row, block, neuron
from memcert.contracts.notation import case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract, Number

STAGE = "level"


def start(distance: Row, height: int) -> Part:
    """Build V -> relu(h - K V), the first step of a level that is still a constant.

    Args:
        distance: -K V as a form of the layer before.
        height: h = |l - y| >= 1.

    Returns:
        One neuron `e`; |distance|_0 + 1 nonzero parameters.

    Raises:
        ValueError: height < 1.
    """
    if height < 1:
        raise ValueError(f"expected a height of at least 1, got {height}")
    return block("level_0", STAGE, START.id, [[neuron("e", distance, height)]])


def step(box: int, distance: Row, code: int, sense: int) -> Part:
    """Build (y, V) -> (y, relu(s (l - y) - K V)), s = 1 from below and -1 from above.

    Args:
        box: its number, for the name of the block.
        distance: -K V as a form of the layer before, which holds `y` too.
        code: l.
        sense: s.

    Returns:
        Two neurons `y` and `e`, y + s e being the level; |distance|_0 + 3 nonzero parameters,
        one less for the code 0.

    Raises:
        ValueError: the sense is neither 1 nor -1.
    """
    if sense not in (1, -1):
        raise ValueError(f"expected the sense 1 or -1, got {sense}")
    rows = [neuron("y", {"y": 1}), neuron("e", {"y": -sense, **distance}, sense * code)]
    return block(f"level_{box}", STAGE, (RAISE if sense > 0 else LOWER).id, [rows])


def level(sense: int, weight: Number = 1) -> Row:
    """Return weight (y + s e) as a form. Raises: never."""
    return {"y": weight, "e": sense * weight}


START = Contract(
    id="start",
    parameters=parameters(("h", "e", None)),
    assumes=(),
    inputs=inputs("w ~ e"),
    layers=(layer("e = h + w"),),
    outputs=outputs("e"),
    cases=(
        case("set", "w = 0, h >= 0", "e = h"),
        case("shut", "h + w <= 0", "e = 0"),
        case("between", "w <= 0, h >= 0", "e >= 0, e <= h"),
    ),
)
"""w is -K V; a box is open where V = 0 and shut where K V >= h."""

RAISE = Contract(
    id="raise",
    parameters=parameters(("l", "e", None)),
    assumes=(),
    inputs=inputs("y = y2, w ~ e + y2"),
    layers=(layer("y2 = y", "e = l - y + w"),),
    outputs=outputs("z = y2 + e"),
    cases=(
        case("set", "w = 0, y >= 0, y <= l", "z = l"),
        case("shut", "y >= 0, l - y + w <= 0", "z = y"),
        case("between", "w <= 0, y >= 0, y <= l", "z >= y, z <= l"),
    ),
)
"""One box whose code is above the starting level."""

LOWER = Contract(
    id="lower",
    parameters=parameters(("l", "e", None)),
    assumes=(),
    inputs=inputs("y = y2, w ~ e - y2"),
    layers=(layer("y2 = y", "e = y - l + w"),),
    outputs=outputs("z = y2 - e"),
    cases=(
        case("set", "w = 0, y >= 0, y >= l", "z = l"),
        case("shut", "y >= 0, y - l + w <= 0", "z = y"),
        case("between", "w <= 0, y >= 0, y >= l", "z >= l, z <= y"),
    ),
)
"""One box whose code is below the starting level."""
