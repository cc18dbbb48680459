"""The README's table of evidence, from the results of the runs that made it; it runs nothing itself.

Run: python benchmarks/evidence.py, after corpus.py, mutation.py, engines.py, fuzz.py and kills.py.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from measuring import RESULTS
from tables import between, table

README = Path(__file__).parents[1] / "README.md"


def _found(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def corpus() -> tuple[str, str, str]:
    """Return what is tried, how often, and what came of it, of the must-fail corpus."""
    found = _found("corpus")
    number = sum(int(row[2]) for row in found["rows"])
    memory = max(int(row[4].split()[0]) for row in found["rows"])
    seconds = max(float(row[3].split()[0]) for row in found["rows"])
    wrong = len(found["wrong"])
    outcome = (
        f"{wrong} with another exit status or beyond the limits; at most {seconds:.1f} s and {memory} MB"
    )
    return "files that must be refused (`benchmarks/corpus.py`)", f"{number:,}", outcome


def mutation(command: str, words: str, false: tuple[str, ...]) -> tuple[str, str, str]:
    """Return the same of single edits under one command."""
    found = _found("mutation")[command]
    wrong = sum(found["outcomes"].get(name, 0) for name in false)
    crashed = found["outcomes"].get("crashed", 0)
    read = found["tried"] - found["outcomes"].get("malformed", 0)
    outcome = f"{read:,} could be read; **{wrong} accepted and false**, {crashed} crashed"
    return f"single edits of certificates, {words} (`benchmarks/mutation.py`)", f"{found['tried']:,}", outcome


def engines() -> tuple[str, str, str]:
    """Return the same of random networks evaluated several times."""
    found = _found("engines")
    outcome = f"{found['differences']} of {found['numbers']:,} outputs differ"
    return (
        "random networks, naive against kernel and engines (`benchmarks/engines.py`)",
        f"{found['networks']:,}",
        outcome,
    )


def fuzzing() -> tuple[str, str, str]:
    """Return the same of fuzzing."""
    runs = _found("fuzz")["runs"]
    minutes, findings = sum(run["seconds"] for run in runs) / 60, sum(len(run["findings"]) for run in runs)
    executions = sum(run["executions"] for run in runs)
    targets = len({run["target"] for run in runs})
    words = f"inputs fuzzed into {targets} readers, {minutes:.0f} minutes (`benchmarks/fuzz.py`)"
    return (
        words,
        f"{executions:,}",
        f"{findings} findings over all runs; what caused them was mended, and samples are tests",
    )


def kills() -> tuple[str, str, str]:
    """Return the same of commands that were killed."""
    found = _found("kills")
    number = sum(
        count
        for command in found["found"].values()
        for words, count in command.items()
        if words.startswith("killed")
    )
    return (
        "commands killed at random moments (`benchmarks/kills.py`)",
        f"{number:,}",
        f"{len(found['torn'])} torn files",
    )


def main() -> None:
    """Write the table."""
    rows = [
        corpus(),
        mutation("check", "`check`", ("accepted, false",)),
        mutation("prove", "`prove`", ("proved, false", "proved, rejected by a check")),
        engines(),
        fuzzing(),
        kills(),
    ]
    text = table(("what is tried", "how often", "outcome"), rows)
    between(README, "evidence", text)
    print(text)


if __name__ == "__main__":
    main()
