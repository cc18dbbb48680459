"""Pieces of a table, each over its own denominator, joined into one data set.

UNTRUSTED.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.datasets.numbers import integer as integer_of
from memcert.datasets.numbers import is_integer_label
from memcert.datasets.problems import MAX_TABLE_BITS, OBJECT_BITS, Findings, Problem
from memcert.errors import UndecidedError
from memcert.formats.files import base_name
from memcert.kernel.certificate import Number, Original
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]

_CHUNK = 1 << 16
_SHORT = 64
_WORD = 1 << 62


@dataclass(frozen=True, slots=True)
class Part:
    """Exact numbers: integers (int64, or object where one has more than 62 bits) over one denominator."""

    numerators: Array
    denominator: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds.

    Args:
        dataset: its good rows, or None if there is none.
        rows: the row of the file, from 0, of each row of `dataset`.
        size: the rows of the file, good and bad.
        columns: names of the coordinates, or None.
        label_column: name or number of the column of the labels; None: they came separately.
        findings: what is wrong with the other rows.
    """

    dataset: Dataset | None
    rows: Sequence[int]
    size: int
    columns: tuple[str, ...] | None
    label_column: str | int | None
    findings: Findings


def part_of(numbers: Sequence[Number], findings: Findings) -> Part:
    """Return the numbers over their least common denominator.

    Raises:
        UndecidedError: they would need more than MAX_TABLE_BITS bits.
    """
    bottom = common_denominator({x.denominator for x in numbers}, len(numbers), findings)
    if bottom == 1:
        part = Part(packed([int(x) for x in numbers]), 1)
    else:
        part = Part(packed([x.numerator * (bottom // x.denominator) for x in numbers]), bottom)
    if part.numerators.dtype == object:
        findings.spend(sum(n.bit_length() + OBJECT_BITS for n in part.numerators.tolist()))
    return part


def packed(integers: Sequence[int]) -> Array:
    """Return integers as int64 where each has at most 62 bits, else as object. Raises: never."""
    small = min(integers, default=0) > -_WORD and max(integers, default=0) < _WORD
    return np.array(integers, dtype=np.int64 if small else object)


def common_denominator(denominators: Iterable[int], cells: int, findings: Findings) -> int:
    """Return the least common multiple.

    Raises:
        UndecidedError: `cells` numbers over it would need more than MAX_TABLE_BITS bits.
    """
    bottom = 1
    for q in denominators:
        bottom = lcm(bottom, q)
        if bottom.bit_length() > _SHORT and (bottom.bit_length() + OBJECT_BITS) * cells > MAX_TABLE_BITS:
            raise UndecidedError(
                f"{shown(findings.file)}: expected numbers that need at most {MAX_TABLE_BITS:,} bits over "
                f"one denominator, got {cells:,} numbers over one of at least {bottom.bit_length():,} bits"
            )
    return bottom


def joined(parts: Sequence[Part], dimension: int, findings: Findings) -> Part:
    """Return the parts as one of shape (N, dimension), over the least denominator of all.

    Raises:
        UndecidedError: it would need more than MAX_TABLE_BITS bits.
    """
    if not parts:
        return Part(np.empty((0, dimension), dtype=np.int64), 1)
    cells = sum(part.numerators.size for part in parts)
    bottom = common_denominator({part.denominator for part in parts}, cells, findings)
    scaled = [_scaled(part.numerators, bottom // part.denominator) for part in parts]
    if any(array.dtype == object for array in scaled):
        scaled = [array.astype(object) for array in scaled]
    every = scaled[0] if len(scaled) == 1 else np.concatenate(scaled)
    return _lowest(every.reshape(-1, dimension), bottom)


def side_by_side(parts: Sequence[Part], findings: Findings) -> Part:
    """Return d columns, each a part of shape (N, 1), as one part of shape (N, d). Raises: as `joined`."""
    rows = parts[0].numerators.shape[0]
    stacked = joined(parts, 1, findings)
    return Part(stacked.numerators.reshape(len(parts), rows).T, stacked.denominator)


def _scaled(numerators: Array, factor: int) -> Array:
    if factor == 1:
        return numerators
    if numerators.dtype != object:
        # A column of zeros must not hide that the factor itself is too large for numpy.
        if max(_largest(numerators), 1) * factor < _WORD:
            return numerators * np.int64(factor)
        numerators = numerators.astype(object)
    product: Array = numerators * factor
    return product


def _largest(numerators: Array) -> int:
    return max(-int(numerators.min()), int(numerators.max())) if numerators.size else 0


def _lowest(numerators: Array, denominator: int) -> Part:
    """Divide by what all numerators and the denominator have in common."""
    if not numerators.any():
        return Part(np.zeros(numerators.shape, dtype=np.int64), 1)
    if denominator == 1:
        return Part(_fitted(numerators), 1)
    common, flat = denominator, numerators.ravel()
    for start in range(0, flat.size, _CHUNK):
        common = gcd(common, int(np.gcd.reduce(flat[start : start + _CHUNK])))
        if common == 1:
            break
    if common > 1:
        numerators, denominator = numerators // common, denominator // common
    return Part(_fitted(numerators), denominator)


def _fitted(numerators: Array) -> Array:
    if numerators.dtype == object and _largest(numerators) < _WORD:
        return numerators.astype(np.int64)
    return numerators


def typed_labels(labels: Sequence[str]) -> tuple[Original, ...]:
    """Return a column of text as labels: integers iff every cell spells one, else strings.

    Raises:
        UndecidedError: an integer has too many digits.
    """
    known = {text: is_integer_label(text) for text in set(labels)}
    if not all(known.values()):
        return tuple(labels)
    values = {text: integer_of(text) for text in known}
    return tuple(map(values.__getitem__, labels))


def finished(
    part: Part,
    labels: Sequence[Original],
    findings: Findings,
    *,
    rows: Sequence[int],
    size: int,
    columns: tuple[str, ...] | None,
    label_column: str | int | None,
    lines: Sequence[int] | None = None,
    text: bool = False,
) -> Reading:
    """Return the reading of a table, without the rows in which something is wrong.

    Args:
        part: numerators of shape (n, d).
        labels: n labels of one kind.
        findings: the problems; their rows are left out.
        rows: the row of the file that each of the n rows is.
        size: the rows of the file, also those that are not among the n.
        columns: as in `Reading`.
        label_column: as in `Reading`.
        lines: the line of the file on which each of the n rows starts.
        text: the labels are cells of text, yet to be typed.

    Raises:
        DatasetError: the file has no row at all, or one with a problem, if such are not left out.
        UndecidedError: an integer label has too many digits.
    """
    findings.settle()
    if size == 0:
        raise findings.error("expected rows of data, got none")
    numerators = part.numerators
    if findings.rows:
        kept = [i for i, row in enumerate(rows) if row not in findings.rows]
        numerators, labels = numerators[kept], [labels[i] for i in kept]
        lines = None if lines is None else [lines[i] for i in kept]
        rows = [rows[i] for i in kept]
    if not len(rows):
        return Reading(None, (), size, columns, label_column, findings)
    where = None if lines is None else tuple(lines)
    final = typed_labels([str(label) for label in labels]) if text else tuple(labels)
    name = base_name(findings.file)
    refuse_surrogates(columns or (), "column", findings)
    refuse_surrogates({x for x in final if isinstance(x, str)}, "label", findings)
    dataset = Dataset(name, columns, numerators, part.denominator, final, where)
    return Reading(dataset, rows, size, columns, label_column, findings)


def refuse_surrogates(texts: Iterable[str], what: str, findings: Findings) -> None:
    """Refuse texts that hold half a character. Raises: DatasetError."""
    for text in texts:
        # Half a character has no UTF-8: it can be neither digested nor printed.
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise findings.error(f"{what}: expected Unicode text, got {shown(text)}")


def missing_label(row: int, line: int | None, column: str | int | None) -> Problem:
    """Return the problem of an empty label. Raises: never."""
    return Problem("missing", row, line, column, "")


def whole(
    part: Part,
    labels: tuple[Original, ...],
    columns: tuple[str, ...] | None,
    label_column: str | int | None,
    findings: Findings,
) -> Reading:
    """Return the reading of a table that has all its rows at once. Raises: as `finished`, `joined`."""
    size = len(labels)
    part = joined([part], part.numerators.shape[1], findings)
    return finished(
        part, labels, findings, rows=range(size), size=size, columns=columns, label_column=label_column
    )
