"""Lemma 7: a table of A words of B labels each; key k stands in word k // B at place k % B.

A word is p = sum of 3 theta_i 4^-i over its bits theta, the leading one first: p <= 1/4 where it is
0, p >= 3/4 where it is 1, and 4 p - 3 theta is the rest. A layer reads a bit by the ramp of 2 p from
1/2 to 3/2. Where the rest of the key is s, the label of slot s counts.

Source: Lemmas 7 and 16.
Departure: one bit a layer, base 4 so that one ramp of height 1 reads it; the paper reads several.
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from memcert.blocks.part import Part, carry, parallel, serial
from memcert.constructions.park_lee_yun_shin.halving import border_top, height
from memcert.constructions.windows import apart, beside, gate, ramp, steps
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number

STAGE = "table"


@dataclass(frozen=True, slots=True)
class Table:
    """A words of B labels of c bits.

    Args:
        words: numerators over 4^(B c).
        labels: B.
        label_bits: c.
    """

    words: tuple[int, ...]
    labels: int
    label_bits: int

    @property
    def numbers(self) -> list[Number]:
        """The words p. Raises: never."""
        return [exact(word, self._unit) for word in self.words]

    @property
    def rises(self) -> list[Number]:
        """By how much each word but the first differs from the one before. Raises: never."""
        return [exact(after - before, self._unit) for before, after in pairwise(self.words)]

    @property
    def equal_words(self) -> int:
        """Z, neighbouring words that are equal. Raises: never."""
        return sum(before == after for before, after in pairwise(self.words))

    @property
    def _unit(self) -> int:
        return 1 << 2 * self.labels * self.label_bits


def table(codes: Mapping[int, int], bound: int, labels: int, label_bits: int) -> Table:
    """Return the table of codes by key.

    Args:
        codes: the code of every key that is used; others count as 0.
        bound: K, above every key.
        labels: B.
        label_bits: c.

    Cost: linear in K c. Raises: ValueError, if a code is too long.
    """
    empty = "0" * label_bits
    digits = {code: format(code, f"0{label_bits}b").replace("1", "3") for code in set(codes.values())}
    if any(len(text) > label_bits for text in digits.values()):
        raise ValueError(f"expected codes of {label_bits} bits, got {max(digits)}")
    words = []
    for start in range(0, bound, labels):
        own = (codes.get(key) for key in range(start, start + labels))
        words.append(int("".join(empty if code is None else digits[code] for code in own), 4))
    return Table(tuple(words), labels, label_bits)


def table_part(made: Table, width: Fraction) -> Part:
    """Build x -> y, the label of the key floor(x).

    Args:
        made: the table.
        width: of every ramp; no value is within half of it of an integer.

    Returns:
        B c + 4 layers, the first of width 2 A - 1.

    Raises:
        ValueError: never, for a table made here.
    """
    end = made.labels * made.label_bits
    return serial([_words(made, width), *(_layer(made, width, t) for t in range(end + 2))])


def _words(made: Table, width: Fraction) -> Part:
    """Build x -> (r, p): the place in the word, and the word."""
    marks = [str(j) for j in range(1, len(made.words))]
    ramps = [
        ramp(mark, STAGE, {"x": 1}, border_top(j * made.labels, width), _number(width))
        for j, mark in enumerate(marks, start=1)
    ]
    rest: dict[str, Number] = {"x": 1, **steps(marks, [height(-made.labels, width)] * len(marks))}
    rises = [_divided(rise, width) for rise in made.rises]
    word = carry("word", STAGE, "p", row=steps(marks, rises), bias=made.numbers[0])
    return serial(
        [parallel(carry("table_x", STAGE, "x"), *ramps), parallel(carry("rest", STAGE, "r", row=rest), word)]
    )


def _layer(made: Table, width: Fraction, t: int) -> Part:
    """Layer t: bit t of the word, beside the label so far, the comparison, the gate and the sum."""
    c, end = made.label_bits, made.labels * made.label_bits
    parts: list[Part | None] = []
    if t < end - 1:
        parts += [carry(f"rest_{t}", STAGE, "r"), carry(f"digits_{t}", STAGE, "p", row=_rest_of_word(t, 1))]
    if t < end:
        parts.append(ramp("", STAGE, _rest_of_word(t, 2), Fraction(3, 2), 1, name=f"bit_{t}"))
        parts.append(carry(f"label_{t}", STAGE, "lab", row=_label(t % c)) if t % c else None)
        parts.append(_compare(t // c, width, t) if t % c == c - 1 else None)
    if c <= t <= end and t % c == 0:
        high = height((1 << c) - 1, width)
        parts.append(gate(f"gate_{t}", STAGE, "g", {**_label(c), "e1": -high, "e2": -high}))
    if t > c:
        row: dict[str, Number] = {"y": 1} if t > c + 1 else {}
        parts.append(carry(f"y_{t}", STAGE, "y", row=row | ({"g": 1} if (t - 1) % c == 0 else {})))
    return beside(*parts)


def _rest_of_word(t: int, factor: int) -> dict[str, Number]:
    """`factor` times what the word is after t bits."""
    return {"p": 4 * factor, **steps([""], [-3 * factor])} if t else {"p": factor}


def _label(bits: int) -> dict[str, Number]:
    """The label's leading bits: those that are summed, doubled, and the one just read."""
    before: dict[str, Number] = {"lab": 2} if bits > 1 else {}
    return before | steps([""], [1])


def _compare(slot: int, width: Fraction, t: int) -> Part:
    """How far r lies apart from [slot, slot + 1], less half a ramp on either side."""
    return apart(f"apart_{t}", STAGE, {"r": -1}, _number(slot + width / 2), _number(1 - width))


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)


def _divided(rise: Number, width: Fraction) -> Number:
    return _number(Fraction(rise) / width)
