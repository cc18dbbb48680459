"""Small ONNX models for tests, and an evaluator of the graph that shares nothing with the lowering."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
Array = np.ndarray[Any, Any]
WHERE: Any = np.where


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


def saved(proto: Any, folder: Path, name: str = "model.onnx") -> str:
    """Write a model and return its path."""
    path = folder / name
    path.write_bytes(proto.SerializeToString())
    return str(path)


def _attribute(proto: Any, name: str, default: Any) -> Any:
    for attribute in proto.attribute:
        if attribute.name == name:
            return onnx.helper.get_attribute_value(attribute)
    return default


def _exact(values: Any) -> Array:
    flat = [Fraction(float(x)) if values.dtype.kind == "f" else Fraction(int(x)) for x in values.ravel()]
    made = np.empty(len(flat), dtype=object)
    made[:] = flat
    return made.reshape(values.shape)


def evaluate(proto: Any, point: Sequence[Fraction | int], shape: Sequence[int]) -> list[Fraction]:
    """Return the outputs at one point, node by node, in Fractions; float attributes are float32."""
    x = np.empty(len(point), dtype=object)
    x[:] = [Fraction(v) for v in point]
    values: dict[str, Array] = {"x": x.reshape((1, *shape))}
    for tensor in proto.graph.initializer:
        values[tensor.name] = _exact(onnx.numpy_helper.to_array(tensor))
    for n in proto.graph.node:
        values[n.output[0]] = _step(n, [values[i] for i in n.input if i])
    return [Fraction(v) for v in values[proto.graph.output[0].name].ravel()]


def _step(n: Any, given: list[Array]) -> Any:  # noqa: C901, PLR0911, PLR0912 - one line an operator
    a = given[0] if given else np.empty(0, dtype=object)
    b = given[1] if len(given) > 1 else a
    match n.op_type:
        case "Add":
            return a + b
        case "Sub":
            return a - b
        case "Mul":
            return a * b
        case "Div":
            return a / b
        case "Neg":
            return -a
        case "Relu":
            return WHERE(a > 0, a, Fraction(0))
        case "LeakyRelu":
            slope = Fraction(float(np.float32(_attribute(n, "alpha", 0.01))))
            return WHERE(a > 0, a, a * slope)
        case "Abs":
            return WHERE(a > 0, a, -a)
        case "Max":
            return WHERE(a > b, a, b)
        case "Min":
            return WHERE(a < b, a, b)
        case "Clip":
            low = WHERE(a > b, a, b)
            return WHERE(low < given[2], low, given[2])
        case "MatMul":
            return np.asarray(np.matmul(a, b))
        case "Gemm":
            weights = b.T if _attribute(n, "transB", 0) else b
            alpha = Fraction(float(np.float32(_attribute(n, "alpha", 1.0))))
            beta = Fraction(float(np.float32(_attribute(n, "beta", 1.0))))
            total = alpha * np.matmul(a, weights)
            return np.asarray(total + beta * given[2] if len(given) > 2 else total)
        case "Flatten" | "Reshape":
            return a.reshape(1, -1)
        case "Concat":
            return np.concatenate(given, axis=_attribute(n, "axis", 1))
        case "Identity" | "Dropout" | "Cast":
            return a
        case _:
            raise AssertionError(n.op_type)
