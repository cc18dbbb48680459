"""Rows on disk are the rows that a reader in memory finds, in every format, in parts of every size."""

import gzip
import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_files import idx_bytes, npy_bytes, npz_file, text_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memcert.datasets import canonical, delimited, label_files, stored_points
from memcert.datasets.canonical import dataset_digest, digest_and_size, write_canonical
from memcert.datasets.dataset import Dataset
from memcert.datasets.reading import read_dataset, read_rows
from memcert.datasets.stored import RowByRow, StoredDataset, as_values
from memcert.errors import DatasetError, UndecidedError
from memcert.formats import files


def small_blocks(monkeypatch: pytest.MonkeyPatch, numbers: int = 3) -> None:
    for module in (delimited, canonical, stored_points, label_files):
        monkeypatch.setattr(module, "BLOCK", numbers)


def same(found: StoredDataset | Dataset, expected: Dataset) -> None:
    assert isinstance(found, StoredDataset)
    assert (found.name, found.columns, found.size, found.dimension) == (
        expected.name,
        expected.columns,
        expected.size,
        expected.dimension,
    )
    assert list(found.rows()) == list(expected.rows())
    assert list(found.labels) == list(expected.labels)
    assert [type(label) for label in found.labels] == [type(label) for label in expected.labels]
    assert [found.labels[row] for row in range(-1, found.size)] == [expected.labels[-1], *expected.labels]
    for row in range(found.size):
        assert found.point(row) == expected.point(row)
        assert found.place(row) == expected.place(row)
    assert digest_and_size(found) == digest_and_size(expected)
    for rows in (1, 2, 3, found.size, found.size + 1):
        parts = list(found.parts(rows))
        assert [part.size for part in parts[:-1]] == [rows] * (len(parts) - 1)
        assert [row for part in parts for row in part.rows()] == list(expected.rows())
        assert {part.denominator for part in parts} == {found.denominator}
        assert {part.numerators.dtype for part in parts} in ({np.dtype(np.int64)}, {np.dtype(object)})
        for part in parts:
            assert (np.abs(part.numerators) <= np.array(found.bounds, dtype=object)).all()


CELLS = st.sampled_from(
    ["0", "-1", "7", "0.5", "1/3", "2.25", "1e-3", "123456789012345678901234567890", "-4e30"]
)
LABELS = st.sampled_from(["0", "1", "12", "-3", "a", "b c", "01", "12345678901234567890123"])


@given(st.lists(st.tuples(CELLS, CELLS, LABELS), min_size=1, max_size=9), st.integers(1, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_table_of_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str, str]], block: int
) -> None:
    small_blocks(monkeypatch, block)
    text = "p,q,label\n" + "".join(",".join(row) + "\n\n" for row in rows)
    path = text_file(tmp_path, text)
    same(read_rows(path), read_dataset(path, consistent=False))
    write_canonical(read_rows(path), tmp_path / "c.txt")
    same(read_rows(str(tmp_path / "c.txt")), read_dataset(str(tmp_path / "c.txt"), consistent=False))


POINTS = np.array([[1.5, -(2.0**-30)], [0.0, 3.0], [2.0**60, 1.0], [0.1, 0.2]])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("packed", [False, True])
def test_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str, packed: bool) -> None:
    small_blocks(monkeypatch)
    points = np.asarray(POINTS, order=order)  # type: ignore[call-overload]
    archive = npz_file(tmp_path, X=points, y=["a", "b", "a", "c"], columns=["p", "q"])
    alone = npy_bytes(points)
    labels = text_file(tmp_path, "1\n2\n3\n4\n", "labels.txt")
    if packed:
        archive = text_file(tmp_path, gzip.compress(Path(archive).read_bytes()), "packed.npz.gz")
        alone = gzip.compress(alone)
    array = text_file(tmp_path, alone, "points.npy")
    same(read_rows(archive), read_dataset(archive))
    same(read_rows(array, labels=labels), read_dataset(array, labels=labels))
    assert read_dataset(array, labels=labels).point(3)[0] == Fraction(3602879701896397, 2**55)


