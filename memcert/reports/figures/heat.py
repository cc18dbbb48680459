"""A heat map of one exact value a sample, radius or margin: a cell a sample, sorted by label.

UNTRUSTED. Colours are seven equal steps of the logarithm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeGuard

from memcert.kernel.certificate import Number
from memcert.reports.figures.labels import Kinds
from memcert.reports.figures.marks import short
from memcert.reports.figures.numerals import decades, rough
from memcert.reports.figures.palette import HEAT, LIGHT
from memcert.reports.figures.picture import Picture

MOST_CELLS = 2400
GAP = 2
TOP = 46
"""Units for the scale above the cells."""
LABEL = 20

Value = Number | str | None
"""A number; `unbounded`; None: nothing is said of the sample. A failing sample has a number or None."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Neighbouring samples of one kind: the smallest of their values, and whether one of them fails."""

    row: int
    rows: int
    value: Value
    fails: bool


def heat(
    kind: str, what: str, values: Sequence[Value], fails: Sequence[bool], kinds: Kinds
) -> Picture | None:
    """Return the heat map; None where no sample has a value.

    Args:
        kind: `radii` or `margins`.
        what: of what it is a map, such as `proved radius`.
        values: one a sample.
        fails: whether the rule fails there.
        kinds: of the samples.

    Cost: linear in the samples. Raises: never.
    """
    known = [
        (v, r) for r, v in enumerate(values) if v is not None and not isinstance(v, str) and not fails[r]
    ]
    told = [row for row, v in enumerate(values) if v is not None]
    if not told:
        return None
    chart = _Map(values, fails, kinds)
    says = [f"{len(told):,} samples have a {what}."]
    if known:
        (low, row), (high, _) = min(known), max(known)
        says.append(f"The smallest is {rough(low)}, of row {row}; the largest is {rough(high)}.")
    wrong = sum(fails)
    if wrong:
        says.append(f"On {wrong:,} samples the rule fails.")
    notes = ["Cells are in the order of the rows, by label."]
    if chart.merged > 1:
        told_of = "the smallest of their values, or a failure among them"
        notes.append(f"A cell is {chart.merged} neighbouring samples: {told_of}.")
    order = sorted(told, key=lambda r: (isinstance(values[r], str), values[r]))
    names = kinds.names
    return Picture(
        kind=kind,
        title=f"The {what} of every sample",
        says=" ".join(says),
        notes=tuple(notes),
        columns=("row", "label", what),
        rows=tuple((r, names[kinds.of[r]] if kinds.apart else "", values[r]) for r in order),
        height=chart.height,
        draw=chart.draw,
    )


class _Map:
    """Bands of cells, one a kind of label, on a grid of units."""

    def __init__(self, values: Sequence[Value], fails: Sequence[bool], kinds: Kinds) -> None:
        self.kinds = kinds
        self.merged = max(1, ceil(len(values) / MOST_CELLS))
        self.bands = [
            _cells([row for row, of in enumerate(kinds.of) if of == k], values, fails, self.merged)
            for k in range(kinds.series)
        ]
        told = [
            (decades(cell.value), cell.row)
            for band in self.bands
            for cell in band
            if _positive(cell.value) and not cell.fails
        ]
        self.logs = [log for log, _ in told]
        self.smallest = min(told, default=(0, -1))[1]
        count = sum(map(len, self.bands))
        self.side = 24 if count <= 60 else 14 if count <= 600 else 11

    def height(self, width: int) -> int:
        side = self.side
        lines = sum(ceil(len(band) / (width // side)) * side + LABEL + 6 for band in self.bands)
        return TOP + lines + 4

    def step(self, value: Value) -> int:
        """Return the colour's number."""
        if isinstance(value, str):
            return len(HEAT) - 1
        if not _positive(value) or not self.logs:
            return 0
        low, high = min(self.logs), max(self.logs)
        spread = high - low
        place = (decades(value) - low) / spread * len(HEAT) if spread else len(HEAT) / 2
        return min(len(HEAT) - 1, int(place))

    def draw(self, figure: Any, width: int) -> None:
        figure.set_layout_engine("none")
        height = self.height(width)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        self._scale(axes)
        side, y = self.side, TOP
        boxes: dict[str, list[tuple[float, float]]] = {}
        for k, band in enumerate(self.bands):
            rows = sum(cell.rows for cell in band)
            name = f"{short(self.kinds.names[k], 30)}, {rows:,}" if self.kinds.apart else f"{rows:,} samples"
            axes.text(0, y + 12, name, color=LIGHT["muted"], fontsize=11)
            y += LABEL
            for place, cell in enumerate(band):
                line, column = divmod(place, width // side)
                at = (column * side, y + line * side)
                color = "bad" if cell.fails else "line" if cell.value is None else HEAT[self.step(cell.value)]
                boxes.setdefault(color, []).append(at)
                if cell.row == self.smallest:
                    _frame(axes, at, side - GAP)
            y += ceil(len(band) / (width // side)) * side + 6
        for color, places in boxes.items():
            _fill(axes, places, side - GAP, color)

    def _scale(self, axes: Any) -> None:
        if not self.logs:
            return
        low, high = min(self.logs), max(self.logs)
        step = 34
        for k, name in enumerate(HEAT):
            _fill(axes, [(k * step, 4)], step - 1, name, 12)
        labels = (0, len(HEAT) // 2, len(HEAT)) if high > low else (0,)
        for k in labels:
            text = rough(_power(low + (high - low) * k / len(HEAT)))
            align = "left" if k == 0 else "right" if k == len(HEAT) else "center"
            axes.text(k * step, 30, text, ha=align, color=LIGHT["muted"], fontsize=10.5)


def _cells(rows: list[int], values: Sequence[Value], fails: Sequence[bool], merged: int) -> list[_Cell]:
    found = []
    for start in range(0, len(rows), merged):
        part = rows[start : start + merged]
        wrong = [row for row in part if fails[row]]
        told = [row for row in part if values[row] is not None]
        row = min(told, key=lambda r: (isinstance(values[r], str), values[r]), default=part[0])
        found.append(_Cell(wrong[0] if wrong else row, len(part), values[row], bool(wrong)))
    return found


def _positive(value: Value) -> TypeGuard[Number]:
    return value is not None and not isinstance(value, str) and value > 0


def _power(exponent: float) -> Any:
    from decimal import Decimal
    from fractions import Fraction

    whole = int(exponent // 1)
    part = Fraction(Decimal(str(10 ** (exponent - whole))))
    return part * Fraction(10) ** whole


def _fill(axes: Any, places: Sequence[tuple[float, float]], side: float, color: str, high: float = 0) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    up = high or side
    boxes = [
        Path([(x, y), (x + side, y), (x + side, y + up), (x, y + up), (x, y)], closed=True) for x, y in places
    ]
    axes.add_patch(PathPatch(Path.make_compound_path(*boxes), facecolor=LIGHT[color], linewidth=0))
    if color == "bad":
        lines = [((x + 3, y + 3), (x + side - 3, y + side - 3)) for x, y in places]
        lines += [((x + side - 3, y + 3), (x + 3, y + side - 3)) for x, y in places]
        crosses = Path.make_compound_path(*(Path(line) for line in lines))
        axes.add_patch(PathPatch(crosses, facecolor="none", edgecolor=LIGHT["paper"], linewidth=1.2))


def _frame(axes: Any, at: tuple[float, float], side: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (at[0] - 1, at[1] - 1),
            side + 2,
            side + 2,
            fill=False,
            edgecolor=LIGHT["ink"],
            linewidth=1.6,
            zorder=5,
        )
    )
