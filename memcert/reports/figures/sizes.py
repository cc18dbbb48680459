"""A network's sizes beside their bounds, on one logarithmic axis.

UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from memcert.bounds.comparison import Comparison, Row
from memcert.reports.bounds import RELATIONS, decimal
from memcert.reports.figures.marks import bare, legend, powers
from memcert.reports.figures.numerals import position
from memcert.reports.figures.palette import LIGHT
from memcert.reports.figures.picture import Picture

KINDS = {
    "lower": (">", "c0", "lower bound"),
    "capacity": ("<", "c1", "upper bound"),
    "promised": ("d", "c3", "promised"),
}


def sizes(found: Comparison) -> Picture | None:
    """Return the picture; None where no bound is told. Raises: never."""
    told = [row for row in found.rows if row.bound]
    measures: dict[str, list[Row]] = {}
    for row in told:
        measures.setdefault(row.measure, []).append(row)
    if not measures:
        return None
    says = [_sentence(measure, rows) for measure, rows in measures.items()]
    return Picture(
        kind="sizes",
        title="Sizes and their bounds",
        says=" ".join(says),
        notes=(),
        columns=("measure", "here", "", "bound", "ratio", "theorem", "of what it speaks"),
        rows=tuple(
            (_words(r.measure), r.own, RELATIONS[r.kind], r.bound, decimal(r.ratio), r.theorem, r.says)
            for r in told
        ),
        height=lambda _: 44 * len(measures) + 76,
        draw=lambda figure, width: _draw(figure, width, measures),
    )


def _words(measure: str) -> str:
    return measure.replace("_", " ")


def _sentence(measure: str, rows: Sequence[Row]) -> str:
    bounds = ", ".join(f"{RELATIONS[row.kind]} {row.bound:,}" for row in rows)
    return f"{_words(measure).capitalize()}: {rows[0].own:,}; {bounds}."


def _draw(figure: Any, width: int, measures: Mapping[str, Sequence[Row]]) -> None:
    axes = figure.subplots()
    handles: dict[str, Any] = {}
    for place, (measure, rows) in enumerate(measures.items()):
        values = [position(row.bound or 1) for row in rows] + [position(rows[0].own)]
        axes.plot([min(values), max(values)], [-place] * 2, color=LIGHT["line"], linewidth=3, zorder=1)
        for row in rows:
            marker, color, name = KINDS[row.kind]
            handles[name] = axes.scatter(
                [position(row.bound or 1)],
                [-place],
                marker=marker,
                s=58,
                color=LIGHT[color],
                linewidths=0,
                zorder=3,
            )
        handles["this network"] = axes.scatter(
            [values[-1]], [-place], s=52, color=LIGHT["ink"], linewidths=0, zorder=4
        )
        axes.text(
            0,
            -place + 0.26,
            f"{_words(measure)}, {rows[0].own:,}",
            transform=axes.get_yaxis_transform(),
            fontsize=11,
        )
    axes.set_ylim(-len(measures) + 0.5, 0.75)
    axes.set_yticks([])
    powers(axes, "x")
    axes.grid(visible=True, axis="x")
    axes.set_axisbelow(True)
    bare(axes, "left")
    legend(figure, list(handles.values()), list(handles), width)
