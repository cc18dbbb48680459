"""The page of a certificate, put together section by section.

UNTRUSTED. A section that has nothing to tell is left out.
"""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from memcert.reports.figures.labels import Kinds, kinds
from memcert.reports.figures.picture import Cell, Picture
from memcert.reports.figures.scatter import scatter
from memcert.reports.html.claims import items, statement
from memcert.reports.html.contracts import contracts
from memcert.reports.html.document import rendered
from memcert.reports.html.exact import words
from memcert.reports.html.findings import Findings
from memcert.reports.html.verdicts import verdicts
from memcert.reports.summary import groups

MOST_ROWS = 300
"""Rows of a figure's data that a page holds; `memcert plot -o FILE.csv` writes all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page; a column that starts with `#` holds numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | Markup, ...], ...]
    more: int = 0

    @property
    def heads(self) -> tuple[tuple[str, bool], ...]:
        """Return (heading, whether its cells are numbers) of each column. Raises: never."""
        return tuple((column.removeprefix("#"), column.startswith("#")) for column in self.columns)


def data_table(picture: Picture) -> Table:
    """Return the data behind a figure, cut to what a page holds. Raises: never."""
    rows = picture.rows[:MOST_ROWS]
    return Table(f"Data of the figure: {picture.title}", picture.columns, rows, len(picture.rows) - len(rows))


def page(found: Findings) -> str:
    """Return the page.

    Cost: that of the figures, some tenths of a second each, and of the ways of the chosen samples.

    Raises:
        UnsupportedError: Jinja or matplotlib is not installed.
        LimitReached: a value of a chosen sample grew beyond the kernel's bound.
    """
    labels = None if found.data is None else kinds(found.data.labels)
    context: dict[str, Any] = {
        "found": found,
        "title": found.certificate.dataset.name or found.name,
        "made": _made(found),
        "statement": statement(found.certificate),
        "verdicts": verdicts(found),
        "items": items(found),
        "facts": _facts(found),
        "samples_figure": None if found.data is None or labels is None else scatter(found.data, labels),
        "labels": None if labels is None else _labels(labels),
        "groups": groups(found.certificate.blocks),
        "contracts": contracts(found.certificate, found.proof),
        "data_table": data_table,
    }
    return rendered("certificate.html", context)


def _made(found: Findings) -> Markup:
    made, model = found.certificate.construction, found.certificate.model
    if made is not None:
        return Markup("{}, {}. {}").format(words(made.name), words(made.statement), words(made.source))
    if model is not None:
        return Markup("A network made elsewhere: {}, {}").format(words(model.name), words(model.format))
    return Markup("A network made elsewhere")


def _facts(found: Findings) -> tuple[tuple[str, Cell | Markup], ...]:
    data = found.certificate.dataset
    return (
        ("samples N", f"{data.size:,}"),
        ("coordinates d", f"{data.dimension:,}"),
        ("kinds of labels", "values" if data.classes is None else f"{len(data.classes):,}"),
        ("points", "in the certificate" if data.points is not None else "detached"),
    )


def _labels(found: Kinds) -> Table:
    most = max(found.counts)
    rows = tuple(
        (words(name), Markup("{}{:,}").format(_bar(count, most), count))
        for name, count in zip(found.names[:40], found.counts[:40], strict=True)
    )
    return Table("Samples by label", ("label", "#samples"), rows, len(found.names) - len(rows))


def _bar(count: int, most: int) -> Markup:
    # A length is an attribute of a drawing, since inline styles are forbidden.
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8" class="f-c7"/></svg>'
    ).format(max(1, count * 100 // most))
