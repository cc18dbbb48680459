"""One point through a program, with exact numbers in and out."""

from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored

from memcert.errors import UnsupportedError
from memcert.interop.import_options import ImportOptions
from memcert.interop.models import read_model
from memcert.semantics.models import read_program
from memcert.semantics.points import PointRunner


def _runner(folder: Path, kind: str) -> PointRunner:
    path = saved(model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1], [1]])], 2), folder)
    options = ImportOptions()
    return PointRunner(read_program(path, read_model(path, None, options).model, options), kind)


def test_numbers_are_rounded_and_come_back_exactly(tmp_path: Path) -> None:
    single, double = _runner(tmp_path, "float32"), _runner(tmp_path, "float64")
    assert single.rounded([Fraction(1, 10), 10**39, 0]) == [Fraction(13421773, 1 << 27), None, 0]
    assert double.rounded([Fraction(1, 10)]) == [Fraction(3602879701896397, 1 << 55)]


def test_outputs_are_those_of_the_type_and_infinities_are_none(tmp_path: Path) -> None:
    single, double = _runner(tmp_path, "float32"), _runner(tmp_path, "float64")
    one, small = 1, Fraction(1, 1 << 24)
    assert single.outputs([one, small]) == [1]
    assert double.outputs([one, small]) == [1 + small]
    largest = (1 << 128) - (1 << 104)
    assert single.outputs([largest, largest]) == [None]
    assert double.outputs([largest, largest]) == [2 * largest]


def test_another_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="float32, float64"):
        _runner(tmp_path, "float16")
