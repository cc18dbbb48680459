"""The samples on the line onto which a network projects them, with their intervals and its windows.

UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from memcert.kernel.certificate import Certificate, Number, Probe
from memcert.reports.figures.labels import Kinds
from memcert.reports.figures.marks import bare, dots, legend, plain_numbers, short, spaced, spans
from memcert.reports.figures.numerals import position, rough
from memcert.reports.figures.palette import LIGHT
from memcert.reports.figures.picture import Cell, Picture
from memcert.reports.windows import FixedWindow

MOST_POINTS = 1200
NEAR = 8
"""So many intervals are drawn large, around the narrowest gap, where there are more than twice as many."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Neighbouring samples of one class of a partition, and the window around them, if there is one."""

    number: int
    rows: int
    low: Number
    high: Number
    window: FixedWindow | None


def projecting(certificate: Certificate) -> Probe | None:
    """Return the first probe that tells samples apart one by one; None: there is none. Raises: never."""
    own = [p for p in certificate.witness.probes if p.partition is None and len(set(p.values)) > 1]
    return min(own, key=lambda probe: probe.after_layer, default=None)


def intervals(
    certificate: Certificate, probe: Probe, windows: Sequence[FixedWindow]
) -> tuple[str | None, tuple[Interval, ...]]:
    """Return the partition whose classes are intervals of the probe's values, and these, ascending.

    Cost: a sort of the samples for each partition. Raises: never.
    """
    own = sorted({(w.low, w.high): w for w in reversed(windows) if w.probe == probe.name}.values(), key=_low)
    for name, classes in certificate.witness.partitions.items():
        met: dict[int, list[Number]] = {}
        for value, k in zip(probe.values, classes, strict=True):
            met.setdefault(k, []).append(value)
        ends = sorted((min(values), max(values), k, len(values)) for k, values in met.items())
        if len(ends) > 1 and all(left[1] < right[0] for left, right in pairwise(ends)):
            return name, tuple(Interval(k, n, a, b, _around(own, a, b)) for a, b, k, n in ends)
    return None, ()


def _low(window: FixedWindow) -> Number:
    return window.low


def _around(windows: Sequence[FixedWindow], low: Number, high: Number) -> FixedWindow | None:
    from bisect import bisect_right

    place = bisect_right(windows, low, key=_low)
    fitting = [w for w in windows[max(0, place - 4) : place] if high <= w.high]
    return min(fitting, key=lambda w: w.high - w.low, default=None)


def projection(certificate: Certificate, kinds: Kinds, windows: Sequence[FixedWindow]) -> Picture | None:
    """Return the picture; None where no probe tells samples apart. Raises: never."""
    probe = projecting(certificate)
    if probe is None:
        return None
    name, found = intervals(certificate, probe, windows)
    line = _Line(probe, kinds, found)
    low, high = min(probe.values), max(probe.values)
    says = [
        f"After {probe.after_layer} layers {len(probe.values):,} samples are numbers from {rough(low)} "
        f"to {rough(high)} (probe {probe.name})."
    ]
    if found:
        gap = line.narrowest
        says.append(f"They form {len(found):,} classes of the partition {name}, each an interval of its own.")
        says.append(
            f"The narrowest gap between two of them is {rough(found[gap + 1].low - found[gap].high)}."
        )
        around = sum(one.window is not None for one in found)
        if around:
            says.append(f"{around:,} stand in a window of their own, in which a block's case holds.")
    return Picture(
        kind="projection",
        title="The projection of the samples",
        says=" ".join(says),
        notes=line.notes(),
        columns=_COLUMNS if found else ("label", "row", "value"),
        rows=tuple(_cells(one) for one in found) if found else line.listed(),
        height=line.height,
        draw=line.draw,
    )


_COLUMNS = ("interval", "samples", "lowest", "highest", "window from", "window to")


def _cells(one: Interval) -> tuple[Cell, ...]:
    window = one.window
    ends = (None, None) if window is None else (window.low, window.high)
    return (one.number, one.rows, one.low, one.high, *ends)


class _Line:
    """What is drawn: lanes by label over windows, and a part of it enlarged where intervals are many."""

    def __init__(self, probe: Probe, kinds: Kinds, found: tuple[Interval, ...]) -> None:
        self.probe, self.kinds, self.intervals = probe, kinds, found
        self.rows = spaced(len(probe.values), MOST_POINTS)
        gaps = [right.low - left.high for left, right in pairwise(found)]
        self.narrowest = min(range(len(gaps)), key=gaps.__getitem__, default=0)
        self.near: tuple[Interval, ...] = ()
        if len(found) > 2 * NEAR:
            start = min(max(0, self.narrowest - NEAR // 2 + 1), len(found) - NEAR)
            self.near = found[start : start + NEAR]

    def notes(self) -> tuple[str, ...]:
        told = []
        if len(self.rows) < len(self.probe.values):
            told.append(f"{len(self.rows):,} of {len(self.probe.values):,} samples are drawn, evenly spread.")
        if self.near:
            told.append(f"Below, the {NEAR} intervals around the narrowest gap, with all their samples.")
        return tuple(told)

    def listed(self) -> tuple[tuple[Cell, ...], ...]:
        names = self.kinds.names if self.kinds.apart else ("",) * len(self.kinds.names)
        ordered = sorted(range(len(self.probe.values)), key=lambda row: self.probe.values[row])
        return tuple((names[self.kinds.of[row]], row, self.probe.values[row]) for row in ordered)

    def height(self, width: int) -> int:
        lane = 16 if self.kinds.series > 5 else 22
        panel = lane * self.kinds.series + 40
        rows = 1 + (7 * max(map(len, self.kinds.names), default=0) * self.kinds.series) // width
        return panel * (2 if self.near else 1) + (18 * rows + 14 if self.kinds.apart else 0) + 20

    def draw(self, figure: Any, width: int) -> None:
        panels = figure.subplots(2 if self.near else 1, squeeze=False)[:, 0]
        handles = self._panel(panels[0], self.rows, self.intervals)
        panels[0].set_xlabel("" if self.near else short(self.probe.name))
        if self.near:
            low, high = self.near[0].low, self.near[-1].high
            rows = [row for row, value in enumerate(self.probe.values) if low <= value <= high]
            self._panel(panels[1], rows[: 2 * MOST_POINTS], self.near)
            panels[1].set_xlabel(short(self.probe.name))
        if self.kinds.apart:
            legend(figure, handles, [short(name) for name in self.kinds.names], width)

    def _panel(self, axes: Any, rows: Sequence[int], found: Sequence[Interval]) -> list[Any]:
        lanes = self.kinds.series
        ends = [(position(w.low), position(w.high)) for one in found if (w := one.window) is not None]
        spans(axes, ends, -lanes + 0.4, 0.6, "band")
        inner = [(position(one.low), position(one.high)) for one in found]
        for a, b in inner if len(inner) <= 60 else []:
            axes.plot([a, b], [0.6, 0.6], color=LIGHT["muted"], linewidth=2, solid_capstyle="butt")
        handles = []
        for k in range(lanes):
            mine = [row for row in rows if self.kinds.of[row] == k]
            x = [position(self.probe.values[row]) for row in mine]
            handles.append(
                dots(axes, x, [-k] * len(x), k, 46 if len(rows) <= 50 else 20 if len(rows) <= 300 else 10)
            )
        axes.set_ylim(-lanes + 0.4, 0.7)
        axes.set_yticks([])
        plain_numbers(axes.xaxis)
        bare(axes, "left")
        return handles
