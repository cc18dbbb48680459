"""The gate's findings as in-toto statements: what was verified (svr/v0.2), what was tested (test-result).

UNTRUSTED, and unsigned: docs/gate.md says how to sign. Numbers are text, since readers of JSON round.
Source: in-toto attestation framework, Statement v1, predicates Simple Verification Result and Test Result.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from memcert import __version__
from memcert.errors import UsageError
from memcert.findings import Finding
from memcert.kernel.verdict import shown

STATEMENT = "https://in-toto.io/Statement/v1"
SVR = "https://in-toto.io/attestation/svr/v0.2"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
VERIFIER = f"urn:memcert:gate:{__version__}"
_EPOCH = re.compile(r"[0-9]{1,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy that was applied: where it stands, and the digest of what it says."""

    source: str
    digest: str


def now(epoch: str | None) -> str:
    """Return the time of the statements, in UTC.

    Args:
        epoch: the value of SOURCE_DATE_EPOCH, seconds since 1970; None: the clock's.

    Raises:
        UsageError: it is no such number.
    """
    if epoch is None:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if _EPOCH.fullmatch(epoch) is None:
        raise UsageError(f"SOURCE_DATE_EPOCH: expected seconds since 1970, got {shown(epoch)}")
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def names_of(finding: Finding) -> tuple[str, str]:
    """Return the names of the files of a finding's two statements, others for every path. Raises: never."""
    plain = re.sub(r"[^A-Za-z0-9.-]", "_", finding.subject)[-80:]
    short = hashlib.sha256(finding.subject.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{plain}.{short}.svr.json", f"{plain}.{short}.test-result.json"


def statements(finding: Finding, policy: Policy, time: str) -> Iterator[tuple[str, str]]:
    """Yield (name of a file, its text): first what holds, if all of it does, then what was tested.

    A certificate of which one demand fails has no verified properties at all: whoever looks for one
    must not find it beside a failure. Without the digest of a file nothing is said of it.

    Raises:
        never.
    """
    subjects = [
        {"name": name, "digest": {"sha256": digest}} for name, digest in finding.files.items() if digest
    ]
    if not any(subject["name"] == finding.subject for subject in subjects):
        return
    svr, tested = names_of(finding)
    if finding.status == 0:
        yield svr, _text(SVR, subjects, _verified(finding, policy, time))
    yield tested, _text(TEST_RESULT, subjects, _tested(finding, policy))


def _text(kind: str, subjects: list[dict[str, Any]], predicate: Mapping[str, Any]) -> str:
    value = {"_type": STATEMENT, "subject": subjects, "predicateType": kind, "predicate": predicate}
    return json.dumps(value, indent=1) + "\n"


def _descriptor(policy: Policy) -> dict[str, Any]:
    return {"name": policy.source, "digest": {"sha256": policy.digest.removeprefix("sha256:")}}


def _verified(finding: Finding, policy: Policy, time: str) -> dict[str, Any]:
    return {
        "verifier": {
            "id": VERIFIER,
            "policies": [_descriptor(policy)],
            "memcert_restsOn": list(finding.rests_on),
        },
        "timeCreated": time,
        "properties": list(properties(finding)),
    }


def properties(finding: Finding) -> Iterator[str]:
    """Yield what holds of a certificate that passed, as NAME or NAME=VALUE. Raises: never."""
    for step in finding.steps:
        yield f"MEMCERT_{step.name.upper().replace('-', '_')}"
    facts = finding.facts
    digests = facts.get("digests", {})
    named = {
        "DATASET_DIGEST": digests.get("dataset"),
        "NETWORK_DIGEST": digests.get("network"),
        "RULE": facts.get("rule"),
        "TOLERANCE": facts.get("tolerance"),
        "SAMPLES": facts.get("samples"),
        "EXCEPTED": facts.get("excepted"),
        "MARGIN": facts.get("margin"),
        "BOX_RADIUS": facts.get("proof", {}).get("box_radius"),
        "BOXES_RADIUS": facts.get("boxes", {}).get("epsilon"),
    }
    yield from (f"MEMCERT_{name}={value}" for name, value in named.items() if value is not None)


def _tested(finding: Finding, policy: Policy) -> dict[str, Any]:
    return {
        "result": "PASSED" if finding.status == 0 else "FAILED",
        "configuration": [_descriptor(policy)],
        "passedTests": [step.name for step in finding.steps if step.holds],
        "warnedTests": [],
        "failedTests": [step.name for step in finding.steps if not step.holds],
    }
