"""The gate's failures as SARIF 2.1.0: where in which file, by line and by JSON pointer.

UNTRUSTED. All that does not hold is of level `error`, undecided too.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from memcert import __version__
from memcert.endings import INTERNAL, INTERRUPTED
from memcert.findings import FILES, NOT_REACHED, Finding, Place, Step
from memcert.reports import escape

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 1000
"""So many results are written; the rest is counted."""
_BASE = "SRCROOT"
_HELP = {
    "certificate": "A file that says that it is a certificate can be read as one.",
    "data": "The repository's own data can be read.",
    "check": "The certificate holds: its rule on every sample, and each of its claims.",
    "check-kernel": "The kernel accepts the certificate.",
    "check-fast": "The fast engine accepts the certificate.",
    "prove": "Each block meets its contract for all inputs, and the label holds around every sample.",
    "model": "The network is that of the repository's own model.",
    "accuracy": "The rule holds on as many rows as the policy demands.",
    "removed": "What the base revision had is still there.",
    "covered": "A certificate is bound to every model.",
    "matches": "Each rule of the policy is about something.",
    "policy": "A rule of the policy is about the certificate, and rules agree.",
}


def sarif(findings: Sequence[Finding], status: int) -> str:
    """Return the log as text.

    Args:
        findings: of the gate.
        status: its exit status.

    Raises:
        never.
    """
    # What was not reached follows from what failed before it, which has a result.
    wrong = [(f, step) for f in findings for step in f.steps if not step.holds]
    failures = [(f, step) for f, step in wrong if step.message != NOT_REACHED]
    results = list(islice(_results(failures), MOST_RESULTS))
    total = sum(max(1, step.failures) for _, step in failures)
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(results, total, status)]}
    return json.dumps(log, indent=1) + "\n"


def _run(results: list[dict[str, Any]], total: int, status: int) -> dict[str, Any]:
    invocation: dict[str, Any] = {
        "executionSuccessful": status not in (INTERNAL, INTERRUPTED),
        "exitCode": status,
    }
    left = total - len(results)
    if left > 0:
        text = f"{left:,} of {total:,} results are not listed"
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": text}}]
    names = dict.fromkeys(result["ruleId"] for result in results)
    return {
        "tool": {
            "driver": {
                "name": "memcert gate",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(name) for name in names],
            }
        },
        "invocations": [invocation],
        "originalUriBaseIds": {_BASE: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [r | {"ruleIndex": list(names).index(r["ruleId"])} for r in results],
        "properties": {"results": total, "omitted": left},
    }


def _rule(name: str) -> dict[str, Any]:
    text = _HELP.get(name, "What the policy demands of the claim is so.")
    return {
        "id": name,
        "shortDescription": {"text": text},
        "defaultConfiguration": {"level": "error"},
    }


def _results(failures: Sequence[tuple[Finding, Step]]) -> Iterator[dict[str, Any]]:
    """Yield a result a place, of each failure one at least."""
    for finding, step in failures:
        for place in step.places or (Place(finding.subject if finding.kind in FILES else ""),):
            yield _result(finding, step, place)


def _result(finding: Finding, step: Step, place: Place) -> dict[str, Any]:
    words = f"{step.verdict}: {step.message}" + (f": {place.message}" if place.message else "")
    found: dict[str, Any] = {
        "ruleId": step.name,
        "level": "error",
        "kind": "fail",
        "message": {"text": escape.sarif(words)},
        "partialFingerprints": {"memcertFinding/v1": _fingerprint(finding, step, place)},
    }
    location = _location(place)
    if location:
        found["locations"] = [location]
    if place.file != finding.subject and finding.kind in FILES:
        found["relatedLocations"] = [{"id": 1, **_location(Place(finding.subject))}]
    return found


def _location(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if place.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": escape.uri(place.file), "uriBaseId": _BASE}}
        if place.line is not None and place.line > 0:
            physical["region"] = {"startLine": place.line}
        found["physicalLocation"] = physical
    if place.pointer:
        name = place.pointer.rsplit("/", 1)[-1]
        logical = {"name": escape.xml(name), "fullyQualifiedName": escape.xml(place.pointer), "kind": "value"}
        found["logicalLocations"] = [logical]
    return found


def _fingerprint(finding: Finding, step: Step, place: Place) -> str:
    # Without line and values: an edit above, or a second try, is the same finding.
    parts: Mapping[str, object] = {
        "subject": finding.subject,
        "step": step.name,
        "rule": step.rule,
        "file": place.file,
        "pointer": place.pointer,
        "row": place.row,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
