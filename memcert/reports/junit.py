"""The gate's findings as JUnit XML: a suite a certificate, a case a demand; undecided is an error.

UNTRUSTED. Nothing is ever `skipped`: readers of JUnit take that for harmless.
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from memcert.endings import DOES_NOT_HOLD, HOLDS, MISMATCH
from memcert.findings import Finding, Step
from memcert.reports import escape
from memcert.reports.gate import MOST_LISTED, located

FAILURES = frozenset({DOES_NOT_HOLD, MISMATCH})
"""Statuses that answer the question with no. All others are errors: there is no answer."""


def junit(findings: Sequence[Finding]) -> str:
    """Return the XML document. Raises: never."""
    root = ET.Element("testsuites", {"name": "memcert gate", **_counts(findings)})
    for finding in findings:
        seconds = _seconds(finding.milliseconds)
        name = escape.xml(escape.path(finding.subject))
        suite = ET.SubElement(root, "testsuite", {"name": name, **_counts([finding]), "time": seconds})
        for place, step in enumerate(finding.steps):
            time = seconds if place == 0 else "0.000"  # known for the whole only
            case = ET.SubElement(suite, "testcase", classname=name, name=step.name, time=time)
            _ended(case, finding, step)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _ended(case: ET.Element, finding: Finding, step: Step) -> None:
    place = step.places[0] if step.places else None
    case.set("file", escape.xml(escape.path(finding.subject if place is None else place.file)))
    if place is not None and place.line is not None:
        case.set("line", str(place.line))
    if step.status == HOLDS:
        return
    kind = "failure" if step.status in FAILURES else "error"
    attributes = {"message": _text(step.message), "type": _text(step.verdict)}
    listed = [located(place) for place in step.places[:MOST_LISTED]]
    more = step.failures - len(listed)
    rest = [f"and {more:,} more"] if more > 0 and listed else []
    ET.SubElement(case, kind, attributes).text = _text("\n".join([step.message, *listed, *rest]))


def _text(text: str) -> str:
    # ElementTree escapes brackets and quotes; what XML cannot hold at all is spelled out.
    return escape.xml(re.sub(r"\r\n?", "\n", text))


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    steps = [step for finding in findings for step in finding.steps]
    failures = sum(step.status in FAILURES for step in steps)
    errors = sum(step.status not in FAILURES and step.status != HOLDS for step in steps)
    return {"tests": str(len(steps)), "failures": str(failures), "errors": str(errors), "skipped": "0"}
