"""Everything that the network will hold, decided before a neuron is written.

Source: the split of Theorem A.1's proof.
Departure: the balanced sizing takes the split with the fewest parameters, by the exact count.
UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from memcert.constructions.coding import Coding, Reading
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import OptionValue, Task
from memcert.constructions.vardi_yehudai_shamir import sizes
from memcert.constructions.vardi_yehudai_shamir.lookup import Fields
from memcert.constructions.vardi_yehudai_shamir.projection import Projection, balanced, literal
from memcert.constructions.vardi_yehudai_shamir.sizes import Shape, Split
from memcert.constructions.vardi_yehudai_shamir.tables import Interval, intervals
from memcert.exact.separation import data_radius_squared, squared_separation


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
            dimension=len(self.projection.weights),
            outputs=len(self.readings),
        )

    @property
    def bits(self) -> int:
        """A bound of the bit complexity: words, projection, read-out. Raises: never."""
        stage = self.projection
        others = [*stage.weights, stage.bias, stage.scale, *(x for reading in self.readings for x in reading)]
        return max(self.split.slots * self.fields.longer + 4, *map(sizes.bits, others))


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Plan:
    """Choose direction and split and fill the tables.

    Args:
        task: at least two codes, hence two distinct points.
        coded: its codes and readings.
        options: `sizing` and `directions`.

    Raises:
        BuildError: no direction was found that the literal sizing could use.
    """
    points = distinct_points(task)
    wide = options["sizing"] == "balanced"
    if wide:
        line = balanced(points, task.dataset.denominator, int(options["directions"] or 0), task.seed)
    else:
        line = literal(points, task.dataset.denominator, bounds(task, coded.count), task.seed)
    labels = [coded.codes[i] for i in line.order]
    widths = (line.key_bits, coded.bits)
    split = _balanced_split(labels, widths) if wide else _literal_split(len(labels))
    return Plan(
        projection=line,
        split=split,
        fields=Fields(split.slots, *widths, wide),
        intervals=intervals(line.keys, labels, split, widths, wide),
        readings=coded.readings,
    )


def bounds(task: Task, classes: int) -> sizes.Bounds:
    """Return the theorem's constants and bounds for a task. Raises: never."""
    return sizes.theorem_bounds(
        len(task.distinct),
        task.dataset.dimension,
        classes,
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
