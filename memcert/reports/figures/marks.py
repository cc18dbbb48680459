"""Marks, legends and axes that the figures share.

UNTRUSTED. `figure` and `axes` are matplotlib's.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from memcert.reports.figures.numerals import decades, power_of_ten, rough
from memcert.reports.figures.palette import LIGHT, MARKERS, SERIES
from memcert.reports.words import printable

MOST_NAME = 18
"""Characters of a name in a figure; tables have it whole."""


def short(name: str, most: int = MOST_NAME) -> str:
    """Return a name fit for a figure: printable, on one line, cut where it is long. Raises: never."""
    plain = printable(name).replace("\n", " ")
    plain = plain if len(plain) <= most else plain[: most - 1] + "\u2026"
    # matplotlib leaves labels that start with an underscore out of legends.
    return f"\u2060{plain}" if plain.startswith("_") else plain


def spaced(count: int, most: int) -> list[int]:
    """Return at most `most` places below `count`, evenly spread, all where they are few. Raises: never."""
    if count <= most:
        return list(range(count))
    return [k * count // most for k in range(most)]


def dots(axes: Any, x: Sequence[float], y: Sequence[float], series: int, size: int = 22) -> Any:
    """Draw the marks of one series; returns what a legend shows. Raises: never."""
    color = LIGHT[SERIES[series % len(SERIES)]]
    marker = MARKERS[series % len(MARKERS)]
    return axes.scatter(x, y, s=size, marker=marker, color=color, linewidths=0, alpha=0.8)


def spans(axes: Any, ends: Sequence[tuple[float, float]], low: float, high: float, color: str) -> None:
    """Fill rectangles between `low` and `high`, all in one path. Raises: never."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not ends:
        return
    boxes = [Path([(a, low), (b, low), (b, high), (a, high), (a, low)], closed=True) for a, b in ends]
    axes.add_patch(PathPatch(Path.make_compound_path(*boxes), facecolor=LIGHT[color], linewidth=0, zorder=0))


def legend(figure: Any, handles: Sequence[Any], names: Sequence[str], width: int) -> None:
    """Put a legend above the drawing, in as many columns as fit. Raises: never."""
    longest = max((len(name) for name in names), default=1)
    columns = max(1, min(len(names), (width - 20) // (7 * longest + 34)))
    figure.legend(handles, names, loc="outside upper left", ncols=columns, markerscale=1.5)


def plain_numbers(axis: Any, most: int = 5, *, whole: bool = False) -> None:
    """Label an axis with at most so many plain decimals, or integers only. Raises: never."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=most, min_n_ticks=2, integer=whole))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))


def _plain(value: float) -> str:
    if abs(value) >= 1e7:
        return rough(Fraction(value))
    return f"{value:,.6g}".replace("-", "\u2212")


def powers(axes: Any, side: str) -> None:
    """Make an axis, `x` or `y`, logarithmic from 1 on, labelled with powers of ten. Raises: never."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    getattr(axes, f"set_{side}scale")("log")
    axis = getattr(axes, f"{side}axis")
    axis.set_major_locator(LogLocator(numticks=7))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(round(decades(max(1, int(value)))))))


def bare(axes: Any, *sides: str) -> None:
    """Hide spines of an axes, and the ticks on them. Raises: never."""
    for side in sides:
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
