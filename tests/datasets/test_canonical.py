import gzip
from fractions import Fraction
from pathlib import Path

import pytest
import strategies
from data_files import text_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memcert.datasets import canonical, problems
from memcert.datasets.canonical import lines, write_canonical
from memcert.datasets.dataset import Dataset
from memcert.datasets.reading import read_dataset
from memcert.errors import DatasetError, UndecidedError, UsageError
from memcert.formats import files
from memcert.kernel.certificate import Number, Original
from memcert.kernel.data import Table, data_header, data_line, dataset_digest


def table(data: Dataset) -> Table:
    return Table(data.size, data.dimension, data.columns, list(data.rows()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(strategies.datasets(entries=strategies.wild_rationals(), distinct=True), st.sampled_from([1, 1 << 18]))
def test_what_is_written_is_the_kernels_text_and_reads_back_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Dataset, block: int
) -> None:
    monkeypatch.setattr(canonical, "BLOCK", block)
    path = tmp_path / "data.txt"
    digest = write_canonical(data, path)
    expected = data_header(data.size, data.dimension, data.columns)
    expected += "".join(data_line(point, label) for point, label in data.rows())
    assert path.read_text() == expected
    assert digest == dataset_digest(table(data))
    back = read_dataset(str(path))
    assert list(back.rows()) == list(data.rows())
    assert (back.columns, back.lines) == (data.columns, tuple(range(3, data.size + 3)))


@pytest.mark.parametrize("originals", [("[red]", "\n\x1b", 'a "b" c', "☃"), (3, -1, 0, 2**70)])
def test_names_and_labels_of_any_kind(tmp_path: Path, originals: tuple[Original, ...]) -> None:
    points: list[list[Number]] = [[0, 1], [1, 0], [Fraction(1, 3), 2], [2**60, -(2**53)]]
    data = strategies.dataset(points, originals, columns=("p q", "☃\n"))
    write_canonical(data, tmp_path / "d.gz")
    back = read_dataset(str(tmp_path / "d.gz"))
    assert (back.labels, back.columns, list(back.rows())) == (originals, ("p q", "☃\n"), list(data.rows()))
    assert gzip.decompress((tmp_path / "d.gz").read_bytes()).decode("ascii") == "".join(lines(data))


def test_values_as_labels(tmp_path: Path) -> None:
    data = strategies.dataset([[0], [1]], [Fraction(1, 2), 3])
    write_canonical(data, tmp_path / "d")
    assert read_dataset(str(tmp_path / "d")).labels == (Fraction(1, 2), 3)


HEADER = "memcert-data/1 2 1\ncolumns null\n"
REFUSED = {
    "version": ("memcert-data/2 2 1\ncolumns null\n1 1\n2 2\n", "memcert-data/1 and N, d >= 1"),
    "no rows": ("memcert-data/1 0 1\ncolumns null\n", "memcert-data/1 and N, d >= 1"),
    "few rows": (HEADER + "1 1\n", "2 rows"),
    "many rows": (HEADER + "1 1\n2 2\n3 3\n", "line 5"),
    "ragged": (HEADER + "1 1\n2 2 2\n", "line 4"),
    "spelling": (HEADER + "1 1\n02 2\n", "02"),
    "fraction not reduced": (HEADER + "1 1\n2/4 2\n", "2/4"),
    "no line end": (HEADER + "1 1\n2 2", "line 4"),
    "mixed labels": (HEADER + '1 1\n2 "2"\n', "line 4: expected labels that are all numbers or all strings"),
    "not ASCII": (HEADER + '1 "é"\n2 "e"\n', "line 3"),
    "contradiction": (HEADER + "1 1\n1 2\n", "row 0 (line 3) and row 1 (line 4): expected equal points"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_place(tmp_path: Path, name: str) -> None:
    content, message = REFUSED[name]
    with pytest.raises(DatasetError) as caught:
        read_dataset(text_file(tmp_path, content, "d.txt"))
    assert message in str(caught.value)
    assert "d.txt" in str(caught.value)


def test_limits_are_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UndecidedError, match="number_bits"):
        read_dataset(text_file(tmp_path, HEADER + "0x1p+99999999 1\n2 2\n"))
    monkeypatch.setattr(problems, "MAX_TABLE_BITS", 100_000)
    with pytest.raises(UndecidedError, match="at most 100,000 bits in all"):
        read_dataset(text_file(tmp_path, HEADER + "0x1p+90000 1\n0x3p+90000 2\n"))
    monkeypatch.setattr(files, "MAX_CELLS", 1)
    with pytest.raises(UndecidedError, match="got 2 rows of 1"):
        read_dataset(text_file(tmp_path, HEADER + "1 1\n2 2\n"))


def test_its_labels_are_fixed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the labels of a memcert-data/1 text are fixed"):
        read_dataset(text_file(tmp_path, HEADER + "1 1\n2 2\n"), label="a")
