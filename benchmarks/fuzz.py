"""Fuzzing of everything that reads a file from elsewhere, with atheris (extra `fuzz`).

Run: python benchmarks/fuzz.py [TARGET ...] [--seconds 600] [--jobs 2] [--write]. Inputs grow from true
files; JSON is changed in its structure too. Memcert's own errors are allowed, but for exit status 70;
anything else, ten seconds for one input, or 2 GB is a finding. It is kept in tests/fuzzed/TARGET/, where
every test run tries it again. Exits with 1 if there is one. --write: each run is added to those of
benchmarks/results/fuzz.json, and their sums are the table of docs/evidence.md.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from fuzz_targets import ROOT, TARGETS
from measuring import RESULTS, save
from tables import between, table

DOCUMENT = ROOT / "docs" / "evidence.md"
FOUND = ROOT / "tests" / "fuzzed"
SECONDS_EACH, MEGABYTES = 10, 2048


@dataclass(frozen=True)
class Run:
    """What fuzzing one target came to."""

    target: str
    seconds: int
    executions: int
    inputs: int
    findings: tuple[str, ...]


def fuzzed(target: str, seconds: int) -> Run:
    """Fuzz one target in a process of its own, and again after each finding, until the time is used."""
    findings: list[str] = []
    executions = used = inputs = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus, artifacts = folder / "corpus", folder / "artifacts"
        corpus.mkdir()
        artifacts.mkdir()
        for place, seed in enumerate(TARGETS[target].seeds()):
            (corpus / f"seed{place}").write_bytes(seed)
        while used < seconds and len(findings) < 10:
            log = _child(target, corpus, artifacts, seconds - used)
            executions += _stated(log, r"stat::number_of_executed_units: (\d+)")
            used += max(1, _stated(log, r"in (\d+) second"))
            inputs = sum(1 for _ in corpus.iterdir())
            new = [_kept(target, path) for path in artifacts.iterdir()]
            if not new and "Done " not in log:
                raise SystemExit(f"{target}: the fuzzer did not run:\n{log[-3000:]}")
            findings += new
            if not new:
                break
    return Run(target, used, executions, inputs, tuple(findings))


def _child(target: str, corpus: Path, artifacts: Path, seconds: int) -> str:
    words = [sys.executable, str(Path(__file__).with_name("fuzz_child.py")), target, str(corpus)]
    words += [f"-max_total_time={seconds}", f"-timeout={SECONDS_EACH}", f"-rss_limit_mb={MEGABYTES}"]
    words += [f"-artifact_prefix={artifacts}/", "-print_final_stats=1", "-verbosity=1"]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    return done.stderr + done.stdout


def _stated(log: str, pattern: str) -> int:
    found = re.findall(pattern, log)
    return int(found[-1]) if found else 0


def _kept(target: str, artifact: Path) -> str:
    folder = FOUND / target
    folder.mkdir(parents=True, exist_ok=True)
    kind = artifact.name.split("-")[0]
    kept = folder / f"{kind}-{hashlib.sha256(artifact.read_bytes()).hexdigest()[:16]}"
    shutil.move(artifact, kept)
    return str(kept.relative_to(ROOT))


def told(runs: Sequence[Run]) -> str:
    """Return the table of the runs: sums for each target, of the kept inputs the most."""
    rows = []
    for name in TARGETS:
        own = [run for run in runs if run.target == name]
        if own:
            seconds, executions = sum(run.seconds for run in own), sum(run.executions for run in own)
            found = sum(len(run.findings) for run in own)
            rows.append((seconds, executions, max(run.inputs for run in own), found, TARGETS[name].reads))
    totals = [sum(int(row[place]) for row in rows) for place in range(4)]
    head = ("reader", "seconds", "executions", "inputs kept", "found and fixed")
    return table(head, [*((row[4], *row[:4]) for row in rows), ("**all**", *totals)])


def earlier() -> list[Run]:
    """Return the runs that are written down; a target that is no more counts no more."""
    path = RESULTS / "fuzz.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["runs"] if path.exists() else []
    return [Run(**{**run, "findings": tuple(run["findings"])}) for run in kept if run["target"] in TARGETS]


def main() -> None:
    """Fuzz, print, and write down where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"unknown targets {sorted(unknown)}")
    names = options.targets or list(TARGETS)
    with ThreadPoolExecutor(options.jobs) as pool:
        runs = list(pool.map(lambda name: fuzzed(name, options.seconds), names))
    print(told(runs), *(finding for run in runs for finding in run.findings), sep="\n")
    if options.write:
        every = [*earlier(), *runs]
        save("fuzz", {"runs": [asdict(run) for run in every]})
        between(DOCUMENT, "fuzz", told(every))
    raise SystemExit(any(run.findings for run in runs))


if __name__ == "__main__":
    main()
