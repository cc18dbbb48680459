"""Second hidden layer: slot k serves the k-th point of every group at once.

Within a group the code is sum_k w_k relu(t - h_k), by forward substitution. Slot k has two
neurons, relu(L_+) and relu(L_-): on a group with w_k > 0, L_+ is w_k (t - h_k) and L_- is -1; with
w_k < 0 the other way round; with w_k = 0, or no k-th point, both are -1. L is affine on every group
and continuous, its slope changing at the borders only: a form of the first layer.

Source: Yun, Sra, Jadbabaie 2019, with d1 d2 >= 4 N.
Departure: the explicit ReLU version has d1 = 2 m - 1 and d2 = 2 n with m n >= N; a slot that no group
wants keeps its two dead neurons, so that the layer is never empty.
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from memcert.blocks.part import Part, block, neuron, parallel
from memcert.constructions.two_layer.hinges import substituted
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
        groups: (values, codes), ascending, each of n points but the last, which may have fewer.
        gap: at most every difference of neighbours.

    Cost: linear in m n. Raises: never.
    """
    count = len(groups[0][0])
    ends = [(before[0][-1], after[0][0]) for before, after in pairwise(groups)]
    turns = [substituted(values, codes, gap).turns for values, codes in groups]
    return tuple(
        Slot(*(_row([_piece(own, k, sign) for own in turns], ends) for sign in (1, -1))) for k in range(count)
    )


def _piece(turns: Sequence[tuple[Number, Number]], k: int, sign: int) -> Piece:
    """Return sign w_k (t - h_k) if sign w_k > 0, else -1."""
    place, change = turns[k] if k < len(turns) else (0, 0)
    slope = Fraction(sign * change)
    return (slope, -slope * place) if slope > 0 else IDLE


def _row(pieces: Sequence[Piece], ends: Sequence[tuple[int, int]]) -> tuple[tuple[Number, ...], Number]:
    """Return weights and bias of the continuous function with those pieces on the groups."""
    weights = [pieces[0][0]]
    for ((slope, start), (next_slope, next_start)), (leaving, entering) in zip(
        pairwise(pieces), ends, strict=True
    ):
        rise = next_slope * entering + next_start - slope * leaving - start
        between = rise / (entering - leaving)
        weights += [between - slope, next_slope - between]
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
