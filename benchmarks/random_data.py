"""The benchmarks' own data: seeded, integer points below 10**6, numbered labels."""

import csv
from pathlib import Path

import numpy as np

from memcert.datasets.dataset import Dataset

LARGEST = 10**6


def dataset(size: int, dimension: int = 4, classes: int = 10, seed: int = 0) -> Dataset:
    """Return `size` distinct points of integer coordinates below LARGEST, labels drawn evenly."""
    random = np.random.default_rng(seed)
    points = np.unique(random.integers(0, LARGEST, (size + size // 8 + 8, dimension)), axis=0)
    points = random.permutation(points)[:size]
    if len(points) < size:
        raise ValueError(f"{size} distinct points were asked for, {len(points)} were drawn")
    labels = tuple(int(label) for label in random.integers(0, classes, size))
    return Dataset(f"random-{size}-{dimension}-{classes}", None, points, 1, labels)


def write_csv(data: Dataset, path: Path) -> None:
    """Write the points and labels with a header, as a user's file would have them."""
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"x{j}" for j in range(data.dimension)), "label"])
        for point, label in data.rows():
            writer.writerow([*point, label])
