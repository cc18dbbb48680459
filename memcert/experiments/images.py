"""Labelled images of ten classes, MNIST and CIFAR-10, from the files that their authors distribute.

UNTRUSTED. Nothing is downloaded, and nothing is unpickled.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from memcert.datasets.binary import idx_array
from memcert.datasets.dataset import Dataset
from memcert.datasets.problems import Findings
from memcert.errors import DatasetError, UsageError
from memcert.formats.files import base_name, open_data, read_bounded
from memcert.kernel.verdict import shown

Array = np.ndarray[Any, Any]

CIFAR_RECORD = 1 + 3 * 32 * 32
"""Bytes of one image in the binary version of CIFAR-10: its label, then red, green and blue."""
CLASSES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Images in file order.

    Args:
        name: what the set is called.
        pixels: integers 0..255 of shape (N, d).
        labels: integers 0..9 of shape (N,).
    """

    name: str
    pixels: Array
    labels: Array

    def rows(self, label: int, count: int | None = None, seed: int | None = None) -> Array:
        """Return the rows of a label, ascending.

        Args:
            label: 0..9.
            count: so many of them; None: all.
            seed: None: the first ones; else so many drawn from all.

        Raises:
            UsageError: there are fewer than `count`.
        """
        found = np.flatnonzero(self.labels == label)
        if count is None:
            return found
        if len(found) < count:
            raise UsageError(
                f"{shown(self.name)}: expected {count} images of label {label}, got {len(found)}"
            )
        if seed is None:
            return found[:count]
        drawn = Random(f"{seed}/{label}").sample(range(len(found)), count)  # noqa: S311 - no secret
        return found[sorted(drawn)]

    def dataset(self, rows: Array) -> Dataset:
        """Return some rows as exact labelled data, one integer a pixel. Raises: IndexError."""
        labels = tuple(self.labels[rows].tolist())
        return Dataset(self.name, None, self.pixels[rows].astype(np.int64), 1, labels)


def mnist(folder: str) -> tuple[Images, Images]:
    """Return the training and the test images of MNIST.

    Args:
        folder: holds the four IDX files, gzipped or not.

    Raises:
        UsageError: a file is missing.
        DatasetError: a file is damaged, or images and labels differ in number.
        UndecidedError: a file is too large.
    """
    return _idx_pair(folder, "train", "MNIST training images"), _idx_pair(folder, "t10k", "MNIST test images")


def _idx_pair(folder: str, prefix: str, name: str) -> Images:
    images = _idx(_found(folder, f"{prefix}-images", "idx3-ubyte"))
    labels = _idx(_found(folder, f"{prefix}-labels", "idx1-ubyte"))
    if images.ndim < 2 or labels.shape != images.shape[:1] or images.dtype != labels.dtype != np.uint8:
        raise DatasetError(
            f"{shown(folder)}: {name}: expected N images and N labels of one byte, "
            f"got shapes {shown(images.shape)} and {shown(labels.shape)}"
        )
    _refuse_labels(labels, f"{shown(folder)}: {name}")
    return Images(name, images.reshape(len(images), -1), labels)


def _idx(path: str) -> Array:
    with open_data(path, whole=True) as data:
        array = idx_array(data.bytes(), Findings(base_name(path)))
        return array.whole()


def _found(folder: str, stem: str, kind: str) -> str:
    # Both spellings are in circulation: train-images-idx3-ubyte and train-images.idx3-ubyte.
    names = [f"{stem}{mark}{kind}{packed}" for mark in "-." for packed in ("", ".gz")]
    for name in names:
        if (Path(folder) / name).is_file():
            return str(Path(folder) / name)
    raise UsageError(f"{shown(folder)}: expected a file {names[0]} (.gz), got none")


def cifar(folder: str) -> tuple[Images, Images]:
    """Return the training and the test images of CIFAR-10, binary version.

    Args:
        folder: holds data_batch_1.bin to data_batch_5.bin and test_batch.bin.

    Raises:
        UsageError: a file is missing; the version for Python is pickled and is not read.
        DatasetError: a file is no sequence of whole records, or a label is over 9.
        UndecidedError: a file is too large.
    """
    batches = [_batch(folder, f"data_batch_{k}") for k in range(1, 6)]
    train = np.concatenate(batches)
    return _records("CIFAR-10 training images", train), _records(
        "CIFAR-10 test images", _batch(folder, "test_batch")
    )


def _batch(folder: str, stem: str) -> Array:
    path = Path(folder) / f"{stem}.bin"
    if not path.is_file():
        pickled = (Path(folder) / stem).is_file()
        got = "the version for Python, which is pickled and never loaded" if pickled else "none"
        raise UsageError(f"{shown(folder)}: expected {stem}.bin of the binary version, got {got}")
    content = read_bounded(str(path))
    if not content or len(content) % CIFAR_RECORD:
        raise DatasetError(
            f"{shown(str(path))}: expected records of {CIFAR_RECORD} bytes, got {len(content)} bytes"
        )
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, CIFAR_RECORD)
    _refuse_labels(records[:, 0], shown(str(path)))
    return records


def _records(name: str, records: Array) -> Images:
    return Images(name, records[:, 1:], records[:, 0])


def _refuse_labels(labels: Array, where: str) -> None:
    strange = np.flatnonzero(labels >= CLASSES)
    if len(strange):
        row = int(strange[0])
        raise DatasetError(f"{where}: row {row}: expected a label from 0 to 9, got {int(labels[row])}")
