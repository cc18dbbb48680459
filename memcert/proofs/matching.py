"""Compare a block's actual weights with the pattern of its contract (P4).

Inputs are forms of the block's actual first rows; parameters are bound from the weights in the
order listed; then every row of every layer must equal the pattern: zeros, biases and ReLU flags
included. How a parameter is found does not matter for the truth: all that counts is compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.contracts.terms import affine_in, bounded, evaluate, exact, statement
from memcert.kernel.certificate import Number, Term
from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import shown
from memcert.proofs.outline import PlacedBlock
from memcert.proofs.patterns import Pattern, Place, Row

Weights = dict[int, Number]
"""Nonzero coefficients by neuron of the layer before, or by coordinate of the input."""
Affine = tuple[Weights, Number]
"""Coefficients and constant."""


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """A block that is its contract's pattern at these parameters; inputs as forms of the cut."""

    placed: PlacedBlock
    parameters: Mapping[str, Number]
    inputs: tuple[Affine, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a block is not its pattern: the place, what the pattern has there, what is there."""

    at: str
    expected: str | Number
    got: str | Number

    def __str__(self) -> str:
        return f"{self.at}: {told(self.got)}, not {told(self.expected)}"


@dataclass(frozen=True, slots=True, eq=False)
class Unmatched:
    """A block that is not its pattern: the first difference, and the parameters bound until then."""

    difference: Difference
    parameters: Mapping[str, Number]


def matched(network: Network, placed: PlacedBlock) -> Matched | Unmatched:
    """Bind the parameters and compare every weight of the block.

    Cost: linear in the block's weights.

    Raises:
        LimitReached: a number of the pattern grows beyond the bound on bits.
    """
    pattern = placed.pattern
    first = network.layers[placed.block.first_layer]
    rows = [actual(first, neuron) for neuron in placed.neurons[0]]
    inputs = gathered(pattern, rows)
    values: dict[str, Number] = {}
    for k in range(len(pattern.places)):
        bound = _bound(_Actual(network, placed, inputs, rows), pattern.places[k], values)
        if isinstance(bound, Difference):
            return Unmatched(bound, values)
        values[pattern.places[k].name] = bound
    difference = (
        _first_rows(placed, inputs, rows, values)
        or _later_rows(network, placed, values)
        or flags(network, placed)
        or assumptions(placed, values)
    )
    return Matched(placed, values, inputs) if difference is None else Unmatched(difference, values)


def outside_edge(network: Network, placed: PlacedBlock) -> Difference | None:
    """Return a weight of a later row that reads a neuron which is not the block's own (P1)."""
    for k in range(1, len(placed.neurons)):
        own = set(placed.neurons[k - 1])
        for i, neuron in enumerate(placed.neurons[k]):
            weights, _ = actual(network.layers[placed.block.first_layer + k], neuron)
            for key, weight in weights.items():
                if key not in own:
                    return Difference(f"{_spot(placed, k, i)}, weight of input {key}", 0, weight)
    return None


def actual(layer: Layer, neuron: int) -> Affine:
    """Return the row of a neuron. Raises: IndexError."""
    part = slice(layer.indptr[neuron], layer.indptr[neuron + 1])
    return dict(zip(layer.indices[part], layer.data[part], strict=True)), layer.bias[neuron]


def gathered(pattern: Pattern, rows: list[Affine]) -> tuple[Affine, ...]:
    """Return each input of the contract as a form of the cut, made of the actual first rows.

    Raises:
        LimitReached: as `added`.
    """
    found = []
    for form, dropped in pattern.inputs:
        position, factor = form[0]
        if len(form) == 1 and factor == 1:
            weights, constant = rows[position]
        else:
            weights, constant = added([(c, rows[k]) for k, c in form], 0)
        found.append((weights, 0 if dropped else constant))
    return tuple(found)


def added(parts: list[tuple[Number, Affine]], constant: Number) -> Affine:
    """Return the sum of factor * form, plus a constant, without zeros. Raises: LimitReached, as `bounded`."""
    total: dict[int, int | Fraction] = {}
    shift: int | Fraction = constant
    for factor, (weights, own) in parts:
        if factor:
            shift = bounded(shift + factor * own)
            for key, weight in weights.items():
                total[key] = bounded(total[key] + factor * weight) if key in total else factor * weight
    return {key: exact(weight) for key, weight in total.items() if weight}, exact(shift)


@dataclass(frozen=True, slots=True, eq=False)
class _Actual:
    """A block as it is: its first rows, and its inputs made of them."""

    network: Network
    placed: PlacedBlock
    inputs: tuple[Affine, ...]
    rows: list[Affine]


def _bound(block: _Actual, place: Place, values: Mapping[str, Number]) -> Number | Difference:
    """Return the value at which the parameter's one weight is right, all before being bound."""
    slope, offset = affine_in(place.term, place.name, values)
    if slope == 0:
        at = _spot(block.placed, place.layer, place.row)
        return Difference(at, f"{place.name} with a coefficient that is not 0", 0)
    weight = _weight(block, place) if place.layer else _first_weight(block, place, values)
    if isinstance(weight, Difference):
        return weight
    return exact(bounded(Fraction(weight - offset) / slope))


def _weight(block: _Actual, place: Place) -> Number:
    neurons = block.placed.neurons
    layer = block.network.layers[block.placed.block.first_layer + place.layer]
    weights, constant = actual(layer, neurons[place.layer][place.row])
    return constant if place.source is None else weights.get(neurons[place.layer - 1][place.source], 0)


def _first_weight(block: _Actual, place: Place, values: Mapping[str, Number]) -> Number | Difference:
    """Return a first row's constant, or its factor of one input; what the others add is taken off."""
    row = block.placed.pattern.rows[0][place.row]
    weights, constant = block.rows[place.row]
    at = _spot(block.placed, 0, place.row)
    try:
        known = [(_value(term, values), block.inputs[j]) for j, term in row.terms if j != place.source]
    except KeyError as error:
        return Difference(at, f"parameters bound before {place.name}", f"{error.args[0]} bound after it")
    others, shift = added(known, 0)
    if place.source is None:
        return exact(constant - shift)
    form = block.inputs[place.source][0]
    if not form:
        return Difference(at, f"{place.name} to be seen in a weight", "an input that reads nothing")
    key = next(iter(form))
    return exact(Fraction(weights.get(key, 0) - others.get(key, 0)) / form[key])


def _value(term: Term, values: Mapping[str, Number]) -> Number:
    if not term:
        return 0
    if len(term) == 1 and not term[0][1]:
        return term[0][0]
    return evaluate(term, values)


def _first_rows(
    placed: PlacedBlock, inputs: tuple[Affine, ...], rows: list[Affine], values: Mapping[str, Number]
) -> Difference | None:
    for i, row in enumerate(placed.pattern.rows[0]):
        parts = [(_value(term, values), inputs[j]) for j, term in row.terms]
        constant = _value(row.constant, values)
        if len(parts) == 1 and parts[0][0] == 1 and constant == 0:
            expected = parts[0][1]
        else:
            expected = added(parts, constant)
        if expected != rows[i]:
            return _differing(placed, 0, i, expected, rows[i])
    return None


def _later_rows(network: Network, placed: PlacedBlock, values: Mapping[str, Number]) -> Difference | None:
    for k in range(1, len(placed.neurons)):
        layer, before = network.layers[placed.block.first_layer + k], placed.neurons[k - 1]
        for i, row in enumerate(placed.pattern.rows[k]):
            expected = row_at(row, before, values)
            found = actual(layer, placed.neurons[k][i])
            if expected != found:
                return _differing(placed, k, i, expected, found)
    return None


def row_at(row: Row, before: tuple[int, ...], values: Mapping[str, Number]) -> Affine:
    """Return the row that the pattern asks for, over the neurons `before`. Raises: KeyError, LimitReached."""
    weights = {}
    for j, term in row.terms:
        weight = _value(term, values)
        if weight:
            weights[before[j]] = weight
    return weights, _value(row.constant, values)


def _differing(placed: PlacedBlock, k: int, i: int, expected: Affine, got: Affine) -> Difference:
    at = _spot(placed, k, i)
    for key in sorted(expected[0].keys() | got[0].keys()):
        wanted, found = expected[0].get(key, 0), got[0].get(key, 0)
        if wanted != found:
            return Difference(f"{at}, weight of input {key}", wanted, found)
    return Difference(f"{at}, bias", expected[1], got[1])


def _spot(placed: PlacedBlock, k: int, i: int) -> str:
    layer, neuron = placed.block.first_layer + k, placed.neurons[k][i]
    name = placed.pattern.rows[k][i].name
    return f"{placed}, network.layers[{layer}], neuron {neuron} ({name})"


def flags(network: Network, placed: PlacedBlock) -> Difference | None:
    """Compare the ReLU flags of the block's layers with the pattern's. Raises: never."""
    words = ("a layer without ReLU", "a layer with ReLU")
    for k, wanted in enumerate(placed.pattern.contract.layers):
        layer = placed.block.first_layer + k
        relu = network.layers[layer].relu
        if relu != wanted.relu:
            return Difference(f"{placed}, network.layers[{layer}]", words[wanted.relu], words[relu])
    return None


def assumptions(placed: PlacedBlock, values: Mapping[str, Number]) -> Difference | None:
    """Evaluate the contract's assumptions at the bound parameters. Raises: KeyError, LimitReached."""
    for atom in placed.pattern.contract.assumes:
        value = evaluate(atom.term, values)
        if not holds(value, atom.relation):
            at = f"{placed}, side condition of contract {placed.block.contract}"
            return Difference(at, statement(atom.term, atom.relation), value)
    return None


def holds(value: Number, relation: str) -> bool:
    """Return whether `value relation 0`. Raises: never."""
    return value == 0 if relation == "=" else value > 0 if relation == ">" else value >= 0


def told(value: Number | str) -> str:
    """Return a number, or words of ours, printable. Raises: never."""
    return value if isinstance(value, str) else shown(value)
