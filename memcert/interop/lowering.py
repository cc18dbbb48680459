"""From forms and neurons to the one network form, layer by layer: lowering version 1.

UNTRUSTED. A neuron that is used later is carried by one ReLU a layer, since it is never negative;
an input by two, since x = relu(x) - relu(-x).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from memcert.errors import UnsupportedError
from memcert.interop.forms import Circuit, Form, quotient
from memcert.kernel.certificate import Number
from memcert.kernel.network import Layer, Network

LOWERING = 1
"""The version that certificates record; what it makes of a model never changes."""

Lowering = Callable[[Circuit, Sequence[Form]], Network]
"""Makes the network of some forms."""


class _Row(NamedTuple):
    places: tuple[int, ...]
    weights: tuple[Number, ...]
    bias: Number


class _Quotients(dict[int, Number]):
    """Integers over one denominator as numbers; weights that are shared are made once."""

    def __init__(self, denominator: int) -> None:
        super().__init__()
        self.denominator = denominator

    def __missing__(self, numerator: int) -> Number:
        made = self[numerator] = quotient(numerator, self.denominator)
        return made


Places = dict[int, tuple[tuple[int, int], ...]]
"""For each atom: the neurons of the last layer, with signs, whose sum it is."""


def lowered(circuit: Circuit, outputs: Sequence[Form], version: int = LOWERING) -> Network:
    """Return the network that computes the forms `outputs`, its last layer without ReLU.

    Args:
        circuit: of which the forms are.
        outputs: at least one.
        version: one of VERSIONS, as a certificate records it.

    Raises:
        UndecidedError: carrying takes too many neurons.
        UnsupportedError: a version that is not known.
    """
    return making(version)(circuit, outputs)


def making(version: int) -> Lowering:
    """Return the lowering of that version. Raises: UnsupportedError, if there is none."""
    make = VERSIONS.get(version)
    if make is None:
        raise UnsupportedError(f"lowering {version}: expected one of {sorted(VERSIONS)}")
    return make


def _layered(circuit: Circuit, outputs: Sequence[Form]) -> Network:
    last_use = _last_uses(circuit, outputs)
    depth = max([circuit.levels[atom] for atom in last_use], default=0)
    made: list[list[int]] = [[] for _ in range(depth + 1)]
    for atom in sorted(last_use):
        made[circuit.levels[atom]].append(atom)
    places: Places = {atom: ((atom, 1),) for atom in range(circuit.inputs)}
    width, layers = circuit.inputs, []
    held = list(made[0])
    # A neuron carries each atom through every layer between the one that made it and the last that reads it.
    circuit.foresee(work=sum(last - 1 - circuit.levels[atom] for atom, last in last_use.items()))
    for level in range(1, depth + 1):
        held = [atom for atom in held if last_use[atom] > level]
        rows, after = _carried(circuit, held, places)
        start = len(rows)
        after.update((atom, ((start + i, 1),)) for i, atom in enumerate(made[level]))
        rows += _rows((circuit.neurons[atom - circuit.inputs] for atom in made[level]), places)
        circuit.spend(sum(len(row.places) for row in rows))
        layers.append(_layer(rows, width, relu=True))
        held += made[level]
        width, places = len(rows), after
    layers.append(_layer(list(_rows(outputs, places)), width, relu=False))
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
            level = circuit.levels[atom]
            for source in circuit.neurons[k].terms:
                if live.get(source, 0) < level:
                    live[source] = level
    return live


def _carried(circuit: Circuit, held: Sequence[int], places: Places) -> tuple[list[_Row], Places]:
    rows: list[_Row] = []
    after: Places = {}
    for atom in held:
        now = places[atom]
        if atom < circuit.inputs and len(now) == 1:
            after[atom] = ((len(rows), 1), (len(rows) + 1, -1))
            rows += [_Row(now[0][:1], (1,), 0), _Row(now[0][:1], (-1,), 0)]
        else:
            after[atom] = tuple((len(rows) + i, sign) for i, (_, sign) in enumerate(now))
            rows += [_Row((place,), (1,), 0) for place, _ in now]
    return rows, after


def _rows(forms: Iterable[Form], places: Places) -> Iterator[_Row]:
    single = {atom: where[0][0] for atom, where in places.items() if len(where) == 1}
    quotients: dict[int, _Quotients] = {}
    for form in forms:
        numbers = quotients.setdefault(form.denominator, _Quotients(form.denominator))
        try:
            row = dict(zip(map(single.__getitem__, form.terms), form.terms.values(), strict=True))
        except KeyError:
            row = {
                place: weight * sign for atom, weight in form.terms.items() for place, sign in places[atom]
            }
        order = sorted(row)
        weights = tuple(numbers[row[place]] for place in order)
        yield _Row(tuple(order), weights, numbers[form.constant])


def _layer(rows: Sequence[_Row], width: int, *, relu: bool) -> Layer:
    indptr = (0, *accumulate(len(row.places) for row in rows))
    indices = tuple(chain.from_iterable(row.places for row in rows))
    data = tuple(chain.from_iterable(row.weights for row in rows))
    return Layer((len(rows), width), indptr, indices, data, tuple(row.bias for row in rows), relu)


VERSIONS: dict[int, Lowering] = {1: _layered}
"""Every lowering that was ever released, so that an unchanged model gives its recorded network for ever."""
