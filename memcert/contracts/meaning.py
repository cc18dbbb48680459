"""What a contract says at exact numbers: its layers executed, its statements decided.

The second reading of a contract, beside the printed one: a solver's counterexample counts only
if it is one here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from memcert.contracts.terms import evaluate
from memcert.kernel.certificate import Atom, Case, Contract, Ensure, Number


@dataclass(frozen=True, slots=True)
class Violation:
    """A statement `output relation expected` that is false, `got` being the output."""

    output: str
    relation: str
    expected: Number
    got: Number


def holds(left: Number, relation: str, right: Number) -> bool:
    """Decide left relation right, relation one of = >= <= >.

    Raises:
        ValueError: another relation.
    """
    if relation == "=":
        return left == right
    if relation == ">=":
        return left >= right
    if relation == "<=":
        return left <= right
    if relation == ">":
        return left > right
    raise ValueError(f"expected one of = >= <= >, got {relation!r}")


def true_at(atoms: Iterable[Atom], values: Mapping[str, Number]) -> bool:
    """Decide whether every atom holds at these values. Raises: KeyError, an unbound name."""
    return all(holds(evaluate(atom.term, values), atom.relation, 0) for atom in atoms)


def outputs_at(contract: Contract, values: Mapping[str, Number]) -> dict[str, Number]:
    """Execute the layers at values of all parameters and inputs; return the outputs by name.

    Raises:
        KeyError: a parameter or input has no value.
    """
    known = dict(values)
    for layer in contract.layers:
        rows = {name: evaluate(term, known) for name, term in layer.neurons}
        known |= {name: max(row, 0) for name, row in rows.items()} if layer.relu else rows
    return {output.name: evaluate(output.form, known) for output in contract.outputs}


def violations(
    ensures: Iterable[Ensure], outputs: Mapping[str, Number], values: Mapping[str, Number]
) -> tuple[Violation, ...]:
    """Return the statements that are false of these outputs. Raises: KeyError, an unbound name."""
    found = []
    for ensure in ensures:
        expected, got = evaluate(ensure.term, values), outputs[ensure.output]
        if not holds(got, ensure.relation, expected):
            found.append(Violation(ensure.output, ensure.relation, expected, got))
    return tuple(found)


def counterexample(contract: Contract, case: Case, values: Mapping[str, Number]) -> tuple[Violation, ...]:
    """Return what the case promises falsely at these parameters and inputs; empty: nothing.

    Raises:
        KeyError: a parameter or input has no value.
    """
    if not true_at(contract.assumes, values) or not true_at(case.requires, values):
        return ()
    return violations(case.ensures, outputs_at(contract, values), values)
