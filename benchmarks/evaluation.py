"""How much faster the fast engine evaluates a Theorem 3.1 network than plain Fractions do.

Run: python benchmarks/evaluation.py [--points 1000]. Both evaluate every point in this process;
the naive evaluator's weights are Fractions before its clock starts, the fast engine's are not.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from measuring import save
from random_data import dataset

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from naive_evaluator import prepared
from naive_evaluator import run as naive

from memcert.constructions.assemble import build
from memcert.exact.engine import evaluate

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the wall-clock seconds of one call, and what it returned."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    """Measure, print one line a figure, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=5, help="of the fast engine; the median counts")
    options = parser.parse_args()
    data = dataset(options.points)
    network = build(data).network
    points = [data.point(row) for row in range(data.size)]
    rounds = [timed(lambda: evaluate(network, data)) for _ in range(options.repeat)]
    fast = sorted(seconds for seconds, _ in rounds)[options.repeat // 2]
    weights = prepared(network)
    slow, outputs = timed(lambda: [naive(weights, point)[-1] for point in points])
    if rounds[0][1] != outputs:
        raise SystemExit("the evaluations differ")
    figures: dict[str, object] = {
        "points": data.size,
        "layers": len(network.layers),
        "fast_seconds": round(fast, 4),
        "naive_seconds": round(slow, 2),
        "ratio": round(slow / fast),
    }
    print(f"Python {platform.python_version()}")
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(f"saved: {save('evaluation', figures)}")


if __name__ == "__main__":
    main()
