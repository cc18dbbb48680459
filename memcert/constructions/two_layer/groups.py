"""Points in groups of d, and an affine form of integers that vanishes on a group and nowhere else.

Source: Bubeck et al. 2020, Proposition 4; Baum 1988.
Departure: hyperplanes are affine, so that the origin is a point like any other. General position of
all sets of d + 1 points cannot be checked; what the network needs of it can.
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from flint import fmpq_mat, fmpz_mat

from memcert.constructions.directions import Integers
from memcert.errors import BuildError
from memcert.kernel.verdict import shown

Form = tuple[int, ...]
"""Coefficients of the coordinates, then the constant."""
DRAWS = 12
"""Random forms tried before the rows on the hull of a group are looked for."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some points and an integer form S with S = 0 on them and |S| >= nearest > 0 on all others.

    Args:
        members: indices of points.
        form: S, primitive.
        nearest: the least |S| off the group; 2 where there is no other point.
    """

    members: tuple[int, ...]
    form: Form
    nearest: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a group has no such form: indices of points, and what is wrong with them."""

    members: tuple[int, ...]
    reason: str


class Table:
    """Integer points (N, d) with a column of ones, for exact linear algebra."""

    def __init__(self, points: Integers) -> None:
        """Convert the points once."""
        self.size, self.dimension = points.shape
        self.rows = [[*map(int, point), 1] for point in points.tolist()]
        self.matrix = fmpz_mat(self.rows)

    def values(self, form: Sequence[int]) -> list[int]:
        """Return an affine form's value at every point. Cost: N d. Raises: ValueError, for a wrong length."""
        if not any(form[:-1]):
            return [form[-1]] * self.size
        return list(map(int, (self.matrix * fmpz_mat(len(form), 1, list(form))).entries()))

    def of(self, members: Sequence[int]) -> fmpz_mat:
        """Return the rows of some points. Raises: IndexError."""
        return fmpz_mat([self.rows[i] for i in members])


def fixed(table: Table, order: Sequence[int], rows: Sequence[int], seed: int) -> tuple[Group, ...]:
    """Cut the points into groups of d, the last perhaps smaller.

    Args:
        table: all points.
        order: indices of those that are grouped.
        rows: the data row of every point, for messages.
        seed: of the forms of a smaller group.

    Raises:
        BuildError: a group is affinely dependent, or another row lies on its hyperplane.
    """
    found = []
    for start in range(0, len(order), table.dimension):
        made = grouped(table, order[start : start + table.dimension], seed)
        if isinstance(made, Refusal):
            named = ", ".join(str(rows[i]) for i in made.members[:12])
            more = ", ..." if len(made.members) > 12 else ""
            raise BuildError(
                f"rows {named}{more}: {made.reason}; --groups adaptive closes such a group early"
            )
        found.append(made)
    return tuple(found)


def adaptive(table: Table, order: Sequence[int], seed: int) -> tuple[Group, ...]:
    """Cut the points into groups of at most d, each as long as it can be. Never refuses.

    Whether another point lies in the affine hull of the first k points only ever turns true as k
    grows, and one point alone has no other in its hull: so the longest is found by bisection.

    Raises:
        BuildError: never, for distinct points.
    """
    found = []
    start = 0
    while start < len(order):
        chosen = order[start : start + table.dimension]
        chosen = chosen[: _independent(table, chosen)]
        made = grouped(table, chosen, seed)
        good, bad = 0, len(chosen)
        best: Group | None = made if isinstance(made, Group) else None
        while best is None or (good + 1 < bad and not isinstance(made, Group)):
            middle = max(1, (good + bad) // 2)
            tried = grouped(table, chosen[:middle], seed)
            if isinstance(tried, Group):
                good, best = middle, tried
            elif middle == 1:
                raise BuildError(f"two points are equal: {shown(tried.members)}")
            else:
                bad = middle
        found.append(best)
        start += len(best.members)
    return tuple(found)


def _independent(table: Table, members: Sequence[int]) -> int:
    """Return how many of the points, from the first, are affinely independent; at least one."""
    reduced, _, rank = table.of(members).transpose().rref()
    if rank == len(members):
        return len(members)
    pivots = {next(k for k in range(len(members)) if reduced[i, k] != 0) for i in range(rank)}
    return next(k for k in range(len(members)) if k not in pivots)


def grouped(table: Table, members: Sequence[int], seed: int) -> Group | Refusal:
    """Return a form that vanishes on these points alone, or why there is none.

    Args:
        table: all points.
        members: at least one and at most d indices.
        seed: of the random combination, where the points leave a choice.
    """
    kernel, nullity = table.of(members).nullspace()
    width = table.dimension + 1
    if nullity != width - len(members):
        return Refusal(tuple(members), "affinely dependent, no hyperplane is theirs alone")
    basis = [[int(kernel[i, k]) for i in range(width)] for k in range(nullity)]
    if nullity == 1:
        return _group(table, members, basis[0])
    generator = np.random.Generator(np.random.PCG64(seed))
    draw = 0
    while True:
        bound = (2 + draw) ** 2
        factors = generator.integers(-bound, bound, size=nullity, endpoint=True).tolist()
        combined = [sum(f * v[i] for f, v in zip(factors, basis, strict=True)) for i in range(width)]
        made = _group(table, members, combined) if any(combined) else None
        if isinstance(made, Group):
            return made
        draw += 1
        if draw == DRAWS:
            hull = _in_hull(table, members, basis)
            if hull is not None:
                return hull


def _group(table: Table, members: Sequence[int], form: Sequence[int]) -> Group | Refusal:
    common = gcd(*form)
    primitive = tuple(entry // common for entry in form)
    values = table.values(primitive)
    inside = set(members)
    others = [i for i, value in enumerate(values) if value == 0 and i not in inside]
    if others:
        return Refusal((*members, others[0]), "the last lies on the hyperplane of those before it")
    nearest = min((abs(value) for i, value in enumerate(values) if i not in inside), default=2)
    return Group(tuple(members), primitive, nearest)


def _in_hull(table: Table, members: Sequence[int], basis: Sequence[Sequence[int]]) -> Refusal | None:
    """Return another point at which every form that vanishes on the group vanishes, too."""
    left = set(range(table.size)) - set(members)
    for form in basis:
        values = table.values(form)
        left = {i for i in left if values[i] == 0}
    if not left:
        return None
    return Refusal((*members, min(left)), "the last lies in the affine hull of those before it")


def labelled(table: Table, members: Sequence[int], codes: Sequence[int]) -> tuple[Form, int]:
    """Return integers V and q > 0 such that V / q has the codes of the members as its values.

    Args:
        table: all points.
        members: affinely independent points.
        codes: one a member.

    Returns:
        The constant for members of one code; else one solution, free variables 0. Raises: never.
    """
    width = table.dimension + 1
    if len(set(codes)) == 1:
        return (*(0 for _ in range(width - 1)), codes[0]), 1
    system = [[*table.rows[i], code] for i, code in zip(members, codes, strict=True)]
    reduced, rank = fmpq_mat(fmpz_mat(system)).rref()
    solution = [0] * width
    fractions = {}
    for i in range(rank):
        pivot = next(k for k in range(width) if reduced[i, k] != 0)
        fractions[pivot] = reduced[i, width]
    common = 1
    for value in fractions.values():
        common = common * int(value.q) // gcd(common, int(value.q))
    for k, value in fractions.items():
        solution[k] = int(value.p) * (common // int(value.q))
    return tuple(solution), common
