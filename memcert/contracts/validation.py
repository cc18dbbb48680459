"""What a contract must be before it is printed or matched, decided from its text alone.

Names are distinct and plain, every term reads only what it may, each parameter can be computed
from the weight it names, each output is determined in every case and can be taken out of a row.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from memcert.contracts.terms import by_variable, names_of, normal, text
from memcert.kernel.certificate import Case, Contract, Ensure, Output, Parameter, Term
from memcert.kernel.verdict import Malformed, Words

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
    """Refuse a contract that is not one. Cost: linear in its size, quadratic in its outputs.

    Args:
        contract: as decoded.
        at: its place in the certificate, such as `contracts[3]`.

    Raises:
        Malformed: rule `name`, `distinct`, `empty`, `undeclared`, `monomial`, `form`, `parameter`,
            `pivot`, `relation` or `determination`, at the place in the contract.
    """
    _names(contract, at)
    parameters = [parameter.name for parameter in contract.parameters]
    inputs = [entry.name for entry in contract.inputs]
    for k, atom in enumerate(contract.assumes):
        _relation(atom.relation, ("=", ">=", ">"), f"{at}.assumes[{k}]")
        _reads(atom.term, parameters, (), f"{at}.assumes[{k}]")
    _layers(contract, at, parameters, inputs)
    first = [name for name, _ in contract.layers[0].neurons]
    last = [name for name, _ in contract.layers[-1].neurons]
    for k, entry in enumerate(contract.inputs):
        _form(entry.form, first, f"{at}.inputs[{k}].is")
    for k, output in enumerate(contract.outputs):
        _form(output.form, last, f"{at}.outputs[{k}].is")
    _pivots(contract.outputs, at)
    for k in range(len(parameters)):
        _parameter(contract, k, f"{at}.parameters[{k}]")
    for k, case in enumerate(contract.cases):
        _case(case, contract.outputs, parameters, inputs, f"{at}.cases[{k}]")


def pivot(outputs: Sequence[Output], index: int) -> str | None:
    """Return the first neuron that only this output's form has, or None. Raises: never."""
    others = {name for k, other in enumerate(outputs) if k != index for name in names_of(normal(other.form))}
    own = (name for _, names in normal(outputs[index].form) for name in names)
    return next((name for name in own if name not in others), None)


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
    """Refuse undeclared names and products of variables."""
    for _, names in term:
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


def _layers(contract: Contract, at: str, parameters: Sequence[str], inputs: Sequence[str]) -> None:
    readable = inputs
    for k, layer in enumerate(contract.layers):
        for i, (_, term) in enumerate(layer.neurons):
            _reads(term, parameters, readable, f"{at}.layers[{k}].neurons[{i}]")
        readable = [name for name, _ in layer.neurons]


def _pivots(outputs: Sequence[Output], at: str) -> None:
    for k, output in enumerate(outputs):
        if pivot(outputs, k) is None:
            expected = "a neuron that no other output has"
            raise Malformed("pivot", f"{at}.outputs[{k}].is", expected, Words(text(output.form)))


def _parameter(contract: Contract, index: int, at: str) -> None:
    """Refuse a parameter that its weight does not give once the earlier ones are known."""
    parameter = contract.parameters[index]
    coefficient = _weight(contract, parameter, at)
    earlier = {other.name for other in contract.parameters[:index]} | {parameter.name}
    powers = [names.count(parameter.name) for _, names in normal(coefficient)]
    if not any(powers):
        raise Malformed("parameter", at, "a weight that the parameter is in", Words(text(coefficient)))
    if max(powers) > 1 or not names_of(coefficient) <= earlier:
        expected = f"a weight linear in {parameter.name}, all else bound before"
        raise Malformed("parameter", at, expected, Words(text(coefficient)))


def _weight(contract: Contract, parameter: Parameter, at: str) -> Term:
    names = {other.name for other in contract.parameters}
    readable: list[str] = [entry.name for entry in contract.inputs]
    for layer in contract.layers:
        for neuron, term in layer.neurons:
            if neuron == parameter.neuron:
                if parameter.input is not None and parameter.input not in readable:
                    raise Malformed("parameter", at, f"null, {', '.join(readable)}", parameter.input)
                return by_variable(term, names).get(parameter.input, ())
        readable = [neuron for neuron, _ in layer.neurons]
    raise Malformed("parameter", at, "a neuron of the contract", parameter.neuron)


def _case(
    case: Case, outputs: Sequence[Output], parameters: Sequence[str], inputs: Sequence[str], at: str
) -> None:
    for k, atom in enumerate(case.requires):
        _relation(atom.relation, ("=", ">="), f"{at}.requires[{k}]")
        _reads(atom.term, parameters, inputs, f"{at}.requires[{k}]")
    names = [output.name for output in outputs]
    for k, ensure in enumerate(case.ensures):
        _relation(ensure.relation, ("=", ">=", "<="), f"{at}.ensures[{k}]")
        if ensure.output not in names:
            raise Malformed(
                "undeclared", f"{at}.ensures[{k}]", f"an output: {', '.join(names)}", ensure.output
            )
        _reads(ensure.term, parameters, inputs, f"{at}.ensures[{k}]")
    for name in names:
        _determined(name, case.ensures, at)


def _determined(name: str, ensures: Sequence[Ensure], at: str) -> None:
    found = sorted(ensure.relation for ensure in ensures if ensure.output == name)
    if found not in (["="], ["<="], [">="], ["<=", ">="]):
        expected = f"for {name} one =, or one >= and/or one <="
        raise Malformed("determination", f"{at}.ensures", expected, Words(" ".join(found) or "nothing"))
