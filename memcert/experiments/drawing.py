"""Parameters against N as an SVG file: the same figures give the same bytes. Needs the extra `plot`.

UNTRUSTED. A picture decides nothing.
"""

from io import BytesIO
from typing import Any

from memcert.errors import UnsupportedError
from memcert.experiments.sizes import Curve, Sizes

MARKERS = "osD^v<>pPhX*d8"
SETTINGS: Any = {"svg.hashsalt": "memcert", "svg.fonttype": "none", "font.size": 9}


def svg(found: Sizes) -> bytes:
    """Return the picture: filled marks are built, hollow ones by formula; both axes logarithmic.

    Raises:
        UnsupportedError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise UnsupportedError("a drawing needs the extra plot: pip install 'memcert[plot]'") from None
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(9, 6), layout="constrained")
        axes = figure.subplots()
        for k, curve in enumerate(found.curves):
            _draw(axes, curve, f"C{k % 10}", MARKERS[k % len(MARKERS)])
        axes.plot(found.points, found.points, color="black", linestyle="--", label="N")
        least = [found.least[n] for n in found.points]
        axes.plot(found.points, least, color="black", linestyle=":", label="lower bound")
        axes.set(xscale="log", yscale="log", xlabel="points N", ylabel="nonzero parameters")
        axes.set_title(f"d = {found.dimension}, {found.labels} labels; filled: built, hollow: by formula")
        figure.legend(loc="outside right upper")
        target = BytesIO()
        # Without a date, and with a fixed salt, the file is a function of the figures.
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def _draw(axes: Any, curve: Curve, color: str, marker: str) -> None:
    told = [(c.points, c.parameters, c.how) for c in curve.cells if c.parameters is not None]
    if not told:
        return
    points, parameters = [n for n, _, _ in told], [p for _, p, _ in told]
    axes.plot(points, parameters, color=color, label=curve.name)
    for how, face in (("built", color), ("formula", "white")):
        chosen = [(n, p) for n, p, kind in told if kind == how]
        if chosen:
            marks = [n for n, _ in chosen], [p for _, p in chosen]
            axes.plot(*marks, marker, color=color, markerfacecolor=face)
    if curve.promised:
        axes.plot(list(curve.promised), list(curve.promised.values()), color=color, linestyle="-.")
