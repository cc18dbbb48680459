"""What the gate costs: fresh, from its cache, and beside one `memcert check` a certificate.

Run: python benchmarks/gate.py [--certificates N]. N copies of a published certificate, each with a note
of its own, so that no two are the same file. Prints Markdown, and writes results/gate.json; what counts
are the ratios of processor seconds within one run.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from measuring import machine, run, save

MEMCERT = [sys.executable, "-m", "memcert"]
ORIGINAL = Path(__file__).resolve().parents[1] / "certificates" / "five.json"


@dataclass(frozen=True)
class Figure:
    """One way of checking all certificates; `to_check`: processor seconds, to those of single checks."""

    way: str
    seconds: float
    processor_seconds: float
    to_check: float


def repository(folder: Path, size: int) -> list[Path]:
    """Write the certificates and return their paths."""
    whole = json.loads(ORIGINAL.read_text(encoding="utf-8"))
    (folder / ".git").mkdir()
    paths = []
    for number in range(size):
        path = folder / f"{number}.json"
        path.write_text(json.dumps({**whole, "annotations": {"copy": str(number)}}), encoding="utf-8")
        paths.append(path)
    return paths


def measured(folder: Path, size: int) -> list[Figure]:
    """Check one by one, gate afresh, gate to fill the cache, gate from it."""
    paths = repository(folder, size)
    log = folder.parent / "log"
    single = [run([*MEMCERT, "check", str(path), "--engine", "kernel"], log) for path in paths]
    if any(done.status for done in single):
        sys.exit(single[0].output)
    base = sum(done.processor_seconds for done in single)
    figures = [Figure("memcert check, one by one", *_rounded(sum(d.seconds for d in single), base, base))]
    os.chdir(folder)
    ways = {"gate, no cache": "--no-cache", "gate, filling its cache": "--cache", "gate, cached": "--cache"}
    for way, option in ways.items():
        done = run([*MEMCERT, "gate", option, "-q"], log)
        if done.status:
            sys.exit(done.output)
        figures.append(Figure(way, *_rounded(done.seconds, done.processor_seconds, base)))
    return figures


def _rounded(seconds: float, processor: float, base: float) -> tuple[float, float, float]:
    return round(seconds, 2), round(processor, 2), round(processor / base, 2)


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificates", type=int, default=50)
    size = parser.parse_args().certificates
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = f"{place}/state"
        folder = Path(place) / "repository"
        folder.mkdir()
        figures = measured(folder, size)
        os.chdir(Path(__file__).parent)
    print(f"{size} certificates; {machine()['processor']}, {machine()['cores']} cores\n")
    print("| way | seconds | processor seconds | to single checks |\n|---|---:|---:|---:|")
    for figure in figures:
        print(f"| {figure.way} | {figure.seconds} | {figure.processor_seconds} | {figure.to_check} |")
    save("gate", {"certificates": size, "figures": [asdict(figure) for figure in figures]})


if __name__ == "__main__":
    main()
