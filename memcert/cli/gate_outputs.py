"""The files that `memcert gate` writes: JUnit, SARIF, attestations, GitHub's summary.

UNTRUSTED.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memcert.endings import WORDS
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.findings import Finding
    from memcert.reports.attestation import Policy

SUMMARY = "GITHUB_STEP_SUMMARY"
"""Where a step of GitHub Actions finds the file for its summary."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where to; None: not wanted.

    Args:
        junit: a file.
        sarif: a file.
        attest: a folder, which is made.
        summary: whether a summary for GitHub is written, and its annotations.
    """

    junit: Path | None
    sarif: Path | None
    attest: Path | None
    summary: bool

    def require(self) -> None:
        """Refuse what cannot be written before an hour of work, not after it.

        Raises:
            UsageError: a file's folder does not exist, a folder is a file, or there is no summary.
        """
        for option, path in {"--junit": self.junit, "--sarif": self.sarif}.items():
            if path is not None and (path.is_dir() or not path.parent.is_dir()):
                raise UsageError(f"{option}: expected a file in a folder that exists, got {shown(str(path))}")
        if self.attest is not None and self.attest.exists() and not self.attest.is_dir():
            raise UsageError(f"--attest: expected a folder, got {shown(str(self.attest))}")
        if self.summary and not os.environ.get(SUMMARY):
            raise UsageError(
                f"--github-summary: expected the variable {SUMMARY}, as a step of GitHub Actions has it"
            )

    def write(
        self, findings: "Sequence[Finding]", status: int, policy: "Policy", rests_on: Sequence[str]
    ) -> None:
        """Write all that is wanted; each file appears whole or not at all.

        Args:
            findings: of the gate.
            status: its exit status.
            policy: that was applied.
            rests_on: whom the verdicts rest on.

        Raises:
            UsageError: as `require`. OSError: a file cannot be written.
        """
        if self.junit is not None:
            from memcert.reports.junit import junit

            _written(self.junit, junit(findings))
        if self.sarif is not None:
            from memcert.reports.sarif import sarif

            _written(self.sarif, sarif(findings, status))
        if self.attest is not None:
            attested(self.attest, findings, policy)
        if self.summary:
            _summarized(findings, status, rests_on)


def attested(folder: Path, findings: "Sequence[Finding]", policy: "Policy") -> None:
    """Write the statements, and take away those of an earlier run on the same files that are true no more.

    Raises:
        UsageError: SOURCE_DATE_EPOCH is no time, or the folder cannot be written.
    """
    from memcert.reports.attestation import names_of, now, statements

    time = now(os.environ.get("SOURCE_DATE_EPOCH"))
    folder.mkdir(parents=True, exist_ok=True)
    for finding in findings:
        made = dict(statements(finding, policy, time))
        for name in names_of(finding):
            if name not in made:
                (folder / name).unlink(missing_ok=True)
        for name, text in made.items():
            _written(folder / name, text)


def _summarized(findings: "Sequence[Finding]", status: int, rests_on: Sequence[str]) -> None:
    from memcert.reports.github import annotations, summary_of

    verdict = "passed" if status == 0 else WORDS[status]
    # The runner's own file: other steps' summaries stand in it, so it is added to.
    with Path(os.environ[SUMMARY]).open("a", encoding="utf-8") as file:
        file.write(summary_of(findings, verdict, rests_on))
    for line in annotations(findings):
        sys.stderr.write(f"{line}\n")


def _written(path: Path, text: str) -> None:
    from memcert.formats.atomic import atomic_write

    with atomic_write(path) as file:
        file.write(text)
