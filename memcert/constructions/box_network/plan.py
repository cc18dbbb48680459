"""Everything that a box network holds, decided before a neuron is written.

UNTRUSTED.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from memcert.constructions.box_network.distances import closest_opposite
from memcert.constructions.coding import Coding, Reading
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import Task
from memcert.datasets.dataset import exact
from memcert.errors import BuildError
from memcert.kernel.certificate import Number
from memcert.kernel.rational import text

Ends = tuple[tuple[Number, Number], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """S boxes of radius mu and the level that they set.

    Args:
        centers: S points, S >= 1.
        codes: one a box, none of them `level`.
        level: y before the first box.
        radius: mu >= 0.
        factor: K = (largest code) / (lambda - 2 mu).
        shifts: what is added to each coordinate, so that it is at least 1 on every box.
        readings: one an output neuron.
    """

    centers: tuple[tuple[Number, ...], ...]
    codes: tuple[int, ...]
    level: int
    radius: Number
    factor: Number
    shifts: tuple[Number, ...]
    readings: tuple[Reading, ...]

    def senses(self) -> tuple[int, ...]:
        """Whether the level rises (1) or falls (-1) to the code, a box. Raises: never."""
        return tuple(1 if code > self.level else -1 for code in self.codes)

    def ends(self, box: int) -> Ends:
        """Return (b, a) a coordinate, as the box's layer reads it: shifted but for the first box.

        Raises:
            IndexError: there is no such box.
        """
        shifts = self.shifts if box else (0,) * len(self.shifts)
        middles = [Fraction(x) + s for x, s in zip(self.centers[box], shifts, strict=True)]
        return tuple((number(m - self.radius), number(m + self.radius)) for m in middles)

    def outputs(self) -> tuple[Reading, ...]:
        """Return weight of the level's moving part, and bias, an output. Raises: never."""
        if len(self.codes) > 1:
            return self.readings
        # A single box leaves y = level +- e, whose constant goes into the bias.
        return tuple((w, number(Fraction(b) + Fraction(w) * self.level)) for w, b in self.readings)


@dataclass(frozen=True, slots=True)
class Separation:
    """lambda, and the rows of two points with different codes that are so far apart."""

    distance: Number
    rows: tuple[int, int]


def separation(task: Task, coded: Coding) -> Separation:
    """Return the smallest distance of opposite labels in the maximum norm, exactly.

    Args:
        task: at least two distinct points.
        coded: at least two codes.

    Raises:
        ValueError: all codes are equal.
    """
    found = closest_opposite(distinct_points(task), coded.codes)
    first, second = (task.distinct[i] for i in found.pair)
    return Separation(exact(found.distance, task.dataset.denominator), (first, second))


def checked_radius(task: Task, asked: Fraction, found: Separation) -> Number:
    """Return the radius, if boxes of that radius around opposite points do not meet.

    Args:
        task: whose rows are named.
        asked: mu.
        found: lambda and its pair.

    Raises:
        BuildError: mu <= 0 or 2 mu >= lambda.
    """
    if asked <= 0:
        raise BuildError(f"radius must be above 0, got {text(number(asked))}")
    if 2 * asked >= found.distance:
        first, second = (task.dataset.place(row) for row in found.rows)
        half = text(number(Fraction(found.distance) / 2))
        raise BuildError(
            f"radius must be less than lambda/2 = {half}, got {text(number(asked))}: {first} and {second} "
            f"have different labels and are lambda = {text(found.distance)} apart in the maximum norm"
        )
    return number(asked)


def plan(task: Task, coded: Coding, stored: Sequence[int], radius: Number, distance: Number) -> Plan:
    """Fill the tables: boxes around the stored points whose code is not the most frequent one.

    Args:
        task: its distinct points.
        coded: their codes, at least two different ones.
        stored: indices of distinct points, at least one of each code.
        radius: mu, 2 mu < lambda.
        distance: lambda.

    Raises:
        ValueError: the stored points have one code.
    """
    counts = Counter(coded.codes[i] for i in stored)
    if len(counts) < 2:
        raise ValueError("expected stored points of two codes")
    level = min(counts, key=lambda code: (-counts[code], code))
    boxes = [i for i in stored if coded.codes[i] != level]
    points, scale = distinct_points(task), task.dataset.denominator
    lowest = [Fraction(x, scale) for x in points.min(axis=0).tolist()]
    room = Fraction(distance) - 2 * Fraction(radius)
    return Plan(
        centers=tuple(tuple(exact(x, scale) for x in points[i].tolist()) for i in boxes),
        codes=tuple(coded.codes[i] for i in boxes),
        level=level,
        radius=radius,
        # A level moves by at most the largest code, so that much shuts every other box.
        factor=number(max(coded.codes) / room),
        shifts=tuple(number(radius + 1 - low) for low in lowest),
        readings=coded.readings,
    )


def number(value: Fraction | int) -> Number:
    """Return a rational as an int where it is one. Raises: never."""
    return exact(value.numerator, value.denominator)
