"""What `memcert verify` tells of the rows of a data set.

UNTRUSTED. All figures are exact; decimals stand beside them only to be read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from memcert.datasets.labels import called
from memcert.kernel.certificate import Number
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown
from memcert.reports.words import rough

LISTED_MARGINS = 10_000
"""Rows up to which the JSON object has every margin; `--per-row` writes them for any number."""
SHOWN_ROWS = 20
"""Failing rows that a person is told; the JSON object has all."""


def as_data(
    rule: str,
    margins: Sequence[Number],
    *,
    excepted: Sequence[int],
    smallest: Sequence[int],
    confusion: Mapping[tuple[Number, Number | None], int],
    classes: Sequence[int | str] | None,
) -> dict[str, Any]:
    """Return the verdict's facts.

    Args:
        rule: what was compared.
        margins: one a row, exact.
        excepted: the rows that fail.
        smallest: rows that hold, the smallest margin first.
        confusion: how often (label, decision) occurs; None: a tie.
        classes: the original of each number, or None.

    Raises:
        never.
    """
    table = [
        {
            "label": called(label, rule, classes),
            "decision": called(decision, rule, classes),
            "rows": count,
        }
        for (label, decision), count in sorted(
            confusion.items(), key=lambda item: (item[0][0], item[0][1] is None, item[0][1] or 0)
        )
    ]
    held = len(margins) - len(excepted)
    return {
        "rule": rule,
        "rows": len(margins),
        "held": held,
        "accuracy": f"{held}/{len(margins)}",
        "failing": excepted,
        "margins": [spell(margin) for margin in margins] if len(margins) <= LISTED_MARGINS else None,
        "smallest": [{"row": row, "margin": rough(margins[row])} for row in smallest],
        "confusion": table,
    }


def lines(facts: Mapping[str, Any]) -> list[str]:
    """Return the facts for a person. Raises: never."""
    report = [f"rule {facts['rule']}: holds on {facts['held']:,} of {facts['rows']:,} rows, exactly"]
    if facts["failing"]:
        more = "" if len(facts["failing"]) <= SHOWN_ROWS else ", ..."
        report.append(f"fails on rows {', '.join(map(str, facts['failing'][:SHOWN_ROWS]))}{more}")
    report += [f"  margin {entry['margin']} at row {entry['row']}" for entry in facts["smallest"]]
    errors = [entry for entry in facts["confusion"] if entry["label"] != entry["decision"]]
    for entry in facts["confusion"] if len(facts["confusion"]) <= SHOWN_ROWS else errors[:SHOWN_ROWS]:
        label, decision = shown(entry["label"]), shown(entry["decision"])
        report.append(f"  label {label}, decided {decision}: {entry['rows']:,} rows")
    return report