def test_images_in_column_order_are_flattened_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch, 30)
    images = np.asfortranarray(np.arange(5 * 2 * 3 * 4).reshape(5, 2, 3, 4))
    path = npz_file(tmp_path, X=images, y=[0, 1, 2, 3, 4])
    assert [list(point) for point, _ in read_rows(path).rows()] == np.arange(120).reshape(5, 24).tolist()


def test_images_with_labels_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    images = text_file(tmp_path, gzip.compress(idx_bytes(8, (5, 2, 1), bytes(range(10)))), "i.idx.gz")
    for content in (
        idx_bytes(8, (5,), bytes([9, 3, 1, 0, 9])),
        npy_bytes(np.array(["a", "b", "c", "d", "e"])),
        b"1\n2\n1\n2\nx",
        b"\xef\xbb\xbf5\r\n-6\r\n0\r\n5\r\n5\r\n",
    ):
        labels = text_file(tmp_path, content, "l")
        same(read_rows(images, labels=labels), read_dataset(images, labels=labels))


def test_a_parquet_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    from memcert.datasets import parquet as tables

    monkeypatch.setattr(tables, "BLOCK", 6)
    path = str(tmp_path / "t.parquet")
    columns = {
        "a": range(7),
        "b": [0.5, 0.1, 2.0, 3.0, -1.0, 0.0, 7.5],
        "label": ["x", "y", "x", "z", "x", "y", "x"],
    }
    parquet.write_table(
        pyarrow.table({name: list(values) for name, values in columns.items()}), path, row_group_size=3
    )
    same(read_rows(path), read_dataset(path))


def test_labels_are_integers_only_if_all_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch, 1)
    path = text_file(tmp_path, "x,y\n1,1\n2,2\n3,03\n")
    assert list(read_rows(path).labels) == ["1", "2", "03"]
    assert list(read_rows(text_file(tmp_path, "x,y\n1,1\n2,2\n3,3\n")).labels) == [1, 2, 3]


def test_labels_of_more_digits_than_python_spells_in_decimal(tmp_path: Path) -> None:
    long = 7**8000  # 6,761 digits, which the text spells in hexadecimal
    path = text_file(
        tmp_path, f"memcert-data/1 3 1\ncolumns null\n1 {long:#x}\n2 1/3\n3 -0x1/{long:#x}\n", "c.txt"
    )
    assert list(read_rows(path).labels) == [long, Fraction(1, 3), Fraction(-1, long)]
    assert dataset_digest(read_rows(path)) == dataset_digest(read_dataset(path))


def test_columns_longer_than_a_run_are_read_in_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    points = np.asfortranarray(np.arange(3 * 300).reshape(300, 3) % 251)
    path = npz_file(tmp_path, X=points, y=np.arange(300))
    found = read_rows(path)
    assert [list(point) for point, _ in found.rows()] == points.tolist()
    assert list(found.labels) == list(range(300))


@pytest.mark.parametrize("order", [False, True])
@pytest.mark.parametrize("rows", [10**10, 3])
def test_a_packed_header_that_promises_terabytes_is_refused_by_what_follows(
    tmp_path: Path, rows: int, order: bool
) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": order, "shape": (rows, 10**8)}
    )
    path = text_file(tmp_path, gzip.compress(header.getvalue() + bytes(24)), "x.npy.gz")
    labels = text_file(tmp_path, "1\n2\n3\n", "l")
    with pytest.raises(DatasetError, match=rf"expected {rows * 8 * 10**8} bytes for shape .*, got 24"):
        read_rows(path, labels=labels)


def test_packed_labels_that_promise_terabytes_are_refused_by_what_follows(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<U500000000", "fortran_order": False, "shape": (10**10,)}
    )
    labels = text_file(tmp_path, gzip.compress(header.getvalue()), "l.npy.gz")
    with pytest.raises(DatasetError, match=r"expected 20000000000000000000 bytes for shape .*, got 0"):
        read_rows(text_file(tmp_path, "x\n1\n2\n"), labels=labels)


