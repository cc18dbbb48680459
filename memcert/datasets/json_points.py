"""JSON data: `{"points": [[number...]...], "labels": [...], "columns": [name...]}`.

UNTRUSTED. Numbers are JSON numbers, read exactly as the decimals they are, or strings such as
"1/3"; labels are integers, decimals (values, for the rule `within`) or strings. `columns` may be
left out or null.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from memcert.datasets.cells import read_cell
from memcert.datasets.label_files import read_labels
from memcert.datasets.problems import Findings, Problem, ragged
from memcert.datasets.tables import Part, Reading, finished, joined, part_of
from memcert.errors import UndecidedError, UsageError
from memcert.formats.files import Options, check_cells
from memcert.kernel.certificate import Number, Original
from memcert.kernel.verdict import Words, shown

MAX_JSON_BYTES = 1 << 27
"""Longest text that is read; as Python objects it may need 20 times as much."""
BLOCK = 1 << 18
"""Numbers that are brought over one denominator at once."""
_KEYS = ("points", "labels", "columns")


class _Literal(str):
    """The text of a JSON number that `int` cannot or must not read."""

    __slots__ = ()


def read(content: bytes, options: Options, findings: Findings) -> Reading:
    """Read points and labels.

    Raises:
        DatasetError: not JSON, or not of that form; a value that is no number.
        UsageError: a label column was asked for; a file of labels cannot be opened.
        UndecidedError: a limit was reached.
    """
    if options.label is not None:
        raise UsageError(f"{shown(findings.file)}: JSON data have no label column; they have labels")
    if len(content) > MAX_JSON_BYTES:
        raise UndecidedError(
            f"{shown(findings.file)}: expected at most {MAX_JSON_BYTES:,} bytes of JSON, got "
            f"{len(content):,}; NPZ has room for more"
        )
    whole = _object(_decoded(content, findings), findings, own=options.labels is None)
    points, columns = whole["points"], _columns(whole.get("columns"), findings)
    if not isinstance(points, list) or not points:
        raise findings.error(f"points: expected an array of at least one point, got {_kind(points)}")
    first = points[0]
    if not isinstance(first, list) or not first:
        raise findings.error(f"points: row 0: expected an array of at least one number, got {_kind(first)}")
    width = len(first)
    check_cells(findings.file, len(points), width)
    if columns is not None and len(columns) != width:
        raise findings.error(f"columns: expected {width} names, got {len(columns)}")
    rows, parts = _coordinates(points, width, columns, findings)
    labels = _labels(whole, options, len(points), findings)
    return finished(
        joined(parts, width, findings),
        [labels[row] for row in rows],
        findings,
        rows=rows,
        size=len(points),
        columns=columns,
        label_column="labels" if options.labels is None else None,
    )


def _decoded(content: bytes, findings: Findings) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_float=_Literal,
            parse_int=_integer,
            parse_constant=_Literal,
            object_pairs_hook=lambda pairs: _without_repetition(pairs, findings),
        )
    except UnicodeDecodeError as error:
        raise findings.error(
            f"expected JSON in UTF-8, got byte {content[error.start]:#04x} at offset {error.start}"
        ) from None
    except json.JSONDecodeError as error:
        raise findings.error(
            f"line {error.lineno}, character {error.colno}: expected JSON: {error.msg}"
        ) from None
    except RecursionError:
        raise findings.error("expected JSON, got arrays nested too deeply") from None


def _integer(digits: str) -> int | _Literal:
    return int(digits) if len(digits) < 600 else _Literal(digits)


def _without_repetition(pairs: list[tuple[str, Any]], findings: Findings) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise findings.error(f"expected each key once, got {shown([name for name, _ in pairs])}")
    return found


def _object(value: Any, findings: Findings, *, own: bool) -> Mapping[str, Any]:
    if isinstance(value, dict) and str(value.get("format", "")).startswith("memcert/"):
        raise findings.error("expected data, got a certificate")
    needed = {"points", "labels"} if own else {"points"}
    if not isinstance(value, dict) or not needed <= set(value) or not set(value) <= set(_KEYS):
        got = f"keys {shown(list(value))}" if isinstance(value, dict) else _kind(value)
        raise findings.error(f'expected {{"points": [[..]..], "labels": [..], "columns": [..]}}, got {got}')
    return value


def _columns(names: Any, findings: Findings) -> tuple[str, ...] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not all(type(name) is str for name in names):
        raise findings.error(f"columns: expected an array of names or null, got {_kind(names)}")
    return tuple(names)


def _coordinates(
    points: Sequence[Any], width: int, columns: tuple[str, ...] | None, findings: Findings
) -> tuple[list[int], list[Part]]:
    """Return the rows that are no ragged ones and their coordinates, block by block."""
    rows: list[int] = []
    parts: list[Part] = []
    flat: list[Number] = []
    for row, point in enumerate(points):
        if not isinstance(point, list):
            raise findings.error(
                f"points: row {row}: expected an array of {width} numbers, got {_kind(point)}"
            )
        if len(point) != width:
            findings.add(Problem("ragged", row, None, None, ragged(len(point), width)))
            continue
        rows.append(row)
        if len(flat) >= BLOCK:
            parts.append(part_of(flat, findings))
            flat = []
        # The usual case at the speed of list.extend; bool is not int by `type`.
        if set(map(type, point)) == {int}:
            flat += point
            continue
        for j, value in enumerate(point):
            column = j if columns is None else columns[j]
            flat.append(_number(value, row, column, findings) or 0)
    if flat:
        parts.append(part_of(flat, findings))
    return rows, parts


def _number(value: Any, row: int, column: str | int | None, findings: Findings) -> Number | None:
    if type(value) is int:
        return value
    if isinstance(value, str):
        return read_cell(value, findings, row, None, column)
    kind = "missing" if value is None else "not-a-number"
    findings.add(Problem(kind, row, None, column, _plain(value)))
    return None


def _labels(whole: Mapping[str, Any], options: Options, size: int, findings: Findings) -> Sequence[Original]:
    if options.labels is not None:
        return read_labels(options.labels, size, findings.file)
    labels = whole["labels"]
    if not isinstance(labels, list) or len(labels) != size:
        got = len(labels) if isinstance(labels, list) else _kind(labels)
        raise findings.error(f"labels: expected an array of {size}, one for each point, got {got}")
    found = [_label(label, row, findings) for row, label in enumerate(labels)]
    good = [row for row in range(size) if row not in findings.rows]
    for row in good:
        if isinstance(found[row], str) != isinstance(found[good[0]], str):
            raise findings.error(
                f"labels: expected all numbers or all strings, got {shown(found[good[0]])} in row {good[0]} "
                f"and {shown(found[row])} in row {row}"
            )
    return found


def _label(label: Any, row: int, findings: Findings) -> Original:
    if type(label) is str and label:
        return label
    if type(label) is int or isinstance(label, _Literal):
        return _number(label, row, "labels", findings) or 0
    kind = "missing" if label is None or label == "" else "label"
    findings.add(Problem(kind, row, None, "labels", _plain(label)))
    return 0


def _plain(value: Any) -> object:
    """Return what `shown` may print of a JSON value: no deep or long structure."""
    return _kind(value) if isinstance(value, dict | list) else value


def _kind(value: Any) -> Words:
    if isinstance(value, list):
        return Words(f"an array of {len(value)}")
    return Words("an object" if isinstance(value, dict) else shown(value))
