"""What the gate found: steps of certificates, places in files, and all of it as JSON and back.

UNTRUSTED. Reports turn it into tables, JUnit, SARIF and attestations.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from memcert.endings import HOLDS, UNDECIDED, Ending, first_of

NOT_REACHED = "not reached: an earlier step failed"
FILES = frozenset({"certificate", "evidence", "model", "boxes"})
"""Kinds of findings whose subject is a file."""
MOST_PLACES = 1000
"""Places of one step that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is.

    Args:
        file: relative to the repository, `/` between names; untrusted.
        line: from 1; None: the file has no lines, or they are not known.
        pointer: a JSON pointer into the certificate.
        row: of the data, from 0.
        message: what is there, safe to print; empty: what the step says.
    """

    file: str
    line: int | None = None
    pointer: str | None = None
    row: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was demanded of a certificate, and how it ended.

    Args:
        name: such as `check`, `prove`, `model`, `max-width`.
        status: as exit statuses are.
        verdict: its word.
        message: one line, safe to print.
        rule: the kernel's or prover's name of what failed.
        at: where, in its words.
        places: the first MOST_PLACES.
        failures: how many places there are; 1 where there is but one failure.
    """

    name: str
    status: int
    verdict: str
    message: str
    rule: str | None = None
    at: str | None = None
    places: tuple[Place, ...] = ()
    failures: int = 0

    @property
    def holds(self) -> bool:
        """Whether this is so. Raises: never."""
        return self.status == HOLDS


@dataclass(frozen=True, slots=True)
class Told:
    """A step, what it established, and whom it rests on."""

    step: Step
    facts: Mapping[str, Any] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """All that was found of one certificate, model or rule.

    Args:
        subject: the path of the file, relative to the repository, or what else was demanded.
        kind: `certificate`, `evidence`, `model`, `boxes`, `rule` or `gate`.
        steps: in order; at least one.
        files: SHA-256 of the bytes of each file that was used, hexadecimal, by path.
        facts: what was established, for reports: numbers are text.
        rests_on: whom a reader believes: engines, solvers, machines.
        rules: the names of the policy's rules that apply.
        cached: whether this was taken from the cache.
        milliseconds: it took.
    """

    subject: str
    kind: str
    steps: tuple[Step, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    cached: bool = False
    milliseconds: int = 0

    @property
    def status(self) -> int:
        """The exit status of this part. Raises: never."""
        return first_of(step.status for step in self.steps)

    @property
    def decisive(self) -> Step:
        """The step that the status comes from, the last where all hold. Raises: never."""
        status = self.status
        if status == HOLDS:
            return self.steps[-1]
        return next(step for step in self.steps if first_of([step.status]) == status)


def failed(name: str, found: Ending, *places: Place, failures: int = 1) -> Step:
    """Return the step that ended so. Raises: never."""
    return Step(
        name,
        found.status,
        found.verdict,
        found.message,
        rule=found.parts.get("rule"),
        at=found.parts.get("at"),
        places=places[:MOST_PLACES],
        failures=max(failures, len(places)),
    )


def not_reached(names: Iterable[str], *places: Place) -> tuple[Step, ...]:
    """Return the steps that were demanded and not come to: undecided, never passed over. Raises: never."""
    return tuple(Step(name, UNDECIDED, "undecided", NOT_REACHED, places=places, failures=1) for name in names)


def to_json(finding: Finding) -> dict[str, Any]:
    """Return the JSON value. Raises: never."""
    value = _fields(finding)
    value["steps"] = [
        _fields(step) | {"places": [_fields(place) for place in step.places]} for step in finding.steps
    ]
    return value | {
        "files": dict(finding.files),
        "facts": dict(finding.facts),
        "rests_on": list(finding.rests_on),
        "rules": list(finding.rules),
    }


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def from_json(value: Any) -> Finding:
    """Return the finding that `to_json` wrote.

    Raises:
        ValueError: it is something else, or has a step without a status: nothing is filled in.
    """
    try:
        steps = tuple(_step(step) for step in value["steps"])
        finding = Finding(
            **{
                **value,
                "steps": steps,
                "files": {str(name): str(digest) for name, digest in value["files"].items()},
                "rests_on": tuple(map(str, value["rests_on"])),
                "rules": tuple(map(str, value["rules"])),
            }
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no finding: {error!a}") from None
    if not steps or any(type(step.status) is not int for step in steps):
        raise ValueError("no finding: a step without a status")
    return finding


def _step(value: Any) -> Step:
    return Step(**{**value, "places": tuple(Place(**place) for place in value["places"])})
