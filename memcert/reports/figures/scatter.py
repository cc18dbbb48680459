"""The points of a data set in two coordinates: its own, or its two principal components.

UNTRUSTED.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.reports.figures.labels import Kinds
from memcert.reports.figures.marks import dots, legend, plain_numbers, short, spaced
from memcert.reports.figures.numerals import position
from memcert.reports.figures.picture import Picture

MOST_POINTS = 1500
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Cloud:
    """Points of the plane or the line, the kind of each, and what the axes are called."""

    flat: Array
    of: Array
    kinds: Kinds
    names: tuple[str, str]


def scatter(data: Dataset, kinds: Kinds) -> Picture:
    """Return the picture of the points.

    Cost: the principal components of at most MOST_POINTS rows.

    Raises: never.
    """
    rows = spaced(data.size, MOST_POINTS)
    names = tuple(_name(data, j) for j in range(data.dimension))
    notes = []
    if data.dimension > 2:
        flat, held = _components(_scaled(data, rows))
        axes_names = ("first principal component", "second principal component")
        how = (
            f"the two principal components of {data.dimension} coordinates, each scaled to [0, 1]; "
            f"they hold {held} % of the variance"
        )
    else:
        flat = np.column_stack([_values(data, rows, j) for j in range(data.dimension)])
        axes_names = (names[0], names[1] if data.dimension == 2 else "")
        how = f"coordinates {' and '.join(names)}" if data.dimension == 2 else f"the coordinate {names[0]}"
    if len(rows) < data.size:
        notes.append(f"Every {data.size / len(rows):.1f}th row is drawn, {len(rows):,} of {data.size:,}.")
    shown = np.array(kinds.of)[rows]
    return Picture(
        kind="scatter",
        title="The samples",
        says=f"{data.size:,} samples by {how}. {_told(kinds)}",
        notes=tuple(notes),
        columns=("label", "rows"),
        rows=tuple(zip(kinds.names, kinds.counts, strict=True)),
        height=lambda width: width * 3 // 5 if data.dimension > 1 else 120 + 22 * kinds.series,
        draw=lambda figure, width: _draw(figure, width, _Cloud(flat, shown, kinds, axes_names)),
    )


def _told(kinds: Kinds) -> str:
    if len(kinds.names) > 20:
        return f"{len(kinds.names):,} different labels."
    counted = (f"{name}: {count:,}" for name, count in zip(kinds.names, kinds.counts, strict=True))
    return f"Rows by label: {', '.join(counted)}."


def _name(data: Dataset, j: int) -> str:
    return f"x{j}" if data.columns is None else data.columns[j]


def _values(data: Dataset, rows: list[int], j: int) -> Array:
    if data.numerators.dtype != object:
        return data.numerators[rows, j] / data.denominator
    return np.array([position(data.point(row)[j]) for row in rows])


def _scaled(data: Dataset, rows: list[int]) -> Array:
    part = data.numerators[rows]
    low, high = part.min(axis=0), part.max(axis=0)
    spread = np.where(high > low, high - low, 1)
    # Python integers of any length are subtracted before they are divided.
    wide = part.astype(object) if data.numerators.dtype == object else part.astype(np.float64)
    return np.asarray((wide - low) / spread, dtype=np.float64)


def _components(values: Array) -> tuple[Array, int]:
    centred = values - values.mean(axis=0)
    left, strengths, _ = np.linalg.svd(centred, full_matrices=False)
    flat = left[:, :2] * strengths[:2]
    if flat.shape[1] < 2:
        flat = np.column_stack([flat, np.zeros(len(flat))])
    # Of the two directions of an axis, the one in which the largest coordinate is positive.
    for k in range(2):
        if flat[np.abs(flat[:, k]).argmax(), k] < 0:
            flat[:, k] *= -1
    power = strengths**2
    total = power.sum()
    return flat, round(100 * power[:2].sum() / total) if total else 100


def _draw(figure: Any, width: int, cloud: _Cloud) -> None:
    axes = figure.subplots()
    axes.grid(visible=True)
    axes.set_axisbelow(True)
    flat, kinds, plane = cloud.flat, cloud.kinds, cloud.flat.shape[1] > 1
    handles = []
    for k in range(kinds.series):
        mine = cloud.of == k
        y = flat[mine, 1] if plane else np.full(mine.sum(), -k)
        handles.append(
            dots(
                axes,
                flat[mine, 0].tolist(),
                y.tolist(),
                k,
                46 if len(flat) <= 50 else 22 if len(flat) <= 500 else 12,
            )
        )
    axes.set(xlabel=short(cloud.names[0], 40), ylabel=short(cloud.names[1], 40))
    plain_numbers(axes.xaxis)
    if plane:
        plain_numbers(axes.yaxis)
    else:
        axes.set_yticks([])
    if kinds.apart:
        legend(figure, handles, [short(name) for name in kinds.names], width)
