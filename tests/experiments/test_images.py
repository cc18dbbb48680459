"""Images of ten classes, read from small files laid out as MNIST and CIFAR-10 are."""

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from image_files import SIDE, cifar_folder, images, mnist_folder

from memcert.errors import DatasetError, UsageError
from memcert.experiments.images import cifar, mnist


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mark", ["-", "."])
def test_mnist_is_read_from_four_files(tmp_path: Path, packed: bool, mark: str) -> None:
    pixels, labels = images(30, SIDE * SIDE)
    train, test = mnist(str(mnist_folder(tmp_path, 30, 20, packed=packed, mark=mark)))
    assert (train.pixels == pixels).all()
    assert train.labels.tolist() == labels.tolist()
    assert test.pixels.shape == (20, SIDE * SIDE)
    assert train.name == "MNIST training images"


def test_cifar_is_read_from_six_binary_batches(tmp_path: Path) -> None:
    train, test = cifar(str(cifar_folder(tmp_path, 20)))
    assert train.pixels.shape == (100, 3072)
    assert test.pixels.shape == (20, 3072)
    pixels, labels = images(20, 3072, start=20)
    assert (train.pixels[20:40] == pixels).all()
    assert train.labels[20:40].tolist() == labels.tolist()


def test_the_version_for_python_is_never_unpickled(tmp_path: Path) -> None:
    marker = tmp_path / "executed"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(marker),))

    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(Payload()))
    with pytest.raises(UsageError, match=r"expected data_batch_1\.bin .* pickled and never loaded"):
        cifar(str(tmp_path))
    (tmp_path / "data_batch_1").rename(tmp_path / "data_batch_1.bin")
    with pytest.raises(DatasetError, match="expected records of 3073 bytes"):
        cifar(str(tmp_path))
    assert not marker.exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a file train-images-idx3-ubyte"):
        mnist(str(tmp_path))
    folder = cifar_folder(tmp_path, 10)
    (folder / "test_batch.bin").unlink()
    with pytest.raises(UsageError, match=r"expected test_batch\.bin .* got none"):
        cifar(str(folder))


def test_a_label_above_nine_is_refused_by_row(tmp_path: Path) -> None:
    folder = cifar_folder(tmp_path, 10)
    batch = folder / "data_batch_3.bin"
    content = bytearray(batch.read_bytes())
    content[3073 * 4] = 10
    batch.write_bytes(content)
    with pytest.raises(DatasetError, match="row 4: expected a label from 0 to 9, got 10"):
        cifar(str(folder))


def test_as_many_labels_as_images_are_expected(tmp_path: Path) -> None:
    folder = mnist_folder(tmp_path, 30, 20)
    labels = (folder / "t10k-labels-idx1-ubyte").read_bytes()
    (folder / "train-labels-idx1-ubyte").write_bytes(labels)
    with pytest.raises(DatasetError, match=r"MNIST training images: expected N images and N labels"):
        mnist(str(folder))


def test_rows_of_a_label_are_the_first_or_a_repeatable_draw(tmp_path: Path) -> None:
    train, _ = mnist(str(mnist_folder(tmp_path, 200, 10)))
    assert train.rows(3, 4).tolist() == [3, 13, 23, 33]
    assert train.rows(3).tolist() == list(range(3, 200, 10))
    drawn = train.rows(3, 4, seed=1)
    assert drawn.tolist() == sorted(set(drawn.tolist()))
    assert (train.labels[drawn] == 3).all()
    assert drawn.tolist() == train.rows(3, 4, seed=1).tolist() != train.rows(3, 4, seed=2).tolist()
    with pytest.raises(UsageError, match="expected 21 images of label 3, got 20"):
        train.rows(3, 21)


def test_chosen_rows_become_exact_data(tmp_path: Path) -> None:
    train, _ = mnist(str(mnist_folder(tmp_path, 30, 10)))
    data = train.dataset(np.array([4, 7]))
    assert (data.numerators == train.pixels[[4, 7]]).all()
    assert (data.numerators.dtype, data.denominator, data.labels) == (np.int64, 1, (4, 7))


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    folder = mnist_folder(tmp_path, 30, 20, packed=True)
    path = folder / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(b"nothing")[:-5])
    with pytest.raises(DatasetError, match="gzip"):
        mnist(str(folder))
