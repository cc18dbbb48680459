"""From forms and neurons to the one network form, layer by layer: lowering version 1.

UNTRUSTED. A neuron that is used later is carried by one ReLU a layer, since it is never negative;
an input by two, since x = relu(x) - relu(-x).
"""

from collections.abc import Sequence

from memcert.interop.forms import Circuit, Form
from memcert.kernel.certificate import Number
from memcert.kernel.network import Layer, Network

LOWERING = 1
"""The version that certificates record; what it makes of a model never changes."""
Places = dict[int, tuple[tuple[int, int], ...]]
"""For each atom: the neurons of the last layer, with signs, whose sum it is."""


def lowered(circuit: Circuit, outputs: Sequence[Form]) -> Network:
    """Return the network that computes the forms `outputs`, its last layer without ReLU.

    Raises:
        UndecidedError: carrying takes too many neurons.
    """
    last_use = _last_uses(circuit, outputs)
    depth = max([circuit.levels[atom] for atom in last_use], default=0)
    made: list[list[int]] = [[] for _ in range(depth + 1)]
    for atom in sorted(last_use):
        made[circuit.levels[atom]].append(atom)
    places: Places = {atom: ((atom, 1),) for atom in range(circuit.inputs)}
    width, layers = circuit.inputs, []
    held = list(made[0])
    for level in range(1, depth + 1):
        held = [atom for atom in held if last_use[atom] > level]
        rows, places_after = _carried(circuit, held, places)
        for atom in made[level]:
            form = circuit.neurons[atom - circuit.inputs]
            places_after[atom] = ((len(rows), 1),)
            rows.append((_row(form, places), form.constant))
        circuit.spend(sum(len(row) for row, _ in rows))
        layers.append(_layer(rows, width, relu=True))
        held += made[level]
        width, places = len(rows), places_after
    layers.append(_layer([(_row(form, places), form.constant) for form in outputs], width, relu=False))
    return Network(circuit.inputs, tuple(layers))


def _last_uses(circuit: Circuit, outputs: Sequence[Form]) -> dict[int, int]:
    # Of each atom that the outputs need: the deepest level that reads it.
    live: dict[int, int] = {}
    end = 1 + max([circuit.levels[a] for form in outputs for a in form.terms], default=0)
    for form in outputs:
        live.update(dict.fromkeys(form.terms, end))
    for k in range(len(circuit.neurons) - 1, -1, -1):
        atom = circuit.inputs + k
        if atom in live:
            for source in circuit.neurons[k].terms:
                live[source] = max(live.get(source, 0), circuit.levels[atom])
    return live


def _carried(
    circuit: Circuit, held: Sequence[int], places: Places
) -> tuple[list[tuple[dict[int, Number], Number]], Places]:
    rows: list[tuple[dict[int, Number], Number]] = []
    after: Places = {}
    for atom in held:
        now = places[atom]
        if atom < circuit.inputs and len(now) == 1:
            after[atom] = ((len(rows), 1), (len(rows) + 1, -1))
            rows += [({now[0][0]: 1}, 0), ({now[0][0]: -1}, 0)]
        else:
            after[atom] = tuple((len(rows) + i, sign) for i, (_, sign) in enumerate(now))
            rows += [({place: 1}, 0) for place, _ in now]
    return rows, after


def _row(form: Form, places: Places) -> dict[int, Number]:
    return {place: weight * sign for atom, weight in form.terms.items() for place, sign in places[atom]}


def _layer(rows: Sequence[tuple[dict[int, Number], Number]], width: int, *, relu: bool) -> Layer:
    indptr, indices, data = [0], list[int](), list[Number]()
    for row, _ in rows:
        for place in sorted(row):
            indices.append(place)
            data.append(_plain(row[place]))
        indptr.append(len(indices))
    bias = tuple(_plain(constant) for _, constant in rows)
    return Layer((len(rows), width), tuple(indptr), tuple(indices), tuple(data), bias, relu)


def _plain(number: Number) -> Number:
    return number.numerator if number.denominator == 1 else number
