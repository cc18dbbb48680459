"""Small files laid out as MNIST and CIFAR-10 are: images of ten labels in turn, from a fixed draw."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from data_files import idx_bytes

SIDE = 4
"""Width and height of the small digits."""


def images(count: int, dimension: int, start: int = 0) -> tuple[Any, Any]:
    """Return images `start` and following; label k is bright around its own pixels."""
    rows = np.arange(start, start + count)
    labels = (rows % 10).astype(np.uint8)
    noise = np.stack([np.random.default_rng(row).integers(0, 90, dimension) for row in rows])
    bright = np.stack([np.random.default_rng(1000 + k).integers(0, 2, dimension) * 150 for k in range(10)])
    return (noise + bright[labels]).astype(np.uint8), labels


def mnist_folder(folder: Path, train: int, test: int, *, packed: bool = False, mark: str = "-") -> Path:
    """Write four IDX files with SIDE x SIDE pixels; test images follow the training images' draw."""
    for prefix, count, start in (("train", train, 0), ("t10k", test, train)):
        pixels, labels = images(count, SIDE * SIDE, start)
        files = {
            f"{prefix}-images{mark}idx3-ubyte": idx_bytes(8, (count, SIDE, SIDE), pixels.tobytes()),
            f"{prefix}-labels{mark}idx1-ubyte": idx_bytes(8, (count,), labels.tobytes()),
        }
        for name, content in files.items():
            if packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
    return folder


def cifar_folder(folder: Path, count: int) -> Path:
    """Write five training batches and a test batch of `count` records each."""
    names = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    for place, name in enumerate(names):
        pixels, labels = images(count, 3072, place * count)
        (folder / f"{name}.bin").write_bytes(np.concatenate([labels[:, None], pixels], axis=1).tobytes())
    return folder
