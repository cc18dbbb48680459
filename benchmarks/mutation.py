"""The mutation score: single edits of certificates of every construction, and what becomes of each.

Run: python benchmarks/mutation.py [--edits 100000] [--proofs 6000] [--seed 0] [--jobs 2]. Edits are made
before digests are recomputed, as a forger would; the column `old digests` is the same edit without
that. Only what is accepted goes to the naive evaluator, which decides every claim again. Exits with 1
if anything false was accepted or proved, or anything crashed. Writes benchmarks/results/mutation.json
and the tables of docs/evidence.md.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corrupted"))

from joblib import Parallel, delayed
from measuring import save
from mutation_tools import Score, makers, run, run_proofs
from tables import between, table

DOCUMENT = Path(__file__).parents[1] / "docs" / "evidence.md"
CHUNK = 500
"""Edits that one worker makes from one seed."""


def scored(
    act: Callable[[list[str], int, int], Score], edits: int, first: int, jobs: int
) -> tuple[Score, float]:
    """Return the score of so many edits of all certificates, and the seconds of wall-clock time."""
    names, start, total = list(makers()), time.perf_counter(), Score()
    chunk = min(CHUNK, -(-edits // jobs))
    seeds = range(first, first + -(-edits // chunk))
    found = Parallel(n_jobs=jobs, return_as="generator")(delayed(act)(names, seed, chunk) for seed in seeds)
    for place, score in enumerate(found, 1):
        total.add(score)
        print(f"{act.__name__}: {place:,} of {len(seeds):,} parts, {total.tried:,} edits", file=sys.stderr)
        for words in score.wrong:
            print(words, flush=True)
    return total, time.perf_counter() - start


def told(score: Score, seconds: float) -> dict[str, object]:
    """Return a score as JSON."""
    return {
        "tried": score.tried,
        "outcomes": dict(score.outcomes.most_common()),
        "old digests": dict(score.stale.most_common()),
        "rules": dict(score.rules.most_common()),
        "edits": dict(score.kinds.most_common()),
        "wrong": score.wrong,
        "slowest milliseconds": round(1000 * score.slowest),
        "seconds": round(seconds),
    }


def _outcomes(checks: Score, proofs: Score) -> str:
    names = {
        "malformed": "refused when read (exit 3)",
        "rejected": "rejected by a check (exit 1)",
        "undecided": "a limit was reached (exit 6)",
        "unsupported": "another version (exit 5)",
        "mismatch": "another identity (exit 4)",
        "accepted, true": "accepted, and true",
        "accepted, left to a proof": "accepted; the edit is in what a check lists as not examined",
        "accepted, no meaning": "accepted; the edit is in a name or note, which means nothing",
        "accepted, false": "**accepted, and false**",
        "crashed": "**crashed**",
    }
    always = {"accepted, true", "accepted, false", "crashed"}
    rows = [
        (words, checks.outcomes[name], checks.stale[name])
        for name, words in names.items()
        if checks.outcomes[name] or checks.stale[name] or name in always
    ]
    first = table(
        ("outcome of `check`", "digests made anew", "old digests"),
        [("tried", checks.tried, checks.tried), *rows],
    )
    kinds = [
        "malformed",
        "refuted",
        "undecided",
        "proved, accepted by a check",
        "proved, a check rejects what a proof leaves out",
        "proved, rejected by a check",
        "proved, false",
        "crashed",
    ]
    bold = {"proved, rejected by a check", "proved, false", "crashed"}
    told_of = [(f"**{name}**" if name in bold else name, proofs.outcomes[name]) for name in kinds]
    second = table(("outcome of `prove`", "edits"), [("tried", proofs.tried), *told_of])
    return f"{first}\n\n{second}"


def _rules(score: Score) -> str:
    return table(("refused by", "edits"), [(f"`{rule}`", count) for rule, count in score.rules.most_common()])


def main() -> None:
    """Run the edits, print the tables, write them down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edits", type=int, default=100_000)
    parser.add_argument("--proofs", type=int, default=6_000, help="about a third of them can be read")
    parser.add_argument("--seed", type=int, default=0, help="the first of a range of seeds")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    checks, check_seconds = scored(run, options.edits, options.seed, options.jobs)
    proofs, proof_seconds = scored(run_proofs, options.proofs, options.seed, options.jobs)
    tables = _outcomes(checks, proofs)
    print(tables)
    save(
        "mutation",
        {
            "certificates": list(makers()),
            "check": told(checks, check_seconds),
            "prove": told(proofs, proof_seconds),
        },
    )
    between(DOCUMENT, "mutation", tables)
    between(DOCUMENT, "rules", _rules(checks))
    raise SystemExit(bool(checks.wrong or proofs.wrong))


if __name__ == "__main__":
    main()
