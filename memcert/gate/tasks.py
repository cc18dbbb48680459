"""The work that the gate shares out: a certificate each, with its demands and its limits.

UNTRUSTED.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from memcert.endings import ending
from memcert.errors import MemcertError
from memcert.findings import Finding, Place, failed, from_json
from memcert.gate.demands import Demands
from memcert.gate.policy import MEMORY
from memcert.limits import Limits, Workers, memory_can_be_limited

TARGET = ".".join(("memcert.gate", "examination")) + ":examine"
"""What a worker runs."""


@dataclass(frozen=True, slots=True)
class Task:
    """One certificate and what is demanded of it."""

    path: str
    demands: Demands
    limits: Limits

    def request(self, root: Path) -> dict[str, Any]:
        """Return what a worker is asked. Raises: never."""
        return {"root": str(root), "certificate": self.path, "demands": self.demands.to_json()}


def limits_of(asked: Limits, demands: Demands) -> Limits:
    """Return the stricter of what is asked and what is demanded; MEMORY where nobody says. Raises: never."""
    memory = [size for size in (asked.memory, demands.max_memory) if size is not None]
    if not memory and memory_can_be_limited():
        memory = [MEMORY]
    return Limits(min(demands.timeout, asked.seconds or demands.timeout), min(memory, default=None))


def examined(task: Task, root: Path, workers: Workers) -> Finding:
    """Return what a process of its own finds of one certificate.

    Raises:
        KeyboardInterrupt: the workers were stopped.
    """
    try:
        return believed(task, workers.run(TARGET, task.request(root), task.limits))
    except (MemcertError, OSError, ValueError) as error:
        return unexamined(task, error)


def unexamined(task: Task, error: Exception) -> Finding:
    """Return the finding on a certificate whose examination broke off. Raises: never."""
    step = failed("certificate", ending(error), Place(task.path))
    return Finding(task.path, "certificate", (step,), rules=task.demands.rules)


def believed(task: Task, answer: Any) -> Finding:
    """Return the finding of an answer, if it is about the certificate that was asked about.

    Raises:
        ValueError: it is not.
    """
    finding = from_json(answer)
    if finding.subject != task.path:
        raise ValueError("the worker's answer is about something else")
    return replace(finding, rules=task.demands.rules, cached=False)
