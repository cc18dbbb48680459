"""Numpy arrays as exact numbers: integers as they are, floats as the dyadics of their bit patterns.

UNTRUSTED. No floating-point operation is ever done on the data.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memcert.datasets.dataset import exact
from memcert.datasets.problems import OBJECT_BITS, Findings, Problem
from memcert.datasets.tables import Part, joined
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import Words, shown

Array = np.ndarray[Any, Any]

_LAYOUT = {2: (10, 5), 4: (23, 8), 8: (52, 11)}
"""Bytes of an IEEE float: (bits of its fraction, bits of its exponent)."""
BLOCK = 1 << 20
"""Floats that are taken apart at once."""
_WORD = 1 << 62


def coordinates(
    array: Array, findings: Findings, columns: Sequence[str] | None = None, first: int = 0
) -> Part:
    """Return an array of points exactly.

    Args:
        array: shape (N, d); booleans, integers or IEEE floats of 2, 4 or 8 bytes, any byte order.
        findings: takes NaN and infinities, which read as 0.
        columns: names of the d columns, for messages.
        first: the row of the file that the array starts with.

    Returns:
        Numerators of shape (N, d). Cost: a few numpy passes, Python integers only where the
        exponents differ by more than 62 bits can hold.

    Raises:
        DatasetError: another type.
        UndecidedError: the exponents differ so much that MAX_TABLE_BITS would be exceeded.
    """
    if array.dtype.kind in "bui":
        return Part(integers(array), 1)
    if array.dtype.kind != "f" or array.dtype.itemsize not in _LAYOUT:
        raise findings.error(f"expected integers or floats of 16, 32 or 64 bits, got {_type_name(array)}")
    rows = max(1, BLOCK // max(1, array.shape[1]))
    starts = range(0, array.shape[0], rows)
    # Block by block: the intermediate arrays of a whole table would need ten times its memory.
    parts = [_floats(array[start : start + rows], first + start, findings, columns) for start in starts]
    return joined(parts, array.shape[1], findings)


def _floats(block: Array, start: int, findings: Findings, columns: Sequence[str] | None) -> Part:
    """Return a block of rows, the first being row `start`, over its own denominator."""
    mantissa, exponent, bad = dyadics(block)
    for row, column in np.argwhere(bad).tolist():
        name = column if columns is None else columns[column]
        findings.add(Problem("not-finite", start + row, None, name, _bits_name(block[row, column])))
    return _over_one_denominator(mantissa, exponent, findings)


def integers(array: Array) -> Array:
    """Return booleans or integers as int64, or as object where one has more than 62 bits. Raises: never."""
    if array.size and (int(array.max()) >= _WORD or int(array.min()) <= -_WORD):
        return np.array(array.tolist(), dtype=object)
    return array.astype(np.int64)


def dyadics(array: Array) -> tuple[Array, Array, Array]:
    """Return (m, e, bad) with array = m * 2**e exactly, from the bit patterns.

    Args:
        array: IEEE floats of 2, 4 or 8 bytes, any byte order.

    Returns:
        m: int64, odd or zero, |m| < 2**53; e: int64, 0 where m is; bad: NaN or infinite, m = 0 there.

    Raises: never.
    """
    size = array.dtype.itemsize
    fraction_bits, exponent_bits = _LAYOUT[size]
    bits = array.view(np.dtype(f"u{size}").newbyteorder(array.dtype.byteorder)).astype(np.uint64)
    fraction = (bits & np.uint64((1 << fraction_bits) - 1)).astype(np.int64)
    biased = ((bits >> np.uint64(fraction_bits)) & np.uint64((1 << exponent_bits) - 1)).astype(np.int64)
    negative = (bits >> np.uint64(8 * size - 1)).astype(bool)
    bad = biased == (1 << exponent_bits) - 1
    # Subnormals have no hidden bit and the exponent of the smallest normal numbers.
    mantissa = np.where(biased > 0, fraction | (1 << fraction_bits), fraction)
    exponent = np.maximum(biased, 1) - ((1 << (exponent_bits - 1)) - 1 + fraction_bits)
    mantissa = np.where(bad, 0, mantissa)
    for step in (32, 16, 8, 4, 2, 1):
        even = (mantissa & ((1 << step) - 1)) == 0
        mantissa = np.where(even, mantissa >> step, mantissa)
        exponent = np.where(even, exponent + step, exponent)
    exponent = np.where(mantissa == 0, 0, exponent)
    return np.where(negative, -mantissa, mantissa), exponent, bad


def _over_one_denominator(mantissa: Array, exponent: Array, findings: Findings) -> Part:
    if not mantissa.size:
        return Part(mantissa, 1)
    shift = min(int(exponent.min()), 0)
    lift = exponent - shift
    widest = int(lift[mantissa != 0].max(initial=0)) + 53
    if widest <= 62 or _fits(mantissa, lift):
        return Part(np.where(mantissa == 0, 0, mantissa << np.minimum(lift, 62)), 1 << -shift)
    used = lift[mantissa != 0]
    findings.spend(int(used.sum()) + (53 + OBJECT_BITS) * mantissa.size)
    values = [
        m << k if m else 0 for m, k in zip(mantissa.ravel().tolist(), lift.ravel().tolist(), strict=True)
    ]
    return Part(np.array(values, dtype=object).reshape(mantissa.shape), 1 << -shift)


def _fits(mantissa: Array, lift: Array) -> bool:
    """Whether every m * 2**lift stays below 2**62 in absolute value."""
    room = np.int64(_WORD - 1) >> np.minimum(lift, 63)
    return bool((np.abs(mantissa) <= room).all())


def labels_of(
    array: Array, findings: Findings, column: str | int | None, first: int = 0
) -> tuple[Original, ...]:
    """Return an array of labels: integers, strings, or exact fractions where not all are integers.

    Args:
        array: shape (N,); booleans (as 0 and 1), integers, floats, or text.
        findings: takes NaN and infinities, which read as 0, and empty texts.
        column: the name for messages.
        first: the row of the file that the array starts with.

    Raises:
        DatasetError: another shape or type.
    """
    if array.ndim != 1:
        raise findings.error(f"labels: expected one dimension, got shape {shown(array.shape)}")
    if array.dtype.kind in "bui":
        return tuple(int(label) for label in array.tolist())
    if array.dtype.kind == "f" and array.dtype.itemsize in _LAYOUT:
        return _float_labels(array, findings, column, first)
    if array.dtype.kind == "S":
        try:
            return _text_labels([label.decode() for label in array.tolist()], findings, column, first)
        except UnicodeDecodeError as error:
            raise findings.error(f"labels: expected text in UTF-8, got {shown(error.object)}") from None
    if array.dtype.kind == "U":
        return _text_labels(texts_of(array, findings), findings, column, first)
    raise findings.error(f"labels: expected integers, floats or text, got {_type_name(array)}")


def texts_of(array: Array, findings: Findings) -> list[str]:
    """Return an array of text as strings.

    Raises:
        DatasetError: a code point is none of Unicode.
    """
    try:
        texts: list[str] = array.tolist()
    except (ValueError, SystemError) as error:
        raise findings.error(f"expected Unicode text, got {shown(str(error))}") from None
    return texts


def _text_labels(
    labels: list[str], findings: Findings, column: str | int | None, first: int
) -> tuple[str, ...]:
    for row, label in enumerate(labels, first):
        if not label:
            findings.add(Problem("missing", row, None, column, ""))
    return tuple(labels)


def _float_labels(
    array: Array, findings: Findings, column: str | int | None, first: int
) -> tuple[Original, ...]:
    mantissa, exponent, bad = dyadics(array)
    for row in np.flatnonzero(bad).tolist():
        findings.add(Problem("not-finite", first + row, None, column, _bits_name(array[row])))
    pairs = zip(mantissa.tolist(), exponent.tolist(), strict=True)
    return tuple(m << e if e >= 0 else exact(m, 1 << -e) for m, e in pairs)


def _bits_name(value: Any) -> Words:
    return Words(str(value))  # nan, inf or -inf


def _type_name(array: Array) -> str:
    if array.dtype.hasobject:
        return "Python objects (pickled data are never loaded)"
    return shown(str(array.dtype))
