"""What the theorems' promises have in common: their conditions, and how long a line must be.

UNTRUSTED: a promise is printed beside a network's own size, and decides nothing.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt

from memcert.constructions.registry import Facts, Hypothesis, Promised

PI = Fraction(355, 113)
"""More than pi, by less than a millionth."""
RANGE = Fraction(10941, 10000)
"""More than 2 / (sqrt 8 - 1)."""


def promised(
    theorem: str, found: Mapping[str, int], told: tuple[Hypothesis, ...], also: tuple[Hypothesis, ...] = ()
) -> tuple[Promised, ...]:
    """Return a promise for each measure, all with the same conditions. Raises: never."""
    return tuple(Promised(measure, most, theorem, (*told, *also)) for measure, most in found.items())


def withheld(theorem: str, told: tuple[Hypothesis, ...]) -> tuple[Promised, ...]:
    """Return what there is where a condition does not hold: its name, and no number. Raises: never."""
    return promised(theorem, {"parameters": 0}, told)


def separated(facts: Facts) -> Hypothesis:
    """Return the condition of all of them: the points differ. Raises: never."""
    found = "one point"
    if facts.separation_squared is not None:
        found = f"N = {facts.points:,}, delta^2 = {facts.separation_squared}"
    return Hypothesis("distinct points at least delta > 0 apart", True, found)


def several_labels(facts: Facts) -> Hypothesis:
    """Return the condition that there is something to tell apart. Raises: never."""
    return Hypothesis("at least two classes", facts.class_count > 1, f"C = {facts.class_count:,}")


def two_labels(facts: Facts) -> Hypothesis:
    """Return the condition of theorems about two labels. Raises: never."""
    return Hypothesis("two labels", facts.class_count == 2, f"C = {facts.class_count:,}")


def line_length(facts: Facts, gap: int) -> int:
    """Return a length on which some direction puts the points at least `gap` apart.

    A direction of rational entries, at most 1 / (N^2 sqrt(pi d)) from a unit vector u, keeps points
    apart by more than (sqrt 8 - 1) delta / (N^2 sqrt(pi d)), on a range of at most 2 r: so the range
    is below RANGE N^2 r sqrt(pi d) / delta smallest gaps, rounded up here.

    Args:
        facts: of at least two points.
        gap: at least 1.

    Source: Park et al. 2021, Lemma 13; Lemma A.2 of Vardi, Yehudai, Shamir 2021.

    Raises:
        ValueError: there is one point.
    """
    if facts.separation_squared is None:
        raise ValueError("one point has no smallest gap")
    spread = Fraction(facts.radius_squared) / facts.separation_squared
    return root_above((gap * RANGE * facts.points**2) ** 2 * PI * facts.dimension * spread)


def root_above(square: Fraction | int) -> int:
    """Return the least integer that is at least the square root of a number >= 0. Raises: never."""
    whole = -(-square.numerator // square.denominator)
    return isqrt(whole - 1) + 1 if whole else 0
