"""From bytes to an evidence `Document`: syntax, spelling, lengths and indices; no arithmetic.

What can be decided without a sum or a digest is decided here, and fails as `Malformed`.
"""

import re
from itertools import pairwise
from typing import Any

from memcert.evidence.document import ALTERNATING, FORMAT, Data, Document
from memcert.kernel.decode import need
from memcert.kernel.reading import parse_json, reader
from memcert.kernel.verdict import Failure, Malformed, Unsupported

FAMILY = FORMAT.partition("/")[0] + "/"
RUNS = 4
"""Rows that alternating evidence quotes."""


def is_evidence(content: bytes) -> bool:
    """Whether the file says that it is evidence, of this version or another.

    Cost: files that hold the format's name nowhere are not parsed.

    Raises:
        Malformed: it holds the name, and is no JSON.
        LimitReached: it may hold too many values.
    """
    if FAMILY.encode() not in content:
        return False
    stated = _version(parse_json(content))
    return type(stated) is str and stated.startswith(FAMILY)


def decode(content: bytes) -> Document:
    """Read an evidence file.

    Raises:
        Malformed: the bytes are none; the place is a path such as `rows[3].point`.
        Unsupported: evidence of another version.
        LimitReached: a number longer than memcert reads, or too many values.
    """
    value = parse_json(content)
    version = _version(value)
    if version != FORMAT:
        later = type(version) is str and version.startswith(FAMILY)
        raise (Unsupported if later else Malformed)("format", "format", FORMAT, version)
    del value["format"]
    try:
        read: Document = reader(Document)(value)
    except Failure as failure:
        failure.at = failure.at.removeprefix(".") or "file"
        raise
    _check_data(read.dataset)
    _check_rows(read)
    return read


def _version(value: Any) -> object:
    return value.get("format") if type(value) is dict else None


def _check_data(data: Data) -> None:
    both = (data.size, data.dimension)
    need(min(both) > 0, "size", "dataset", "N, d >= 1", both)
    columns = data.dimension if data.columns is None else len(data.columns)
    need(columns == data.dimension, "length", "dataset.columns", data.dimension, columns)
    alike = len({type(name) for name in data.classes}) == 1
    sorted_two = len(data.classes) == 2 and alike and data.classes[0] < data.classes[1]  # type: ignore[operator]
    need(sorted_two, "classes", "dataset.classes", "two labels of one kind, sorted", data.classes)
    spelled = bool(re.fullmatch("sha256:[0-9a-f]{64}", data.digest))
    need(spelled, "digest", "dataset.digest", "sha256: and 64 lowercase hexadecimal digits", data.digest)


def _check_rows(read: Document) -> None:
    data, rows = read.dataset, read.rows
    need(len(rows) > 0, "length", "rows", "at least one", 0)
    for k, row in enumerate(rows):
        at = f"rows[{k}]"
        need(row.index < data.size, "index", f"{at}.index", f"below {data.size}", row.index)
        found = len(row.point)
        need(found == data.dimension, "length", f"{at}.point", data.dimension, found)
        need(row.label in (-1, 1), "label", f"{at}.label", "-1 or 1", row.label)
    for a, b in pairwise(sorted(row.index for row in rows)):
        need(a != b, "index", "rows", "each row quoted once", b)
    given = len(read.multipliers)
    if read.kind == ALTERNATING:
        need(data.dimension == 1, "dimension", "dataset.dimension", 1, data.dimension)
        need(len(rows) == RUNS, "length", "rows", RUNS, len(rows))
        need(given == 0, "length", "multipliers", 0, given)
    else:
        need(given == len(rows), "length", "multipliers", len(rows), given)
