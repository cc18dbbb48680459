"""The gate's findings as lines, a table and data.

UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from memcert.findings import NOT_REACHED, Finding, Place, to_json
from memcert.reports import escape
from memcert.reports.text import table

MOST_LISTED = 20
"""Places of one step that are listed for people."""


def rows(findings: Sequence[Finding]) -> Table:
    """Return the table at the end: one row a finding. Raises: never."""
    cells = [
        (
            "passed" if finding.status == 0 else finding.decisive.verdict,
            escape.path(finding.subject),
            ", ".join(step.name for step in finding.steps if step.holds) or "nothing",
            "cached" if finding.cached else f"{finding.milliseconds / 1000:.1f} s",
        )
        for finding in findings
    ]
    return table("Gate", ("verdict", "file", "holds", "#time"), cells)


def failures(finding: Finding) -> list[str]:
    """Return the lines that say what does not hold and where. Raises: never."""
    lines = []
    for step in finding.steps:
        if step.holds or step.message == NOT_REACHED:
            continue
        lines.append(
            f"{step.verdict}: {escape.path(finding.subject)}: {step.name}: {escape.line(step.message)}"
        )
        lines += [
            f"  {located(place)}" for place in step.places[:MOST_LISTED] if told(place, finding.subject)
        ]
        more = step.failures - min(len(step.places), MOST_LISTED)
        if more > 0 and len(step.places) >= MOST_LISTED:
            lines.append(f"  and {more:,} more")
    missed = [step.name for step in finding.steps if step.message == NOT_REACHED]
    if missed:
        lines.append(f"  not reached: {', '.join(missed)}")
    return lines


def told(place: Place, subject: str) -> bool:
    """Whether a place says more than the name of what is examined. Raises: never."""
    return bool(place.line or place.pointer or place.message or (place.file and place.file != subject))


def located(place: Place) -> str:
    """Return `FILE:LINE: what is there`, safe to print. Raises: never."""
    line = "" if place.line is None else f":{place.line}"
    row = "" if place.row is None else f" row {place.row}"
    pointer = "" if place.pointer is None or place.row is not None else f" {escape.line(place.pointer)}"
    message = f": {escape.line(place.message)}" if place.message else ""
    return f"{escape.path(place.file)}{line}{row}{pointer}{message}"


def as_data(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings for `--json`. Raises: never."""
    listed = [
        to_json(finding) | {"status": finding.status, "verdict": finding.decisive.verdict}
        for finding in findings
    ]
    return {"summary": dict(summary(findings)), "findings": listed}


def summary(findings: Sequence[Finding]) -> Mapping[str, int]:
    """Return how many parts ended with each verdict. Raises: never."""
    found: dict[str, int] = {}
    for finding in findings:
        word = "passed" if finding.status == 0 else finding.decisive.verdict
        found[word] = found.get(word, 0) + 1
    return found
