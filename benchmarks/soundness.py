"""Try to have something false proved: certificates as in tests/proofs/test_soundness.py, N of each.

Run: python benchmarks/soundness.py N [--first SEED] [--points 30]. Every certificate that is proved
is evaluated, exactly and without the prover, at many points of its boxes. Prints what became of
them, and each contradiction, unexpected error and slow proof with its seed; exits with 1 if there is any.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from soundness_tools import assembled, contradiction, edited, found_by, honest, read, widened

from memcert.kernel.certificate import Certificate
from memcert.proofs.result import ProofResult

SLOW = 20.0
"""Seconds after which a proof of so small a network is told."""
EDITS = 25
"""So many edited certificates are made of each true one."""


class Run:
    """What became of the certificates, and how many of them went wrong."""

    def __init__(self, points: int) -> None:
        """Start with none; `points` random points of each box are evaluated."""
        self.points, self.counts, self.wrong = points, Counter[str](), 0

    def tell(self, name: str, words: str) -> None:
        """Print something that must not be, with the seed that makes it."""
        self.wrong += 1
        print(f"{name}: {words}", flush=True)

    def examine(self, name: str, certificate: Certificate, random: Random) -> ProofResult | None:
        """Prove a certificate and contradict it; return the result if it is proved."""
        started = time.monotonic()
        try:
            found = found_by(certificate)
        except Exception:  # whatever escapes is a defect, and the other seeds are tried all the same
            self.tell(name, traceback.format_exc(limit=-4))
            return None
        if time.monotonic() - started > SLOW:
            self.tell(name, f"took {time.monotonic() - started:.0f} s")
        word = found.verdict if isinstance(found, ProofResult) else type(found).__name__
        self.counts[f"{name.split()[0]} {word}"] += 1
        if not isinstance(found, ProofResult) or found.verdict != "proved":
            return None
        why = contradiction(certificate, found, random, self.points)
        if why is not None:
            self.tell(name, why)
        return found


def main() -> None:
    """Run the seeds and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="certificates of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--points", type=int, default=30, help="random points of each box")
    options = parser.parse_args()
    run, base = Run(options.points), None
    for seed in range(options.first, options.first + options.count):
        random = Random(seed)  # noqa: S311 - the same certificates in every run
        certificate = assembled(random)
        result = run.examine(f"assembled {seed}", certificate, random)
        wider = None if result is None else widened(certificate, result, random)
        if wider is not None:
            run.examine(f"widened {seed}", wider, random)
        random = Random(seed)  # noqa: S311 - as above
        if base is None or seed % EDITS == 0:
            base = honest(random)
        changed = read(edited(base, random))
        if changed is not None:
            run.examine(f"edited {seed}", changed, random)
    for word, number in sorted(run.counts.items()):
        print(f"{word}: {number}")
    print(f"contradictions, errors and slow proofs: {run.wrong}")
    raise SystemExit(run.wrong > 0)


if __name__ == "__main__":
    main()
