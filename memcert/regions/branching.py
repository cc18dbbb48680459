"""Branch and bound on the signs of open neurons: a tree of leaves that decide one statement on a box.

UNTRUSTED. A leaf is kept only if floats with proved errors, or else exact arithmetic, show that the
replay will accept it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.boxes.document import BOTH, Fixed, Leaf
from memcert.boxes.lines import DROPPED, KEPT, lines_of
from memcert.boxes.replay import ROOT
from memcert.boxes.statements import Statement
from memcert.kernel.certificate import Number
from memcert.kernel.rational import quotient
from memcert.regions.descent import FloatLines, descend, float_lines, statement_forms
from memcert.regions.matrices import nearest
from memcert.regions.programs import Place, Solved, emptied, minimized, program
from memcert.regions.relaxations import BITS, Stated, shortened

Array = np.ndarray[Any, Any]
GRID = 1 << BITS
"""Slopes of leaves are multiples of 1 / GRID."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A box whose statements are to be decided.

    Args:
        stated: the network and its neurons on the box.
        exactly: the exact least value of a leaf, as the replay computes it.
        seconds: that are left.
    """

    stated: Stated
    exactly: Callable[[Leaf, Statement], Fraction]
    seconds: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Branched:
    """How it ended: the leaves of the whole tree, or None; and points where the statement may fail."""

    leaves: tuple[Leaf, ...] | None
    points: tuple[Array, ...]
    why: str = ""


def roots(problem: Problem, asked: Sequence[Statement]) -> list[bool]:
    """Return for each statement whether DeepPoly alone shows it. Cost: one pass. Raises: LimitReached."""
    forms = np.array([statement.form for statement in asked], dtype=np.float64)
    constants = nearest([statement.constant for statement in asked])
    found = descend(problem.stated.relaxed, statement_forms(forms, constants))
    return [
        _shown(problem, ROOT, statement, float(lower), float(upper))
        for statement, lower, upper in zip(asked, found.lower, found.upper, strict=True)
    ]


def _shown(problem: Problem, leaf: Leaf, statement: Statement, lower: float, upper: float) -> bool:
    if lower > 0:
        return True
    if upper < 0:
        return False
    exact = problem.exactly(leaf, statement)
    return exact > 0 or (exact == 0 and not statement.strict and not leaf.empty)


def branched(problem: Problem, statement: Statement, most: int, refuted: Callable[[Array], bool]) -> Branched:
    """Decide a statement by cases.

    Args:
        problem: the box.
        statement: that is to hold at every point of it.
        most: leaves, at most.
        refuted: told of points where it may fail; whether it does, exactly.

    Cost: a linear program a node.

    Raises:
        UnsupportedError: scipy is not installed.
        LimitReached: an exact value grew too long.
    """
    leaves: list[Leaf] = []
    ahead: list[tuple[Fixed, ...]] = [()]
    while ahead:
        if problem.seconds() <= 0:
            return Branched(None, (), "time")
        if len(leaves) + len(ahead) > most:
            return Branched(None, (), "leaves")
        path = ahead.pop()
        leaf, solved = _node(problem, statement, path)
        if leaf is not None:
            leaves.append(leaf)
            continue
        if solved.value is not None and refuted(solved.point):
            return Branched(None, (solved.point,), "refuted")
        split = _split(problem, path, solved)
        if split is None:
            return Branched(None, (), "precision")
        ahead += [(*path, Fixed(*split, on)) for on in (False, True)]
    return Branched(tuple(leaves), ())


def _node(problem: Problem, statement: Statement, path: tuple[Fixed, ...]) -> tuple[Leaf | None, Solved]:
    """Return a leaf that decides a case, if there is one, and what the linear program found."""
    made = program(problem.stated.relaxed.floats, problem.stated.lines, problem.stated.relaxed.box, path)
    form, constant = np.array(statement.form, dtype=np.float64), float(nearest([statement.constant])[0])
    solved = minimized(made, path, form, constant, problem.seconds())
    if solved.value is None and path:
        found = emptied(made, path, problem.seconds())
        leaf = _leaf(problem, path, found, empty=True)
        return (leaf if _holds(problem, leaf, statement) else None), solved
    if solved.value is None or solved.value < 0:
        return None, solved
    leaf = _leaf(problem, path, solved, empty=False)
    return (leaf if _holds(problem, leaf, statement) else None), solved


def _leaf(problem: Problem, path: tuple[Fixed, ...], found: Solved, *, empty: bool) -> Leaf:
    slopes = [
        _on_grid(found.slopes.get((depth, neuron), 0.0))
        for depth, said in enumerate(problem.stated.neurons)
        for neuron, sign in enumerate(said.signs)
        if sign == BOTH
    ]
    multipliers = [_short(found.multipliers.get((step.layer, step.neuron), 0.0)) for step in path]
    return Leaf(path, empty, tuple(slopes), tuple(multipliers))


def _on_grid(slope: float) -> Number:
    return quotient(Fraction(round(slope * GRID), GRID), 1)


def _short(multiplier: float) -> Number:
    return 0 if multiplier < 2.0**-100 else quotient(Fraction(float(shortened(np.array([multiplier]))[0])), 1)


def _holds(problem: Problem, leaf: Leaf, statement: Statement) -> bool:
    form = np.array([statement.form], dtype=np.float64) * (not leaf.empty)
    constant = nearest([0 if leaf.empty else statement.constant])
    case = replace(problem.stated.relaxed, relus=_relus(problem, leaf))
    found = descend(case, statement_forms(form, constant))
    return _shown(problem, leaf, statement, float(found.lower[0]), float(found.upper[0]))


def _relus(problem: Problem, leaf: Leaf) -> list[FloatLines | None]:
    """Return the lines of a case, as the replay draws them."""
    slopes = iter(leaf.slopes or ())
    found: list[FloatLines | None] = []
    for depth, said in enumerate(problem.stated.neurons):
        own = None if leaf.slopes is None else [next(slopes) for _ in said.bounds]
        if problem.stated.relaxed.relus[depth] is None:
            found.append(None)
            continue
        drawn, subtracted = lines_of(said, own), np.zeros(len(said.signs))
        for step, multiplier in zip(leaf.path, leaf.multipliers, strict=True):
            if step.layer == depth:
                drawn[step.neuron] = KEPT if step.on else DROPPED
                subtracted[step.neuron] = float(multiplier) if step.on else -float(multiplier)
        found.append(float_lines(drawn, subtracted))
    return found


def _split(problem: Problem, path: Sequence[Fixed], solved: Solved) -> Place | None:
    """Return the neuron whose lines cost most at the solution; None: all are fixed."""
    if solved.gaps:
        place, gap = max(solved.gaps.items(), key=lambda item: item[1])
        if gap > 0:
            return place
    fixed = {(step.layer, step.neuron) for step in path}
    for depth, said in enumerate(problem.stated.neurons):
        for neuron, sign in enumerate(said.signs):
            if sign == BOTH and (depth, neuron) not in fixed:
                return depth, neuron
    return None
