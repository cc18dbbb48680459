"""Everything that the network will hold, decided before a neuron is written.

Source: the codes of Proposition 3.4's proof.
Departure: gaps of 3; points of code 0 are not stored; as many points a word as give the fewest
parameters.
UNTRUSTED.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from memcert.constructions.coding import Coding
from memcert.constructions.directions import search
from memcert.constructions.line import Line, bits, off_integers
from memcert.constructions.nagler_langer import sizes
from memcert.constructions.nagler_langer.sizes import Shape
from memcert.constructions.nagler_langer.words import word
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import OptionValue, Task
from memcert.constructions.stored import balanced, beside_ramps, blocks_of, rarer
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

GAP, FIRST = 3, 4
"""Values are 3 apart, from 4: a padded slot has key 0, and every value is far from it."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The tables of a network.

    Args:
        line: the values t of all points; keys are floor(t) - 1.
        coded: codes and the readings that go with them.
        stored: places on the line of the points that are stored, ascending.
        labels: the codes of the stored points.
        words: one number a block.
        shape: all that the size depends on.
    """

    line: Line
    coded: Coding
    stored: tuple[int, ...]
    labels: tuple[int, ...]
    words: tuple[Fraction, ...]
    shape: Shape

    @property
    def unit(self) -> Fraction:
        """What x is of t: eps = 2^-(n kappa). Raises: never."""
        return Fraction(1, 1 << self.shape.digits * self.shape.key_groups)

    @property
    def starts(self) -> list[int]:
        """The integer part of the first point of each block. Raises: never."""
        unit = self.line.denominator
        return [self.line.numerators[place] // unit for place in self.stored[:: self.shape.slots]]

    @property
    def heights(self) -> list[Fraction]:
        """The first word, and by how much each word differs from the one before. Raises: never."""
        return [self.words[0], *(after - before for before, after in pairwise(self.words))]

    @property
    def blocks(self) -> list[int]:
        """The block of every place on the line: the last that starts at or below it. Raises: never."""
        return blocks_of(len(self.line.order), self.stored, self.shape.slots)

    @property
    def room(self) -> Fraction:
        """How far every t may move without a neuron changing sides that must not: below 1.

        While digits are taken off, t is compared with the key's leading groups followed by zeros;
        such a number may be close to a point of the same block. At the end e = t - key stays in
        [1/2, 5/2] at the key's own point; any other is at least 1 from what shuts it. Cost: N log N.
        Raises: never.
        """
        prefixes: list[list[int]] = [[] for _ in self.words]
        n, unit, values = self.shape.digits, self.line.denominator, self.line.numerators
        least = 2 * unit
        for number, place in enumerate(self.stored):
            whole, part = divmod(values[place], unit)
            least = min(least, unit + 2 * part, 3 * unit - 2 * part)
            for group in range(1, self.shape.key_groups):
                prefixes[number // self.shape.slots].append((whole - 1) >> n * group << n * group)
        for own in prefixes:
            own.sort()
        for block, value in zip(self.blocks, values, strict=True):
            near = bisect_left(prefixes[block], value // unit)
            for whole in prefixes[block][max(0, near - 1) : near + 2]:
                least = min(least, 2 * abs(value - whole * unit))
        ramps = beside_ramps(self.line, self.stored[self.shape.slots :: self.shape.slots])
        found = Fraction(least, 2 * unit)
        return found if ramps is None else min(found, ramps)

    @property
    def bits(self) -> int:
        """The bit complexity of all numbers but small ones of fixed size. Raises: never."""
        readings = [number for reading in self.coded.readings for number in reading]
        numbers = [_number(self.unit * weight) for weight in map(Fraction, self.line.weights)]
        numbers += [_number(self.unit * self.line.bias), _number(self.unit * self.words[0])]
        ends = 2 * max(self.starts) + 3
        tall = bits([ends]) + (2 * self.unit.denominator).bit_length()
        small = 2 * 3**self.shape.digits
        return max(bits([*numbers, *map(_number, self.heights), *readings, small, 8]), tall)


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Plan:
    """Choose direction and blocks and make the words.

    Args:
        task: at least two codes, hence two distinct points.
        coded: its codes and readings.
        options: `width` and `directions`.

    Cost: linear in N d per direction tried, and in N times the bits of a key.

    Raises:
        BuildError: two points are equal.
    """
    direction = search(distinct_points(task), int(options["directions"] or 0), task.seed)
    line = off_integers(direction, task.dataset.denominator, GAP, FIRST)
    coded = _small(rarer(coded), task.rule)
    codes = [coded.codes[i] for i in line.order]
    stored = tuple(place for place, code in enumerate(codes) if code)
    labels = tuple(codes[place] for place in stored)
    shape = _shape(int(options["width"] or 0), line, coded, len(stored))
    return Plan(line, coded, stored, labels, _words(line, stored, labels, shape), shape)


def _small(coded: Coding, rule: str) -> Coding:
    """Divide the lines of the rule argmax so that none has a coefficient above 1."""
    if rule != "argmax":
        return coded
    largest = max(abs(Fraction(number)) for reading in coded.readings for number in reading)
    readings = tuple(
        (_number(Fraction(weight) / largest), _number(Fraction(bias) / largest))
        for weight, bias in coded.readings
    )
    return replace(coded, readings=readings, margin=_number(Fraction(coded.margin or 0) / largest))


def _shape(width: int, line: Line, coded: Coding, points: int) -> Shape:
    n = sizes.digits_of(width)
    shape = Shape(
        width=width,
        blocks=1,
        slots=1,
        key_groups=-(-(line.numerators[-1] // line.denominator).bit_length() // n),
        label_groups=-(-coded.bits // n),
        line_edges=sum(entry != 0 for entry in line.vector),
        line_bias=int(line.bias != 0),
        outputs=len(coded.readings),
        read_edges=sum(weight != 0 for weight, _ in coded.readings),
        read_biases=sum(bias != 0 for _, bias in coded.readings),
        dimension=len(line.vector),
    )

    def split(slots: int) -> Shape:
        return replace(shape, blocks=-(-points // slots), slots=slots)

    return split(balanced(points, lambda slots: sizes.parameters(split(slots)), sizes.slot_parameters(shape)))


def _words(
    line: Line, stored: tuple[int, ...], labels: tuple[int, ...], shape: Shape
) -> tuple[Fraction, ...]:
    n, found = shape.digits, []
    keys = line.keys
    for start in range(0, len(stored), shape.slots):
        own = [keys[place] - 1 for place in stored[start : start + shape.slots]]
        padding = [0] * (shape.slots - len(own))
        fields = [*own, *padding], [*labels[start : start + shape.slots], *padding]
        found.append(word(*fields, n * shape.key_groups, n * shape.label_groups))
    return tuple(found)


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
