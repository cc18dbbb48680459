"""Everything that the network will hold, decided before a neuron is written.

Source: Theorem 4.1's proof: only the points of one label are stored.
Departure: either label can be stored; the number of slots is the one with the fewest parameters.
UNTRUSTED.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.constructions.points import distinct_points
from memcert.constructions.registry import OptionValue, Task
from memcert.constructions.yu_gao_zhang_miao import sizes
from memcert.constructions.yu_gao_zhang_miao.block_selection import slopes
from memcert.constructions.yu_gao_zhang_miao.comparison import HEIGHT, LEAST, THRESHOLD
from memcert.constructions.yu_gao_zhang_miao.projection import Line, Placing, projected
from memcert.constructions.yu_gao_zhang_miao.sizes import Shape
from memcert.constructions.yu_gao_zhang_miao.words import Ramp, Word, borders, keys_of, ramps_of, words_of
from memcert.datasets.dataset import exact
from memcert.errors import BuildError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The tables of a network.

    Args:
        line: the projection, and the values of all points.
        stored: the label that is stored, -1 or 1.
        kept: whether a point is stored, in the order of the line.
        words, ramps: m and m - 1.
        slots, width: n and w.
        wide: whether all ramps stand side by side.
    """

    line: Line
    stored: int
    kept: tuple[bool, ...]
    words: tuple[Word, ...]
    ramps: tuple[Ramp, ...]
    slots: int
    width: int
    wide: bool

    @property
    def shape(self) -> Shape:
        """What the size depends on. Raises: never."""
        return Shape(
            words=len(self.words),
            slots=self.slots,
            width=self.width,
            direction_nonzeros=sum(w != 0 for w in self.line.weights),
            bias=self.line.bias != 0,
            first=self.words[0].value,
            wide=self.wide,
            dimension=len(self.line.weights),
        )

    @property
    def bits(self) -> int:
        """A bound of the bit complexity: the longest of all numbers that may occur. Raises: never."""
        behind = self.width * (self.slots - 1)
        # The word itself, 2^(w - 1) less the last place, and their difference where m = 1.
        first = Fraction(self.words[0].value)
        whole, unit = Fraction(1 << self.width - 1), Fraction(1, 1 << behind)
        fields = [first, whole, whole - unit, first - whole, first - whole + unit, Fraction(1 << self.width)]
        steep = [Fraction(1 << self.width - 1 + behind), HEIGHT, THRESHOLD]
        places = [place for ramp in self.ramps for place in (ramp.start, ramp.end)]
        words = slopes(self.words, self.ramps)
        return max(map(sizes.bits, [*self.line.weights, self.line.bias, *fields, *steep, *places, *words]))

    def block_of(self) -> list[int]:
        """Return the number of its word for each point, in the order of the line. Raises: never."""
        starts = [Fraction(ramp.start) * self.line.denominator for ramp in self.ramps]
        return [bisect_left(starts, value) for value in self.line.numerators]

    @property
    def radius(self) -> Number:
        """The radius of the sup-norm box around every sample on which each stays in its cases.

        A stored value stays on the right slope of its tent, down to LEAST; the others stay off all
        tents of their word; no value comes to a ramp, or below 0. Cost: N log N. Raises: never.
        """
        room = min(Fraction(self.line.numerators[0], self.line.denominator), self._beside_ramps())
        tents = min(self._beside_keys())
        radius = min(room, Fraction(tents, self.line.denominator)) / self.line.norm
        return exact(radius.numerator, radius.denominator)

    def _beside_keys(self) -> list[int]:
        """What each value may move, in units of 1 / denominator, as far as the tents are concerned."""
        unit = self.line.denominator
        height, least = int(HEIGHT * unit), int(LEAST * unit)
        found = []
        rows = zip(self.line.numerators, self.line.keys, self.kept, self.block_of(), strict=True)
        for value, own, kept, block in rows:
            if kept:
                found += [value - own * unit, own * unit + height - least - value]
                continue
            keys = self.words[block].keys
            place = bisect_left(keys, value, key=lambda key: key * unit)
            found += [abs(value - key * unit) - height for key in keys[max(0, place - 1) : place + 1]]
        return found

    def _beside_ramps(self) -> Fraction:
        unit, values = self.line.denominator, self.line.numerators
        rooms = [Fraction(values[0], unit)]
        for ramp in self.ramps:
            behind = bisect_left(values, ramp.start * unit)
            rooms += [
                ramp.start - Fraction(values[behind - 1], unit),
                Fraction(values[behind], unit) - ramp.end,
            ]
        return min(rooms)


def plan(task: Task, options: Mapping[str, OptionValue], placing: Placing, *, wide: bool) -> Plan:
    """Choose direction, keys and words.

    Args:
        task: two labels, hence two distinct points.
        options: `store`.
        placing: where the values are put, and the directions tried.
        wide: whether all ramps stand side by side.

    Raises:
        BuildError: never, for distinct points.
    """
    label = stored_label(task, str(options["store"]))
    line = projected(distinct_points(task), task.dataset.denominator, task.labels, placing)
    kept = tuple(task.labels[point] == label for point in line.order)
    keys = keys_of(line, kept)
    width = max(1, keys[-1].number.bit_length())
    slots = sizes.balanced_slots(len(keys), width, wide)
    starts = borders(keys, slots)
    return Plan(
        line=line,
        stored=label,
        kept=kept,
        words=words_of(keys, starts, slots, width),
        ramps=ramps_of(keys, starts),
        slots=slots,
        width=width,
        wide=wide,
    )


def stored_label(task: Task, asked: str) -> int:
    """Return the label whose points are stored: -1 or 1, by its points' number or by its sign.

    Raises: never.
    """
    if asked in ("positive", "negative"):
        return 1 if asked == "positive" else -1
    positive = sum(label > 0 for label in task.labels)
    more = 1 if 2 * positive >= len(task.labels) else -1
    fewer = 1 if 2 * positive <= len(task.labels) else -1
    return more if asked == "majority" else fewer


def refuse_many_labels(task: Task) -> None:
    """Refuse more than two labels, naming the first row of a third one.

    Raises:
        BuildError: there are.
    """
    if task.class_count <= 2:
        return
    seen: dict[object, int] = {}
    for row, label in enumerate(task.dataset.labels):
        seen.setdefault(label, row)
    third, row = list(seen.items())[2]
    raise BuildError(
        f"two labels are needed, the data have {task.class_count}: "
        f"{task.dataset.place(row)} has a third one, {shown(third)}"
    )
