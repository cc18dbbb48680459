"""The exact size of a box network, from its plan alone.

With S boxes: depth 2S + 1, width 3d + 1 (3d for S = 1), and (8d + 5) S + d - 3 nonzero
parameters where the first level is 0, one output reads the level itself, and no bias is 0.
UNTRUSTED: `check` recounts every size.
"""

from itertools import pairwise

from memcert.constructions.box_network.plan import Plan
from memcert.constructions.registry import Size
from memcert.kernel.certificate import Number


def predicted(made: Plan) -> Size:
    """Return the size of the network of a plan. Cost: linear in the boxes. Raises: never."""
    edges = _edges(made)
    widths = _widths(made)
    return Size(
        parameters=edges + _biases(made),
        edges=edges,
        dense=sum(after * (before + 1) for before, after in pairwise(widths)),
        width=max(widths[1:-1]),
        depth=len(widths) - 1,
        bits=_bits(made),
    )


def _widths(made: Plan) -> list[int]:
    d, more = len(made.shifts), len(made.codes) - 1
    return [d, 3 * d, d + 1, *[3 * d + 1, d + 2] * more, len(made.readings)]


def _edges(made: Plan) -> int:
    d, more = len(made.shifts), len(made.codes) - 1
    read = sum(weight != 0 for weight, _ in made.readings)
    # The second box is told the level as one number and a bias, later ones as two numbers.
    return 6 * d + (6 * d + 4) * more - (more > 0) + read * (2 if more else 1)


def _biases(made: Plan) -> int:
    d, more = len(made.shifts), len(made.codes) - 1
    first = [*made.shifts, *(end for both in made.ends(0) for end in both)]
    # Shifted ends are at least 1: a coordinate less its smallest value, plus 1.
    later = 2 * d * more + sum(code != 0 for code in made.codes[1:])
    start = 1 + (more > 0 and made.level != 0)
    return sum(x != 0 for x in first) + later + start + sum(bias != 0 for _, bias in made.outputs())


def _bits(made: Plan) -> int:
    numbers: list[Number] = [1, made.level, made.factor, *made.codes, *made.shifts]
    numbers += [x for reading in made.outputs() for x in reading]
    numbers += [end for box in range(len(made.codes)) for both in made.ends(box) for end in both]
    return max(bits(x) for x in numbers)


def bits(value: Number) -> int:
    """Return ceil(log2(|p| + 1)) + ceil(log2(q + 1)) of p/q in lowest terms. Raises: never."""
    return abs(value.numerator).bit_length() + value.denominator.bit_length()
