"""Theorem 6.5(2), the formula: clauses of six literals, read back from the reduction's points.

Source: Theorem 6.5(2) and Definition 6.6.
Departure: Definition 6.6 asks that a formula and the one with all variables negated be both
satisfiable or both not, which every formula meets; what the proof uses is that s satisfies each
clause and -s does, too: no clause has six true literals, or six false ones (NAE-6-SAT).
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from memcert.constructions.registry import Task
from memcert.datasets.dimacs import CLAUSE, LITERALS, MINUS, ORIGIN, PLUS, UNIT, Clause
from memcert.errors import BuildError, UndecidedError, UsageError
from memcert.kernel.verdict import shown

Assignment = tuple[int, ...]
"""s_1, .., s_n, each -1 or +1."""


@dataclass(frozen=True, slots=True)
class Formula:
    """n variables, and the clauses with the rows that they came from.

    Args:
        variables: n.
        clauses: literals, i or -i, of six different variables.
        rows: of the data set, one a clause.
    """

    variables: int
    clauses: tuple[Clause, ...]
    rows: tuple[int, ...]

    def violated(self, assignment: Assignment) -> int | None:
        """Return the place of a clause whose literals are all true or all false, if any. Raises: never."""
        for place, clause in enumerate(self.clauses):
            if (
                abs(sum(assignment[abs(literal) - 1] * (1 if literal > 0 else -1) for literal in clause))
                == LITERALS
            ):
                return place
        return None


def formula_of(task: Task) -> Formula:
    """Return the formula whose reduction the data are.

    Args:
        task: distinct points with labels -1 and +1, in any order.

    Raises:
        BuildError: they are no such data; names a row, or a point that is missing.
    """
    dataset = task.dataset
    if dataset.dimension < LITERALS:
        raise BuildError(f"expected at least {LITERALS} variables, got {dataset.dimension}")
    clauses, rows, seen = [], [], set()
    for row, label in zip(task.distinct, task.labels, strict=True):
        steps = _steps(task, row)
        sizes = sorted({abs(step) for step in steps.values()})
        if label == 1 and len(steps) == LITERALS and sizes == [CLAUSE]:
            clauses.append(tuple(j + 1 if step > 0 else -(j + 1) for j, step in steps.items()))
            rows.append(row)
        elif len(steps) == 1 and sizes == ([PLUS] if label == 1 else [MINUS]):
            seen |= set(steps.items())
        else:
            raise BuildError(
                f"{dataset.place(row)}: expected a point of the reduction from a formula, which a "
                f"DIMACS file is read as, got {shown(dataset.point(row))} with label "
                f"{shown(dataset.labels[row])}"
            )
    for j in range(dataset.dimension):
        for step in (PLUS, -PLUS, MINUS, -MINUS):
            if (j, step) not in seen:
                raise BuildError(
                    f"expected the point 11/30 + {step}/{UNIT} e_{j + 1} of the reduction, got none"
                )
    return Formula(dataset.dimension, tuple(clauses), tuple(rows))


def _steps(task: Task, row: int) -> dict[int, int]:
    """Return the coordinates that are not 11/30, by how much in 60ths; 0 for what is no 60th."""
    bottom = task.dataset.denominator
    numerators = task.dataset.numerators[row].astype(object) * UNIT - ORIGIN * bottom
    return {
        int(j): int(numerators[j] // bottom) if numerators[j] % bottom == 0 else 0
        for j in np.flatnonzero(numerators).tolist()
    }


def parsed(text: str, variables: int) -> Assignment:
    """Return the assignment that literals such as `1 -2 3` or `1,-2,3` say.

    Raises:
        UsageError: not every variable once.
    """
    words = text.replace(",", " ").split()
    named: dict[str, int] = {str(i + 1): 1 for i in range(variables)}
    named |= {f"-{i + 1}": -1 for i in range(variables)}
    found = {abs(int(word)): named[word] for word in words if word in named}
    if len(found) != variables or len(words) != variables:
        raise UsageError(
            f"option assignment: expected each of the {variables} variables once, as 1 or -1, 2 or -2, .., "
            f"got {shown(text)}"
        )
    return tuple(found[i + 1] for i in range(variables))


def search(formula: Formula, seconds: int, seed: int) -> Assignment | None:
    """Return an assignment that gives every clause a true and a false literal, as z3 finds one.

    Args:
        formula: any.
        seconds: that z3 may take.
        seed: of its random choices.

    Returns:
        None: z3 says that there is none.

    Raises:
        UndecidedError: z3 does not know.
    """
    import z3

    context = z3.Context()
    solver = z3.Solver(ctx=context)
    solver.set("timeout", seconds * 1000)
    solver.set("random_seed", seed % 2**31)
    names = [z3.Bool(f"s{i}", context) for i in range(formula.variables)]
    # -s is as good as s.
    solver.add(names[0])
    for clause in formula.clauses:
        literals = [_literal(z3, names, literal) for literal in clause]
        solver.add(z3.Or(*literals), z3.Not(z3.And(*literals)))
    answer = solver.check()
    if answer == z3.unsat:
        return None
    if answer != z3.sat:
        raise UndecidedError(
            f"whether the formula has an assignment that gives every clause a true and a false literal: z3: "
            f"{solver.reason_unknown()}"
        )
    model = solver.model()
    return tuple(1 if z3.is_true(model.eval(name, model_completion=True)) else -1 for name in names)


def _literal(z3: object, names: Sequence[object], literal: int) -> object:
    name = names[abs(literal) - 1]
    return name if literal > 0 else z3.Not(name)  # type: ignore[attr-defined]