def test_values_are_numbers_or_refused_with_their_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch, 1)
    rows = as_values(read_rows(text_file(tmp_path, "x,y\n1,0.5\n2,1/3\n3,7\n")))
    assert list(rows.labels) == [Fraction(1, 2), Fraction(1, 3), 7]
    assert [label for part in rows.parts(2) for label in part.labels] == list(rows.labels)
    with pytest.raises(DatasetError, match=r"row 1 \(line 3\): expected a label that is a number"):
        as_values(read_rows(text_file(tmp_path, "x,y\n1,0.5\n2,cat\n")))


PROBLEMS = {
    "missing": ("x,y\n1,0\n,1\n", r"row 1 \(line 3\), column 'x': expected a value, got none"),
    "ragged": (
        "x,y\n1,0\n2,3,1\n",
        r"row 1 \(line 3\): expected as many cells as there are columns, 2, got 3",
    ),
    "no number": ("x,y\n1,0\nabc,1\n", r"row 1 \(line 3\), column 'x': expected a number"),
    "many": ("x,y\n" + "?,0\n" * 5, r"the first of 5 problems"),
    "no rows": ("x,y\n", "expected rows of data, got none"),
    "empty": ("", "expected rows of data, got an empty file"),
    "binary": ("x,y\n1,0\n2,\0\n", "line 3: expected text in UTF-8, got a NUL byte"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_with_rows_refuses_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    small_blocks(monkeypatch, 1)
    content, message = PROBLEMS[name]
    with pytest.raises(DatasetError, match=message):
        read_rows(text_file(tmp_path, content))


@pytest.mark.parametrize(("labels", "count"), [("1\n2\n", 2), ("1\n2\n3\n4\n", 4)])
def test_another_number_of_labels_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labels: str, count: int
) -> None:
    small_blocks(monkeypatch, 1)
    data = text_file(tmp_path, "x\n1\n2\n3\n")
    with pytest.raises(DatasetError, match=rf"expected 3 labels, one for each row of .*, got {count}"):
        read_rows(data, labels=text_file(tmp_path, labels, "l"))


def test_plain_data_of_any_size_are_read_and_packed_ones_up_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "x,y\n" + "12,0\n" * 50
    plain, packed = text_file(tmp_path, text), text_file(tmp_path, gzip.compress(text.encode()), "p.csv.gz")
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    monkeypatch.setattr(files, "MAX_CELLS", 10)
    assert read_rows(plain).size == 50
    with pytest.raises(UndecidedError, match="expected at most 100 bytes of data, got more"):
        read_rows(packed)
    with files.reading_at_most(1000):
        assert read_rows(packed).size == 50
    with files.reading_at_most(50), pytest.raises(UndecidedError, match=r"max-bytes: .* at most 50 bytes"):
        read_rows(plain)
    with pytest.raises(UndecidedError, match="expected at most 100 bytes"):
        read_dataset(plain)


def test_rows_can_be_read_as_often_as_one_likes(tmp_path: Path) -> None:
    rows = RowByRow(read_rows(text_file(tmp_path, "x,y\n1,0\n2,1\n")))
    assert list(rows) == list(rows) == [((1,), 0), ((2,), 1)]


def test_a_row_that_is_not_there_is_refused(tmp_path: Path) -> None:
    rows = read_rows(text_file(tmp_path, "x,y\n1,0\n2,1\n"))
    for row in (2, -3):
        with pytest.raises(IndexError):
            rows.labels[row]
    with pytest.raises(IndexError):
        rows.point(2)


def test_the_digest_is_that_of_the_rows_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch, 4)
    path = text_file(tmp_path, "x,z,y\n" + "".join(f"{i}.{i},{i}/7,{i % 3}\n" for i in range(40)))
    assert dataset_digest(read_rows(path)) == dataset_digest(read_dataset(path))


def test_rows_of_another_length_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a,b,y\n1,2,0\nnot even a row\n")
    with pytest.raises(DatasetError, match=r"expected rows of 3 numbers, as the model takes, got 2"):
        read_rows(path, dimension=3)
    with pytest.raises(DatasetError, match=r"row 1 \(line 3\): expected as many cells"):
        read_rows(path, dimension=2)
    with pytest.raises(DatasetError, match=r"expected rows of 3 numbers, as the model takes, got 2"):
        read_rows(text_file(tmp_path, '{"points": [[1, 2]], "labels": [0]}', "d.json"), dimension=3)
