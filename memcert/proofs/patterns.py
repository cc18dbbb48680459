"""Validated contracts made ready for matching and chaining: names become positions."""

from collections.abc import Mapping
from dataclasses import dataclass

from memcert.contracts.terms import by_variable, normal
from memcert.contracts.validation import pivots
from memcert.kernel.certificate import Case, Contract, Number, Output, Parameter, Term

Sum = tuple[tuple[int, Term], ...]
"""Coefficients, terms over the parameters, by position of what they multiply."""
Form = tuple[tuple[int, Number], ...]
"""A linear form of a layer's neurons, by position."""


@dataclass(frozen=True, slots=True)
class Row:
    """A neuron of a pattern: a sum over the layer before, or over the inputs, and a constant."""

    name: str
    terms: Sum
    constant: Term


@dataclass(frozen=True, slots=True)
class Place:
    """The one weight where a parameter is bound: a coefficient (by source) or the constant (None)."""

    name: str
    layer: int
    row: int
    source: int | None
    term: Term


@dataclass(frozen=True, slots=True)
class Taken:
    """An output as a form of the last layer; `pivot` is in no other output's form, factor `at`."""

    name: str
    form: Form
    pivot: int
    at: Number


@dataclass(frozen=True, slots=True)
class Condition:
    """The statement `terms + constant relation 0` about the inputs."""

    relation: str
    terms: Sum
    constant: Term


@dataclass(frozen=True, slots=True)
class Promised:
    """What a case says of one output: exactly, or bounds of which one may be missing."""

    exact: tuple[Sum, Term] | None
    lower: tuple[Sum, Term] | None
    upper: tuple[Sum, Term] | None


@dataclass(frozen=True, slots=True)
class PatternCase:
    """A case: its conditions, and what it promises of each output."""

    name: str
    requires: tuple[Condition, ...]
    ensures: tuple[Promised, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A compiled contract; `inputs` are (form of the first rows, whether its constant is dropped)."""

    contract: Contract
    places: tuple[Place, ...]
    inputs: tuple[tuple[Form, bool], ...]
    rows: tuple[tuple[Row, ...], ...]
    outputs: tuple[Taken, ...]
    plain: Mapping[int, int]
    """Output by last-layer neuron, where the output is that neuron and nothing else has it."""
    cases: tuple[PatternCase, ...]


def compiled(contract: Contract) -> Pattern:
    """Return the pattern of a contract that `contracts.validation.validate` has let through.

    Cost: linear in the size of the contract. Raises: KeyError, where it was not validated.
    """
    parameters = {p.name: k for k, p in enumerate(contract.parameters)}
    layers = [{name: k for k, (name, _) in enumerate(layer.neurons)} for layer in contract.layers]
    inputs = {u.name: k for k, u in enumerate(contract.inputs)}
    rows = tuple(
        tuple(
            Row(name, *_sum(term, layers[k - 1] if k else inputs, parameters)) for name, term in layer.neurons
        )
        for k, layer in enumerate(contract.layers)
    )
    found = zip(contract.outputs, pivots(contract.outputs), strict=True)
    outputs = tuple(_taken(output, str(neuron), layers[-1]) for output, neuron in found)
    return Pattern(
        contract,
        tuple(_place(parameter, inputs, layers, rows) for parameter in contract.parameters),
        tuple((_form(u.form, layers[0]), u.dropped) for u in contract.inputs),
        rows,
        outputs,
        {o.pivot: k for k, o in enumerate(outputs) if o.form == ((o.pivot, 1),)},
        tuple(_case(contract, case, inputs, parameters) for case in contract.cases),
    )


def _sum(term: Term, positions: Mapping[str, int], parameters: Mapping[str, int]) -> tuple[Sum, Term]:
    split = by_variable(normal(term), parameters)
    constant = split.pop(None, ())
    terms = [(positions[name], coefficient) for name, coefficient in split.items() if name is not None]
    return tuple(sorted(terms, key=lambda item: item[0])), constant


def _form(form: Term, positions: Mapping[str, int]) -> Form:
    return tuple((positions[names[0]], coefficient) for coefficient, names in normal(form))


def _place(
    parameter: Parameter,
    inputs: Mapping[str, int],
    layers: list[dict[str, int]],
    rows: tuple[tuple[Row, ...], ...],
) -> Place:
    layer = next(k for k, names in enumerate(layers) if parameter.neuron in names)
    index = layers[layer][parameter.neuron]
    row = rows[layer][index]
    if parameter.input is None:
        return Place(parameter.name, layer, index, None, row.constant)
    source = (layers[layer - 1] if layer else inputs)[parameter.input]
    return Place(parameter.name, layer, index, source, dict(row.terms)[source])


def _taken(output: Output, pivot: str, last: Mapping[str, int]) -> Taken:
    form, at = _form(output.form, last), last[pivot]
    return Taken(output.name, form, at, dict(form)[at])


def _case(
    contract: Contract, case: Case, inputs: Mapping[str, int], parameters: Mapping[str, int]
) -> PatternCase:
    requires = tuple(Condition(a.relation, *_sum(a.term, inputs, parameters)) for a in case.requires)
    said = {(e.output, e.relation): _sum(e.term, inputs, parameters) for e in case.ensures}
    ensures = (
        Promised(*(said.get((output.name, relation)) for relation in ("=", ">=", "<=")))
        for output in contract.outputs
    )
    return PatternCase(case.name, requires, tuple(ensures))
