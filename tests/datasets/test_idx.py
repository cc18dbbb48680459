import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from data_files import idx_bytes, npy_bytes, text_file

from memcert.datasets.reading import read_dataset
from memcert.errors import DatasetError, UndecidedError, UsageError
from memcert.formats import files

IMAGES = idx_bytes(8, (2, 2, 2), bytes([0, 1, 2, 255, 4, 5, 6, 7]))
LABELS = idx_bytes(8, (2,), bytes([9, 3]))


def test_images_are_flattened_row_by_row(tmp_path: Path) -> None:
    images, labels = text_file(tmp_path, IMAGES, "i.idx"), text_file(tmp_path, LABELS, "l.idx")
    data = read_dataset(images, labels=labels)
    assert data.numerators.tolist() == [[0, 1, 2, 255], [4, 5, 6, 7]]
    assert (data.columns, data.labels, data.numerators.dtype) == (None, (9, 3), np.int64)


def test_packed_images_and_labels(tmp_path: Path) -> None:
    images = text_file(tmp_path, gzip.compress(IMAGES), "images-idx3-ubyte.gz")
    labels = text_file(tmp_path, gzip.compress(LABELS), "labels-idx1-ubyte.gz")
    assert read_dataset(images, labels=labels).labels == (9, 3)


@pytest.mark.parametrize(("code", "kind"), [(9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")])
def test_every_type_is_big_endian(tmp_path: Path, code: int, kind: str) -> None:
    images = text_file(tmp_path, idx_bytes(code, (2, 1), np.array([-2, 100], dtype=kind).tobytes()), "i")
    labels = text_file(tmp_path, idx_bytes(12, (2,), np.array([-70_000, 1], dtype=">i4").tobytes()), "l")
    data = read_dataset(images, labels=labels)
    assert (data.numerators.tolist(), data.labels) == ([[-2], [100]], (-70_000, 1))


def test_labels_may_be_text_or_an_array(tmp_path: Path) -> None:
    images = text_file(tmp_path, IMAGES, "i")
    assert read_dataset(images, labels=text_file(tmp_path, "cat\r\ndog\r\n", "l")).labels == ("cat", "dog")
    assert read_dataset(images, labels=text_file(tmp_path, "\ufeff5\n-6", "l")).labels == (5, -6)
    assert read_dataset(images, labels=text_file(tmp_path, npy_bytes(np.array([1, 2])), "l")).labels == (1, 2)


def test_images_without_labels_are_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="an IDX file has no labels; name their file with --labels"):
        read_dataset(text_file(tmp_path, IMAGES, "i"))


REFUSED = {
    "cut": (IMAGES[:-1], LABELS, "expected 8 bytes for an IDX array of shape [2, 2, 2], got 7"),
    "longer": (IMAGES + b"x", LABELS, "expected 8 bytes for an IDX array of shape [2, 2, 2], got 9"),
    "declared 10 GB": (idx_bytes(8, (2**31, 2**31), bytes(16)), LABELS, "expected 4611686018427387904 bytes"),
    "half a header": (IMAGES[:10], LABELS, "expected the header of an IDX file"),
    "no rows": (idx_bytes(8, (0, 4), b""), LABELS, "expected rows of data, got shape [0, 4]"),
    "labels as images": (LABELS, LABELS, "are these the labels?"),
    "images as labels": (IMAGES, IMAGES, "labels: expected one dimension, got shape [2, 2, 2]"),
    "fewer labels": (IMAGES, idx_bytes(8, (1,), b"1"), "expected 2 labels, one for each row"),
    "binary labels": (
        IMAGES,
        b"\xff\xff",
        "line 1: expected labels as IDX, NPY or text in UTF-8, got byte 0xff",
    ),
    "nul": (IMAGES, b"1\n\0\n", "line 2: expected labels as IDX, NPY or text in UTF-8, got a NUL byte"),
    "empty label": (IMAGES, b"1\n\n", "row 1 (line 2): expected a value, got none: ''"),
    "empty labels": (IMAGES, b"", "expected a value, got none"),
    "not a number": (
        idx_bytes(13, (2, 1), np.array([1, np.nan], dtype=">f4").tobytes()),
        LABELS,
        "row 1, column 0: expected a finite number, got nan",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    images, labels, message = REFUSED[name]
    with pytest.raises(DatasetError) as caught:
        read_dataset(text_file(tmp_path, images, "i.idx"), labels=text_file(tmp_path, labels, "l"))
    assert message in str(caught.value)


def test_a_packed_bomb_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = text_file(tmp_path, gzip.compress(idx_bytes(8, (1 << 16, 1 << 10), bytes(1 << 26))), "bomb.gz")
    assert Path(bomb).stat().st_size < 1 << 17
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 22)
    with pytest.raises(UndecidedError, match="expected at most 4,194,304 bytes of data, got more"):
        read_dataset(bomb, labels=text_file(tmp_path, idx_bytes(8, (1 << 16,), bytes(1 << 16)), "l"))


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(IMAGES)
    flipped = packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]
    for damaged in (packed[:-9], packed + b"x", flipped, b"\x1f\x8b"):
        with pytest.raises(DatasetError, match="expected undamaged gzip"):
            read_dataset(text_file(tmp_path, damaged, "i.gz"))


def mnist() -> Path | None:
    places = [os.environ.get("MEMCERT_MNIST"), Path(__file__).parents[3] / "shared" / "data" / "mnist"]
    found = (
        Path(place) for place in places if place and (Path(place) / "train-images-idx3-ubyte.gz").is_file()
    )
    return next(found, None)


@pytest.mark.skipif(mnist() is None, reason="MNIST is not there; MEMCERT_MNIST names its folder")
def test_mnist_is_read_as_published() -> None:
    folder = mnist()
    assert folder is not None
    images, labels = folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz"
    data = read_dataset(str(images), labels=str(labels))
    assert (data.numerators.shape, data.numerators.dtype) == ((10_000, 784), np.int64)
    pixels = gzip.decompress(images.read_bytes())[16:]
    assert (
        hashlib.sha256(data.numerators.astype(np.uint8).tobytes()).digest() == hashlib.sha256(pixels).digest()
    )
    assert data.labels[:5] == (7, 2, 1, 0, 4)
