"""NPZ and NPY: arrays of numpy, read from their bytes; nothing is ever unpickled.

UNTRUSTED. An NPZ holds `X` (N points) and `y` (N labels), and may hold `columns` (d names); an NPY
holds the points, and the labels come in a file of their own.
"""

import io
import zipfile
import zlib
from math import prod
from typing import Any

import numpy as np

from memcert.errors import UndecidedError
from memcert.formats import files
from memcert.formats.arrays import coordinates, labels_of, texts_of
from memcert.formats.binary import npy_array
from memcert.formats.files import Options, check_cells
from memcert.formats.label_files import read_labels
from memcert.formats.problems import Findings
from memcert.formats.tables import Reading, whole
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]


def read(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read points and labels from an NPZ archive.

    Raises:
        DatasetError: damaged, an array is missing or of a type or shape that is no data.
        UsageError: the file of the labels cannot be opened.
        UndecidedError: it unpacks to more than a limit.
    """
    names = ("X", "y", "columns") if options.labels is None else ("X", "columns")
    arrays = _members(content, names, findings)
    if "X" not in arrays or ("y" not in arrays and options.labels is None):
        wanted = "arrays X and y" if options.labels is None else "an array X"
        raise findings.error(f"expected {wanted}, got {shown(_listed(content, findings))}")
    columns = _columns(arrays.get("columns"), findings)
    return _table(arrays["X"], arrays.get("y"), columns, options, findings)


def read_array(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read the points of an NPY file; the labels come from `options.labels`.

    Raises: as `read`.
    """
    if options.labels is None:
        raise findings.error("expected labels beside the array: an NPZ with X and y, or --labels FILE")
    return _table(npy_array(content, findings), None, None, options, findings)


def _table(
    points: Array, labels: Array | None, columns: tuple[str, ...] | None, options: Options, findings: Findings
) -> Reading:
    if points.ndim < 2:
        raise findings.error(
            f"X: expected two dimensions, (rows, columns), got shape {shown(points.shape)}; one column is "
            "X.reshape(-1, 1)"
        )
    size, dimension = points.shape[0], prod(points.shape[1:])
    if size == 0 or dimension == 0:
        raise findings.error(f"X: expected rows of data, got shape {shown(points.shape)}")
    check_cells(findings.file, size, dimension)
    if columns is not None and len(columns) != dimension:
        raise findings.error(f"columns: expected {dimension} names, got {len(columns)}")
    originals: tuple[Original, ...]
    if labels is None:
        originals = read_labels(options.labels or "", size, findings.file)
    else:
        originals = labels_of(labels, findings, "y")
    if len(originals) != size:
        raise findings.error(f"y: expected {size} labels, as X has rows, got {len(originals)}")
    part = coordinates(points.reshape(size, dimension), findings, columns)
    return whole(part, originals, columns, "y" if labels is not None else None, findings)


def _listed(content: bytes, findings: Findings) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise findings.error(f"expected an undamaged NPZ archive, got {shown(str(error))}") from None


def _members(content: bytes, names: tuple[str, ...], findings: Findings) -> dict[str, Array]:
    listed = _listed(content, findings)
    found = {}
    for name in names:
        if listed.count(f"{name}.npy") > 1:
            raise findings.error(f"expected one array {name}, got {listed.count(f'{name}.npy')}")
        if f"{name}.npy" in listed:
            found[name] = npy_array(_unpacked(content, f"{name}.npy", findings), findings, name)
    return found


def _unpacked(content: bytes, member: str, findings: Findings) -> bytes:
    limit = files.MAX_BYTES
    plain = bytearray()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(member) as file:
            while chunk := file.read(1 << 20):
                plain += chunk
                if len(plain) > limit:
                    raise UndecidedError(
                        f"{shown(findings.file)}: {shown(member)}: expected at most {limit:,} "
                        "bytes of data, got more"
                    )
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise findings.error(f"{shown(member)}: expected undamaged data, got {shown(str(error))}") from None
    return bytes(plain)


def _columns(names: Array | None, findings: Findings) -> tuple[str, ...] | None:
    if names is None:
        return None
    if names.ndim != 1 or names.dtype.kind != "U":
        raise findings.error(f"columns: expected an array of text, got {shown(str(names.dtype))}")
    return tuple(texts_of(names, findings))
