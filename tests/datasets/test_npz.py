import io
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_files import npy_bytes, npz_file, text_file

from memcert.datasets.reading import read_dataset
from memcert.errors import DatasetError, UndecidedError
from memcert.formats import files


def archive(folder: Path, **members: bytes) -> str:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(f"{name}.npy", content)
    return text_file(folder, file.getvalue(), "data.npz")


def header(shape: str, kind: str = "<i8") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def test_points_labels_and_names(tmp_path: Path) -> None:
    path = npz_file(tmp_path, X=[[1, 2], [3, 4]], y=["a", "b"], columns=["p", "q"])
    data = read_dataset(path)
    assert (data.columns, data.labels, data.numerators.tolist()) == (("p", "q"), ("a", "b"), [[1, 2], [3, 4]])
    assert (data.name, data.lines) == ("data.npz", None)


def test_floats_are_exact_dyadics_and_subnormals_survive(tmp_path: Path) -> None:
    points = np.array([[0.1, 2.0**-149], [1.5, -0.0]], dtype=np.float32)
    data = read_dataset(npz_file(tmp_path, X=points, y=[0.0, 1.0]))
    assert data.point(0) == (Fraction(13421773, 2**27), Fraction(1, 2**149))
    assert data.point(1) == (Fraction(3, 2), 0)
    assert data.labels == (0, 1)


def test_images_are_flattened_and_column_order_is_understood(tmp_path: Path) -> None:
    images = np.asfortranarray(np.arange(24).reshape(2, 3, 4))
    data = read_dataset(npz_file(tmp_path, X=images, y=[0, 1]))
    assert data.numerators.tolist() == np.arange(24).reshape(2, 12).tolist()


def test_an_array_alone_takes_labels_of_their_own(tmp_path: Path) -> None:
    points = text_file(tmp_path, npy_bytes([[1.5], [2.5]]), "points.npy")
    labels = text_file(tmp_path, npy_bytes(np.array([7, 8])), "labels.npy")
    assert read_dataset(points, labels=labels).labels == (7, 8)
    assert read_dataset(npz_file(tmp_path, X=[[1], [2]], y=[0, 0]), labels=labels).labels == (7, 8)
    with pytest.raises(DatasetError, match="expected labels beside the array"):
        read_dataset(points)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no X": ({"Z": [[1]], "y": [1]}, "expected arrays X and y, got ['Z.npy', 'y.npy']"),
    "no y": ({"X": [[1]]}, "expected arrays X and y, got ['X.npy']"),
    "one dimension": ({"X": [1, 2], "y": [1, 2]}, "X.reshape(-1, 1)"),
    "no rows": ({"X": np.zeros((0, 3)), "y": []}, "X: expected rows of data, got shape [0, 3]"),
    "no columns": ({"X": np.zeros((3, 0)), "y": [1, 2, 3]}, "X: expected rows of data, got shape [3, 0]"),
    "too few labels": ({"X": [[1], [2]], "y": [1]}, "y: expected 2 labels, as X has rows, got 1"),
    "nan": ({"X": [[1.0], [np.nan]], "y": [1, 2]}, "row 1, column 0: expected a finite number, got nan"),
    "infinity": ({"X": [[-np.inf]], "y": [1]}, "row 0, column 0: expected a finite number, got -inf"),
    "nan label": ({"X": [[1]], "y": [np.nan]}, "row 0, column 'y': expected a finite number, got nan"),
    "objects": (
        {"X": np.array([[{}]], dtype=object), "y": [1]},
        "X: expected numbers or text, got Python objects",
    ),
    "text": ({"X": [["1"]], "y": [1]}, "expected integers or floats"),
    "names": ({"X": [[1]], "y": [1], "columns": ["a", "b"]}, "columns: expected 1 names, got 2"),
    "numbers as names": (
        {"X": [[1]], "y": [1], "columns": [3]},
        "columns: expected an array of text, got 'int64'",
    ),
    "contradiction": (
        {"X": [[1], [1]], "y": ["a", "b"]},
        "row 0 and row 1: expected equal points to have equal",
    ),
    "records": ({"X": np.zeros((1, 1), dtype=[("a", "i4")]), "y": [1]}, "X: expected numbers or text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    arrays, message = REFUSED[name]
    with pytest.raises(DatasetError) as caught:
        read_dataset(npz_file(tmp_path, **arrays))
    assert message in str(caught.value)


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "touched",))  # type: ignore[return-value]

    trap = np.empty((1, 1), dtype=object)
    trap[0, 0] = Trap()
    with pytest.raises(DatasetError, match="pickled data are never loaded"):
        read_dataset(npz_file(tmp_path, X=trap, y=[1]))
    assert not (tmp_path / "touched").exists()


DAMAGED = {
    "no zip": {"data": b"PK\x03\x04 and nothing"},
    "not an array": {"X": b"hello", "y": npy_bytes([1])},
    "declared 10 GB": {"X": header("(10000000000, 1)") + bytes(16), "y": npy_bytes([1])},
    "too many bytes": {"X": npy_bytes([[1]]) + b"x", "y": npy_bytes([1])},
    "negative shape": {"X": header("(-1, -1)") + bytes(8), "y": npy_bytes([1])},
    "no shape": {"X": header("oops") + bytes(8), "y": npy_bytes([1])},
    "code as shape": {"X": header("__import__('os')") + bytes(8), "y": npy_bytes([1])},
    "nested header": {"X": header("(" * 3000 + ")" * 3000) + bytes(8), "y": npy_bytes([1])},
    "strange type": {"X": header("(1, 1)", "|V0"), "y": npy_bytes([1])},
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_archives_are_refused(tmp_path: Path, name: str) -> None:
    members = DAMAGED[name]
    path = (
        text_file(tmp_path, members["data"], "a.npz") if "data" in members else archive(tmp_path, **members)
    )
    with pytest.raises(DatasetError, match=r"expected (the header|an undamaged|\d+ bytes|numbers or text)"):
        read_dataset(path)


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = Path(archive(tmp_path, X=npy_bytes(np.arange(1000).reshape(-1, 1)), y=npy_bytes(np.arange(1000))))
    content = bytearray(path.read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="expected undamaged data"):
        read_dataset(str(path))


def test_a_bomb_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, X=header("(4000000, 1)") + bytes(32_000_000), y=npy_bytes([1]))
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 22)
    with pytest.raises(UndecidedError, match="expected at most 4,194,304 bytes of data"):
        read_dataset(path)


def test_lone_surrogates_and_what_is_no_code_point_are_refused(tmp_path: Path) -> None:
    half = np.array([0xD800], dtype="u4").view("U1")
    with pytest.raises(DatasetError, match="label: expected Unicode text"):
        read_dataset(npz_file(tmp_path, X=[[1]], y=half))
    none = archive(tmp_path, X=npy_bytes([[1]]), y=header("(1,)", "<U1") + b"\xff\xff\xff\xff")
    with pytest.raises(DatasetError, match="expected Unicode text"):
        read_dataset(none)
