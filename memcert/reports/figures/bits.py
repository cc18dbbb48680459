"""Digits of one sample being read off, step by step: what each is read from, and the digit.

UNTRUSTED.
"""

from collections.abc import Sequence
from typing import Any

from memcert.reports.digits import Stream
from memcert.reports.figures.marks import bare
from memcert.reports.figures.numerals import position
from memcert.reports.figures.palette import LIGHT
from memcert.reports.figures.picture import Picture

MOST_STEPS = 64


def bits(sample: int, found: Sequence[Stream], focus: int | None) -> Picture | None:
    """Return the picture of the longest kind of stream; None where nothing is read from the unit interval.

    Args:
        sample: the row.
        found: all its streams.
        focus: a layer before which the interesting digits are read, if one is known.

    Raises: never.
    """
    chosen = _chosen(found, focus)
    if not chosen:
        return None
    steps = sum(len(stream.digits) for stream in chosen)
    every = sum(len(stream.digits) for stream in found if stream.contract == chosen[0].contract)
    words = ", ".join(f"{stream.name}: {stream.word}" for stream in chosen)
    note = (f"{steps:,} of the {every:,} steps of contract {chosen[0].contract} are drawn.",)
    return Picture(
        kind="bits",
        title=f"Digits read off for sample {sample}",
        says=(
            f"Each step reads a digit from a number between 0 and 1 and hands on another one. "
            f"The digits are {words}."
        ),
        notes=note if steps < every else (),
        columns=("blocks", "step", "read from", "digit"),
        rows=tuple(
            (stream.name, k + 1, head, digit)
            for stream in chosen
            for k, (head, digit) in enumerate(zip(stream.heads, stream.digits, strict=True))
        ),
        height=lambda _: 190,
        draw=lambda figure, width: _draw(figure, chosen, width),
    )


def _chosen(found: Sequence[Stream], focus: int | None) -> list[Stream]:
    fit = [s for s in found if len(s.digits) > 2 and len(s.heads) == len(s.digits) and _unit(s)]
    if not fit:
        return []
    longest = max(len(stream.digits) for stream in fit)
    main = [stream for stream in fit if 2 * len(stream.digits) > longest]
    if focus is not None:
        before = [stream for stream in main if stream.last_layer < focus]
        main = before[-(MOST_STEPS // longest or 1) :] or main
    room = MOST_STEPS // longest or 1
    return main[:room]


def _unit(stream: Stream) -> bool:
    return all(0 <= head <= 1 for head in stream.heads)


def _draw(figure: Any, chosen: Sequence[Stream], width: int) -> None:
    axes = figure.subplots()
    axes.axhline(position(1) / 2, color=LIGHT["line"], linewidth=1)
    total = sum(len(stream.digits) for stream in chosen)
    start = 0
    for stream in chosen:
        x = [start + k for k in range(len(stream.digits))]
        y = [position(head) for head in stream.heads]
        axes.plot(x, y, color=LIGHT["c0"], linewidth=1, zorder=2)
        for one, face in ((True, LIGHT["c0"]), (False, LIGHT["paper"])):
            at = [k for k, digit in enumerate(stream.digits) if bool(digit) is one]
            axes.scatter(
                [x[k] for k in at], [y[k] for k in at], s=26, facecolor=face, edgecolor=LIGHT["c0"], zorder=3
            )
        for k, digit in enumerate(stream.word if total * 9 <= width else ""):
            weight = "bold" if digit == "1" else "normal"
            axes.text(x[k], -0.2, digit, ha="center", fontsize=11, fontweight=weight)
        if start:
            axes.axvline(start - 0.5, color=LIGHT["line"], linewidth=1)
        axes.text(start - 0.3, 1.1, stream.name, fontsize=11, color=LIGHT["muted"])
        start += len(stream.digits)
    axes.set(xlim=(-0.6, max(start - 0.4, 8)), ylim=(-0.3, 1.2), xticks=[], yticks=[0, 0.5, 1])
    axes.set_yticklabels(["0", "\u00bd", "1"])
    bare(axes, "bottom", "left")
