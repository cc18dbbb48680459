"""Everything that the network will hold, decided before a neuron is written.

Source: the split of Theorem A.1's proof.
Departure: the balanced sizing takes the split with the fewest parameters, by the exact count.
UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from memcert.constructions.coding import Coding, Reading
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import OptionValue, Task
from memcert.constructions.vardi_yehudai_shamir import sizes
from memcert.constructions.vardi_yehudai_shamir.arrangement import WORD_BITS, Asked, arranged
from memcert.constructions.vardi_yehudai_shamir.lookup import Fields
from memcert.constructions.vardi_yehudai_shamir.projection import Projection, balanced, literal
from memcert.constructions.vardi_yehudai_shamir.sizes import Shape, Split
from memcert.constructions.vardi_yehudai_shamir.tables import Interval, intervals
from memcert.exact.separation import data_radius_squared, squared_separation


@dataclass(frozen=True, eq=False)
class Plan:
    """The tables of a network.

    Args:
        projection: stage I.
        split: m and n.
        fields: n, rho, c and the kind of window.
        intervals: m of them, those of all copies.
        readings: one an output neuron.
        shares: the points of each copy; (): there is one, of all points.
        series: whether copies stand one after another.
        statement: the theorem that the network follows.
    """

    projection: Projection
    split: Split
    fields: Fields
    intervals: tuple[Interval, ...]
    readings: tuple[Reading, ...]
    shares: tuple[int, ...] = ()
    series: bool = False
    statement: str = "Theorem 3.1"

    @cached_property
    def copies(self) -> tuple[tuple[Interval, ...], ...]:
        """The intervals of each copy. Raises: never."""
        if not self.shares:
            return (self.intervals,)
        found, start = [], 0
        for share in self.shares:
            end = start - (-share // self.split.slots)
            found.append(self.intervals[start:end])
            start = end
        return tuple(found)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What the size depends on, a copy; what copies share stands in each. Raises: never."""
        return tuple(self._shape(copy) for copy in self.copies)

    def _shape(self, copy: Sequence[Interval]) -> Shape:
        words = [w for j in copy for w in (j.key_word, j.label_word)]
        # An interval that starts at 0 has the bias 2a = 0 in both streams.
        starts = 2 * sum(j.ends[0] == 0 for j in copy)
        # The copies have one projection, and its bias counts once.
        starts += self.projection.bias == 0 and copy[0] is self.intervals[0]
        return Shape(
            split=Split(len(copy), self.split.slots),
            key_bits=self.fields.key_bits,
            label_bits=self.fields.label_bits,
            direction_nonzeros=sum(w != 0 for w in self.projection.weights),
            windows=self.fields.wide,
            zero_words=words.count(0),
            zero_biases=starts,
            read_edges=sum(weight != 0 for weight, _ in self.readings),
            read_biases=sum(bias != 0 for _, bias in self.readings),
            dimension=len(self.projection.weights),
            outputs=len(self.readings),
        )

    @property
    def bits(self) -> int:
        """A bound of the bit complexity: words, projection, read-out. Raises: never."""
        words = self.split.slots * self.fields.longer + WORD_BITS
        return max(words, _other_bits(self.projection, self.readings))


def _other_bits(stage: Projection, readings: Sequence[Reading]) -> int:
    """The bits of the longest number of projection and read-out."""
    numbers = [*stage.weights, stage.bias, stage.scale, *(x for reading in readings for x in reading)]
    return max(map(sizes.bits, numbers))


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue], wanted: Asked) -> Plan:
    """Choose direction and split and fill the tables.

    Args:
        task: at least two codes, hence two distinct points.
        coded: its codes and readings.
        options: `sizing` and `directions`.
        wanted: the other options.

    Raises:
        BuildError: no direction was found that the literal sizing could use, or the bits are too few.
    """
    points = distinct_points(task)
    wide = options["sizing"] == "balanced"
    if wide:
        line = balanced(points, task.dataset.denominator, int(options["directions"] or 0), task.seed)
    else:
        line = literal(points, task.dataset.denominator, bounds(task, coded.count), task.seed)
    labels, keys = [coded.codes[i] for i in line.order], line.keys
    widths = (line.key_bits, coded.bits)
    arrangement = arranged(wanted, labels, widths, wide, _other_bits(line, coded.readings))
    slots, shares = arrangement.slots, arrangement.shares
    tables: list[Interval] = []
    start = 0
    for share in shares:
        own = slice(start, start + share)
        split = Split(-(-share // slots), slots)
        tables += intervals(keys[own], labels[own], split, widths, wide)
        start += share
    return Plan(
        projection=line,
        split=Split(len(tables), slots),
        fields=Fields(slots, *widths, wide),
        intervals=tuple(tables),
        readings=coded.readings,
        shares=shares,
        series=arrangement.series,
        statement=arrangement.statement,
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
