"""The package as a map: its modules, their imports, and the tree of docs/map.md.

`python tests/package_tree.py` writes the tree.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "memcert"
MAP = ROOT / "docs" / "map.md"
BEGIN, END = "<!-- tree: python tests/package_tree.py -->\n```text\n", "```\n<!-- end of tree -->"


@cache
def modules() -> dict[str, Path]:
    """Return every module's path by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def parsed(name: str) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imports(name: str) -> Iterator[str]:
    """Yield every dotted name that a module imports, inside functions too."""
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError(f"{name} imports relatively, line {node.lineno}")
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else str(node.module)


def first_line(name: str) -> str:
    """Return the first line of a module's docstring, without its full stop."""
    text = ast.get_docstring(parsed(name)) or ""
    return text.splitlines()[0].removesuffix(".") if text else ""


def tree() -> str:
    """Return the tree: every module with the first line of its docstring."""
    lines = []
    for folder in sorted({path.parent for path in modules().values()}):
        depth = len(folder.relative_to(ROOT).parts) - 1
        package = ".".join(folder.relative_to(ROOT).parts)
        lines.append(_line("  " * depth + folder.name + "/", first_line(package)))
        for name, path in modules().items():
            if path.parent == folder and path.name != "__init__.py":
                lines.append(_line("  " * (depth + 1) + path.name, first_line(name)))
    return "".join(lines)


def _line(left: str, right: str) -> str:
    return f"{left:<31} {right}".rstrip() + "\n"


def with_tree(text: str) -> str:
    """Return a text with the present tree between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + tree() + END + after


if __name__ == "__main__":
    MAP.write_text(with_tree(MAP.read_text(encoding="utf-8")), encoding="utf-8")
