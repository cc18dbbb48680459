"""Pages of large certificates: time, peak memory and size, whole processes, as a user starts them.

Run: python benchmarks/report.py [--points N ...]. Theorem 3.1, d = 4, ten labels, integer points
below 10**6. What is aimed at for N = 10,000: 20 s and 5 MB. Prints Markdown, and writes
results/report.json; beside each time stands its ratio to the check alone, of the same run.
"""

import argparse
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from measuring import Run, machine, run, save
from random_data import dataset, write_csv

MEMCERT = [sys.executable, "-m", "memcert"]
AIMED_POINTS, AIMED_SECONDS, AIMED_MEGABYTES = 10_000, 20, 5


@dataclass(frozen=True)
class Figure:
    """One measured process."""

    work: str
    points: int
    seconds: float
    processor_seconds: float
    to_check: float
    peak_megabytes: float
    page_megabytes: float | None


def measured(folder: Path, points: int) -> list[Figure]:
    """Build a certificate, check it, and write its page without and with its proof."""
    source, made, page = folder / "data.csv", folder / "made.json", folder / "page.html"
    write_csv(dataset(points), source)
    result, drawing = folder / "result.json", folder / "radii.svg"
    for words in (["build", source, "-o", made], ["prove", made, "-o", result]):
        _run(folder, *words)
    check = _run(folder, "check", made, "--engine", "fast")
    works = {
        "check": ["check", made, "--engine", "fast"],
        "report": ["report", made, "-o", page],
        "report --prove": ["report", made, "--prove", "-o", page],
        "report --result": ["report", made, "--result", result, "-o", page],
        "plot --kind radii": ["plot", made, "--kind", "radii", "--result", result, "-o", drawing],
    }
    figures = []
    for work, words in works.items():
        page.unlink(missing_ok=True)
        done = _run(folder, *words)
        size = round(page.stat().st_size / 1e6, 2) if page.exists() else None
        figures.append(
            Figure(
                work,
                points,
                seconds=round(done.seconds, 2),
                processor_seconds=round(done.processor_seconds, 2),
                to_check=round(done.processor_seconds / check.processor_seconds, 1),
                peak_megabytes=round(done.megabytes),
                page_megabytes=size,
            )
        )
        print(row(figures[-1]), flush=True)
    return figures


def _run(folder: Path, *words: object) -> Run:
    done = run([*MEMCERT, *map(str, words)], folder / "log")
    if done.status != 0:
        raise SystemExit(f"{words}: exit status {done.status}\n{done.output}")
    return done


def row(figure: Figure) -> str:
    """Return the figure as a row of the table."""
    page = "" if figure.page_megabytes is None else f"{figure.page_megabytes:.2f} MB"
    return (
        f"| {figure.work} | {figure.points:,} | {figure.seconds:.1f} s | {figure.processor_seconds:.1f} s "
        f"| {figure.to_check:.1f} | {figure.peak_megabytes:,.0f} MB | {page} |"
    )


def main() -> None:
    """Print the table as it is measured; save it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[1_000, AIMED_POINTS])
    sizes = parser.parse_args().points
    print("| work | N | time | processor | to check | peak memory | page |\n|---|---|---|---|---|---|---|")
    figures = []
    for points in sizes:
        with tempfile.TemporaryDirectory() as folder:
            figures += measured(Path(folder), points)
    aimed = [f for f in figures if f.points == AIMED_POINTS and f.page_megabytes is not None]
    kept = all(
        f.processor_seconds <= AIMED_SECONDS and (f.page_megabytes or 0) <= AIMED_MEGABYTES for f in aimed
    )
    if aimed:
        print(f"\n{'within' if kept else 'BEYOND'} {AIMED_SECONDS} s of processor and {AIMED_MEGABYTES} MB")
    details = machine()
    print(f"{details['processor']}, {details['cores']} cores, Python {details['python']}")
    print(f"saved: {save('report', {'figures': [asdict(figure) for figure in figures]})}")


if __name__ == "__main__":
    main()
