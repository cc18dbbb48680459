"""The reference of the gate's policy in docs/gate.md, from the models that read it.

`python tests/policy_reference.py` writes it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from memcert.gate.policy import Policy, Rule, _Table

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "gate.md"
BEGIN, END = "<!-- policy: python tests/policy_reference.py -->\n", "<!-- end of policy -->"


def reference() -> str:
    """Return the two tables."""
    head = "| key | value | meaning |\n|---|---|---|\n"
    return (
        f"Of the whole:\n\n{head}{''.join(_rows(Policy))}\n"
        f"Of each `[[rules]]`:\n\n{head}{''.join(_rows(Rule))}\n"
    )


def _rows(model: type[_Table]) -> Iterator[str]:
    for name, entry in model.model_fields.items():
        needed = " (required)" if entry.is_required() else ""
        kind = _kind(model.model_json_schema(mode="serialization")["properties"][entry.alias or name])
        default = "" if entry.is_required() or entry.default in (None, ()) else f" [{_text(entry.default)}]"
        yield f"| `{entry.alias or name}` | {kind}{needed}{default} | {entry.description} |\n"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _kind(schema: dict[str, Any]) -> str:
    """Return what a value is, from its JSON Schema; exact numbers have none there."""
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return _kind(option)
    if "$ref" in schema or "$ref" in schema.get("items", {}):
        return "tables"
    if "enum" in schema:
        return " or ".join(f"`{word}`" for word in schema["enum"])
    if schema.get("type") == "array":
        pair = "prefixItems" in schema
        return "list of two numbers" if pair else f"{_kind(schema['items'])}, one or a list"
    if "pattern" in schema and "sha256" in schema["pattern"]:
        return "digest"
    words = {"string": "text", "integer": "integer", "boolean": "true or false"}
    return words.get(schema.get("type", ""), "number")


def with_reference(text: str) -> str:
    """Return the document with the reference in its place."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reference()}{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_reference(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
