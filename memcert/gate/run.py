"""Run the gate: select, share the work among processes, and hold the whole against the policy.

UNTRUSTED. Every certificate has a process of its own, under its limits of time and memory.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from memcert.endings import USAGE, WORDS, Ending, ending
from memcert.errors import MemcertError, UsageError
from memcert.findings import Finding, Place, failed, from_json
from memcert.gate.demands import Demands, covering, joined
from memcert.gate.discovery import Selection, select
from memcert.gate.globs import matches
from memcert.gate.policy import MEMORY, Policy
from memcert.kernel.verdict import Rejected, Words
from memcert.limits import Limits, Workers, memory_can_be_limited

TARGET = ".".join(("memcert.gate", "examination")) + ":examine"
Told = Callable[[Finding, int, int], None]
"""Told of each finding as it comes: how many there are now, and in all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be gated, and how.

    Args:
        root: of the repository.
        paths: relative to it; None: those of the policy.
        policy: that holds.
        jobs: processes at a time.
        limits: for each certificate, beside the policy's; the stricter count.
    """

    root: Path
    paths: tuple[str, ...] | None
    policy: Policy
    jobs: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Task:
    """One certificate and what is demanded of it."""

    path: str
    demands: Demands
    limits: Limits

    def request(self, root: Path) -> dict[str, Any]:
        """Return what a worker is asked. Raises: never."""
        return {"root": str(root), "certificate": self.path, "demands": self.demands.to_json()}


def gate(asked: Asked, told: Told) -> tuple[Finding, ...]:
    """Return what was found of every certificate, and of the demands on all of them.

    Args:
        asked: what to do.
        told: of the progress.

    Raises:
        UsageError: nothing was selected, or a path is not there.
        KeyboardInterrupt: all workers were ended first.
    """
    policy = asked.policy
    selection = select(asked.root, asked.paths or policy.paths, policy.exclude)
    if not selection.certificates and not selection.unreadable:
        raise UsageError("no certificate was found: a gate that looks at nothing lets everything pass")
    tasks, refused = _tasks(asked, selection)
    found = [*refused, *(_unreadable(path, why) for path, why in selection.unreadable)]
    total = len(tasks) + len(found)
    for finding in found:
        told(finding, 0, total)
    for count, finding in enumerate(_examined(asked, tasks), len(found) + 1):
        told(finding, count, total)
        found.append(finding)
    if asked.paths is None:
        found += _unused(policy, selection)
    return tuple(sorted(found, key=lambda finding: (finding.kind, finding.subject)))


def _tasks(asked: Asked, selection: Selection) -> tuple[list[Task], list[Finding]]:
    tasks, refused = list[Task](), list[Finding]()
    for path in selection.certificates:
        rules = covering(asked.policy, path)
        try:
            if not rules:
                raise Rejected("covered", "policy", "a rule that covers this certificate", Words("none"))
            demands = joined(rules, path)
        except (UsageError, Rejected) as error:
            refused.append(Finding(path, "certificate", (failed("policy", ending(error), Place(path)),)))
            continue
        tasks.append(Task(path, demands, _limits(asked.limits, demands)))
    return tasks, refused


def _limits(asked: Limits, demands: Demands) -> Limits:
    memory = [size for size in (asked.memory, demands.max_memory) if size is not None]
    if not memory and memory_can_be_limited():
        memory = [MEMORY]
    return Limits(min(demands.timeout, asked.seconds or demands.timeout), min(memory, default=None))


def _unreadable(path: str, why: Ending) -> Finding:
    return Finding(path, "certificate", (failed("certificate", why, Place(path)),))


def _examined(asked: Asked, tasks: Sequence[Task]) -> Iterator[Finding]:
    """Yield the findings in the order in which they come."""
    from joblib import Parallel, delayed

    workers = Workers()
    # Threads only wait here: each has a process of its own at work.
    parallel = Parallel(
        n_jobs=max(1, min(asked.jobs, len(tasks))), backend="threading", return_as="generator_unordered"
    )
    try:
        yield from parallel(delayed(examined)(task, asked.root, workers) for task in tasks)
    except BaseException:
        workers.stop()
        raise


def examined(task: Task, root: Path, workers: Workers) -> Finding:
    """Return what a process of its own finds of one certificate.

    Raises:
        KeyboardInterrupt: the workers were stopped.
    """
    try:
        answer = workers.run(TARGET, task.request(root), task.limits)
        return believed(task, answer)
    except (MemcertError, OSError, ValueError) as error:
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


def _unused(policy: Policy, selection: Selection) -> Iterator[Finding]:
    """Yield a finding for each rule that covers nothing and is not said to be optional."""
    gated = (*selection.certificates, *(path for path, _ in selection.unreadable))
    for rule in policy.rules:
        if not rule.optional and not any(matches(path, rule.files) for path in gated):
            message = f"rule {rule.name} matches no certificate; one that may is marked `optional = true`"
            yield Finding(rule.name, "rule", (failed("matches", Ending(USAGE, WORDS[USAGE], message)),))
