"""Parameters against N, for every registered construction: built where it fits, by formula beyond.

UNTRUSTED. Formulas are the constructions' own predictions; a network that is built is counted, and
must have the predicted size.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from memcert.bounds.lower import two_labels
from memcert.bounds.rigorous import precision
from memcert.constructions.assemble import prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import Built, Construction, Facts, Promised, Task, constructions
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError, MemcertError
from memcert.exact.separation import data_radius_squared, squared_separation
from memcert.experiments.random_points import first, random_points
from memcert.kernel.check import sizes as counted

FITS = 20_000
"""Networks of so many predicted parameters are built."""
NARROW = 50
"""A crossover is searched until its ends are one part in so many apart."""
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Cell:
    """One construction on N points: its parameters, `built` or by `formula`; or why it refuses."""

    points: int
    parameters: int | None
    how: str
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where parameters fall below N: not so at `after`, so at `by`, in the tried sizes."""

    after: int
    by: int


@dataclass(frozen=True, slots=True)
class Curve:
    """One construction: its cells, what its theorem promises, where it becomes smaller than N."""

    name: str
    rule: str
    cells: tuple[Cell, ...]
    promised: Mapping[int, int]
    crossing: Crossing | None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The whole experiment; `least` is the lower bound of Goldberg and Jerrum for each N."""

    points: tuple[int, ...]
    dimension: int
    labels: int
    seed: int
    curves: tuple[Curve, ...]
    least: Mapping[int, int]


def sizes(points: Sequence[int], dimension: int, labels: int, seed: int, report: Report) -> Sizes:
    """Predict, build and count.

    Args:
        points: the sizes N, ascending, each at least 2.
        dimension: d.
        labels: C >= 2.
        seed: of the data; a smaller set is the beginning of the largest.
        report: told how many curves are done.

    Raises:
        UsageError: there are not so many points.
        BuildError: a formula differs from a network that was built.
    """
    data = random_points(points[-1], dimension, labels, seed)
    single = [made_by for made_by in constructions().values() if not made_by.portfolio]
    facts = {n: _facts(first(data, n), labels) for n in points}
    curves = []
    for done, made_by in enumerate(single):
        report("sizes", done, len(single))
        curves.append(_Run(made_by, data, labels).curve(points, facts))
    with precision():
        least = {n: two_labels(n) for n in points}
    return Sizes(tuple(points), dimension, labels, seed, tuple(curves), least)


class _Run:
    """One construction on the beginnings of one data set."""

    def __init__(self, made_by: Construction, data: Dataset, labels: int) -> None:
        self.made_by, self.data = made_by, data
        # Two labels are -1 and +1 to all that know the rule, so that the same task is solved.
        self.rule = "sign" if "sign" in made_by.rules and labels == 2 else made_by.rules[0]
        self.options = resolved(made_by, {})

    def curve(self, points: Sequence[int], facts: Mapping[int, Facts]) -> Curve:
        cells = tuple(self.cell(n) for n in points)
        promised = dict(self.promised(facts))
        return Curve(self.made_by.name, self.rule, cells, promised, self.crossing(cells))

    def cell(self, n: int) -> Cell:
        task = None
        try:
            task = self.task(n)
            size = self.made_by.predict(task, self.options)
        except MemcertError as error:
            return Cell(n, None, "refused", str(error))
        if size.parameters > FITS:
            return Cell(n, size.parameters, "formula")
        built = self.made_by.build(task, self.options)
        found = counted(built.network)["parameters"] if isinstance(built, Built) else None
        if found != size.parameters:
            raise BuildError(f"{self.made_by.name}, N = {n}: {found} built, {size.parameters} by formula")
        return Cell(n, found, "built")

    def crossing(self, cells: Sequence[Cell]) -> Crossing | None:
        """Find the first neighbours between which parameters fall below N, then halve."""
        for before, after in pairwise(cells):
            if before.parameters is not None and after.parameters is not None:
                if before.parameters < before.points:
                    return Crossing(0, before.points)
                if after.parameters < after.points:
                    return self.halved(before.points, after.points)
        return None

    def halved(self, low: int, high: int) -> Crossing:
        while high - low > max(1, low // NARROW):
            middle = (low + high) // 2
            below = self.made_by.predict(self.task(middle), self.options).parameters < middle
            low, high = (low, middle) if below else (middle, high)
        return Crossing(low, high)

    def promised(self, facts: Mapping[int, Facts]) -> Iterator[tuple[int, int]]:
        """Yield (N, parameters) that the theorem promises, where its hypotheses hold."""
        for n, measured in facts.items():
            for bound in self.bounds(n, measured):
                if bound.measure == "parameters" and all(h.holds for h in bound.hypotheses):
                    yield n, bound.most

    def bounds(self, n: int, measured: Facts) -> tuple[Promised, ...]:
        try:
            return (
                ()
                if self.made_by.bounds is None
                else self.made_by.bounds(measured, self.task(n), self.options)
            )
        except MemcertError:
            # It refuses these data, as the cell of its size says.
            return ()

    def task(self, n: int) -> Task:
        return prepare(first(self.data, n), self.rule)


def _facts(data: Dataset, labels: int) -> Facts:
    # One plain output, as the theorems count.
    return Facts(
        points=data.size,
        dimension=data.dimension,
        class_count=labels,
        radius_squared=data_radius_squared(data),
        separation_squared=squared_separation(data),
        rule="equal",
    )
