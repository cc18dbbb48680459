"""Everything that the network will hold, decided before a neuron is written.

Source: the split of Theorem A.1's proof.
Departure: the balanced sizing takes the split with the fewest parameters, by the exact count.
UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from memcert.constructions.registry import OptionValue, Task
from memcert.constructions.vardi_yehudai_shamir import sizes
from memcert.constructions.vardi_yehudai_shamir.directions import Integers
from memcert.constructions.vardi_yehudai_shamir.lookup import Fields
from memcert.constructions.vardi_yehudai_shamir.projection import Projection, balanced, literal
from memcert.constructions.vardi_yehudai_shamir.sizes import Shape, Split
from memcert.constructions.vardi_yehudai_shamir.tables import Interval, intervals
from memcert.exact.separation import data_radius_squared, squared_separation

Reading = tuple[int, int]
"""Weight and bias by which an output neuron reads the label."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The tables of a network.

    Args:
        projection: stage I.
        split: m and n.
        fields: n, rho, c and the kind of window.
        intervals: m of them.
        readings: one an output neuron.
    """

    projection: Projection
    split: Split
    fields: Fields
    intervals: tuple[Interval, ...]
    readings: tuple[Reading, ...]

    @property
    def shape(self) -> Shape:
        """What the size depends on. Raises: never."""
        words = [w for j in self.intervals for w in (j.key_word, j.label_word)]
        # An interval that starts at 0 has the bias 2a = 0 in both streams.
        starts = 2 * sum(j.ends[0] == 0 for j in self.intervals)
        return Shape(
            split=self.split,
            key_bits=self.fields.key_bits,
            label_bits=self.fields.label_bits,
            direction_nonzeros=sum(w != 0 for w in self.projection.weights),
            windows=self.fields.wide,
            zero_words=words.count(0),
            zero_biases=starts + (self.projection.bias == 0),
            read_edges=sum(weight != 0 for weight, _ in self.readings),
            read_biases=sum(bias != 0 for _, bias in self.readings),
        )

    @property
    def bits(self) -> int:
        """A bound of the bit complexity: words, projection, read-out. Raises: never."""
        stage = self.projection
        others = [*stage.weights, stage.bias, stage.scale, *(x for reading in self.readings for x in reading)]
        return max(self.split.slots * self.fields.longer + 4, *map(sizes.bits, others))


def plan(task: Task, options: Mapping[str, OptionValue]) -> Plan:
    """Choose direction and split and fill the tables.

    Args:
        task: at least two classes, hence two distinct points.
        options: `sizing` and `directions`.

    Raises:
        BuildError: no direction was found that the literal sizing could use.
    """
    points = distinct_points(task)
    label_width = sizes.label_bits(task.class_count)
    wide = options["sizing"] == "balanced"
    if wide:
        line = balanced(points, task.dataset.denominator, int(options["directions"] or 0), task.seed)
    else:
        line = literal(points, task.dataset.denominator, bounds(task), task.seed)
    codes = _codes(task)
    labels = [codes[i] for i in line.order]
    widths = (line.key_bits, label_width)
    split = _balanced_split(labels, widths) if wide else _literal_split(len(labels))
    return Plan(
        projection=line,
        split=split,
        fields=Fields(split.slots, *widths, wide),
        intervals=intervals(line.keys, labels, split, widths, wide),
        readings=_readings(task),
    )


def distinct_points(task: Task) -> Integers:
    """Return the numerators of the distinct points, shape (N, d). Raises: never."""
    numerators = task.dataset.numerators
    # Without duplicates the table is not copied; it may be most of the memory.
    return numerators if len(task.distinct) == len(numerators) else numerators[np.array(task.distinct)]


def bounds(task: Task) -> sizes.Bounds:
    """Return the theorem's constants and bounds for a task. Raises: never."""
    return sizes.theorem_bounds(
        len(task.distinct),
        task.dataset.dimension,
        task.class_count,
        data_radius_squared(task.dataset),
        squared_separation(task.dataset),
    )


def _balanced_split(labels: Sequence[int], widths: tuple[int, int]) -> Split:
    marked = np.array(labels) != 0

    def zero_words(slots: int) -> int:
        starts = np.arange(0, len(marked), slots)
        return int((~np.logical_or.reduceat(marked, starts)).sum())

    return sizes.balanced_split(len(labels), *widths, zero_words)


def _literal_split(points: int) -> Split:
    # The theorem's m may leave intervals without a point; they are not built.
    slots = sizes.literal_split(points).slots
    return Split(-(-points // slots), slots)


def _codes(task: Task) -> list[int]:
    """Labels as 0..C-1; the rule sign numbers them -1 and +1."""
    if task.rule == "sign":
        return [int(label > 0) for label in task.labels]
    return [int(label) for label in task.labels]


def _readings(task: Task) -> tuple[Reading, ...]:
    if task.rule == "sign":
        return ((2, -1),)
    if task.rule == "argmax":
        return tuple((2 * k, -k * k) for k in range(task.class_count))
    return ((1, 0),)
