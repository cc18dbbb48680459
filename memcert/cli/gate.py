"""`memcert gate`: every certificate of a repository, held against its policy.

UNTRUSTED.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.gate_outputs import Outputs
from memcert.cli.outcomes import HOLDS, Outcome, note, run
from memcert.cli.parameters import Json, Quiet
from memcert.endings import WORDS, ending, first_of
from memcert.errors import MemcertError, UsageError
from memcert.kernel.verdict import Failure

if TYPE_CHECKING:
    from memcert.cluster import Scheduler
    from memcert.findings import Finding
    from memcert.gate.cache import Cache
    from memcert.gate.governing import Governing
    from memcert.limits import Limits

EXAMPLE = "Example: memcert gate --policy-from origin/main --junit gate.xml --sarif gate.sarif"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for, beside its outputs; the options explain each."""

    paths: tuple[str, ...]
    config: str | None
    policy_from: str | None
    policy_digest: str | None
    jobs: int
    limits: "Limits"
    cache: bool | None
    scheduler: "Scheduler | None"
    quiet: bool


def gate(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATHS]", help="Where certificates are looked for [else the policy's paths]."
        ),
    ] = None,
    *,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The policy [else memcert.toml or pyproject.toml, at the root]."),
    ] = None,
    policy_from: Annotated[
        str | None,
        typer.Option(metavar="REV", help="Take the policy from this revision, and let nothing vanish."),
    ] = None,
    policy_digest: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Refuse a policy with another digest (exit 4).")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, max=1024, help="Processes [else one a core].")
    ] = None,
    timeout: Annotated[
        int | None,
        typer.Option(metavar="SECONDS", min=1, max=1_000_000, help="For each certificate; undecided beyond."),
    ] = None,
    max_memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="For each certificate, as 2GiB; undecided beyond.")
    ] = None,
    cache: Annotated[
        bool | None,
        typer.Option("--cache/--no-cache", help="Use verdicts of earlier runs [not where CI is set]."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster: tcp:// or tls://.")
    ] = None,
    tls_ca_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Who signs for the scheduler [as Dask is configured].")
    ] = None,
    tls_cert: Annotated[str | None, typer.Option(metavar="FILE", help="This client's certificate.")] = None,
    tls_key: Annotated[str | None, typer.Option(metavar="FILE", help="The key to it.")] = None,
    junit: Annotated[str | None, typer.Option(metavar="FILE", help="Write JUnit XML.")] = None,
    sarif: Annotated[str | None, typer.Option(metavar="FILE", help="Write SARIF 2.1.0.")] = None,
    attest: Annotated[
        str | None, typer.Option(metavar="DIR", help="Write in-toto statements, unsigned.")
    ] = None,
    github_summary: Annotated[
        bool, typer.Option("--github-summary", help="Add to $GITHUB_STEP_SUMMARY, and annotate lines.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check every certificate, and prove it where the policy says so, against the repository's own data.

    Exit status: the first that occurs of 70, 130, 2, 3, 4, 5, 1, 6, 0. Nothing found is 2; undecided
    never passes. docs/gate.md explains the policy.
    """

    def body() -> Outcome:
        from memcert.limits import Limits, require_memory_limit, size_of

        memory = None if max_memory is None else size_of(max_memory, "--max-memory")
        if memory is not None:
            require_memory_limit("--max-memory")
        outputs = Outputs(_path(junit), _path(sarif), _path(attest), github_summary)
        outputs.require()
        tls = (tls_ca_file, tls_cert, tls_key)
        wishes = Wishes(
            paths=tuple(paths or ()),
            config=config,
            policy_from=policy_from,
            policy_digest=policy_digest,
            jobs=jobs or os.cpu_count() or 1,
            limits=Limits(timeout, memory),
            cache=cache,
            scheduler=scheduled(scheduler, tls),
            quiet=quiet,
        )
        return gated(wishes, outputs)

    return run("gate", body, as_json=as_json, quiet=quiet)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def scheduled(address: str | None, tls: tuple[str | None, str | None, str | None]) -> "Scheduler | None":
    """Return where the work is done, if not here.

    Raises:
        UsageError: certificates are given and no address with `tls://`.
    """
    from memcert.cluster import Scheduler

    if any(tls) and not (address or "").startswith("tls://"):
        raise UsageError("--tls-ca-file, --tls-cert, --tls-key: need a --scheduler that starts with tls://")
    return None if address is None else Scheduler(address, *tls)


def gated(wishes: Wishes, outputs: Outputs) -> Outcome:
    """Run the gate and write its outputs, also where it could not be run at all.

    Raises:
        MemcertError, Failure: it could not be run; the outputs say so.
    """
    from memcert.findings import Finding, failed
    from memcert.gate.discovery import repository_of
    from memcert.gate.governing import governing
    from memcert.reports.attestation import Policy

    root = repository_of(Path.cwd())
    policy = Policy("none", "sha256:" + 64 * "0")
    try:
        named = None if wishes.config is None else _relative(root, wishes.config)
        governs = governing(root, named, wishes.policy_from, wishes.policy_digest)
        policy = Policy(governs.source, governs.digest)
        findings = _found(wishes, governs, root)
    except (MemcertError, Failure, OSError) as error:
        broken = Finding("memcert gate", "gate", (failed("gate", ending(error)),))
        outputs.write([broken], broken.status, policy, ())
        raise
    status = first_of(finding.status for finding in findings)
    rests = tuple(dict.fromkeys(name for finding in findings for name in finding.rests_on))
    outputs.write(findings, status, policy, rests)
    return outcome(findings, status, governs, rests)


def _relative(root: Path, path: str) -> str:
    from memcert.gate.discovery import relative_to

    return relative_to(root, path)


def _found(wishes: Wishes, governs: "Governing", root: Path) -> "tuple[Finding, ...]":
    from memcert.gate.run import Asked
    from memcert.gate.run import gate as run_gate
    from memcert.reports import escape

    note(f"policy: {escape.line(governs.source)}, {governs.digest}", quiet=wishes.quiet)
    for text in governs.notes:
        note(text, quiet=wishes.quiet)
    below = tuple(_relative(root, path) for path in wishes.paths) or None
    kept = opened_cache(wishes, governs, root)

    def told(finding: "Finding", done: int, total: int) -> None:
        word = "passed" if finding.status == HOLDS else finding.decisive.verdict
        note(f"{done:,} of {total:,}: {word}: {escape.path(finding.subject)}", quiet=wishes.quiet)

    asked = Asked(
        root,
        below,
        governs.policy,
        governs.file,
        wishes.jobs,
        wishes.limits,
        governs.base,
        kept,
        wishes.scheduler,
    )
    findings = run_gate(asked, told)
    if kept is not None:
        kept.prune()
    return findings


def opened_cache(wishes: Wishes, governs: "Governing", root: Path) -> "Cache | None":
    """Return the cache, if it is asked for, or allowed and not refused. Raises: OSError."""
    if wishes.cache is False or (wishes.cache is None and _in_ci()):
        return None
    from memcert.gate.cache import opened, state_folder

    found = opened(state_folder(os.environ, Path.home()), root, governs.policy.digest)
    if isinstance(found, str):
        note(found, quiet=wishes.quiet)
        return None
    return found


def _in_ci() -> bool:
    return os.environ.get("CI", "").casefold() not in ("", "0", "false")


def outcome(
    findings: "tuple[Finding, ...]", status: int, governs: "Governing", rests_on: Iterable[str]
) -> Outcome:
    """Return what is told of all findings.

    Args:
        findings: at least one.
        status: of all together.
        governs: the policy.
        rests_on: whom the verdicts rest on.

    Raises:
        never.
    """
    from memcert.reports import escape
    from memcert.reports.gate import as_data, failures, rows

    rests = list(rests_on)
    lines = [line for finding in findings for line in failures(finding)]
    passed = sum(finding.status == HOLDS for finding in findings)
    verdict = "passed" if status == HOLDS else WORDS[status]
    told = "; ".join(map(escape.line, rests)) or "nothing: no verdict was reached"
    last = f"{verdict}: {passed:,} of {len(findings):,} passed"
    policy = {"source": governs.source, "digest": governs.digest, "notes": list(governs.notes)}
    data = {"policy": policy, "rests_on": rests, **as_data(findings)}
    return Outcome(status, verdict, (*lines, rows(findings), f"rests on: {told}", last), data)
