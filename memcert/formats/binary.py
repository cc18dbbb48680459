"""The arrays of NPY and IDX files, taken from their bytes.

UNTRUSTED. A header is believed only where it agrees with the number of bytes that follow.
"""

import io
import struct
import tokenize
from math import prod
from typing import Any

import numpy as np

from memcert.formats.problems import Findings
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]

NPY_MAGIC = b"\x93NUMPY"
IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
HEADER_ERRORS = (
    ValueError,
    SyntaxError,
    TypeError,
    RecursionError,
    MemoryError,
    OverflowError,
    tokenize.TokenError,  # headers of Python 2 are cut into tokens
)
"""What numpy raises at a header that is none."""


def npy_array(content: bytes, findings: Findings, name: str = "array") -> Array:
    """Return the array of an NPY file; its shape must be that of the bytes that follow.

    Raises:
        DatasetError: no NPY file, pickled objects, or too few or too many bytes.
    """
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        read_header = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, by_columns, kind = read_header(file)
    except HEADER_ERRORS as error:
        raise findings.error(
            f"{name}: expected the header of an NPY array, got {shown(str(error))}"
        ) from None
    if kind.hasobject or kind.fields is not None or kind.subdtype is not None or kind.itemsize == 0:
        what = "Python objects (pickled data are never loaded)" if kind.hasobject else shown(str(kind))
        raise findings.error(f"{name}: expected numbers or text, got {what}")
    size = len(content) - file.tell()
    if any(n < 0 for n in shape) or prod(shape) * kind.itemsize != size:
        raise findings.error(
            f"{name}: expected {prod(shape) * kind.itemsize} bytes for shape {shown(shape)}, got {size}"
        )
    flat = np.frombuffer(content, dtype=kind, offset=file.tell())
    try:
        return flat.reshape(shape, order="F" if by_columns else "C")
    except ValueError as error:  # no elements, and dimensions that numpy cannot count
        raise findings.error(f"{name}: {shown(str(error))}") from None


def looks_like_idx(content: bytes) -> bool:
    """Whether the first four bytes are the magic number of an IDX file. Raises: never."""
    return len(content) >= 4 and content[:2] == b"\0\0" and content[2] in IDX_TYPES and 1 <= content[3] <= 8


def idx_array(content: bytes, findings: Findings) -> Array:
    """Return the array of an IDX file.

    Raises:
        DatasetError: no IDX file, or too few or too many bytes.
    """
    start = 4 + 4 * content[3] if looks_like_idx(content) else 0
    if not start or len(content) < start:
        raise findings.error("expected the header of an IDX file")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    kind = np.dtype(IDX_TYPES[content[2]])
    expected, found = prod(shape) * kind.itemsize, len(content) - start
    if expected != found:
        raise findings.error(
            f"expected {expected} bytes for an IDX array of shape {shown(shape)}, got {found}"
        )
    try:
        return np.frombuffer(content, dtype=kind, offset=start).reshape(shape)
    except ValueError as error:  # as above
        raise findings.error(shown(str(error))) from None
