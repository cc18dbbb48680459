import sys
from fractions import Fraction

import pytest

from memcert.datasets.reading import read_dataset
from memcert.errors import UnsupportedError, UsageError


def test_other_names_are_usage_errors_and_download_nothing() -> None:
    for name in ("fetch_openml", "mnist", "", "iris ", "../iris", "[red]"):
        with pytest.raises(
            UsageError, match="sklearn: expected one of breast_cancer, diabetes, digits, iris, wine"
        ):
            read_dataset(f"sklearn:{name}")


def test_options_of_files_do_not_apply() -> None:
    with pytest.raises(UsageError, match="the labels are fixed"):
        read_dataset("sklearn:iris", label="x")


def test_without_scikit_learn_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'memcert\[sklearn\]'"):
        read_dataset("sklearn:iris")


@pytest.mark.parametrize(
    ("name", "size", "dimension", "classes"),
    [("iris", 150, 4, 3), ("wine", 178, 13, 3), ("breast_cancer", 569, 30, 2), ("digits", 1797, 64, 10)],
)
def test_the_doubles_are_exact(name: str, size: int, dimension: int, classes: int) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    data = read_dataset(f"sklearn:{name}")
    assert (data.name, data.size, data.dimension) == (f"sklearn:{name}", size, dimension)
    assert set(data.labels) == set(range(classes))
    bunch = getattr(datasets, f"load_{name}")()
    assert data.columns == tuple(bunch.feature_names)
    for row in (0, size // 2, size - 1):
        assert data.point(row) == tuple(Fraction(float(x)) for x in bunch.data[row])


def test_labels_of_diabetes_are_values() -> None:
    pytest.importorskip("sklearn.datasets")
    data = read_dataset("sklearn:diabetes")
    assert data.labels[:3] == (151, 75, 141)
