"""Tables of a page.

UNTRUSTED.
"""

from dataclasses import dataclass

from markupsafe import Markup

from memcert.reports.figures.picture import Cell, Picture

MOST_ROWS = 250
"""Rows of a figure's data that a page holds; `memcert plot -o FILE.csv` writes all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; a heading that starts with `#` stands over numbers. `more` rows are left out.

    `folded`: shown on demand.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | Markup, ...], ...]
    more: int = 0
    folded: bool = False

    @property
    def heads(self) -> tuple[tuple[str, bool], ...]:
        """Return (heading, whether its cells are numbers) of each column. Raises: never."""
        return tuple((column.removeprefix("#"), column.startswith("#")) for column in self.columns)


def data_table(picture: Picture) -> Table:
    """Return the data behind a figure, cut to what a page holds. Raises: never."""
    rows = picture.rows[:MOST_ROWS]
    return Table(f"Data of the figure: {picture.title}", picture.columns, rows, len(picture.rows) - len(rows))
