"""What a contract must be before it is printed or matched, decided from its text alone.

Names are distinct and plain, every term reads only what it may, each parameter can be computed
from the weight it names, each output is determined in every case and can be taken out of a row.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from memcert.contracts.terms import by_variable, names_of, normal, text
from memcert.kernel.certificate import Case, Contract, Output, Term
from memcert.kernel.verdict import LimitReached, Malformed, Words

MAX_DEGREE = 16
"""Most names of one monomial."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
PATTERN = "[a-z][a-z0-9_]{0,31}"


def check_name(name: str, at: str) -> None:
    """Refuse a name that is not plain: a letter, then letters, digits and underscores, 32 at most.

    Raises:
        Malformed: rule `name`.
    """
    if not _NAME.fullmatch(name):
        raise Malformed("name", at, f"a name that matches {PATTERN}", name)


def check_distinct(names: Iterable[tuple[str, str]]) -> None:
    """Refuse a name that occurs twice among (name, place).

    Raises:
        Malformed: rule `distinct`, at the second place.
    """
    seen: dict[str, str] = {}
    for name, at in names:
        if name in seen:
            raise Malformed("distinct", at, f"a name other than that of {seen[name]}", name)
        seen[name] = at


def validate_all(contracts: Sequence[Contract]) -> None:
    """Validate every contract; their ids are distinct.

    Raises:
        Malformed: as `validate`, and rule `distinct` for ids.
    """
    for index, contract in enumerate(contracts):
        validate(contract, f"contracts[{index}]")
    check_distinct((contract.id, f"contracts[{index}].id") for index, contract in enumerate(contracts))


def validate(contract: Contract, at: str = "contract") -> None:
    """Refuse a contract that is not one. Cost: linear in its size.

    Args:
        contract: as decoded.
        at: its place in the certificate, such as `contracts[3]`.

    Raises:
        Malformed: rule `name`, `distinct`, `empty`, `undeclared`, `monomial`, `form`, `parameter`,
            `pivot`, `relation` or `determination`, at the place in the contract.
        LimitReached: a monomial has more than MAX_DEGREE names.
    """
    _names(contract, at)
    # As keys: in order for messages, found at once.
    parameters = dict.fromkeys(parameter.name for parameter in contract.parameters)
    inputs = dict.fromkeys(entry.name for entry in contract.inputs)
    for k, atom in enumerate(contract.assumes):
        _relation(atom.relation, ("=", ">=", ">"), f"{at}.assumes[{k}]")
        _reads(atom.term, parameters, (), f"{at}.assumes[{k}]")
    _layers(contract, at, parameters, inputs)
    first = dict.fromkeys(name for name, _ in contract.layers[0].neurons)
    last = dict.fromkeys(name for name, _ in contract.layers[-1].neurons)
    for k, entry in enumerate(contract.inputs):
        _form(entry.form, first, f"{at}.inputs[{k}].is")
    for k, output in enumerate(contract.outputs):
        _form(output.form, last, f"{at}.outputs[{k}].is")
    _pivots(contract.outputs, at)
    _parameters(contract, at)
    for k, case in enumerate(contract.cases):
        _case(case, contract.outputs, parameters, inputs, f"{at}.cases[{k}]")


def pivots(outputs: Sequence[Output]) -> tuple[str | None, ...]:
    """Return for each output the first neuron that only its own form has, or None.

    Cost: linear in the forms. Raises: never.
    """
    forms = [[name for _, names in normal(output.form) for name in names] for output in outputs]
    found = Counter(name for names in forms for name in names)
    return tuple(next((name for name in names if found[name] == 1), None) for names in forms)


def _names(contract: Contract, at: str) -> None:
    check_name(contract.id, f"{at}.id")
    for part in ("layers", "outputs", "cases"):
        if not getattr(contract, part):
            raise Malformed("empty", f"{at}.{part}", "at least one", Words("none"))
    places = [(p.name, f"{at}.parameters[{k}].name") for k, p in enumerate(contract.parameters)]
    places += [(u.name, f"{at}.inputs[{k}].name") for k, u in enumerate(contract.inputs)]
    for k, layer in enumerate(contract.layers):
        if not layer.neurons:
            raise Malformed("empty", f"{at}.layers[{k}].neurons", "at least one", Words("none"))
        places += [(name, f"{at}.layers[{k}].neurons[{i}]") for i, (name, _) in enumerate(layer.neurons)]
    for k, output in enumerate(contract.outputs):
        # An output that is one neuron may have that neuron's name: it is that number.
        if output.form != ((1, (output.name,)),):
            places.append((output.name, f"{at}.outputs[{k}].name"))
    cases = [(case.name, f"{at}.cases[{k}].name") for k, case in enumerate(contract.cases)]
    for name, place in places + cases:
        check_name(name, place)
    check_distinct(places)
    check_distinct(cases)
    check_distinct((output.name, f"{at}.outputs[{k}].name") for k, output in enumerate(contract.outputs))


