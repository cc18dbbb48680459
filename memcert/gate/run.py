"""Run the gate: select, share the work among processes, and hold the whole against the policy.

UNTRUSTED. Every certificate has a process of its own, under its limits of time and memory.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from memcert.endings import USAGE, WORDS, Ending, ending
from memcert.errors import MemcertError, UsageError
from memcert.findings import Finding, Place, failed
from memcert.formats.files import read_bounded
from memcert.gate.base import Base, lies_below, removed_files, removed_rules
from memcert.gate.discovery import Selection, select, walk
from memcert.gate.globs import matches
from memcert.gate.policy import Policy
from memcert.gate.rules import covering, joined
from memcert.gate.tasks import Task, examined, limits_of
from memcert.kernel.verdict import Rejected, Words, shown
from memcert.limits import Limits, Workers

if TYPE_CHECKING:
    from memcert.cluster import Scheduler
    from memcert.gate.cache import Cache

Told = Callable[[Finding, int, int], None]
"""Told of each finding as it comes: how many there are now, and in all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be gated, and how.

    Args:
        root: of the repository.
        paths: relative to it; None: those of the policy.
        policy: that holds.
        source: the file of the policy, relative to the root; None: there is none.
        jobs: processes at a time.
        limits: for each certificate, beside the policy's; the stricter count.
        base: what the change starts from; None: it is not compared.
        cache: of earlier verdicts; None: none is used.
        scheduler: of Dask, where the work is done elsewhere.
    """

    root: Path
    paths: tuple[str, ...] | None
    policy: Policy
    source: str | None
    jobs: int
    limits: Limits
    base: Base | None = None
    cache: "Cache | None" = None
    scheduler: "Scheduler | None" = None


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
    below = asked.paths or policy.paths
    selection = select(asked.root, below, policy.exclude)
    if not selection.certificates and not selection.boxes and not selection.unreadable:
        raise UsageError("no certificate was found: a gate that looks at nothing lets everything pass")
    tasks, refused = _tasks(asked, selection)
    found = [*refused, *(_unreadable(path, why) for path, why in selection.unreadable)]
    total = len(tasks) + len(found)
    for finding in found:
        told(finding, 0, total)
    for count, finding in enumerate(_examined(asked, tasks), len(found) + 1):
        told(finding, count, total)
        found.append(finding)
    bound = {task.demands.model for task in tasks}
    replayed = {task.demands.boxes for task in tasks}
    found += (_alone(path) for path in selection.boxes if path not in replayed)
    found += (_uncertified(model) for model in _models(asked.root, policy, below) if model not in bound)
    if asked.base is not None:
        found += removed_files(asked.base, selection, below)
        found += removed_rules(asked.base.found.policy, asked.base.here.policy, asked.source)
    if asked.paths is None:
        found += _unused(asked, selection)
    return tuple(sorted(found, key=lambda finding: (finding.kind, finding.subject)))


def _tasks(asked: Asked, selection: Selection) -> tuple[list[Task], list[Finding]]:
    tasks, refused = list[Task](), list[Finding]()
    for path in selection.certificates:
        rules = covering(asked.policy, path)
        try:
            if not rules:
                raise Rejected("covered", "policy", "a rule that covers this certificate", Words("none"))
            demands = joined(rules, path)
            if not asked.policy.rules:
                demands = replace(demands, boxes=_beside(path, selection))
        except (UsageError, Rejected) as error:
            refused.append(Finding(path, "certificate", (failed("policy", ending(error), Place(path)),)))
            continue
        tasks.append(Task(path, demands, limits_of(asked.limits, demands)))
    return tasks, refused


def _beside(path: str, selection: Selection) -> str | None:
    """Return the box file that `memcert verify --box -o` gives a certificate, if it is there."""
    stem = path.removesuffix(".gz").removesuffix(".json")
    names = (f"{stem}.boxes.json", f"{stem}.boxes.json.gz")
    return next((name for name in names if name in selection.boxes), None)


def _alone(path: str) -> Finding:
    expected = "a certificate beside which a rule has it replayed (`boxes`)"
    error = Rejected("covered", "boxes", expected, Words("none"))
    return Finding(path, "boxes", (failed("covered", ending(error), Place(path)),))


def _unreadable(path: str, why: Ending) -> Finding:
    return Finding(path, "certificate", (failed("certificate", why, Place(path)),))


def _examined(asked: Asked, tasks: Sequence[Task]) -> Iterator[Finding]:
    """Yield the findings in the order in which they come: those of the cache first."""
    left, demands = [], {task.path: task.demands for task in tasks}
    for task in tasks:
        known = None if asked.cache is None else asked.cache.found(task.path, task.demands)
        if known is None:
            left.append(task)
        else:
            yield replace(known, rules=task.demands.rules)
    for finding in _fresh(asked, left):
        if asked.cache is not None:
            with suppress(MemcertError, OSError):  # a verdict that cannot be kept is still one
                asked.cache.keep(finding, demands[finding.subject])
        yield finding


def _fresh(asked: Asked, tasks: Sequence[Task]) -> Iterator[Finding]:
    if not tasks:
        return
    if asked.scheduler is not None:
        from memcert.gate.remote import examined_remotely

        yield from examined_remotely(tasks, asked.root, asked.scheduler)
        return
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


def _models(root: Path, policy: Policy, below: tuple[str, ...]) -> Iterator[str]:
    """Yield the files below some paths that the policy calls models."""
    if policy.models:
        for path in sorted(walk(root, ".")):
            if matches(path, policy.models) and lies_below(path, below):
                yield path


def _uncertified(path: str) -> Finding:
    error = Rejected("covered", "models", f"a certificate bound to {shown(path)} by a rule", Words("none"))
    return Finding(path, "model", (failed("covered", ending(error), Place(path)),))


def _unused(asked: Asked, selection: Selection) -> Iterator[Finding]:
    """Yield a finding for each rule that covers nothing, is not optional, and whose files were not let go."""
    base = asked.base
    gated = {*selection.certificates, *(path for path, _ in selection.unreadable)}
    if base is not None:
        gated.update(path for path in base.revision.files if matches(path, base.found.policy.allow_removed))
    for rule in asked.policy.rules:
        if not rule.optional and not any(matches(path, rule.files) for path in gated):
            message = f"rule {rule.name} matches no certificate; one that may is marked `optional = true`"
            places = [] if asked.source is None else [_line_of(asked.root, asked.source, rule.name)]
            yield Finding(
                rule.name, "rule", (failed("matches", Ending(USAGE, WORDS[USAGE], message), *places),)
            )


def _line_of(root: Path, source: str, rule: str) -> Place:
    """Return where a policy names a rule, as far as its usual spelling is found."""
    named = re.compile(rf"""\s*name\s*=\s*["']{re.escape(rule)}["']""")
    with suppress(MemcertError, UnicodeDecodeError):
        text = read_bounded(str(root / source)).decode("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if named.match(line):
                return Place(source, number)
    return Place(source)
