"""Examine one certificate against what is demanded of it: the work of one process of the gate.

UNTRUSTED. What decides is the kernel, the fast engine and the prover; here their verdicts become
steps. Whatever is demanded and not reached is undecided.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from memcert.endings import HOLDS, ending
from memcert.errors import UsageError
from memcert.evidence.decode import is_evidence
from memcert.findings import Finding, Place, Step, failed, not_reached, to_json
from memcert.gate import claims, verdicts
from memcert.gate.demands import Demands, demands_of
from memcert.gate.own_data import files_of, own_data, place_of
from memcert.gate.read import Read, Source, Text, decoded, digest_of_file, read_text
from memcert.kernel.verdict import Malformed, Rejected, Words, shown

OWN_WORD = "the samples that the certificate quotes, by its maker's word"


def examine(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the finding on one certificate, as JSON.

    Args:
        request: `root`, the folder that the paths are relative to; `certificate`, a path; `demands`, as
            `Demands.to_json` gives them.

    Raises:
        KeyError, TypeError: it is no such request. OSError: there is no such folder.
    """
    os.chdir(request["root"])  # so that messages name files as the repository does
    started = monotonic()
    path, demands = request["certificate"], demands_of(request["demands"])
    before = digests_of_files(path, demands, Path())
    finding = _examined(path, demands, before)
    after = digests_of_files(path, demands, Path())
    steps = finding.steps
    if after != before:
        changed = ", ".join(shown(name) for name in before if before[name] != after[name])
        steps = (failed("files", ending(UsageError(f"{changed}: changed while being examined"))), *steps)
    took = round((monotonic() - started) * 1000)
    files = {**before, **{n: d for n, d in finding.facts.get("model_files", {}).items() if n not in before}}
    whole = Finding(path, finding.kind, steps, files, finding.facts, finding.rests_on, demands.rules)
    return to_json(whole) | {"milliseconds": took}


def files_read(path: str, demands: Demands) -> tuple[str, ...]:
    """Return the files that the examination of a certificate reads. Raises: never."""
    named = tuple(name for name in (demands.model, demands.boxes) if name is not None)
    return tuple(dict.fromkeys((path, *files_of(demands.binding), *named)))


def digests_of_files(path: str, demands: Demands, root: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that is read, `` where it cannot be. Raises: never."""
    return {name: digest_of_file(root / name) for name in files_read(path, demands)}


def _examined(path: str, demands: Demands, files: Mapping[str, str]) -> Finding:
    names = [*verdicts.names_of(demands), *claims.names_of(demands)]
    text = Text(path, b"", packed=True)
    try:
        text = read_text(path)
        if is_evidence(text.content):
            return _evidence(text, demands, files)
        read = decoded(text)
    except Exception as error:
        place = text.place_of_damage(error.at) if isinstance(error, Malformed) else Place(path)
        steps = (failed("certificate", ending(error), place), *not_reached(names, Place(path)))
        return Finding(path, "certificate", steps, files)
    first = Step("certificate", HOLDS, "read", f"{len(text.content):,} bytes of memcert/1")
    found = _judged(read, demands)
    reached = {step.name for step in found.steps}
    missing = not_reached([name for name in names if name not in reached], Place(path))
    return Finding(path, "certificate", (first, *found.steps, *missing), files, found.facts, found.rests_on)


def _judged(read: Read, demands: Demands) -> Finding:
    """Return the steps after reading, as far as one fails that others rest on."""
    binding, stated = demands.binding, read.certificate.dataset
    path = read.text.path
    try:
        if binding is None and stated.points is None:
            raise UsageError("the certificate does not hold its data: a rule must name them (`data`)")
        data = None if binding is None else own_data(binding, values=stated.classes is None)
    except Exception as error:
        place = Place(path) if binding is None else place_of(binding, error)
        return Finding(path, "certificate", (failed("data", ending(error), place),))
    source = Source(path, read.text.lines, data, None if binding is None else binding.data)
    steps, facts, rests = list[Step](), dict[str, Any](), dict[str, None]()
    for told in verdicts.verdicts(read, demands, source):
        steps.append(told.step)
        if not told.step.holds:
            return Finding(path, "certificate", tuple(steps), {}, facts, tuple(rests))
        facts |= told.facts
        rests |= dict.fromkeys(told.rests_on)
    if data is None:
        rests[OWN_WORD] = None
    steps += claims.steps(read, demands, facts, source, Path(path).stat().st_size)
    return Finding(path, "certificate", tuple(steps), {}, facts, tuple(rests))


def _evidence(text: Text, demands: Demands, files: Mapping[str, str]) -> Finding:
    """Examine evidence, of which nothing can be demanded but that it is valid."""
    from memcert.evidence.check import check
    from memcert.evidence.decode import decode
    from memcert.kernel.data import Table

    names = [n for n in (*verdicts.names_of(demands)[1:], *claims.names_of(demands)) if n != claims.ACCURACY]
    try:
        table = None
        if demands.binding is not None:
            data = own_data(demands.binding, values=False)
            table = Table(data.size, data.dimension, data.columns, data.rows())
        found = check(decode(text.content), table)
        if names:
            asked = f"a certificate, of which {', '.join(names)} can be demanded"
            raise Rejected("expected_certificate", "format", asked, Words("evidence"))
    except Exception as error:
        place = text.place_of_damage(getattr(error, "at", None))
        return Finding(text.path, "evidence", (failed("check", ending(error), place),), files)
    facts = {"kind": found.kind, "statement": found.statement}
    step = Step("check", HOLDS, "valid evidence", found.statement)
    rests = ("exact arithmetic on the quoted rows (memcert.evidence)",)
    return Finding(text.path, "evidence", (step,), files, facts, rests)
