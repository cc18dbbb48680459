import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import pytest
from data_files import text_file

from memcert.datasets import parquet as tables
from memcert.datasets.reading import read_dataset
from memcert.errors import DatasetError, UndecidedError, UnsupportedError
from memcert.formats import files


def test_without_pyarrow_the_message_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'memcert\[parquet\]'"):
        read_dataset(text_file(tmp_path, b"PAR1 and more", "d.parquet"))


pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def written(folder: Path, columns: dict[str, Any]) -> str:
    path = folder / "data.parquet"
    parquet.write_table(pyarrow.table(columns), path)
    return str(path)


def test_numbers_of_every_type_are_exact(tmp_path: Path) -> None:
    columns = {
        "int": pyarrow.array([1, 2**62], pyarrow.int64()),
        "float": pyarrow.array([0.1, 2.0**-149], pyarrow.float32()),
        "decimal": pyarrow.array([Decimal("0.10"), Decimal("-3.25")], pyarrow.decimal128(10, 2)),
        "text": pyarrow.array(["1/3", "1e-9"]),
        "flag": pyarrow.array([True, False]),
        "label": pyarrow.array(["a", "b"]).dictionary_encode(),
    }
    data = read_dataset(written(tmp_path, columns))
    assert data.columns == ("int", "float", "decimal", "text", "flag")
    assert data.point(0) == (1, Fraction(13421773, 2**27), Fraction(1, 10), Fraction(1, 3), 1)
    assert data.point(1) == (2**62, Fraction(1, 2**149), Fraction(-13, 4), Fraction(1, 10**9), 0)
    assert data.labels == ("a", "b")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([3, -1], (3, -1)), ([1.0, 0.5], (1, Fraction(1, 2))), (["01", "2"], ("01", "2"))],
)
def test_labels_keep_their_kind(tmp_path: Path, labels: list[Any], expected: tuple[Any, ...]) -> None:
    data = read_dataset(written(tmp_path, {"a": [1, 2], "target": labels, "b": [5, 6]}))
    assert (data.labels, data.columns) == (expected, ("a", "b"))


def test_the_label_column_that_the_user_names(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [1, 2], "b": [5, 6], "label": [7, 8]})
    assert read_dataset(path, label="a").labels == (1, 2)
    with pytest.raises(DatasetError, match="label column: expected one of"):
        read_dataset(path, label="c")


def test_labels_of_their_own(tmp_path: Path) -> None:
    own = text_file(tmp_path, "x\ny\n", "labels.txt")
    data = read_dataset(written(tmp_path, {"a": [1, 2], "label": [3, 4]}), labels=own)
    assert (data.columns, data.labels) == (("a", "label"), ("x", "y"))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "missing": ({"a": [1, None], "y": [1, 2]}, "row 1, column 'a': expected a value, got none: null"),
    "missing text": ({"a": ["1", None], "y": [1, 2]}, "row 1, column 'a': expected a value, got none: null"),
    "missing label": ({"a": [1, 2], "y": [None, 2]}, "row 0, column 'y': expected a value, got none: null"),
    "missing text label": (
        {"a": [1, 2], "y": ["p", None]},
        "row 1, column 'y': expected a value, got none: null",
    ),
    "nan": ({"a": [1.0, float("nan")], "y": [1, 2]}, "row 1, column 'a': expected a finite number, got nan"),
    "infinity": ({"a": [float("inf")], "y": [1]}, "row 0, column 'a': expected a finite number, got inf"),
    "word": ({"a": ["x"], "y": [1]}, "row 0, column 'a': expected a number such as"),
    "lists": ({"a": [[1]], "y": [1]}, "column 'a': expected numbers, got 'list"),
    "no rows": (
        {"a": pyarrow.array([], pyarrow.int64()), "y": pyarrow.array([], pyarrow.int64())},
        "got 0 rows",
    ),
    "one column": (
        {"y": [1]},
        "expected rows of at least one coordinate and a label, got 1 rows of columns ['y']",
    ),
    "contradiction": ({"a": [1, 1], "y": [1, 2]}, "row 0 and row 1: expected equal points"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    columns, message = REFUSED[name]
    with pytest.raises(DatasetError) as caught:
        read_dataset(written(tmp_path, columns))
    assert message in str(caught.value)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    whole = Path(written(tmp_path, {"a": [1, 2], "y": [1, 2]})).read_bytes()
    for damaged in (b"PAR1", b"PAR1" + b"x" * 100, whole[:-20], whole[:30] + whole[60:]):
        with pytest.raises(DatasetError, match="expected an undamaged Parquet file"):
            read_dataset(text_file(tmp_path, damaged, "d.parquet"))


def test_large_tables_are_undecided_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, {"a": list(range(100)), "y": list(range(100))})
    monkeypatch.setattr(files, "MAX_CELLS", 50)
    with pytest.raises(UndecidedError, match="got 100 rows of 2"):
        read_dataset(str(path))


def test_a_number_of_too_many_digits_is_undecided(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="row 0, column 'a': expected a number of at most 4,000 digits"):
        read_dataset(written(tmp_path, {"a": ["1e9999999"], "y": [1]}))


def test_a_small_table_is_read_by_a_process_that_has_allocated_nothing_in_arrow(tmp_path: Path) -> None:
    # Arrow's allocator reserves as much address space with its first bytes as all the room for growth.
    path = written(tmp_path, {"a": [1, 2], "label": [0, 1]})
    made = subprocess.run(
        [sys.executable, "-m", "memcert", "inspect", path, "--json"], capture_output=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the system for the most memory")
def test_a_page_that_says_it_unpacks_to_much_takes_no_memory_for_it() -> None:
    # Found by fuzzing: 962 bytes, one of whose pages says that it unpacks to 2^37.
    found = Path(__file__).parents[1] / "fuzzed" / "parquet" / "oom-d2ee9330683512e7"
    code = (
        "import re; from memcert import read_dataset\n"
        "from memcert.errors import UndecidedError\n"
        f"try: read_dataset({str(found)!r})\n"
        "except UndecidedError: pass\n"
        "print(re.search('VmPeak: *([0-9]+)', open('/proc/self/status').read().replace(chr(9), ''))[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1 << 22


def test_what_asks_for_more_memory_than_there_is_room_is_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_size: int) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(tables, "growing_at_most", full)
    with pytest.raises(UndecidedError, match=r"memory: a page asks for more than 1,07\d,[0-9,]+ bytes"):
        read_dataset(written(tmp_path, {"a": [1], "y": [1]}))


@pytest.mark.parametrize("rows", [1, 2, 1 << 18])
def test_a_column_that_ends_early_is_damage_however_many_rows_are_read_at_once(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Found by fuzzing: 3 rows are promised, of which one column has fewer.
    for name in ("crash-19b397856b4fe814", "crash-24fcb749e66b26e4", "crash-4ac0750de03c34b8"):
        path = Path(__file__).parents[1] / "fuzzed" / "parquet" / name
        monkeypatch.setattr(tables, "BLOCK", 3 * rows)
        with pytest.raises(DatasetError, match="expected an undamaged Parquet file"):
            read_dataset(str(path))
