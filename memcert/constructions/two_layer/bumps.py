"""Two opposite thresholds as ramps: 1 on a hyperplane, 0 a little away from it.

Source: Baum 1988: a pair of parallel thresholds around the hyperplane of each group of d points of
one class.
Departure: each threshold is a ramp of width h, a power of two of at most a third of the distance
to the nearest other point, so that all rows are integers and no point stands on a ramp.
UNTRUSTED.
"""

from fractions import Fraction

from memcert.constructions.two_layer.groups import Group
from memcert.constructions.two_layer.plates import Plate, power_below
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.contracts.terms import exact
from memcert.kernel.certificate import Contract

BUMP = Contract(
    id="bump",
    parameters=parameters(("h", "n2", None)),
    assumes=atoms("h > 0"),
    inputs=inputs("u = 1/2*n1 + 1/2*n4"),
    layers=(layer("n1 = u + 2h", "n2 = u + h", "n3 = u - h", "n4 = u - 2h"),),
    outputs=outputs("step = n1 - n2 - n3 + n4"),
    cases=(
        case("above", "u >= 2h", "step = 0"),
        case("below", "u <= -2h", "step = 0"),
        case("inside", "u >= -h, u <= h", "step = h"),
        case("anywhere", "", "step >= 0, step <= h"),
    ),
)
"""Two ramps of width h back to back: h on [-h, h], 0 beyond 2 h."""


def bump(group: Group) -> Plate:
    """Return the four neurons of a group. Raises: never."""
    h = power_below(Fraction(group.nearest, 3))
    form = group.form
    rows = tuple((form[:-1], exact(form[-1] + step * h)) for step in (2, 1, -1, -2))
    norm = sum(map(abs, form[:-1]))
    room = min(h, group.nearest - 2 * h) / norm
    return Plate(rows, (1, -1, -1, 1), exact(1 / h), room, Fraction(0))
