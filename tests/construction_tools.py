"""Tools of the tests of constructions: parts run by names, contracts tried at points, plain tasks."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from strategies import dataset

from memcert.blocks.part import Part
from memcert.constructions.registry import Task
from memcert.datasets.dataset import Dataset
from memcert.kernel.certificate import Atom, Case, Contract, Number, Original, Term

Values = Mapping[str, int | Fraction]
RELATIONS = {"=": Fraction.__eq__, ">=": Fraction.__ge__, "<=": Fraction.__le__, ">": Fraction.__gt__}


def run_part(part: Part, given: Values) -> list[dict[str, Fraction]]:
    """Return the values of all neurons, a dictionary a layer, ReLU after every layer."""
    found: list[dict[str, Fraction]] = []
    before: Values = given
    for layer in part.layers:
        after = {}
        for neuron in layer:
            total = Fraction(neuron.bias)
            for source, weight in neuron.row:
                total += Fraction(weight) * before[source]
            after[neuron.name] = max(total, Fraction(0))
        found.append(after)
        before = after
    return found


def value(term: Term, values: Values) -> Fraction:
    """Return the value of a term, one product at a time."""
    total = Fraction(0)
    for coefficient, names in term:
        product = Fraction(coefficient)
        for name in names:
            product *= values[name]
        total += product
    return total


def met(atoms: Sequence[Atom], values: Values) -> bool:
    """Whether all statements hold."""
    return all(RELATIONS[atom.relation](value(atom.term, values), Fraction(0)) for atom in atoms)


def case_holds(contract: Contract, case: Case, parameters: Values, inputs: Values, outputs: Values) -> bool:
    """Whether a case is not met, or all that it ensures holds of the outputs."""
    if not met(contract.assumes, parameters) or not met(case.requires, {**parameters, **inputs}):
        return True
    return all(
        RELATIONS[e.relation](Fraction(outputs[e.output]), value(e.term, {**parameters, **inputs}))
        for e in case.ensures
    )


def met_cases(contract: Contract, parameters: Values, inputs: Values) -> list[str]:
    """Return the names of the cases whose requirements hold."""
    known = {**parameters, **inputs}
    return [
        case.name for case in contract.cases if met(contract.assumes, known) and met(case.requires, known)
    ]


def broken_cases(contract: Contract, parameters: Values, inputs: Values, outputs: Values) -> list[str]:
    """Return the names of the cases that the outputs violate."""
    return [
        case.name for case in contract.cases if not case_holds(contract, case, parameters, inputs, outputs)
    ]


def task_of(data: Dataset, rule: str = "equal", seed: int = 0) -> Task:
    """Return the task of a data set whose labels are integers, points that repeat kept once."""
    places: dict[tuple[Number, ...], int] = {}
    first: list[int] = []
    groups: list[int] = []
    for row in range(data.size):
        point = data.point(row)
        if point not in places:
            places[point] = len(first)
            first.append(row)
        groups.append(places[point])
    classes: list[Original] = sorted(set(data.labels), key=str)
    numbers = [-1, 1] if rule == "sign" else list(range(len(classes)))
    labels = tuple(numbers[classes.index(data.labels[row])] for row in first)
    return Task(data, tuple(first), tuple(groups), labels, len(classes), rule, None, seed)


def tasks(points: Sequence[Sequence[int | Fraction]], labels: Sequence[int], rule: str = "equal") -> Task:
    """Return the task of points and labels."""
    return task_of(dataset(points, tuple(labels)), rule)
