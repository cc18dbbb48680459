"""Bounds beside sizes, in lines and as data.

UNTRUSTED.
"""

from collections.abc import Iterator
from fractions import Fraction

from memcert.bounds.comparison import Comparison, Row, failing
from memcert.kernel.rational import spell

COLUMNS = ("measure", "#here", "", "#bound", "#ratio", "theorem", "of what it speaks")
RELATIONS = {"lower": "at least", "capacity": "at most", "promised": "promised"}
PROVISO = (
    "Lower bounds speak of a wiring that memorizes every labelling of these points, never of one labelling."
)


def lines(found: Comparison) -> Iterator[tuple[str, ...]]:
    """Yield a table row for each bound that there is. Raises: never."""
    for row in found.rows:
        if row.bound is not None:
            yield (
                row.measure.replace("_", " "),
                f"{row.own:,}",
                RELATIONS[row.kind],
                f"{row.bound:,}",
                decimal(row.ratio),
                row.theorem,
                row.says,
            )


def hypotheses(found: Comparison) -> Iterator[tuple[str, str]]:
    """Yield each hypothesis of a bound that is told, once, and what was found. Raises: never."""
    told = {h.text: h.found for row in found.rows if row.bound is not None for h in row.hypotheses}
    yield from told.items()


def missing(found: Comparison) -> Iterator[str]:
    """Yield a line for each bound that there is not, with the reason. Raises: never."""
    for row in found.rows:
        if row.bound is None:
            why = "; ".join(f"{h.text}: not so, {h.found}" for h in failing(row))
            yield f"no bound of {row.measure.replace('_', ' ')} by {row.theorem}: {why}"
    if found.unpromised is not None:
        yield f"no promised sizes: {found.unpromised}"


def decimal(ratio: Fraction | None) -> str:
    """Return a ratio with three decimals, rounded down. Raises: never."""
    if ratio is None:
        return ""
    thousandths = ratio.numerator * 1000 // ratio.denominator
    return f"{thousandths // 1000:,}.{thousandths % 1000:03}"


def as_data(found: Comparison) -> dict[str, object]:
    """Return the comparison for `--json`. Raises: never."""
    facts = found.measured.facts
    return {
        "points": facts.points,
        "dimension": facts.dimension,
        "labels": found.measured.labels_apart,
        "sizes": dict(found.measured.sizes),
        "bounds": [_row(row) for row in found.rows],
        "unpromised": found.unpromised,
        "dataset_digest": found.accepted.dataset_digest,
        "network_digest": found.accepted.network_digest,
    }


def _row(row: Row) -> dict[str, object]:
    return {
        "measure": row.measure,
        "own": row.own,
        "kind": row.kind,
        "bound": row.bound,
        "ratio": None if row.ratio is None else spell(row.ratio),
        "theorem": row.theorem,
        "says": row.says,
        "hypotheses": [{"text": h.text, "holds": h.holds, "found": h.found} for h in row.hypotheses],
    }
