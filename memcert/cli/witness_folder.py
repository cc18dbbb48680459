"""`memcert witness --folder`: all witnesses of a result folder of the VNN competition.

UNTRUSTED.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from memcert.cli.outcomes import HOLDS, MALFORMED, Outcome, Progress
from memcert.endings import first_of
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memcert.cli.own_limits import Asked
    from memcert.interop.models import ImportOptions
    from memcert.witnesses.claims import Claim
    from memcert.witnesses.folders import Entry
    from memcert.witnesses.layouts import Benchmark, Paired
    from memcert.witnesses.prepared import Prepared
    from memcert.witnesses.specification import Wanted


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
    from memcert.formats.atomic import atomic_write
    from memcert.questions.witness_models import prepared
    from memcert.reports.witness_folder import counted, record, table, write_csv
    from memcert.witnesses.claims import read_claims, settled
    from memcert.witnesses.folders import NONE, Options, judged
    from memcert.witnesses.layouts import paired, read_benchmarks

    chosen_folder = _folder(fixed, results)
    maybe_writable(summary, "--csv")
    benchmarks = read_benchmarks(benchmark)
    pairs = paired(results, benchmarks)
    claims, faults = read_claims(results, benchmarks)
    if not pairs and not claims and not faults:
        raise UsageError(f"--folder: there is no witness for the benchmark in {shown(results)}")
    target = maybe_writable(summary, "--csv", kept=_read(benchmark, benchmarks, pairs, claims, faults))
    notes: dict[str, None] = {}

    def network(path: Path, wanted: "Wanted | None") -> "Prepared":
        imported, made = prepared(str(path), options, wanted)
        limits.bits(imported.network)
        notes.update(dict.fromkeys(f"{path.name}: {text}" for text in imported.model.notes))
        return made

    chosen = Options(network, repair, chosen_folder)
    tell, entries = Progress(quiet=quiet), []
    told: dict[Path, dict[str, Any]] = {}
    try:
        for entry in judged(pairs, chosen):
            told[entry.paired.path] = record(entry)
            entries.append(entry.light())
            tell("witnesses", len(entries), len(pairs))
    except KeyboardInterrupt:
        written = sum(entry.mended for entry in entries) if fixed is not None else 0
        message = f"repaired witnesses that were written: {written:,}; nothing else was" if written else ""
        raise KeyboardInterrupt(message) from None
    entries = [*faults, *settled(entries, claims)]
    records = [{**(told.get(entry.paired.path) or record(entry)), "claim": entry.claim} for entry in entries]
    counts = counted(entries, [claim.paired.tool for claim in claims])
    report = table(counts)
    if target is not None:
        with atomic_write(target) as file:
            write_csv(records, file)
        report.append(f"wrote {shown(str(target))}: {len(entries):,} rows")
    report += [f"note: {shown(text, 500)}" for text in notes]
    status = first_of((HOLDS, *(entry.status for entry in entries)))
    if status == HOLDS and all(entry.kind == NONE for entry in entries):
        report.append("no file holds a witness")
        status = MALFORMED
    verdict = "all hold" if status == HOLDS else "not all hold"
    facts = {"tools": counts, "entries": records}
    return Outcome(status, verdict, tuple(report), {**facts, "summary": summary, "notes": list(notes)})


def _folder(fixed: str | None, results: str) -> Path | None:
    if fixed is None:
        return None
    path = Path(fixed)
    if path.exists() and not path.is_dir():
        raise UsageError(f"-o: with --folder, expected a folder, got the file {shown(fixed)}")
    if path.exists() and path.resolve() == Path(results).resolve():
        told = f"expected another folder than {shown(results)}, whose witnesses would be lost"
        raise UsageError(f"-o: {told}")
    return path


def _read(
    folder: str,
    benchmarks: "Iterable[Benchmark]",
    pairs: "Iterable[Paired]",
    claims: "Iterable[Claim]",
    faults: "Iterable[Entry]",
) -> "Iterator[Path]":
    # Every file that is read, so that none is written over.
    from memcert.witnesses.layouts import INSTANCES

    yield from Path(folder).rglob(INSTANCES)
    for benchmark in benchmarks:
        for instance in benchmark.by_path.values():
            yield from (*instance.models.values(), instance.property)
    yield from (pair.path for pair in pairs)
    yield from {claim.paired.path for claim in claims}
    yield from (fault.paired.path for fault in faults)
