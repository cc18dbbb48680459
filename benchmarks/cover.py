"""How large the greedy net of Theorem 4.3 is: constant in N for far classes, all of the data for MNIST.

Run: python benchmarks/cover.py [MNIST_DIR] [--all]. MNIST_DIR, or the environment variable
MEMCERT_MNIST, holds the training files in IDX format, gzipped or not; without it that table is
left out. --all adds one net of all training images. Prints Markdown.
"""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from memcert.constructions.assemble import prepare
from memcert.constructions.box_network.distances import closest_opposite, greedy_net
from memcert.constructions.directions import Integers
from memcert.constructions.registry import construction
from memcert.datasets.dataset import Dataset
from memcert.datasets.reading import read_dataset

CONSTRUCTION = "yu-gao-zhang-miao-cover"
SIZES = (25, 50, 100, 200, 400, 800, 1_600, 3_200)
PAIRS = ((1, 7), (2, 3), (4, 9), (5, 6), (8, 9))
IMAGES = 500
"""Training images of each digit, the first of the file, as in the paper's tables."""
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")


def squares(count: int, gap: int, seed: int = 0) -> Dataset:
    """Return two classes in [0, 1]^2 whose first coordinates are at least gap/1000 apart."""
    random = np.random.default_rng(seed)
    side = (1_000 - gap) // 2
    labels = np.arange(count) % 2
    first = random.integers(0, side + 1, count) + (side + gap) * labels
    points = np.stack([first, random.integers(0, 1_001, count)], axis=1)
    return Dataset(f"squares-{count}", None, points, 1_000, tuple(labels.tolist()))


def constant_in_n() -> None:
    """Print net and network for growing N at two distances of the classes."""
    made_by = construction(CONSTRUCTION)
    print("| distance | N | net | depth | parameters |\n|---|---|---|---|---|")
    for gap in (400, 100):
        for count in SIZES:
            data = squares(count, gap)
            size = made_by.predict(prepare(data, "sign"), {})
            points, labels = data.numerators, [int(str(label)) for label in data.labels]
            found = len(greedy_net(points, closest_opposite(points, labels).distance // 3))
            print(f"| {gap / 1000} | {count:,} | {found} | {size.depth} | {size.parameters:,} |")


def mnist(folder: Path) -> tuple[Integers, Integers]:
    """Return the training images, shape (N, 784), and their digits."""
    images, labels = (str(_existing(folder, name)) for name in FILES)
    data = read_dataset(images, labels=labels)
    return data.numerators, np.array([int(str(label)) for label in data.labels])


def _existing(folder: Path, name: str) -> Path:
    found = [path for path in (folder / f"{name}.gz", folder / name) if path.exists()]
    if not found:
        raise SystemExit(f"{folder}: expected {name} or {name}.gz")
    return found[0]


def selections(digits: Integers, whole: bool) -> Iterator[tuple[str, Integers]]:
    """Yield names and indices of the images: five pairs, and all of them if asked."""
    for left, right in PAIRS:
        rows = [np.flatnonzero(digits == digit)[:IMAGES] for digit in (left, right)]
        yield f"{left}, {right}", np.sort(np.concatenate(rows))
    if whole:
        yield "all ten", np.arange(len(digits))


def of_mnist(folder: Path, whole: bool) -> None:
    """Print the nets of MNIST, whose points do not come close to each other."""
    images, digits = mnist(folder)
    print("\n| digits | N | lambda, of 255 | net | seconds |\n|---|---|---|---|---|")
    for name, rows in selections(digits, whole):
        started = time.perf_counter()
        points = images[rows]
        distance = closest_opposite(points, digits[rows].tolist()).distance
        found = len(greedy_net(points, distance // 3))
        seconds = time.perf_counter() - started
        print(f"| {name} | {len(rows):,} | {distance} | {found:,} | {seconds:.1f} |", flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mnist", nargs="?", default=os.environ.get("MEMCERT_MNIST"))
    parser.add_argument("--all", action="store_true", help="one net of all training images, too")
    given = parser.parse_args()
    constant_in_n()
    if given.mnist is None:
        print("\nMNIST: left out; give its folder, or set MEMCERT_MNIST")
        return
    of_mnist(Path(given.mnist), given.all)


if __name__ == "__main__":
    main()
