"""The experiment on sizes, in table rows and as data.

UNTRUSTED.
"""

from collections.abc import Iterator

from memcert.experiments.sizes import Cell, Crossing, Curve, Sizes

NOTE = "f: by formula; all others were built and counted. First N < : parameters become fewer than N there."


def columns(found: Sizes) -> tuple[str, ...]:
    """Return the headings. Raises: never."""
    return ("construction", "rule", *(f"#N = {n:,}" for n in found.points), "#first N <")


def rows(found: Sizes) -> Iterator[tuple[str, ...]]:
    """Yield a row for each construction that does not refuse everything, then the bounds. Raises: never."""
    for curve in found.curves:
        if any(cell.parameters is not None for cell in curve.cells):
            yield (curve.name, curve.rule, *map(_cell, curve.cells), _crossing(curve.crossing))
        if curve.promised:
            told = (f"{curve.promised[n]:,}" if n in curve.promised else "" for n in found.points)
            yield (f"{curve.name}: promised", "", *told, "")
    yield ("lower bound (Goldberg, Jerrum)", "", *(f"{found.least[n]:,}" for n in found.points), "")


def refusals(found: Sizes) -> Iterator[str]:
    """Yield a line for each construction that refuses, and from which N on. Raises: never."""
    for curve in found.curves:
        refused = [cell for cell in curve.cells if cell.refusal is not None]
        if refused:
            yield f"{curve.name} refuses N = {refused[0].points:,}: {refused[0].refusal}"


def as_data(found: Sizes) -> dict[str, object]:
    """Return the experiment for `--json`. Raises: never."""
    return {
        "points": list(found.points),
        "dimension": found.dimension,
        "labels": found.labels,
        "seed": found.seed,
        "lower_bound": {str(n): found.least[n] for n in found.points},
        "constructions": [_curve(curve) for curve in found.curves],
    }


def _curve(curve: Curve) -> dict[str, object]:
    return {
        "name": curve.name,
        "rule": curve.rule,
        "cells": [
            {"points": c.points, "parameters": c.parameters, "how": c.how, "refusal": c.refusal}
            for c in curve.cells
        ],
        "promised": {str(n): most for n, most in curve.promised.items()},
        "crossing": curve.crossing and {"after": curve.crossing.after, "by": curve.crossing.by},
    }


def _cell(cell: Cell) -> str:
    if cell.parameters is None:
        return "-"
    return f"{cell.parameters:,}{' f' if cell.how == 'formula' else ''}"


def _crossing(crossing: Crossing | None) -> str:
    if crossing is None:
        return ""
    return f"<= {crossing.by:,}" if not crossing.after else f"{crossing.after + 1:,} to {crossing.by:,}"
