"""The gate's findings for GitHub: a summary in Markdown, and annotations at lines.

UNTRUSTED. Names of files and words from certificates start neither markup nor workflow commands.
"""

from collections.abc import Iterator, Sequence

from memcert.findings import FILES, Finding, Place, Step
from memcert.reports import escape
from memcert.reports.gate import located, summary

MOST_ROWS = 200
"""Findings in the table; failures come first."""
MOST_CHARACTERS = 700_000
"""Of the table: GitHub takes a summary of at most 1 MiB."""
MOST_ANNOTATIONS = 10
"""GitHub shows no more of one step."""
MOST_PLACES = 5


def summary_of(findings: Sequence[Finding], verdict: str, rests_on: Sequence[str]) -> str:
    """Return the summary of a job, in Markdown. Raises: never."""
    counts = ", ".join(f"{count:,} {word}" for word, count in summary(findings).items())
    ordered = sorted(findings, key=lambda finding: finding.status == 0)
    rows, length = list[str](), 0
    for row in map(_row, ordered[:MOST_ROWS]):
        length += len(row)
        if length > MOST_CHARACTERS:
            break
        rows.append(row)
    lines = [
        f"## memcert gate: {escape.markdown(verdict)}",
        "",
        f"{escape.markdown(counts)}.",
        "",
        "| verdict | file | what does not hold |",
        "|---|---|---|",
        *rows,
    ]
    if len(ordered) > len(rows):
        lines.append(f"| | | and {len(ordered) - len(rows):,} more |")
    told = "; ".join(escape.markdown(name) for name in rests_on) or "nothing: no verdict was reached"
    return "\n".join([*lines, "", f"The verdicts rest on: {told}.", ""])


def _row(finding: Finding) -> str:
    step = finding.decisive
    word = "passed" if step.holds else step.verdict
    places = [located(place) for place in step.places[:MOST_PLACES]]
    more = [f"and {step.failures - len(places):,} more places"] if step.failures > len(places) > 0 else []
    texts = [] if step.holds else [f"{step.name}: {step.message}", *places, *more]
    told = "<br>".join(escape.markdown(text) for text in texts)
    return f"| {escape.markdown(word)} | {escape.markdown(finding.subject)} | {told} |"


def annotations(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield workflow commands that mark the first failures at their lines. Raises: never."""
    steps = [(f, f.decisive) for f in findings if f.status]
    places = [
        (f, step, place)
        for f, step in steps
        for place in (step.places or (Place(f.subject if f.kind in FILES else ""),))
    ]
    for finding, step, place in places[:MOST_ANNOTATIONS]:
        yield _annotation(finding, step, place)


def _annotation(finding: Finding, step: Step, place: Place) -> str:
    line = "" if place.line is None else f"line={place.line},"
    file = f"file={escape.command_value(place.file)}," if place.file else ""
    title = escape.command_value(escape.line(f"{step.name}: {step.verdict}"))
    said = f"{step.message}: {place.message}" if place.message else step.message
    message = escape.command_message(f"{escape.path(finding.subject)}: {escape.line(said)}")
    return f"::error {file}{line}title={title}::{message}"
