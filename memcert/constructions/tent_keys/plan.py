"""Everything that the network will hold, decided before a neuron is written.

UNTRUSTED.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from memcert.constructions.coding import Coding
from memcert.constructions.directions import search
from memcert.constructions.line import Line, bits, lined
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import OptionValue, Task
from memcert.constructions.stored import balanced, beside_ramps, blocks_of, rarer
from memcert.constructions.tent_keys import sizes
from memcert.constructions.tent_keys.lookup import HALF_WIDTH, shut
from memcert.constructions.tent_keys.sizes import Shape
from memcert.constructions.tent_keys.words import Word, word
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

GAP, FIRST = 3, 3
"""Values are 3 apart, from 3: a padded slot has key 0, and no value is close to [0, 1]."""


GRID = 1 << 12
"""Keys are rounded to multiples of 1 / GRID where room is measured."""


class _Window(NamedTuple):
    """A slot of a word, in units of 1 / GRID: ends of where its key is, and when it is shut."""

    low: int
    high: int
    shut: int
    slot: int

    def room(self, x: int, unit: int, *, own: bool) -> int:
        """Return how far x / unit may move, in units of 1 / (GRID unit)."""
        apart = max(x * GRID - self.low * unit, self.high * unit - x * GRID)
        if own:
            return int(HALF_WIDTH * GRID) * unit - apart
        near = max(self.low * unit - x * GRID, x * GRID - self.high * unit)
        return near - self.shut * unit


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The tables of a network.

    Args:
        line: the values of all points.
        coded: codes and the readings that go with them, the rarer of two codes being 1.
        stored: places on the line of the points that are stored, ascending.
        slots: n.
        label_bits: c; 0 where the only code that is stored is 1.
        words: one number a block.
    """

    line: Line
    coded: Coding
    stored: tuple[int, ...]
    slots: int
    label_bits: int
    words: tuple[Word, ...]

    @property
    def key_bits(self) -> int:
        """rho: every key and its neighbour above are below 2^rho. Raises: never."""
        return _key_bits(self.line)

    @property
    def sharpness(self) -> int:
        """K = 2^(rho + c): where a bit is 1 the orbit is at least 1/(2 K) above the middle."""
        return 1 << self.key_bits + self.label_bits

    @property
    def blocks(self) -> list[int]:
        """The block of every place on the line. Raises: never."""
        return blocks_of(len(self.line.order), self.stored, self.slots)

    @property
    def room(self) -> Fraction:
        """How far every value may move with all ramps and windows as they are, at least 3/8.

        Up to 1/GRID of what the orbits of the words leave: these have thousands of bits, the radius
        that is claimed has not. Cost: N log n. Raises: never.
        """
        ramps = beside_ramps(self.line, self.stored[self.slots :: self.slots])
        tables = [_windows(word, self.label_bits) for word in self.words]
        keys = {place: k % self.slots for k, place in enumerate(self.stored)}
        rooms = [Fraction(FIRST), *([] if ramps is None else [ramps])]
        unit, least = self.line.denominator, None
        for place, block in enumerate(self.blocks):
            x, own = self.line.numerators[place], keys.get(place)
            table = tables[block]
            # Windows are further apart than wide: only the nearest ones can be the closest.
            near = bisect_left(table, x * GRID // unit, key=lambda window: window.low)
            for window in table[max(0, near - 2) : near + 2]:
                found = window.room(x, unit, own=window.slot == own)
                least = found if least is None else min(least, found)
        return min(*rooms, Fraction(least or 0, GRID * unit))

    @property
    def starts(self) -> list[int]:
        """The key of the first point of each block. Raises: never."""
        unit = self.line.denominator
        return [self.line.numerators[place] // unit for place in self.stored[:: self.slots]]

    @property
    def heights(self) -> list[Number]:
        """The first word, and by how much each word differs from the one before. Raises: never."""
        numbers = [word.number for word in self.words]
        rises = [numbers[0], *(after - before for before, after in pairwise(numbers))]
        return [exact(rise.numerator, rise.denominator) for rise in rises]

    @property
    def shape(self) -> Shape:
        """What the size depends on. Raises: never."""
        return _shape(self.line, self.coded, len(self.words), self.slots, self.label_bits)

    @property
    def bits(self) -> int:
        """The bit complexity of all numbers but small ones of fixed size. Raises: never."""
        rho, sharp = self.key_bits, self.sharpness
        readings = [number for reading in self.coded.readings for number in reading]
        borders = [2 * start + 3 for start in self.starts]
        fixed = [4 << rho, 8 * sharp, 2 * sharp + 1, 1 << self.label_bits, 8, 2 * max(borders)]
        return max(bits([*self.line.weights, self.line.offset, *self.heights, *readings, *fixed]), 8)


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Plan:
    """Choose direction and blocks and make the words.

    Args:
        task: at least two codes, hence two distinct points.
        coded: its codes and readings.
        options: `directions`.

    Cost: linear in N d per direction tried, and in P n rho bits of words.

    Raises:
        BuildError: two points are equal.
    """
    direction = search(distinct_points(task), int(options["directions"] or 0), task.seed)
    line = lined(direction, task.dataset.denominator, GAP, Fraction(FIRST))
    coded = rarer(coded)
    codes = [coded.codes[i] for i in line.order]
    stored = tuple(place for place, code in enumerate(codes) if code)
    label_bits = coded.bits if coded.count > 2 else 0
    slots = _slots(_shape(line, coded, 1, 1, label_bits), len(stored))
    keys = line.keys
    words = []
    for start in range(0, len(stored), slots):
        own = stored[start : start + slots]
        padding = [0] * (slots - len(own))
        labels = [codes[place] if label_bits else 0 for place in own]
        word_keys = [keys[place] for place in own]
        words.append(word([*word_keys, *padding], [*labels, *padding], _key_bits(line), label_bits))
    return Plan(line, coded, stored, slots, label_bits, tuple(words))


def _windows(made: Word, label_bits: int) -> list[_Window]:
    """Return a word's slots by their keys, ascending; padding among them."""
    found = []
    for slot, (key, label) in enumerate(zip(made.keys, made.labels, strict=True)):
        low = key.numerator * GRID // key.denominator
        edge = shut(label, label_bits) * GRID
        found.append(_Window(low, low + 1, -(-edge.numerator // edge.denominator), slot))
    return sorted(found)


def _slots(shape: Shape, points: int) -> int:
    def cost(slots: int) -> int:
        return sizes.parameters(replace(shape, blocks=-(-points // slots), slots=slots))

    return balanced(points, cost, sizes.slot_parameters(shape))


def _key_bits(line: Line) -> int:
    return (line.numerators[-1] // line.denominator + 1).bit_length()


def _shape(line: Line, coded: Coding, blocks: int, slots: int, label_bits: int) -> Shape:
    return Shape(
        blocks=blocks,
        slots=slots,
        key_bits=_key_bits(line),
        label_bits=label_bits,
        line_edges=sum(entry != 0 for entry in line.vector),
        line_bias=int(line.bias != 0),
        outputs=len(coded.readings),
        read_edges=sum(weight != 0 for weight, _ in coded.readings),
        read_biases=sum(bias != 0 for _, bias in coded.readings),
        dimension=len(line.vector),
    )
