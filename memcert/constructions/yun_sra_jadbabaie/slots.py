"""Second hidden layer: slot k serves the k-th point of every group at once.

Within a group the code is sum_k w_k relu(t - h_k), with one hinge before each point and all slopes
0 or +-sigma, one power of two, so that no number is long. Slot k has two neurons, relu(L_+) and
relu(L_-): on a group with w_k > 0, L_+ is w_k (t - h_k) and L_- is -1; with w_k < 0 the other way
round; with w_k = 0, or no k-th point, both are -1. L is affine on every group and continuous, its
slope changing at the borders only: a form of the first layer.

Source: Yun, Sra, Jadbabaie 2019, with d1 d2 >= 4 N.
Departure: the explicit ReLU version has d1 = 2 m - 1 and d2 = 2 n with m n >= N; a slot that no group
wants keeps its two dead neurons, so that the layer is never empty. Slopes dy / dt would have one
denominator a gap, and their common one as many bits as all gaps together.
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from memcert.blocks.part import Part, block, neuron, parallel
from memcert.constructions.two_layer.hinges import Turn, run_of
from memcert.contracts.notation import case, inputs, layer, outputs
from memcert.contracts.terms import exact
from memcert.kernel.certificate import Contract, Number

STAGE = "slots"
Piece = tuple[Fraction, Fraction]
"""(slope, value at 0) of an affine piece."""
IDLE: Piece = (Fraction(0), Fraction(-1))

SLOT = Contract(
    id="slot",
    parameters=(),
    assumes=(),
    inputs=inputs("u = plus, v = minus"),
    layers=(layer("plus = u", "minus = v"),),
    outputs=outputs("step = plus - minus"),
    cases=(
        case("nothing", "u <= 0, v <= 0", "step = 0"),
        case("added", "u >= 0, v <= 0", "step = u"),
        case("taken", "u <= 0, v >= 0", "step = -v"),
    ),
)
"""A slot adds u, takes v away, or does nothing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The rows of relu(L_+) and relu(L_-) over t, leaving_0, entering_0, leaving_1, ..."""

    plus: tuple[tuple[Number, ...], Number]
    minus: tuple[tuple[Number, ...], Number]


def slots(groups: Sequence[tuple[Sequence[int], Sequence[int]]], gap: int) -> tuple[Slot, ...]:
    """Return the n slots of m groups.

    Args:
        groups: (values, codes), ascending, each of n points but the last, which may have fewer;
            codes are at least 0.
        gap: at most every difference of neighbours.

    Cost: linear in m n. Raises: never.
    """
    count = len(groups[0][0])
    run = run_of(gap, max(1, *(code for _, codes in groups for code in codes)))
    between = ends(groups, gap)
    turns = [stepped(values, codes, run) for values, codes in groups]
    return tuple(
        Slot(*(_row([_piece(own, k, sign) for own in turns], between) for sign in (1, -1)))
        for k in range(count)
    )


def ends(groups: Sequence[tuple[Sequence[int], Sequence[int]]], gap: int) -> list[tuple[int, int]]:
    """Return where the slopes change between neighbouring groups: (leaving, entering).

    They stand at the last point of a group and a power of two behind it, the same for all, at or
    before the first point of the next: a rise divided by their distance is a short number. Raises: never.
    """
    width = 1 << gap.bit_length() - 1
    return [(before[0][-1], before[0][-1] + width) for before, _ in pairwise(groups)]


def stepped(values: Sequence[int], codes: Sequence[int], run: Fraction) -> tuple[Turn, ...]:
    """Return one hinge before each point, all slopes 0 or +-1 / run; some changes may be 0.

    From slope 0 a hinge turns towards the next code so late that the point is met; from a slope
    that leads towards the next code it turns level, else back.

    Args:
        values: t, strictly ascending.
        codes: one a value, at least 0.
        run: 1 / sigma: the largest code times it is at most half of every gap.

    Returns:
        (h, w) a point with sum_j w_j relu(t_i - h_j) = y_i, where t_(i-1) <= h_i <= t_i.

    Raises: never.
    """
    found: list[Turn] = []
    sign, place, height = 0, values[0], 0
    for value, code in zip(values, codes, strict=True):
        rise = (code - height) * run
        up = (rise > 0) - (rise < 0)
        if sign == 0:
            turn, after = (value - abs(rise), up), up
        elif up in (0, sign):
            turn, after = (place + abs(rise), -sign), 0
        else:
            turn, after = ((place + value + sign * rise) / 2, -2 * sign), -sign
        found.append((exact(turn[0]), exact(turn[1] / run)))
        sign, place, height = after, value, code
    return tuple(found)


def _piece(turns: Sequence[Turn], k: int, sign: int) -> Piece:
    """Return sign w_k (t - h_k) if sign w_k > 0, else -1."""
    place, change = turns[k] if k < len(turns) else (0, 0)
    slope = Fraction(sign * change)
    return (slope, -slope * place) if slope > 0 else IDLE


def _row(pieces: Sequence[Piece], between: Sequence[tuple[int, int]]) -> tuple[tuple[Number, ...], Number]:
    """Return weights and bias of the continuous function with those pieces on the groups."""
    weights = [pieces[0][0]]
    for ((slope, start), (next_slope, next_start)), (leaving, entering) in zip(
        pairwise(pieces), between, strict=True
    ):
        rise = next_slope * entering + next_start - slope * leaving - start
        steep = rise / (entering - leaving)
        weights += [steep - slope, next_slope - steep]
    return tuple(map(exact, weights)), exact(pieces[0][1])


def slot_layer(made: Sequence[Slot], names: Sequence[str]) -> Part:
    """Build the layer of 2 n neurons; `names` are those of the first layer. Raises: never."""
    parts = []
    for k, slot in enumerate(made):
        rows = [
            neuron(f"{name}{k}", dict(zip(names, weights, strict=True)), bias)
            for name, (weights, bias) in (("plus", slot.plus), ("minus", slot.minus))
        ]
        parts.append(block(f"slot_{k}", STAGE, SLOT.id, [rows]))
    return parallel(*parts)
