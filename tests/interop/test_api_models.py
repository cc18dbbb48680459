"""Models from Python: files and fitted objects verified, bound to certificates, exported."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import model_files as files
import numpy as np
import pytest

import memcert
from memcert.errors import UnsupportedError, UsageError
from memcert.kernel.verdict import Mismatch

ROOT = Path(__file__).parents[2]


def _data(folder: Path) -> Path:
    path = folder / "d.csv"
    path.write_text("a,b,label\n3,1,0\n1,4,1\n2,0,0\n5,6,1\n", encoding="utf-8")
    return path


def test_a_file_is_verified_written_and_bound(tmp_path: Path) -> None:
    state = {"0.weight": np.array([[1, -1], [-1, 1]], "f4")}
    model, data = files.torch_file(tmp_path / "m.pt", state), _data(tmp_path)
    found = memcert.verify(model, data, "argmax", preprocess="x/2")
    assert found.accuracy == 1
    memcert.write(found.certificate(), tmp_path / "c.json")
    assert memcert.check(tmp_path / "c.json", data, model=model).whole
    assert memcert.prove(tmp_path / "c.json", data, model=model).verdict == "proved"
    other = files.torch_file(tmp_path / "n.pt", {"0.weight": np.array([[1, -1], [-1, 2]], "f4")})
    for examine in (memcert.check, memcert.prove):
        with pytest.raises(Mismatch, match=r"model\.files\[0\]\.digest"):
            examine(tmp_path / "c.json", data, model=other)


def test_a_fitted_object_is_verified_as_it_is(tmp_path: Path) -> None:
    learn: Any = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    points, labels = [[3, 1], [1, 4], [2, 0], [5, 6]], [0, 1, 0, 1]
    model = learn.MLPClassifier((3,), solver="lbfgs", max_iter=50, random_state=0).fit(points, labels)
    found = memcert.verify(model, _data(tmp_path), "sign")
    held = sum(model.predict(points) == labels)
    assert found.accuracy == Fraction(int(held), 4)
    assert memcert.check(found.certificate()).whole
    with pytest.raises(UsageError, match="layers: is an option for model files"):
        memcert.verify(model, _data(tmp_path), "sign", layers="linear")
    with pytest.raises(UnsupportedError, match="got 'dict'"):
        memcert.verify({}, _data(tmp_path), "sign")


def test_networks_are_exported_from_python(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    iris, two = (ROOT / "certificates" / f"{name}.json" for name in ("iris", "two-layer"))
    assert memcert.export(iris, tmp_path / "iris.smt2") is None
    made = memcert.export(two, tmp_path / "two.onnx")
    assert made is not None
    assert made.changed == 0
    assert memcert.check(two, model=tmp_path / "two.onnx").whole
    with pytest.raises(UnsupportedError, match="30797/10: expected a number that float32 can hold"):
        memcert.export(iris, tmp_path / "iris.onnx", kind="float32")
    assert not (tmp_path / "iris.onnx").exists()
    made = memcert.export(memcert.read(iris), tmp_path / "iris.onnx", rounded=True)
    assert made is not None
    assert made.changed > 0
    with pytest.raises(UsageError, match=r"ends in \.onnx, \.smt2 or \.smt2\.gz"):
        memcert.export(iris, tmp_path / "iris.h5")
