"""What a data file holds, in lines and as data.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence

from memcert.datasets.problems import Problem
from memcert.inspection import Inspection, Measured, Prediction
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown

MOST = 20
"""So many problems, pairs or coordinates are listed; the rest is counted."""


def facts(found: Inspection) -> Iterator[tuple[str, str]]:
    """Yield (what, value) of the file and its good rows. Raises: never."""
    good = "" if found.good == found.rows else f", {found.good:,} of them good"
    yield "rows", f"{found.rows:,}{good}"
    if found.label_column is None:
        yield "labels", "a file or array of their own"
    else:
        yield "label column", shown(found.label_column)
    if found.measured is not None:
        yield from _measured(found.measured, found.columns)


def _measured(measured: Measured, columns: tuple[str, ...] | None) -> Iterator[tuple[str, str]]:
    yield (
        "coordinates",
        f"{measured.dimension:,}, up to {measured.bits} bits, over {shown(measured.denominator)}",
    )
    for j, (low, high) in enumerate(measured.ranges[:MOST]):
        name = f"x{j}" if columns is None else shown(columns[j])
        yield f"  {name}", f"{shown(low)} to {shown(high)}"
    if measured.dimension > MOST:
        yield "  ...", f"{measured.dimension - MOST:,} more"
    classes = ", ".join(f"{shown(label)} ({count:,})" for label, count in measured.classes[:MOST])
    more = f", and {len(measured.classes) - MOST:,} more" if len(measured.classes) > MOST else ""
    yield "labels", f"{len(measured.classes):,} different: {classes}{more}"
    yield "distinct points", f"{measured.distinct:,}"
    yield "duplicates", _pairs(measured.duplicate_count, measured.duplicates)
    yield "contradictions", _pairs(measured.contradiction_count, measured.contradictions)
    squared = measured.separation_squared
    yield "separation", measured.separation_note or f"squared, exactly {shown(squared)}"


def _pairs(count: int, pairs: Sequence[tuple[int, int]]) -> str:
    if not count:
        return "none"
    listed = ", ".join(f"{first} = {second}" for first, second in pairs[:MOST])
    return f"{count:,}, by rows: {listed}{', ...' if count > MOST else ''}"


def problems(found: Inspection) -> tuple[str, ...]:
    """Return one line for each thing that is wrong, and one for those not listed. Raises: never."""
    lines = [problem.sentence() for problem in found.problems[:MOST]]
    if found.problem_count > MOST:
        lines.append(f"... and {found.problem_count - MOST:,} more")
    return tuple(lines)


def buildable(found: Inspection) -> tuple[tuple[str, ...], ...]:
    """Return a table row for each construction: what it would make of the data. Raises: never."""
    return tuple(_buildable(prediction) for prediction in found.predictions)


def _buildable(prediction: Prediction) -> tuple[str, ...]:
    size = prediction.size
    head = (prediction.construction, prediction.statement, prediction.rule)
    if size is None:
        return (*head, "", "", "", "", f"refuses: {prediction.refusal}")
    told = (f"{size.parameters:,}", f"{size.width:,}", f"{size.depth:,}", f"{size.bits:,}")
    return (*head, *told, "")


def as_data(found: Inspection) -> dict[str, object]:
    """Return the inspection for `--json`. Raises: never."""
    return {
        "name": found.name,
        "sound": found.sound,
        "rows": found.rows,
        "good": found.good,
        "columns": None if found.columns is None else list(found.columns),
        "label_column": found.label_column,
        "problems": [_problem(problem) for problem in found.problems],
        "problem_count": found.problem_count,
        "measured": None if found.measured is None else _as_data(found.measured),
        "predictions": [_prediction(prediction) for prediction in found.predictions],
    }


def _as_data(measured: Measured) -> dict[str, object]:
    squared = measured.separation_squared
    return {
        "dimension": measured.dimension,
        "classes": [
            {"label": label if isinstance(label, str) else spell(label), "rows": count}
            for label, count in measured.classes
        ],
        "distinct": measured.distinct,
        "duplicates": {"count": measured.duplicate_count, "rows": [list(p) for p in measured.duplicates]},
        "contradictions": {
            "count": measured.contradiction_count,
            "rows": [list(p) for p in measured.contradictions],
        },
        "ranges": [[spell(low), spell(high)] for low, high in measured.ranges],
        "denominator": spell(measured.denominator),
        "bits": measured.bits,
        "separation_squared": None if squared is None else spell(squared),
        "separation_note": measured.separation_note,
    }


def _prediction(prediction: Prediction) -> dict[str, object]:
    size = prediction.size
    return {
        "construction": prediction.construction,
        "statement": prediction.statement,
        "rule": prediction.rule,
        "size": size
        and {
            "parameters": size.parameters,
            "edges": size.edges,
            "width": size.width,
            "depth": size.depth,
            "bits": size.bits,
        },
        "refusal": prediction.refusal,
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in problem.__dataclass_fields__} | {
        "message": problem.sentence()
    }
