"""The table of ONNX operators in docs/operators.md, made from the code.

`python tests/operator_table.py` writes it into the document.
"""

from collections.abc import Iterator
from pathlib import Path

from memcert.interop.onnx.operators import LAST, TABLE, Operator

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "operators.md"
BEGIN, END = "<!-- operators: python tests/operator_table.py -->\n", "<!-- end of operators -->"
_DASH = "-"


def table() -> str:
    """Return the table: operator, versions, attributes, condition, and what it becomes."""
    rows = dict(sorted({**dict(_lowered()), **dict(_last())}.items()))
    head = "| operator | definitions of opset | attributes | condition | becomes |\n|---|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in rows.values())


def _lowered() -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, found in TABLE.items():
        yield name, _cells(name, found)
    yield (
        "Constant",
        ("`Constant`", "any", "`value`, `value_float(s)`, `value_int(s)`", _DASH, "a stored tensor"),
    )


def _cells(name: str, found: Operator) -> tuple[str, ...]:
    shown = f"`{name}`" + (f" ({found.domain})" if found.domain else "")
    return (
        shown,
        _versions(found.versions),
        _attributes(found.attributes),
        found.condition or _DASH,
        found.how,
    )


def _last() -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, (versions, attributes, where) in LAST.items():
        yield (
            name,
            (f"`{name}`", _versions(versions), _attributes(attributes), where, "nothing: it is dropped"),
        )


def _versions(versions: tuple[int, ...]) -> str:
    return ", ".join(map(str, versions))


def _attributes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or _DASH


def with_table(document: str) -> str:
    """Return the document with the table of now."""
    before, rest = document.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
