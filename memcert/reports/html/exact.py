"""Exact numbers and foreign words in a page: short ones as they are, long ones on demand, all escaped.

UNTRUSTED.
"""

from markupsafe import Markup

from memcert.kernel.certificate import Number
from memcert.reports.figures.numerals import exact_text, rough
from memcert.reports.figures.picture import Cell
from memcert.reports.words import printable

SHORT = 17
"""Characters of a number that is shown in full at once."""
MOST = 20_000
"""Characters of a number that a page holds; `memcert explain --json` and `show --json` have all of them."""
MOST_WORDS = 300
"""Characters of a name that a page holds."""


def number(value: Number | str | None) -> Markup:
    """Return a number; `unbounded` and other words of memcert's pass through. Raises: never."""
    if value is None:
        return Markup("\u2013")
    if isinstance(value, str):
        return words(value)
    told = exact_text(value)
    if len(told) <= SHORT:
        return Markup('<span class="n">{}</span>').format(told)
    if len(told) > MOST:
        told = f"{told[:MOST]}\u2026 ({len(told):,} characters)"
    return Markup(
        '<details class="exact"><summary><span class="n">\u2248\u00a0{}</span></summary>'
        "<code>{}</code></details>"
    ).format(rough(value), told)


def words(text: str) -> Markup:
    """Return foreign text: printable, bounded, with a direction of its own. Raises: never."""
    plain = printable(text)
    if len(plain) > MOST_WORDS:
        plain = f"{plain[:MOST_WORDS]}\u2026 ({len(plain):,} characters)"
    return Markup("<bdi>{}</bdi>").format(plain)


def cell(value: Cell | Markup) -> Markup:
    """Return the cell of a table. Raises: never."""
    return value if isinstance(value, Markup) else number(value)
