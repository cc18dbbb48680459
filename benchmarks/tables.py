"""Tables in Markdown, and where in a document a script writes its own."""

from collections.abc import Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table; integers stand right, with separators."""
    lines = [head, ["---" if place == 0 else "---:" for place in range(len(head))]]
    lines += [[f"{cell:,}" if type(cell) is int else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def between(document: Path, name: str, text: str) -> None:
    """Replace what stands between the marks of that name. Raises: ValueError, if there are none."""
    start, end = f"<!-- {name}: written by a script -->", f"<!-- end of {name} -->"
    before, found, rest = document.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{document.name} has no place for {name}")
    document.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}", encoding="utf-8")
