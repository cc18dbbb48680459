"""Examine certificates on machines elsewhere, by Dask: whole files go there, findings come back.

UNTRUSTED, and resting on those machines: every one that had a part is named. Each certificate has a
process of its own there too, under its limits.
"""

import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from memcert.cluster import Scheduler, code_identity, connected, version_of
from memcert.endings import INTERNAL, Ending, ending
from memcert.errors import MemcertError, UnsupportedError
from memcert.findings import Finding, Place, failed
from memcert.gate.discovery import inside
from memcert.gate.examination import digests_of_files, files_read
from memcert.gate.read import bytes_of_file
from memcert.gate.tasks import TARGET, Task, believed
from memcert.kernel.verdict import shown
from memcert.limits import Limits, Workers


def examined_remotely(tasks: Sequence[Task], root: Path, scheduler: Scheduler) -> Iterator[Finding]:
    """Yield the findings in the order in which they come.

    Raises:
        UsageError, UnsupportedError: as `connected`.
    """
    from joblib import Parallel, delayed, parallel_config

    known = {task.path: task for task in tasks}
    with connected(scheduler), parallel_config(backend="dask"):
        parallel = Parallel(return_as="generator_unordered", batch_size=1)
        shipped = (delayed(examine_shipment)(_shipment(task, root)) for task in tasks)
        for answer in parallel(shipped):
            yield _unpacked(answer, known, root)


def _shipment(task: Task, root: Path) -> dict[str, Any]:
    files = {}
    for name in files_read(task.path, task.demands):
        try:
            files[name] = bytes_of_file(inside(root, name))
        except MemcertError as error:
            return {"path": task.path, "ending": _told(ending(error))}
    limits = {"seconds": task.limits.seconds, "memory": task.limits.memory}
    return {"path": task.path, "request": task.request(root), "files": files, "limits": limits}


def _told(found: Ending) -> dict[str, Any]:
    return {"status": found.status, "verdict": found.verdict, "message": found.message}


def examine_shipment(shipment: Mapping[str, Any]) -> dict[str, Any]:
    """Examine one certificate on the machine where this runs.

    Args:
        shipment: `path`, `request`, `files`, bytes by path, `limits`.

    Returns:
        `path`, who did it, and the worker's `answer`, or how it `ended` instead.

    Raises:
        never.
    """
    by = {"worker": _worker(), **code_identity()}
    if "ending" in shipment:
        return {"path": shipment["path"], "by": by, "ending": shipment["ending"]}
    try:
        with tempfile.TemporaryDirectory(prefix="memcert-") as folder:
            for name, content in shipment["files"].items():
                target = Path(folder) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            request = {**shipment["request"], "root": folder}
            answer = Workers().run(TARGET, request, Limits(**shipment["limits"]))
    except Exception as error:
        return {"path": shipment["path"], "by": by, "ending": _told(ending(error))}
    return {"path": shipment["path"], "by": by, "answer": answer}


def _worker() -> str:
    from distributed import get_worker

    try:
        return f"{get_worker().address} on {platform.node()}"
    except ValueError:
        return f"this process on {platform.node()}"


def _unpacked(answer: Any, known: Mapping[str, Task], root: Path) -> Finding:
    """Return the finding of an answer, which rests on the machine that gave it."""
    task = known[answer["path"]]
    by, own = answer["by"], code_identity()
    place = Place(task.path)
    if {name: by[name] for name in own} != own:
        refusal = UnsupportedError(f"worker {shown(by['worker'])} has {version_of(by)}")
        return Finding(task.path, "certificate", (failed("certificate", ending(refusal), place),))
    if "ending" in answer:
        step = failed("certificate", Ending(**answer["ending"]), place)
        return Finding(task.path, "certificate", (step,), rules=task.demands.rules)
    try:
        finding = believed(task, answer["answer"])
        sent = digests_of_files(task.path, task.demands, root)
        if {name: finding.files.get(name) for name in sent} != sent:
            raise ValueError("the worker's answer is about other files")
    except ValueError as error:
        step = failed("certificate", Ending(INTERNAL, "internal error", str(error)), place)
        return Finding(task.path, "certificate", (step,), rules=task.demands.rules)
    return replace(finding, rests_on=(*finding.rests_on, f"Dask worker {by['worker']}"))
