"""The text of an evidence file, in canonical form: one spelling, a line a row."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from memcert.evidence.document import FORMAT, Document, QuotedRow
from memcert.kernel.rational import spell


def encode(document: Document) -> str:
    """Return the text; `decode` of it gives the document again. Raises: never."""
    made = document.construction
    head = {
        "format": FORMAT,
        "kind": document.kind,
        "construction": {**asdict(made), "options": dict(made.options)},
        "dataset": asdict(document.dataset),
    }
    tail = {"multipliers": list(map(spell, document.multipliers)), "annotations": dict(document.annotations)}
    parts = [
        *_members(head),
        '"rows": [\n' + ",\n".join(map(_row, document.rows)) + "\n]",
        *_members(tail),
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _members(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        yield f"{json.dumps(key)}: {json.dumps(value)}"


def _row(row: QuotedRow) -> str:
    point = list(map(spell, row.point))
    return json.dumps({"index": row.index, "point": point, "label": row.label})
