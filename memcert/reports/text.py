"""Rich tables of plain text: no string that goes in is ever read as markup.

UNTRUSTED. Tables decide nothing.
"""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from memcert.reports.words import printable


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of literal text.

    Args:
        title: above it, one line.
        columns: headings; one that starts with `#` is aligned to the right, without the `#`.
        rows: cells, one string a column.

    Raises:
        ValueError: a row has another number of cells.
    """
    made = Table(title=Text(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = column.startswith("#")
        made.add_column(
            Text(column.removeprefix("#")), justify="right" if numeric else "left", overflow="fold"
        )
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"expected {len(columns)} cells, got {len(row)}")
        made.add_row(*(Text(printable(cell)) for cell in row))
    return made


def listing(rows: Iterable[tuple[str, str]]) -> Table:
    """Return a table without headings: what, and its value. Raises: never."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for what, value in rows:
        made.add_row(Text(printable(what)), Text(printable(value)))
    return made
