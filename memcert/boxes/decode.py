"""From bytes to a `BoxFile`: syntax, spelling and what needs no network; no arithmetic.

What can be decided without evaluating a layer or a digest fails as `Malformed`.
"""

import re
from itertools import pairwise
from typing import Any

from memcert.boxes.document import BOTH, FORMAT, OFF, ON, Boxes, BoxFile, BoxRow, Neurons, Part
from memcert.kernel.decode import need
from memcert.kernel.reading import parse_json, reader
from memcert.kernel.verdict import Failure, Malformed, Unsupported

FAMILY = FORMAT.partition("/")[0] + "/"
DIGEST = re.compile("sha256:[0-9a-f]{64}")


def is_box_file(content: bytes) -> bool:
    """Whether the file says that it is a box file, of this version or another.

    Cost: files that hold the format's name nowhere are not parsed.

    Raises:
        Malformed: it holds the name, and is no JSON.
        LimitReached: it may hold too many values.
    """
    if FAMILY.encode() not in content:
        return False
    value = parse_json(content)
    stated = value.get("format") if type(value) is dict else None
    return type(stated) is str and stated.startswith(FAMILY)


def decode(content: bytes) -> BoxFile:
    """Read a box file.

    Raises:
        Malformed: the bytes are none; the place is a path such as `rows[3].targets[0]`.
        Unsupported: a box file of another version.
        LimitReached: a number longer than memcert reads, or too many values.
    """
    value: Any = parse_json(content)
    version = value.pop("format", None) if type(value) is dict else FORMAT
    if version != FORMAT:
        later = type(version) is str and version.startswith(FAMILY)
        raise (Unsupported if later else Malformed)("format", "format", FORMAT, version)
    try:
        read: BoxFile = reader(BoxFile)(value)
    except Failure as failure:
        failure.at = failure.at.removeprefix(".") or "file"
        raise
    _check_boxes(read.boxes)
    indices = [row.index for row in read.rows]
    need(all(a < b for a, b in pairwise(indices)), "index", "rows", "strictly increasing indices", indices)
    need(len(indices) > 0, "length", "rows", "at least one", 0)
    for k, row in enumerate(read.rows):
        _check_row(row, f"rows[{k}]")
    return read


def _check_boxes(boxes: Boxes) -> None:
    for name, digest in (("network", boxes.network), ("dataset", boxes.dataset)):
        expected = "sha256: and 64 lowercase hexadecimal digits"
        need(bool(DIGEST.fullmatch(digest)), "digest", f"boxes.{name}", expected, digest)
    has = boxes.tolerance is not None
    need(
        has == (boxes.rule == "within"),
        "tolerance",
        "boxes.tolerance",
        "one for within only",
        boxes.tolerance,
    )
    need((boxes.tolerance or 0) >= 0, "tolerance", "boxes.tolerance", "at least 0", boxes.tolerance)
    need(boxes.epsilon >= 0, "epsilon", "boxes.epsilon", "at least 0", boxes.epsilon)
    for k, (low, high) in enumerate(boxes.domain or ()):
        need(low <= high, "domain", f"boxes.domain[{k}]", "low <= high", (low, high))


def _check_row(row: BoxRow, at: str) -> None:
    has = row.point is not None
    need(has == (row.verdict == "refuted"), "point", f"{at}.point", "one if refuted", row.point)
    fits = (len(row.parts) > 0) == (row.verdict == "proved")
    need(fits, "length", f"{at}.parts", "some if proved, else none", len(row.parts))
    for p, part in enumerate(row.parts):
        _check_part(part, f"{at}.parts[{p}]")


def _check_part(part: Part, at: str) -> None:
    for depth, layer in enumerate(part.neurons):
        _check_layer(layer, f"{at}.neurons[{depth}]")
    for t, target in enumerate(part.targets):
        for m, leaf in enumerate(target.leaves):
            steps, given = len(leaf.path), len(leaf.multipliers)
            need(given == steps, "length", f"{at}.targets[{t}].leaves[{m}].multipliers", steps, given)


def _check_layer(layer: Neurons, at: str) -> None:
    need(not set(layer.signs) - {ON, OFF, BOTH}, "signs", f"{at}.signs", "+, - and *", layer.signs)
    both = layer.signs.count(BOTH)
    need(len(layer.bounds) == both, "length", f"{at}.bounds", both, len(layer.bounds))
    for k, (low, high) in enumerate(layer.bounds):
        need(low < 0 < high, "bounds", f"{at}.bounds[{k}]", "low < 0 < high", (low, high))