def _relation(relation: str, allowed: Sequence[str], at: str) -> None:
    if relation not in allowed:
        raise Malformed("relation", at, f"one of {' '.join(allowed)}", relation)


def _reads(term: Term, parameters: Collection[str], variables: Collection[str], at: str) -> None:
    """Refuse undeclared names, products of variables, and products of too many names."""
    for _, names in term:
        if len(names) > MAX_DEGREE:
            raise LimitReached("degree", at, f"at most {MAX_DEGREE} names in a monomial", len(names))
        unknown = [name for name in names if name not in parameters and name not in variables]
        if unknown:
            # What is not declared has not been checked to be a plain name, so it is quoted.
            allowed = ", ".join([*parameters, *variables]) or "numbers only"
            raise Malformed("undeclared", at, allowed, unknown[0])
        if sum(name not in parameters for name in names) > 1:
            raise Malformed("monomial", at, "at most one variable a monomial", Words("*".join(names)))


def _form(form: Term, neurons: Collection[str], at: str) -> None:
    """Refuse what is not a nonzero linear form of those neurons, without constant."""
    _reads(form, (), neurons, at)
    if any(not names for _, names in form) or not normal(form):
        raise Malformed("form", at, "a nonzero linear form without constant", Words(text(form)))


def _layers(contract: Contract, at: str, parameters: Collection[str], inputs: Collection[str]) -> None:
    readable = inputs
    for k, layer in enumerate(contract.layers):
        for i, (_, term) in enumerate(layer.neurons):
            _reads(term, parameters, readable, f"{at}.layers[{k}].neurons[{i}]")
        readable = dict.fromkeys(name for name, _ in layer.neurons)


def _pivots(outputs: Sequence[Output], at: str) -> None:
    for k, (output, found) in enumerate(zip(outputs, pivots(outputs), strict=True)):
        if found is None:
            expected = "a neuron that no other output has"
            raise Malformed("pivot", f"{at}.outputs[{k}].is", expected, Words(text(output.form)))


def _parameters(contract: Contract, at: str) -> None:
    """Refuse a parameter that its weight does not give once the earlier ones are known."""
    names = {parameter.name for parameter in contract.parameters}
    named = {parameter.neuron for parameter in contract.parameters}
    places: dict[str, tuple[Mapping[str | None, Term], Mapping[str, None]]] = {}
    readable = dict.fromkeys(entry.name for entry in contract.inputs)
    for layer in contract.layers:
        rows = ((neuron, term) for neuron, term in layer.neurons if neuron in named)
        places |= {neuron: (by_variable(term, names), readable) for neuron, term in rows}
        readable = dict.fromkeys(neuron for neuron, _ in layer.neurons)
    earlier: set[str] = set()
    for k, parameter in enumerate(contract.parameters):
        place = f"{at}.parameters[{k}]"
        if parameter.neuron not in places:
            raise Malformed("parameter", place, "a neuron of the contract", parameter.neuron)
        weights, allowed = places[parameter.neuron]
        if parameter.input is not None and parameter.input not in allowed:
            raise Malformed("parameter", place, f"null, {', '.join(allowed)}", parameter.input)
        earlier.add(parameter.name)
        _bindable(weights.get(parameter.input, ()), parameter.name, earlier, place)


def _bindable(coefficient: Term, name: str, bound: Collection[str], at: str) -> None:
    powers = [names.count(name) for _, names in normal(coefficient)]
    if not any(powers):
        raise Malformed("parameter", at, "a weight that the parameter is in", Words(text(coefficient)))
    if max(powers) > 1 or not all(other in bound for other in names_of(coefficient)):
        expected = f"a weight linear in {name}, all else bound before"
        raise Malformed("parameter", at, expected, Words(text(coefficient)))


def _case(
    case: Case, outputs: Sequence[Output], parameters: Collection[str], inputs: Collection[str], at: str
) -> None:
    for k, atom in enumerate(case.requires):
        _relation(atom.relation, ("=", ">="), f"{at}.requires[{k}]")
        _reads(atom.term, parameters, inputs, f"{at}.requires[{k}]")
    said: dict[str, list[str]] = {output.name: [] for output in outputs}
    for k, ensure in enumerate(case.ensures):
        _relation(ensure.relation, ("=", ">=", "<="), f"{at}.ensures[{k}]")
        if ensure.output not in said:
            raise Malformed(
                "undeclared", f"{at}.ensures[{k}]", f"an output: {', '.join(said)}", ensure.output
            )
        _reads(ensure.term, parameters, inputs, f"{at}.ensures[{k}]")
        said[ensure.output].append(ensure.relation)
    for name, relations in said.items():
        found = sorted(relations)
        if found not in (["="], ["<="], [">="], ["<=", ">="]):
            expected = f"for {name} one =, or one >= and/or one <="
            raise Malformed("determination", f"{at}.ensures", expected, Words(" ".join(found) or "nothing"))
