"""Weights keep their bits where a library has told the processor to flush subnormals to zero."""

import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, onnx, saved, stored

from memcert.interop.onnx_model import read_onnx
from memcert.interop.refusals import ModelError

TINY = Fraction(1, 2**149)


def fields() -> Any:
    """Return y = (x * (3 tiny) as raw bytes + (5 tiny) in a float field), sloped by a tiny alpha."""
    raw = stored("raw", np.array([3], dtype="u4").view("f4"))
    field = onnx.TensorProto(name="field", data_type=1, dims=[1])
    field.float_data.append(5 * float(TINY))
    nodes = [
        node("Mul", ["x", "raw"], ["m"]),
        node("Add", ["m", "field"], ["a"]),
        node("LeakyRelu", ["a"], ["y"], alpha=7 * float(TINY)),
    ]
    return model(nodes, [raw, field], 1)


PROBE = """
import ctypes, sys
from fractions import Fraction
sys.path[:0] = sys.argv[3:]
import numpy as np
from memcert.interop.onnx_model import read_onnx
ctypes.CDLL(sys.argv[1])
flushed = float(np.array([1], dtype="u4").view("f4").astype("f8")[0]) == 0.0
network = read_onnx(sys.argv[2], None).network
print(flushed, [str(w) for layer in network.layers for w in (*layer.data, *layer.bias)])
"""


def test_subnormals_survive_a_library_that_flushes_them(tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    source, library = tmp_path / "fast.c", tmp_path / "fast.so"
    source.write_text("int fast(void) { return 0; }\n")
    subprocess.run([compiler, "-ffast-math", "-shared", "-fPIC", "-o", library, source], check=True)
    path = saved(fields(), tmp_path)
    words = [sys.executable, "-c", PROBE, str(library), path, *sys.path]
    found = subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    expected = [str(w) for layer in read_onnx(path, None).network.layers for w in (*layer.data, *layer.bias)]
    assert str(3 * TINY) in expected
    assert str(-7 * TINY) in expected
    assert str(5 * TINY) in expected
    flushed, weights = found.split(" ", 1)
    assert weights == str(expected)
    if flushed != "True":
        pytest.skip("this compiler's fast-math does not flush subnormals when it is loaded")


@pytest.mark.parametrize("value", [2.0**-1074, 2.0**1023, -(2.0**-1022)])
def test_the_ends_of_float64_are_exact_in_either_field(value: float, tmp_path: Path) -> None:
    field = onnx.TensorProto(name="w", data_type=11, dims=[1])
    field.double_data.append(value)
    for tensor in (field, stored("w", [value], "f8")):
        proto = model([node("Mul", ["x", "w"], ["y"])], [tensor], 1)
        (layer,) = read_onnx(saved(proto, tmp_path), None).network.layers
        assert layer.data == (Fraction(value),)


def test_an_attribute_of_zero_is_zero(tmp_path: Path) -> None:
    proto = model([node("LeakyRelu", ["x"], ["y"], alpha=0.0)], [], 1)
    assert len(read_onnx(saved(proto, tmp_path), None).network.layers[0].data) == 1
    proto.graph.node[0].attribute[0].ClearField("f")
    assert len(read_onnx(saved(proto, tmp_path), None).network.layers[0].data) == 1


@pytest.mark.parametrize(("kind", "value"), [(2, 300), (3, -200), (9, 2)])
def test_an_integer_that_its_type_does_not_hold_is_malformed(kind: int, value: int, tmp_path: Path) -> None:
    field = onnx.TensorProto(name="w", data_type=kind, dims=[1])
    field.int32_data.append(value)
    nodes = [node("Cast", ["w"], ["c"], to=1), node("Add", ["x", "c"], ["y"])]
    with pytest.raises(ModelError, match=f"tensor 'w': expected integers from .* got {value} at index 0"):
        read_onnx(saved(model(nodes, [field], 1), tmp_path), None)
