"""The exact point at which given constraints and borders of an activation region are tight.

UNTRUSTED; the point is judged again. Which constraints are tight was guessed; the linear equations are exact.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from memcert.kernel.certificate import Number
from memcert.witnesses.boxes import Box, rounded
from memcert.witnesses.judging import Networks
from memcert.witnesses.programs import Solved
from memcert.witnesses.region_forms import CONSTANT, backward, shifted, through
from memcert.witnesses.specification import Specification

MOST_ROWS = 12
"""Most equations that are solved; each costs a pass back through the network in fractions."""
_NEAR = Fraction(1, 10**7)


def vertex(stated: Specification, networks: Networks, box: Box, found: Solved) -> dict[int, Number] | None:
    """Return the inputs at which the tight constraints of a solved program are equations, exactly.

    Inputs at an end of their interval are put there; those that the equations leave free keep their
    value, rounded to 17 digits.

    Raises:
        never.
    """
    fixed = {variable: _settled(box, variable, value) for variable, value in found.point.items()}
    rows: list[dict[int, Fraction]] = []
    for atom in found.atoms:
        rows.append(through(stated, networks, found.active, atom.form))
    for neuron in found.neurons[: max(MOST_ROWS - len(rows), 0)]:
        signature = next(part for part in stated.networks if part.name == neuron.network)
        network = networks[neuron.network].network
        form = backward(network, found.active[neuron.network], neuron.layer, {neuron.place: Fraction(1)})
        rows.append(shifted(form, signature.input.first))
    if not rows or len(rows) > MOST_ROWS:
        return None
    free = {v for v in fixed if not _at_end(box, v, fixed[v])}
    return _substituted(rows, fixed, free)


def _settled(box: Box, variable: int, value: Number) -> Number:
    interval = box.get(variable)
    for end in () if interval is None else (interval.low, interval.high):
        if end is not None and abs(Fraction(value) - end) <= _NEAR:
            return end
    return rounded(value, 17)


def _at_end(box: Box, variable: int, value: Number) -> bool:
    interval = box.get(variable)
    return interval is not None and value in (interval.low, interval.high)


def _substituted(
    rows: Sequence[Mapping[int, Fraction]], fixed: Mapping[int, Number], free: set[int]
) -> dict[int, Number] | None:
    # Gauss and Jordan on the free inputs, the largest coefficient first; what is left keeps its value.
    pivots: dict[int, dict[int, Fraction]] = {}
    for row in rows:
        current = dict(row)
        for pivot, known in pivots.items():
            factor = current.get(pivot, Fraction(0))
            for place, value in known.items():
                current[place] = current.get(place, Fraction(0)) - factor * value
        candidates = [v for v in free if v not in pivots and current.get(v, 0) != 0]
        if not candidates:
            continue
        chosen = max(candidates, key=lambda v: (abs(current[v]), v))
        scale = current[chosen]
        solved = {place: value / scale for place, value in current.items() if value}
        for pivot, known in pivots.items():
            factor = known.get(chosen, Fraction(0))
            pivots[pivot] = {
                place: known.get(place, Fraction(0)) - factor * solved.get(place, Fraction(0))
                for place in known.keys() | solved.keys()
            }
        pivots[chosen] = solved
    if not pivots:
        return None
    point = dict(fixed)
    for pivot, known in pivots.items():
        rest = sum(
            (value * point[place] for place, value in known.items() if place not in {pivot, CONSTANT}),
            Fraction(0),
        )
        value = -rest - known.get(CONSTANT, Fraction(0))
        point[pivot] = value.numerator if value.denominator == 1 else value
    return point
