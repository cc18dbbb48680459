"""Stage III: slot by slot, read a key and a label from the two words and add the label on a match.

Source: Lemma A.5; the gate is y <- y + relu(2^(c+1) cmp - 2^(c+1) + label).
Departure: comparison and gate take three layers, so a slot has 3 max(rho, c) + 3; the shorter of
the two streams waits in plain carries.
UNTRUSTED.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from memcert.blocks.part import Part, Row, block, carry, neuron, parallel, serial
from memcert.constructions.vardi_yehudai_shamir.bit_extraction import extract, heads
from memcert.constructions.vardi_yehudai_shamir.comparison import (
    LEFT,
    MATCH,
    NEAR,
    NOT_EMPTY,
    RIGHT,
    SIDES,
    WINDOW,
    comparison,
)
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract

STAGE = "lookup"
EXTRACTION = "bit_extraction"
KEYS, LABELS = "u", "w"


@dataclass(frozen=True, slots=True)
class Fields:
    """The layout of the words: n fields of rho and of c bits, and the kind of window."""

    slots: int
    key_bits: int
    label_bits: int
    wide: bool

    @property
    def longer(self) -> int:
        """Bits that a slot extracts before it compares. Raises: never."""
        return max(self.key_bits, self.label_bits)

    @property
    def slot_depth(self) -> int:
        """Layers of a slot. Raises: never."""
        return 3 * self.longer + 3

    @property
    def streams(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """The two streams with the width of their fields. Raises: never."""
        return (KEYS, self.key_bits), (LABELS, self.label_bits)


def field_form(stream: str, width: int, longer: int) -> Row:
    """Return the form of a slot's last extraction layer that is the extracted field. Raises: never."""
    total, bit = f"acc{stream}", f"bit{stream}"
    if width < longer:
        return {total: 1}
    return {total: 1, bit: 1} if width > 1 else {bit: 1}


def lookup(fields: Fields) -> Part:
    """Build (x, yu, yw) -> y, the label that stands beside the key floor(x) in the words, else 0.

    Returns:
        n (3 max(rho, c) + 3) + 2 layers; width 12, or 10 if rho or c is 1; with rho >= c,
        n (33 rho + 9 c + 27) + 10 nonzero parameters, n more with wide windows.

    Raises:
        ValueError: there is no slot.
    """
    last = carry("total", STAGE, "y", row={"y": 1, "gate": 1})
    return serial([answers(fields), last])


def answers(fields: Fields, start: Row | None = None) -> Part:
    """Build (x, yu, yw) -> (x, y, gate, ...): all slots, the answer of the last still apart from y.

    Args:
        fields: the layout of the words.
        start: what y starts as; by default 0.

    Returns:
        n (3 max(rho, c) + 3) + 1 layers.

    Raises:
        ValueError: never, for fields of at least one slot and one bit.
    """
    return serial([_opening(fields, start or {}), *(slot(fields, j) for j in range(fields.slots))])


def slot(fields: Fields, index: int) -> Part:
    """Build slot `index`: (x, y, gate, p and q of both streams) -> the same after one more field.

    Returns:
        3 max(rho, c) + 3 layers.

    Raises:
        ValueError: never, for fields of at least one bit.
    """
    steps = (_step(fields, index, t) for t in range(1, fields.longer + 1))
    return serial([*steps, _compare(fields, index)])


def _opening(fields: Fields, start: Row) -> Part:
    """H: (x, yu, yw) -> (x, y = start, p_0 and q_0 of both words)."""
    parts = [
        carry("open_x", STAGE, "x"),
        carry("open_y", STAGE, "y", row=start),
    ]
    for stream, width in fields.streams:
        scale, *offsets = heads(fields.slots * width)
        for letter, offset in zip("pq", offsets, strict=True):
            name = f"{letter}{stream}"
            parts.append(carry(f"open_{name}", EXTRACTION, name, row={f"y{stream}": scale}, bias=offset))
    return parallel(*parts)


def _step(fields: Fields, index: int, t: int) -> Part:
    """Extraction of bit t of both fields, beside x and y."""
    mark = f"{index}_{t}"
    # The gate of the slot before joins the sum here, one layer later than it was made.
    joined = {"y": 1, "gate": 1} if t == 1 and index > 0 else {"y": 1}
    parts = [
        carry(f"x_{mark}", STAGE, "x", depth=3),
        carry(f"y_{mark}", STAGE, "y", depth=3, row=joined),
    ]
    for stream, width in fields.streams:
        parts.extend(_stream(stream, width, fields.slots, index, t))
    return parallel(*parts)


def _stream(stream: str, width: int, slots: int, index: int, t: int) -> Iterator[Part]:
    mark = f"{index}_{t}"
    if t <= width:
        # Bit number index * width + t of the slots * width bits of the word.
        factor = 1 << slots * width + 2 - (index * width + t)
        yield extract(stream, f"bit_{stream}_{mark}", factor)
    else:
        for letter in "pq":
            name = f"{letter}{stream}"
            yield carry(f"wait_{name}_{mark}", EXTRACTION, name, depth=3)
    if t > 1:
        total = f"acc{stream}"
        yield carry(f"{total}_{mark}", EXTRACTION, total, depth=3, row=_sum(stream, width, t))


def _sum(stream: str, width: int, t: int) -> Row:
    """The field's leading t - 1 bits in place, from the sum of t - 2 of them and the last bit."""
    total, bit = f"acc{stream}", f"bit{stream}"
    if t > width + 1:
        return {total: 1}
    place = 1 << width - t + 1
    return {total: 1, bit: place} if t > 2 else {bit: place}


def _compare(fields: Fields, index: int) -> Part:
    """Comparison and gate of a slot, in three layers."""
    parts = [carry(f"{name}_{index}_gate", STAGE, name, depth=3) for name in ("x", "y")]
    parts += [
        carry(f"{letter}{stream}_{index}_gate", STAGE, f"{letter}{stream}", depth=3)
        for stream, _ in fields.streams
        for letter in "pq"
    ]
    return parallel(*parts, _gate(fields, index))


def _gate(fields: Fields, index: int) -> Part:
    key = field_form(KEYS, fields.key_bits, fields.longer)
    label = field_form(LABELS, fields.label_bits, fields.longer)
    sides, near = comparison(key, fields.wide)
    height = 2 << fields.label_bits
    gate = neuron("gate", {"s1": height, "s2": height, "lab": 1}, -2 * height)
    layers = [[*sides, neuron("lab", label)], [*near, neuron("lab", {"lab": 1})], [gate]]
    return block(f"gate_{index}", STAGE, GATE.id, layers)


GATE = Contract(
    id="gate",
    parameters=(*WINDOW, *parameters(("g", "gate", "s1"))),
    assumes=atoms(f"{NOT_EMPTY}, g > 0"),
    inputs=inputs("v = r1, lab = lab1"),
    layers=(
        layer(*SIDES, "lab1 = lab"),
        layer(*NEAR, "lab2 = lab1"),
        layer("gate = g*s1 + g*s2 + lab2 - 2g"),
    ),
    outputs=outputs("gate"),
    cases=(
        # A padded slot has key 0 and label 0, and x may stand anywhere beside its window.
        case("empty", "lab = 0", "gate = 0"),
        case("match", f"{MATCH}, lab >= 0", "gate = lab"),
        case("left", f"{LEFT}, lab <= g", "gate = 0"),
        case("right", f"{RIGHT}, lab <= g", "gate = 0"),
    ),
)
"""A slot's answer: its label where x stands in the key's window, 0 at 1/2 or more from it."""
