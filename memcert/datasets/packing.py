"""Integers and labels as bytes in a spool, each as short as the longest of its block, and back.

UNTRUSTED.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from memcert.datasets.numbers import integer, is_integer_label
from memcert.datasets.spool import Spool
from memcert.kernel.certificate import Number, Original

Array = np.ndarray[Any, Any]

_KINDS = tuple(np.dtype(name) for name in ("u1", "i1", "<i2", "<i4", "<i8"))
_WORD = 1 << 62
_SHORT = 18
"""Any integer of that many characters fits 62 bits."""


@dataclass(frozen=True, slots=True)
class PackedIntegers:
    """Where integers lie: of one kind; None: each has a length of its own."""

    start: int
    bytes: int
    kind: np.dtype[Any] | None


@dataclass(frozen=True, slots=True)
class PackedTexts:
    """Where labels lie that are no short integers: a JSON array of texts, or of numbers as texts."""

    start: int
    bytes: int
    numbers: bool


PackedLabels = PackedIntegers | PackedTexts


def pack(numbers: Array, spool: Spool) -> PackedIntegers:
    """Write an array of at least one integer. Raises: UndecidedError (the disk is full)."""
    if numbers.dtype == object:
        content, kind = _lengthy(numbers.ravel().tolist()), None
    else:
        low, high = int(numbers.min()), int(numbers.max())
        kind = next(k for k in _KINDS if np.iinfo(k).min <= low and high <= np.iinfo(k).max)
        content = numbers.astype(kind).tobytes()
    return PackedIntegers(spool.append(content), len(content), kind)


def unpack(packed: PackedIntegers, spool: Spool) -> Array:
    """Return the integers in order: int64, or object where one has more than 62 bits.

    Raises:
        UndecidedError: the disk does not give them back.
    """
    content = spool.read(packed.start, packed.bytes)
    if packed.kind is not None:
        return np.frombuffer(content, dtype=packed.kind).astype(np.int64)
    count = int.from_bytes(content[:8], "little")
    at, numbers = 8 + 4 * count, list[int]()
    for length in np.frombuffer(content, dtype="<u4", count=count, offset=8).tolist():
        numbers.append(int.from_bytes(content[at : at + length], "little", signed=True))
        at += length
    return np.array(numbers, dtype=object)


def _lengthy(numbers: Sequence[int]) -> bytes:
    lengths = [number.bit_length() // 8 + 1 for number in numbers]
    digits = [n.to_bytes(k, "little", signed=True) for n, k in zip(numbers, lengths, strict=True)]
    return b"".join((len(numbers).to_bytes(8, "little"), np.array(lengths, dtype="<u4").tobytes(), *digits))


def pack_labels(labels: Sequence[Original], spool: Spool, *, text: bool) -> PackedLabels:
    """Write at least one label.

    Args:
        labels: all numbers or all texts.
        spool: where to.
        text: they are cells of text, yet to be typed.

    Raises:
        UndecidedError: the disk is full.
    """
    known = set(labels)
    if all(_is_short(label, text=text) for label in known):
        return pack(np.array([int(label) for label in labels], dtype=np.int64), spool)
    content = json.dumps([_spelled(label) for label in labels]).encode()
    return PackedTexts(spool.append(content), len(content), not isinstance(labels[0], str))


def _is_short(label: Original, *, text: bool) -> bool:
    if isinstance(label, str):
        return text and len(label) <= _SHORT and is_integer_label(label)
    return isinstance(label, int) and -_WORD < label < _WORD


def unpack_labels(packed: PackedLabels, spool: Spool, *, text: bool, integers: bool) -> Sequence[Original]:
    """Return the labels in order.

    Args:
        packed: where they are.
        spool: from where.
        text: they are cells of text.
        integers: all cells of the whole column spell integers, so that this is what they are.

    Raises:
        UndecidedError: an integer has too many digits.
    """
    if isinstance(packed, PackedIntegers):
        numbers: list[int] = unpack(packed, spool).tolist()
        # The one spelling of an integer is what `str` makes of it.
        return numbers if integers or not text else [str(number) for number in numbers]
    texts: list[str] = json.loads(spool.read(packed.start, packed.bytes))
    if packed.numbers:
        return [_number(spelled) for spelled in texts]
    return [integer(spelled) for spelled in texts] if text and integers else texts


def _spelled(label: Original) -> str:
    # Hexadecimal is as long as one likes; of decimals Python takes and makes only so many digits.
    return label if isinstance(label, str) else f"{label.numerator:x}/{label.denominator:x}"


def _number(spelled: str) -> Number:
    top, bottom = (int(part, 16) for part in spelled.split("/"))
    return top if bottom == 1 else Fraction(top, bottom)
