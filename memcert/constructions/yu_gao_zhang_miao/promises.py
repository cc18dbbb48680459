"""What the theorems on two labels promise, each with its own conditions.

Functions are named like the modules whose networks they speak of.

Source: Yu, Gao, Zhang, Miao 2024; counts rebuilt for the corrected networks.
UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt

from memcert.constructions.box_network.plan import separation
from memcert.constructions.box_network.promises import at_most
from memcert.constructions.coding import coding
from memcert.constructions.points import distinct_points
from memcert.constructions.promised import promised, several_labels, two_labels, withheld
from memcert.constructions.registry import Facts, Hypothesis, OptionValue, Predict, Promised, Task
from memcert.constructions.yu_gao_zhang_miao import interval as on_a_line
from memcert.constructions.yu_gao_zhang_miao import nae_sat as of_a_formula
from memcert.constructions.yu_gao_zhang_miao import separable as by_a_hyperplane
from memcert.constructions.yu_gao_zhang_miao import sizes
from memcert.errors import BuildError, UndecidedError
from memcert.kernel.rational import text

Options = Mapping[str, OptionValue]


def width6(facts: Facts, task: Task, options: Options) -> tuple[Promised, ...]:  # noqa: ARG001
    """Theorem 4.1: width 6, sqrt N words of sqrt N fields of log2(32 d N^2 / c + 2) bits.

    Cost: that of c, pairs of points. Raises: never.
    """
    told: tuple[Hypothesis, ...] = (two_labels(facts),)
    if facts.class_count != 2:
        return withheld("Theorem 4.1", told)
    apart, condition = _opposite(facts, task)
    told += (condition,)
    largest = 32 * facts.dimension * facts.points**2 * apart + 1
    slots = isqrt(facts.points - 1) + 1
    shape = sizes.Shape(
        words=-(-facts.points // slots),
        slots=slots,
        width=(-(-largest.numerator // largest.denominator)).bit_length(),
        direction_nonzeros=facts.dimension,
        bias=True,
        first=1,
        wide=False,
        dimension=facts.dimension,
    )
    found = {
        "width": 6,
        "depth": sizes.depth(shape),
        "parameters": sizes.parameters(shape),
        "dense": sizes.dense(shape),
    }
    return promised("Theorem 4.1", found, told)


def cover(facts: Facts, task: Task, options: Options) -> tuple[Promised, ...]:  # noqa: ARG001
    """Theorem 4.3: a box a point of the net, of which a cube holds (floor(3 s / lambda) + 1)^d.

    Two points more than lambda / 3 apart in the maximum norm are in different cells of that side.
    Cost: that of lambda, pairs of points. Raises: BuildError, as `build`, for the rule alone.
    """
    coded, told = coding(task), (several_labels(facts),)
    if coded.count == 1:
        return withheld("Theorem 4.3", told)
    apart, condition = _opposite(facts, task)
    boxes = min(facts.points, (int(3 * apart) + 1) ** min(facts.dimension, facts.points))
    return promised("Theorem 4.3", at_most(boxes, facts.dimension, coded.readings), (*told, condition))


def misleading(facts: Facts, task: Task, options: Options) -> tuple[Promised, ...]:  # noqa: ARG001
    """Theorem 5.3 speaks of a distribution, which data do not tell. Raises: never."""
    density = Hypothesis("the points have a density of at most r", False, "data do not tell it")
    return withheld("Theorem 5.3", (two_labels(facts), density))


def cells(facts: Facts, task: Task, options: Options) -> tuple[Promised, ...]:  # noqa: ARG001
    """Theorem 7.3: 2 N+ N- half-spaces and N cells. Raises: never."""
    told: tuple[Hypothesis, ...] = (two_labels(facts),)
    if facts.class_count != 2:
        return withheld("Theorem 7.3", told)
    n, d = facts.points, facts.dimension
    positive = sum(label > 0 for label in task.labels)
    pairs = 2 * positive * (n - positive)
    found = {
        "width": max(pairs, n),
        "depth": 3,
        "parameters": pairs * (d + 2) + 2 * n,
        "dense": pairs * (d + 1) + n * (pairs + 1) + n + 1,
    }
    told += (Hypothesis("opposite labels differ", True, f"N+ = {positive:,}, N- = {n - positive:,}"),)
    return promised("Theorem 7.3", found, told)


def separable(facts: Facts, task: Task, options: Options) -> tuple[Promised, ...]:
    """Lemma G.4: one neuron where the labels are linearly separable. Raises: never."""
    d = facts.dimension
    found = {"width": 1, "depth": 2, "parameters": d + 3, "dense": d + 3}
    decided = _decided("the labels are linearly separable", by_a_hyperplane.predict, task, options)
    return promised("Lemma G.4", found, (two_labels(facts), decided))


def interval(facts: Facts, task: Task, options: Options) -> tuple[Promised, ...]:
    """Lemma G.5: two neurons where an interval holds one label and nothing else. Raises: never."""
    text = "an interval of the line holds exactly the points of one label"
    decided = _decided(text, on_a_line.predict, task, options)
    found = {"width": 2, "depth": 2, "parameters": 7, "dense": 7}
    return promised("Lemma G.5", found, (two_labels(facts), decided))


def nae_sat(facts: Facts, task: Task, options: Options) -> tuple[Promised, ...]:
    """Theorem 6.5(2): n + 8 parameters where some assignment splits every clause.

    Cost: where no assignment is given, z3's search for one. Raises: UsageError, for a given one that is none.
    """
    n = facts.dimension
    text = "the reduction of a formula with an assignment that gives each clause a true and a false literal"
    decided = _decided(text, of_a_formula.predict, task, options)
    found = {"width": 2, "depth": 3, "parameters": n + 8, "dense": n + 8}
    return promised("Theorem 6.5(2)", found, (two_labels(facts), decided))


def _opposite(facts: Facts, task: Task) -> tuple[Fraction, Hypothesis]:
    """Return s / lambda: the side of a cube around the points over the distance of opposite labels."""
    points = distinct_points(task)
    side = Fraction(int((points.max(axis=0) - points.min(axis=0)).max()), task.dataset.denominator)
    distance = separation(task, coding(task)).distance
    found = f"lambda = {text(distance)} in the maximum norm, N = {facts.points:,}"
    told = Hypothesis(f"opposite labels apart in a cube of side {side}", distance > 0, found)
    return side / distance, told


def _decided(text: str, predict: Predict, task: Task, options: Options) -> Hypothesis:
    """Return whether the construction itself finds that there is such a network."""
    try:
        predict(task, options)
    except (BuildError, UndecidedError) as error:
        return Hypothesis(text, False, str(error))
    return Hypothesis(text, True, "decided exactly")
