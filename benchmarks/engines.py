"""Four evaluations of the same random networks: naive, kernel, columns, float64 slices; number by number.

Run: python benchmarks/engines.py [--networks 100000] [--first 0] [--jobs 2]. The networks are those of
tests/structured_networks.py: carried values, repeated rows, steps, words of 200 bits, weights beside
2^62 and 2^63. Slices are asked for every network, also where the engine would not choose them; those whose
numbers are too long for them are counted. Exits with 1 at any difference. Writes
benchmarks/results/engines.json and the table of docs/evidence.md.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import structured_networks
from joblib import Parallel, delayed
from measuring import save
from naive_evaluator import prepared
from naive_evaluator import run as naive
from strategies import dataset
from tables import between, table

from memcert.datasets.dataset import Dataset
from memcert.exact.engine import evaluate
from memcert.exact.slices.digits import UnprovedError
from memcert.exact.slices.plan import plan
from memcert.exact.slices.run import Runner
from memcert.kernel.certificate import Number
from memcert.kernel.network import Network, stages

DOCUMENT = Path(__file__).parents[1] / "docs" / "evidence.md"
MOST_POINTS = 12
CHUNK = 500


Values = tuple[Fraction, ...]


def by_kernel(network: Network, points: Sequence[Sequence[Number]]) -> list[Values]:
    """Return the outputs at each point, as the kernel has them."""
    *_, last = stages(network, points)
    return [tuple(Fraction(x, last.denominator) for x in row) for row in zip(*last.columns, strict=True)]


def by_slices(network: Network, rows: Dataset) -> list[Values] | None:
    """Return the outputs at each point by products of float64; None: not proved to be exact."""
    try:
        planned = plan(network, rows.bounds, rows.denominator)
    except UnprovedError:
        return None
    unit = Fraction(2) ** planned.exponent / planned.scale
    found = Runner(planned).outputs(rows.numerators)
    return [tuple(x * unit for x in row) for row in zip(*found, strict=True)]


def compared(seeds: range) -> tuple[Counter[str], list[str]]:
    """Return counts of networks, points and numbers, and every difference with its seed."""
    counts, wrong = Counter[str](), list[str]()
    for seed in seeds:
        network, points = structured_networks.case(seed)
        points = points[:MOST_POINTS]
        weights = prepared(network)
        expected = [naive(weights, point)[-1] for point in points]
        rows = dataset(points, [0] * len(points))
        found: dict[str, Sequence[Sequence[object]]]
        found = {"kernel": by_kernel(network, points), "columns": evaluate(network, rows)}
        sliced = by_slices(network, rows)
        if sliced is not None:
            found["slices"] = sliced
            counts["by slices, too"] += 1
        for row, values in enumerate(map(tuple, expected)):
            counts["numbers"] += len(values)
            wrong += [
                f"seed {seed}, point {row}: {name}"
                for name, got in found.items()
                if tuple(got[row]) != values
            ]
        counts["networks"] += 1
        counts["points"] += len(points)
        counts["parameters"] += sum(len(layer.data) + len(layer.bias) for layer in network.layers)
    return counts, wrong


def main() -> None:
    """Compare, print the counts, write them down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    start, last = time.perf_counter(), options.first + options.networks
    parts = [range(first, min(first + CHUNK, last)) for first in range(options.first, last, CHUNK)]
    counts, wrong = Counter[str](), list[str]()
    found = Parallel(n_jobs=options.jobs, return_as="generator")(delayed(compared)(part) for part in parts)
    for more, differences in found:
        counts.update(more)
        wrong += differences
        print(
            f"{counts['networks']:,} of {options.networks:,} networks",
            *differences,
            sep="\n",
            file=sys.stderr,
        )
    counts["differences"] = len(wrong)
    names = ("networks", "by slices, too", "parameters", "points", "numbers", "differences")
    text = table(("random networks, evaluated four times", ""), [(name, counts[name]) for name in names])
    print(text)
    save("engines", {**counts, "wrong": wrong, "seconds": round(time.perf_counter() - start)})
    between(DOCUMENT, "engines", text)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
