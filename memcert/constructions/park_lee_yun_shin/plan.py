"""Everything that the network will hold, decided before a neuron is written.

Source: Theorem 1's proof with w = 2/3: halve, cut in pieces while it pays, and look up.
Departure: as many rounds as give the fewest parameters, by the exact count.
UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

import numpy as np

from memcert.constructions.coding import Coding
from memcert.constructions.directions import search
from memcert.constructions.line import Line, bits, distance_to_integers, off_integers
from memcert.constructions.park_lee_yun_shin import sizes
from memcert.constructions.park_lee_yun_shin.halving import Halving, halvings
from memcert.constructions.park_lee_yun_shin.rounds import Round, one_round
from memcert.constructions.park_lee_yun_shin.sizes import Shape
from memcert.constructions.park_lee_yun_shin.table import Table, table
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import OptionValue, Task


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The tables of a network.

    Args:
        line: the values, none within `width` of an integer; keys are their integer parts.
        width: of every ramp.
        halvings: Lemma 5's steps.
        rounds: those of Lemma 6.
        keys: after halvings and rounds, in the order of the line.
        table: the codes by key.
        coded: codes and readings.
    """

    line: Line
    width: Fraction
    halvings: tuple[Halving, ...]
    rounds: tuple[Round, ...]
    keys: tuple[int, ...]
    table: Table
    coded: Coding

    @property
    def room(self) -> Fraction:
        """How far x may move with all ramps and windows as they are. Raises: never."""
        return self.width / 2

    @property
    def shape(self) -> Shape:
        """What the size depends on. Raises: never."""
        readings = self.coded.readings
        return Shape(
            halvings=len(self.halvings),
            pieces=tuple(len(taken.pieces) for taken in self.rounds),
            words=len(self.table.words),
            labels=self.table.labels,
            label_bits=self.table.label_bits,
            equal_words=self.table.equal_words,
            first_word=int(self.table.words[0] != 0),
            line_edges=sum(entry != 0 for entry in self.line.vector),
            line_bias=int(self.line.bias != 0),
            outputs=len(readings),
            read_edges=sum(weight != 0 for weight, _ in readings),
            read_biases=sum(bias != 0 for _, bias in readings),
            dimension=len(self.line.vector),
        )

    @property
    def bits(self) -> int:
        """A bound of the bit complexity. Raises: never."""
        stage, width = self.table, self.width
        readings = [number for reading in self.coded.readings for number in reading]
        # Shifts, borders and words, over the width of a ramp or beside half of it.
        longest = max(max(self.line.keys) + 2, 1 << stage.label_bits).bit_length()
        units = width.numerator.bit_length() + width.denominator.bit_length() + 2
        words = 4 * stage.labels * stage.label_bits + units
        # A border k + width / 2 has the doubled denominator below and k times it above.
        border = longest + 1 + 2 * (2 * width.denominator).bit_length()
        return max(bits([*self.line.weights, self.line.offset, *readings]), words, longest + units, border, 8)


def plan(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> Plan:
    """Choose direction, shifts, pieces and table.

    Args:
        task: at least two codes, hence two distinct points.
        coded: its codes and readings.
        options: `directions`.

    Cost: linear in N d per direction tried; expected linear in N a halving; a round as `one_round`.

    Raises:
        BuildError: two points are equal.
    """
    direction = search(distinct_points(task), int(options["directions"] or 0), task.seed)
    line = off_integers(direction, task.dataset.denominator, 1, 0)
    generator = np.random.Generator(np.random.PCG64(task.seed))
    codes = [coded.codes[i] for i in line.order]
    halved, keys = halvings(line.keys, generator)
    rounds, labels = _rounds(keys, codes, coded.bits, generator)
    final = tuple(rounds[-1].keys.tolist()) if rounds else keys
    return Plan(
        line=line,
        width=distance_to_integers(line),
        halvings=halved,
        rounds=rounds,
        keys=final,
        table=table(dict(zip(final, codes, strict=True)), max(final) + 1, labels, coded.bits),
        coded=coded,
    )


def _rounds(
    keys: Sequence[int], codes: Sequence[int], label_bits: int, generator: np.random.Generator
) -> tuple[tuple[Round, ...], int]:
    """Return as many rounds as give the smallest total, and B."""
    now, bound = np.array(keys, dtype=np.int64), max(keys) + 1
    taken: list[Round] = []
    cost, (best, labels), chosen = 0, _labels(now, codes, label_bits), 0
    while (found := one_round(now, bound, generator)) is not None:
        now, bound = found.keys, int(found.keys.max()) + 1
        taken.append(found)
        cost += 2 + 6 * len(found.pieces)
        if cost >= best:
            break
        total, candidate = _labels(now, codes, label_bits)
        if cost + total < best:
            best, labels, chosen = cost + total, candidate, len(taken)
    return tuple(taken[:chosen]), labels


def _labels(
    keys: np.ndarray[tuple[int], np.dtype[np.int64]], codes: Sequence[int], label_bits: int
) -> tuple[int, int]:
    """Return (parameters, B) of the table that costs least, words that are 0 counting as equal."""
    marked = np.sort(keys[np.array(codes) != 0])
    bound = int(keys.max()) + 1
    middle = isqrt(8 * bound // (16 * label_bits + 6)) + 1
    found = []
    for labels in range(max(1, middle // 2), min(bound, 2 * middle + 8) + 1):
        words = -(-bound // labels)
        # Repeated words differ by 0, which leaves no word between them.
        gaps = np.diff(np.concatenate([[-1], marked // labels, [words]])) - 1
        zeros = int(np.maximum(gaps - 1, 0).sum())
        found.append((sizes.table_parameters(words, labels, label_bits, zeros), labels))
    return min(found)
