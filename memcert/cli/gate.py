"""`memcert gate`: every certificate of a repository, held against its policy.

UNTRUSTED.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.outcomes import HOLDS, Outcome, note, run
from memcert.cli.parameters import Json, Quiet
from memcert.endings import WORDS, first_of

if TYPE_CHECKING:
    from memcert.findings import Finding

EXAMPLE = "Example: memcert gate --config memcert.toml --junit gate.xml --sarif gate.sarif"


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
        typer.Option(
            metavar="FILE", help="The policy [else memcert.toml or pyproject.toml of the repository]."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, max=1024, help="Processes [else one a core].")
    ] = None,
    timeout: Annotated[
        int | None,
        typer.Option(metavar="SECONDS", min=1, max=1_000_000, help="For each certificate; undecided beyond."),
    ] = None,
    max_memory: Annotated[
        str | None,
        typer.Option(
            "--max-memory", metavar="SIZE", help="For each certificate, such as 2GiB; undecided beyond."
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check every certificate, and prove it where the policy says so, against the repository's own data.

    Exit status: the first that occurs of 70, 130, 2, 3, 4, 5, 1, 6, 0. Nothing found is 2; undecided
    never passes.
    """

    def body() -> Outcome:
        from memcert.gate.discovery import relative_to, repository_of
        from memcert.gate.policy_files import find, in_folder
        from memcert.gate.run import Asked
        from memcert.gate.run import gate as gated
        from memcert.limits import Limits, require_memory_limit, size_of

        memory = None if max_memory is None else size_of(max_memory, "--max-memory")
        if memory is not None:
            require_memory_limit("--max-memory")
        root = repository_of(Path.cwd())
        named = None if config is None else relative_to(root, config)
        policy = find(in_folder(root), named).policy
        below = tuple(relative_to(root, path) for path in paths) if paths else None
        asked = Asked(root, below, policy, jobs or os.cpu_count() or 1, Limits(timeout, memory))

        def told(finding: "Finding", done: int, total: int) -> None:
            from memcert.reports import escape

            word = "passed" if finding.status == HOLDS else finding.decisive.verdict
            note(f"{done:,} of {total:,}: {word}: {escape.path(finding.subject)}", quiet=quiet)

        return outcome(gated(asked, told))

    return run("gate", body, as_json=as_json, quiet=quiet)


def outcome(findings: "tuple[Finding, ...]") -> Outcome:
    """Return what is told of all findings, and their status. Raises: never."""
    from memcert.reports.gate import as_data, failures, rows

    status = first_of(finding.status for finding in findings)
    lines = [line for finding in findings for line in failures(finding)]
    passed = sum(finding.status == HOLDS for finding in findings)
    verdict = "passed" if status == HOLDS else WORDS[status]
    last = f"{verdict}: {passed:,} of {len(findings):,} passed"
    return Outcome(status, verdict, (*lines, rows(findings), last), as_data(findings))
