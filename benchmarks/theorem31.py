"""The benchmark table of Theorem 3.1: whole processes, as a user starts them.

Run: python benchmarks/theorem31.py [--quick]. d = 4, ten labels, integer points below 10**6,
balanced sizing, unless a row says otherwise. Prints Markdown, and writes results/theorem31.json.
"""

import argparse
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from measuring import Run, machine, run, save
from random_data import dataset, write_csv

from memcert.data import digits_path

MEMCERT = [sys.executable, "-m", "memcert"]
CASES = [(1_000, 4, 10), (10_000, 4, 10), (100_000, 4, 10), (10_000, 64, 10), (10_000, 4, 1_000)]
"""(N, d, C): the sizes asked for, and one each that shows the growth with d and C."""


@dataclass(frozen=True)
class Figure:
    """One measured process, or the sum of several; `work` names it."""

    work: str
    points: int
    dimension: int
    classes: int
    seconds: float
    processor_seconds: float
    megabytes: float


class Bench:
    """Runs commands in a folder of its own and collects their figures."""

    def __init__(self, folder: Path) -> None:
        """Start without figures."""
        self.folder = folder
        self.figures: list[Figure] = []

    def measure(self, work: str, case: tuple[int, int, int], *commands: list[str], repeat: int = 1) -> None:
        """Run the commands one after another; of `repeat` rounds the fastest counts."""
        rounds = [[self._run(command) for command in commands] for _ in range(repeat)]
        best = min(rounds, key=lambda runs: sum(r.seconds for r in runs))
        figure = Figure(
            work,
            *case,
            seconds=round(sum(r.seconds for r in best), 2),
            processor_seconds=round(sum(r.processor_seconds for r in best), 2),
            megabytes=round(max(r.megabytes for r in best)),
        )
        self.figures.append(figure)
        print(row(figure), flush=True)

    def _run(self, command: list[str]) -> Run:
        done = run(command, self.folder / "log")
        if done.status != 0:
            raise SystemExit(f"{' '.join(command)}: exit status {done.status}\n{done.output}")
        return done

    def case(self, size: int, dimension: int, classes: int) -> None:
        """Build, check fast, prove; the kernel too where it is meant for the work."""
        case = (size, dimension, classes)
        source, made = self.folder / "data.csv", self.folder / "certificate.json"
        write_csv(dataset(*case), source)
        self.measure("build", case, [*MEMCERT, "build", str(source), "-o", str(made)])
        self.measure("fast check", case, [*MEMCERT, "check", str(made), "--engine", "fast"])
        self.measure("prove", case, [*MEMCERT, "prove", str(made)])
        if size <= 1_000:
            kernel = [sys.executable, "-I", "-m", "memcert.kernel", str(made)]
            self.measure("kernel check", case, kernel)
        made.unlink()

    def ten_points(self) -> None:
        """Check a certificate of ten points."""
        source, made = self.folder / "ten.csv", self.folder / "ten.json"
        write_csv(dataset(10), source)
        self._run([*MEMCERT, "build", str(source), "-o", str(made)])
        self.measure("check of ten points", (10, 4, 10), [*MEMCERT, "check", str(made)], repeat=5)

    def digits(self) -> None:
        """Build, check and prove the digits that ship with memcert."""
        made = str(self.folder / "digits.json")
        commands = (
            [*MEMCERT, "build", str(digits_path()), "-o", made],
            [*MEMCERT, "check", made],
            [*MEMCERT, "prove", made],
        )
        self.measure("shipped digits: build, check, prove", (1_797, 64, 10), *commands)


def row(figure: Figure) -> str:
    """Return the figure as a row of the table."""
    return (
        f"| {figure.work} | {figure.points:,} | {figure.dimension} | {figure.classes:,} "
        f"| {figure.seconds:.2f} s | {figure.megabytes:,.0f} MB |"
    )


def main() -> None:
    """Print the table as it is measured; save it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the case of 100,000 points")
    quick = parser.parse_args().quick
    print("| work | N | d | C | time | peak memory |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.ten_points()
        bench.digits()
        for case in CASES:
            if not quick or case[0] <= 10_000:
                bench.case(*case)
    details = machine()
    print(
        f"\n{details['processor']}, {details['cores']} cores, Python {details['python']}, "
        f"numpy {details['numpy']}, z3 {details['z3']}; command: python benchmarks/theorem31.py"
    )
    print(f"saved: {save('theorem31', {'figures': [asdict(figure) for figure in bench.figures]})}")


if __name__ == "__main__":
    main()
