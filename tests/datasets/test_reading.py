import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_files import idx_bytes, npy_bytes, npz_file, text_file

from memcert.data import digits_path
from memcert.datasets.reading import format_of, read_dataset
from memcert.errors import DatasetError, UsageError


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be opened: No such file"):
        read_dataset(str(tmp_path / "none.csv"))


def test_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be opened: "):
        read_dataset(str(tmp_path))


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UsageError, match="not a regular file"):
        read_dataset(str(tmp_path / "pipe.csv"))


def test_a_device_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="not a regular file"):
        read_dataset("/dev/zero")


def test_a_loop_of_links_and_a_name_with_nul_are_usage_errors(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (str(tmp_path / "loop"), "a\0b"):
        with pytest.raises(UsageError, match="cannot be opened"):
            read_dataset(path)


def test_the_name_in_a_message_is_escaped(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_dataset(str(tmp_path / "[red]\x1b\n"))
    assert "[red]\\x1b\\n'" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"a,b\n1,2\n", "x.npz", "npz"),
        (b"PK\x03\x04", "x.csv", "npz"),
        (b"PAR1", "x", "parquet"),
        (b"memcert-data/1 1 1\n", "x.csv", "canonical"),
        (npy_bytes([1]), "x", "npy"),
        (idx_bytes(8, (1, 1), b"1"), "x", "idx"),
        (b'{"points"', "x", "json"),
        (b"[1]", "x.json.gz", "json"),
        (b'{"a",b\n', "x.csv", "csv"),
        (b"a,b\n", "x.tsv", "csv"),
        (b"", "x", "csv"),
    ],
)
def test_the_first_bytes_decide_the_format(content: bytes, name: str, expected: str) -> None:
    assert format_of(name, content) == expected


@pytest.mark.parametrize("name", ["x.csv", "x.npz", "x.npy", "x.json", "x.parquet", "x.idx", "x"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02\x03" * 9, bytes(range(256)) * 3, b"\x89PNG\r\n\x1a\n\0"]
)
def test_junk_of_any_name_is_refused_with_the_files_name(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(DatasetError) as caught:
        read_dataset(text_file(tmp_path, content, name))
    assert name in str(caught.value)


def test_a_delimiter_is_for_csv_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected for CSV only, got one for a file of format npz"):
        read_dataset(npz_file(tmp_path, X=[[1]], y=[1]), delimiter=";")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "y"}, "label: the labels of an NPZ are its array y, got 'y'"),
        ({"header": False}, "header: expected to be said of CSV only, got a file of format npz"),
        ({"label": "a", "labels": "y.txt"}, "label: expected no column of labels beside a file of labels"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        read_dataset(npz_file(tmp_path, X=[[1]], y=[1]), **options)


def test_the_same_data_of_every_format_are_equal(tmp_path: Path) -> None:
    points = np.array([[1.5, -2.0], [0.25, 8.0]])
    csv = read_dataset(text_file(tmp_path, "a,b,label\n1.5,-2,3\n1/4,8e0,4\n", "d.csv"))
    npz = read_dataset(npz_file(tmp_path, X=points, y=[3, 4], columns=["a", "b"]))
    content = '{"points": [[1.5, -2], ["1/4", 8.0]], "labels": [3, 4], "columns": ["a", "b"]}'
    json = read_dataset(text_file(tmp_path, content, "d.json"))
    for other in (npz, json):
        assert list(other.rows()) == list(csv.rows())
        assert other.columns == csv.columns


def test_the_shipped_digits_are_what_they_are_said_to_be() -> None:
    data = read_dataset(str(digits_path()))
    assert (data.size, data.dimension, data.denominator) == (1797, 64, 1)
    assert data.columns is not None
    assert (data.columns[0], data.columns[-1]) == ("pixel_0_0", "pixel_7_7")
    assert (int(data.numerators.min()), int(data.numerators.max())) == (0, 16)
    assert set(data.labels) == set(range(10))
    assert digits_path().read_bytes()[4:8] == bytes(4)  # packed without a time


def test_the_shipped_digits_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    bunch, data = datasets.load_digits(), read_dataset(str(digits_path()))
    assert (data.numerators == bunch.data).all()
    assert data.labels == tuple(bunch.target.tolist())
