"""Small ONNX models for tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from naive_evaluator import evaluate as naive_value

from memcert.interop.onnx_model import read_onnx

network_value: Any = naive_value
onnx = pytest.importorskip("onnx", reason="onnx is not installed")


def node(operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> Any:
    """Return a NodeProto named after its first output."""
    return onnx.helper.make_node(operator, list(inputs), list(outputs), name=f"n_{outputs[0]}", **attributes)


def stored(name: str, values: Any, kind: str = "f4") -> Any:
    """Return an initializer."""
    return onnx.numpy_helper.from_array(np.asarray(values, dtype=kind), name)


def model(
    nodes: Sequence[Any],
    weights: Sequence[Any],
    size: int | Sequence[int | str],
    output: str = "y",
    *,
    opset: int = 17,
    batch: int | str | None = "N",
) -> Any:
    """Return a ModelProto with the input `x` of shape (batch, *size)."""
    rest = [size] if isinstance(size, int) else list(size)
    given = onnx.helper.make_tensor_value_info("x", 1, [batch, *rest])
    made = onnx.helper.make_tensor_value_info(output, 1, None)
    graph = onnx.helper.make_graph(list(nodes), "g", [given], [made], list(weights))
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])


def outputs(proto: Any, point: Sequence[Any], folder: Path, rule: str | None = None, **options: Any) -> Any:
    """Return the exact outputs of the lowered model at one point."""
    network = read_onnx(saved(proto, folder), rule, **options).network
    return list(network_value(network, list(point)))


def saved(proto: Any, folder: Path, name: str = "model.onnx") -> str:
    """Write a model and return its path."""
    path = folder / name
    path.write_bytes(proto.SerializeToString())
    return str(path)
