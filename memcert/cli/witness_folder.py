"""`memcert witness --folder`: all witnesses of a result folder of the VNN competition.

UNTRUSTED.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from memcert.cli.outcomes import HOLDS, MALFORMED, Outcome, Progress
from memcert.endings import first_of
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.cli.own_limits import Asked
    from memcert.interop.models import ImportOptions
    from memcert.witnesses.prepared import Prepared


def judged_folder(
    results: str,
    benchmark: str,
    options: "ImportOptions",
    *,
    limits: "Asked",
    repair: bool,
    fixed: str | None,
    summary: str | None,
    quiet: bool,
) -> Outcome:
    """Judge every witness of a folder; the status is the first of the table's order that occurs.

    Args:
        results: the folder of the tools' results.
        benchmark: the folder of the benchmark, or of several.
        options: how models are read.
        limits: of the bits of a model; all files are read under the others already.
        repair: whether to look for counterexamples near witnesses that are none.
        fixed: the folder that gets them.
        summary: a CSV with a row for each witness.
        quiet: no progress.

    Raises:
        MemcertError: the folders are not such folders.
        OSError: the CSV cannot be written.
    """
    from memcert.cli.outputs import maybe_writable
    from memcert.cli.witness_models import prepared
    from memcert.formats.atomic import atomic_write
    from memcert.reports.witness_folder import counted, record, table, write_csv
    from memcert.witnesses.folders import NONE, Options, judged
    from memcert.witnesses.layouts import paired, read_benchmarks

    target = maybe_writable(summary, "--csv")
    pairs = paired(results, read_benchmarks(benchmark))
    notes: dict[str, None] = {}

    def network(path: Path) -> "Prepared":
        imported, made = prepared(str(path), options)
        limits.bits(imported.network)
        notes.update(dict.fromkeys(f"{path.name}: {text}" for text in imported.model.notes))
        return made

    chosen = Options(network, repair, _folder(fixed))
    tell, entries = Progress(quiet=quiet), []
    for entry in judged(pairs, chosen):
        entries.append(entry)
        tell("witnesses", len(entries), len(pairs))
    counts = counted(entries)
    report = table(counts)
    if target is not None:
        with atomic_write(target) as file:
            write_csv(entries, file)
        report.append(f"wrote {shown(str(target))}: {len(entries):,} rows")
    report += [f"note: {shown(text, 500)}" for text in notes]
    status = first_of(entry.status for entry in entries)
    if status == HOLDS and all(entry.kind == NONE for entry in entries):
        report.append("no file holds a witness")
        status = MALFORMED
    verdict = "all hold" if status == HOLDS else "not all hold"
    facts = {"tools": counts, "entries": [record(entry) for entry in entries]}
    return Outcome(status, verdict, tuple(report), {**facts, "summary": summary, "notes": list(notes)})


def _folder(fixed: str | None) -> Path | None:
    if fixed is None:
        return None
    path = Path(fixed)
    if path.exists() and not path.is_dir():
        raise UsageError(f"-o: with --folder, expected a folder, got the file {shown(fixed)}")
    return path
