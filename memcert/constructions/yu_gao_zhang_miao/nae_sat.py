"""Theorem 6.5(2): n + 8 parameters memorize the reduction of a formula that has a good assignment.

Source: Theorem 6.5(2): f(x) = relu(3 s.(x - o) + 3), o = 11/30 in every coordinate, is 19/10 or 41/10
where the label is -1 and in [2, 4] where it is +1; Lemma G.5 does the rest.
Departure: an assignment is good if every clause has a true and a false literal (`formulas`).
UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction

from memcert.blocks.assembly import coordinates, network, outline
from memcert.blocks.part import carry, serial
from memcert.constructions.constant import CANDIDATES
from memcert.constructions.directions import search as direction
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.strictness import inside
from memcert.constructions.yu_gao_zhang_miao.formulas import Assignment, Formula, formula_of, parsed, search
from memcert.constructions.yu_gao_zhang_miao.hat import HAT, Hat, hat
from memcert.contracts import mechanisms
from memcert.datasets.dataset import exact
from memcert.datasets.dimacs import ORIGIN, UNIT
from memcert.errors import BuildError, NoNetworkError
from memcert.kernel.certificate import Number, Probe, Witness
from memcert.kernel.verdict import shown

STAGE = "projection"
SCALE = 3
VALUES = Hat(Fraction(19, 10), Fraction(2), Fraction(4), Fraction(41, 10))
"""What f is on either label; its margin is 1/40."""


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of n + 8 parameters from an assignment that is given, or that z3 finds.

    Args:
        task: the data set of a formula.
        options: `assignment` and `timeout`.

    Returns:
        Depth 3, widths 1 and 2; n + 8 parameters, all nonzero.

    Raises:
        BuildError: the data are no reduction, or the given assignment is not good; names a row.
        UsageError: the assignment does not name every variable once.
        NoNetworkError: z3 says that no assignment is good.
        UndecidedError: z3 does not know.
    """
    formula = formula_of(task)
    assignment = _assignment(formula, options, task)
    row = {name: SCALE * s for name, s in zip(coordinates(formula.variables), assignment, strict=True)}
    line = carry("project", STAGE, "t", row=row, bias=_bias(sum(assignment)))
    part = serial([line, hat(VALUES, "hat", {"t": 1})])
    return Built(
        network=network(part, formula.variables),
        contracts=(mechanisms.carry(), HAT),
        blocks=outline(part),
        witness=_witness(task, assignment),
        box_radius=inside(VALUES.room / (SCALE * formula.variables)),
        margin=exact(VALUES.level.numerator, VALUES.level.denominator),
        direction=direction(distinct_points(task), CANDIDATES, task.seed).vector,
        notes={"assignment": " ".join(str(s * i) for i, s in enumerate(assignment, 1))},
    )


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make; an assignment is searched for.

    Raises:
        BuildError: the data are no reduction, or no assignment is good.
        UsageError, UndecidedError: as `build`.
    """
    formula = formula_of(task)
    try:
        assignment = _assignment(formula, options, task)
    except NoNetworkError as error:
        raise BuildError(str(error)) from None
    n = formula.variables
    numbers = (SCALE, 1, *VALUES.biases, *VALUES.weights, _bias(sum(assignment)))
    return Size(
        parameters=n + 8,
        edges=n + 4,
        dense=n + 8,
        width=2,
        depth=3,
        bits=max(abs(x.numerator).bit_length() + x.denominator.bit_length() for x in numbers),
    )


def _assignment(formula: Formula, options: Mapping[str, OptionValue], task: Task) -> Assignment:
    given, timeout = options["assignment"], options["timeout"]
    if given is not None:
        assignment = parsed(str(given), formula.variables)
        place = formula.violated(assignment)
        if place is not None:
            raise BuildError(
                f"the assignment gives all literals of the clause {shown(formula.clauses[place])} one value; "
                f"the clause is {task.dataset.place(formula.rows[place])}"
            )
        return assignment
    found = search(formula, int(timeout or 1), task.seed)
    if found is None:
        raise NoNetworkError(
            "z3 says that no assignment gives every clause a true and a false literal; then, by Theorem "
            f"6.5(2), no network of {formula.variables + 8} parameters memorizes these data. There is no "
            "evidence of it that could be checked, only z3's word"
        )
    return found


def _bias(total: int) -> Number:
    """Return 3 - 3 o sum s, which is never 0: sum s would be 30/11."""
    return exact(SCALE * UNIT - SCALE * ORIGIN * total, UNIT)


def _witness(task: Task, assignment: Assignment) -> Witness:
    """Quote f at every row."""
    bias, bottom = Fraction(_bias(sum(assignment))), task.dataset.denominator
    values = []
    for point in task.dataset.numerators.tolist():
        value = bias + Fraction(SCALE * sum(s * x for s, x in zip(assignment, point, strict=True)), bottom)
        values.append(exact(value.numerator, value.denominator))
    probe = Probe(
        name="projected", after_layer=1, neurons=(0,), coefficients=(1,), partition=None, values=tuple(values)
    )
    return Witness({}, (probe,))
