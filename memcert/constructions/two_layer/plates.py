"""Four neurons that give a group its labels and everything else 0.

With p = K S + V, q = K S and a thickness t, relu(p + t) - relu(q + t) - relu(p - t) + relu(q - t)
is p - q = V where p and q are in [-t, t], and 0 where both are above or both below. S vanishes on
the group alone, V / q_0 has its labels, and K is so large that V is small beside K S elsewhere.

Source: Bubeck et al. 2020, Proposition 4: u . x = 1 on the group, v . x_i = y_i and a small delta.
Departure: affine forms of integers; K, a power of two, in place of 1 / delta, so that no fraction
arises but the factor 1 / q_0 of the output; labels that are equal in a group take a constant v.
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.constructions.two_layer.groups import Form, Group, Table
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.contracts.terms import exact
from memcert.kernel.certificate import Contract, Number

PLATE = Contract(
    id="plate",
    parameters=parameters(("t", "n1", None)),
    assumes=atoms("t >= 0"),
    inputs=inputs("p = 1/2*n1 + 1/2*n3, q = 1/2*n2 + 1/2*n4"),
    layers=(layer("n1 = p + t", "n2 = q + t", "n3 = p - t", "n4 = q - t"),),
    outputs=outputs("step = n1 - n2 - n3 + n4"),
    cases=(
        case("above", "p >= t, q >= t", "step = 0"),
        case("below", "p <= -t, q <= -t", "step = 0"),
        case("inside", "p >= -t, p <= t, q >= -t, q <= t", "step = p - q"),
        case("anywhere", "", "step >= -2t, step <= 2t"),
    ),
)
"""A plate of thickness 2 t on a hyperplane: p - q inside, nothing on either side."""


@dataclass(frozen=True, slots=True)
class Plate:
    """The four neurons of a group, on integer coordinates.

    Args:
        rows: (form, bias) of each neuron, the constant of the form included in the bias.
        signs: 1 or -1, how the output reads each.
        factor: by what the output reads them.
        room: how far a point may move, in coordinates, with every case as it is.
        steepest: the largest change of the code by a step of 1 in every coordinate, on the group.
    """

    rows: tuple[tuple[tuple[int, ...], Number], ...]
    signs: tuple[int, ...]
    factor: Number
    room: Fraction
    steepest: Fraction


def plate(group: Group, label: Form, denominator: int, table: Table) -> Plate:
    """Return the plate of a group.

    Args:
        group: with its form S.
        label: V.
        denominator: q_0: V / q_0 has the codes of the group.
        table: all points.

    Cost: linear in N d. Raises: never.
    """
    labels = table.values(label)
    unit = power_below(Fraction(group.nearest, 2))
    largest = max(map(abs, labels))
    factor = 1
    while factor * unit < 2 * largest:
        factor *= 2
    flat = tuple(factor * entry for entry in group.form)
    tilted = tuple(a + b for a, b in zip(flat, label, strict=True))
    thickness = factor * unit
    rows = tuple(
        (form[:-1], exact(form[-1] + sign * thickness)) for sign in (1, -1) for form in (tilted, flat)
    )
    steepest = Fraction(_norm(label), denominator)
    members = set(group.members)
    on = max(abs(labels[i]) for i in members)
    off = (abs(value) for i, value in enumerate(table.values(tilted)) if i not in members)
    near = min(off, default=2 * thickness)
    rooms = (
        (thickness - on, _norm(tilted)),
        (near - thickness, _norm(tilted)),
        (thickness, _norm(flat)),
        (factor * group.nearest - thickness, _norm(flat)),
    )
    room = min(value / norm for value, norm in rooms if norm)
    return Plate(rows, (1, -1, -1, 1), exact(Fraction(1, denominator)), room, steepest)


def _norm(form: Sequence[int]) -> int:
    return sum(map(abs, form[:-1]))


def power_below(value: Fraction) -> Fraction:
    """Return the largest power of two that is at most a positive value."""
    power = value.numerator.bit_length() - value.denominator.bit_length()
    found = Fraction(2) ** power
    return found if found <= value else found / 2
