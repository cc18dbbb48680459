"""First hidden layer: the projected value, and two hinges between every two groups.

Source: Yun, Sra, Jadbabaie 2019: the first layer of the three.
Departure: explicit hinges, at the last point of a group and a power of two behind it; the paper's
own weights are not reproduced.
UNTRUSTED.
"""

from collections.abc import Sequence

from memcert.blocks.assembly import coordinates
from memcert.blocks.part import Part, block, carry, neuron, parallel
from memcert.constructions.line import Line
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.contracts.terms import exact
from memcert.kernel.certificate import Contract, Number

STAGE = "borders"

BORDER = Contract(
    id="border",
    parameters=parameters(("w", "leaving", None)),
    assumes=atoms("w > 0"),
    inputs=inputs("u = entering"),
    layers=(layer("leaving = u + w", "entering = u"),),
    outputs=outputs("leaving, entering"),
    cases=(
        case("before", "u <= -w", "leaving = 0, entering = 0"),
        case("after", "u >= 0", "leaving = u + w, entering = u"),
        case("between", "u >= -w, u <= 0", "leaving = u + w, entering = 0"),
    ),
)
"""Before the gap both hinges are 0, after it both are linear: a form of them is affine on a group."""


def borders(line: Line, ends: Sequence[tuple[int, int]]) -> Part:
    """Build X -> (t, leaving_j, entering_j), relu(t - a_j) and relu(t - b_j) for each gap (a_j, b_j).

    Args:
        line: t, positive at every point.
        ends: the last value of a group and a value at or before the first of the next.

    Returns:
        One layer of width 2 m - 1 for m groups. Raises: never.
    """
    row = dict(zip(coordinates(len(line.vector)), line.weights, strict=True))
    parts = [carry("project", STAGE, "t", row=row, bias=line.offset)]
    for j, (leaving, entering) in enumerate(ends):
        pair = [
            neuron(f"leaving{j}", row, exact(line.offset - leaving)),
            neuron(f"entering{j}", row, exact(line.offset - entering)),
        ]
        parts.append(block(f"border_{j}", STAGE, BORDER.id, [pair]))
    return parallel(*parts)


def biases(line: Line, ends: Sequence[tuple[int, int]]) -> list[Number]:
    """Return the biases of that layer. Raises: never."""
    return [line.offset, *(exact(line.offset - end) for pair in ends for end in pair)]
