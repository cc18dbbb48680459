"""A network as an ONNX model: Gemm and Relu, weights in float64 or float32. Needs the extra `onnx`.

UNTRUSTED. The same network always gives the same bytes.
"""

import importlib
from typing import Any

import numpy as np

from memcert.errors import UndecidedError, UnsupportedError
from memcert.interop.bits import encoded
from memcert.interop.export.floats import LAYOUTS
from memcert.kernel.certificate import Number
from memcert.kernel.data import network_digest
from memcert.kernel.network import Layer, Network

OPSET, IR_VERSION = 17, 8
"""Old enough for every runtime in use; nothing newer is needed."""
MAX_ELEMENTS = 1 << 27
"""Most elements of all dense weights together: a protobuf message ends at 2 GiB."""
_KINDS = {"float32": (1, "<u4"), "float64": (11, "<u8")}


def onnx_bytes(network: Network, kind: str) -> bytes:
    """Return the model: input `x` of shape (N, d), output `y` of shape (N, k).

    Args:
        network: whose numbers all are floats of that kind (`floats.rounded`).
        kind: float32 or float64, of the input and output too.

    Raises:
        UnsupportedError: the extra is not installed, or a number is no such float.
        UndecidedError: the dense weights are too large.
    """
    size = sum(layer.shape[0] * layer.shape[1] for layer in network.layers)
    if size > MAX_ELEMENTS:
        raise UndecidedError(
            f"the dense weights have {size:,} elements, more than the {MAX_ELEMENTS:,} of an ONNX file"
        )
    onnx = _onnx()
    nodes, tensors, name = [], [], "x"
    for depth, layer in enumerate(network.layers):
        last = depth == len(network.layers) - 1
        tensors += [_weights(onnx, layer, depth, kind), _biases(onnx, layer, depth, kind)]
        made = "y" if last and not layer.relu else f"z{depth}"
        inputs = [name, f"W{depth}", f"b{depth}"]
        nodes.append(onnx.helper.make_node("Gemm", inputs, [made], name=f"layer_{depth}", transB=1))
        if layer.relu:
            name, made = made, "y" if last else f"h{depth}"
            nodes.append(onnx.helper.make_node("Relu", [name], [made], name=f"relu_{depth}"))
        name = made
    return _model(onnx, network, nodes, tensors, _KINDS[kind][0])


def _onnx() -> Any:
    try:
        return importlib.import_module("onnx")
    except ImportError:
        raise UnsupportedError("ONNX models need the package onnx: pip install 'memcert[onnx]'") from None


def _model(onnx: Any, network: Network, nodes: list[Any], tensors: list[Any], kind: int) -> bytes:
    helper = onnx.helper
    given = helper.make_tensor_value_info("x", kind, ["N", network.input_size])
    made = helper.make_tensor_value_info("y", kind, ["N", network.layers[-1].shape[0]])
    graph = helper.make_graph(nodes, "network", [given], [made], tensors)
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="memcert",
    )
    helper.set_model_props(model, {"memcert.network": network_digest(network)})
    return bytes(model.SerializeToString(deterministic=True))


def _weights(onnx: Any, layer: Layer, depth: int, kind: str) -> Any:
    dense = np.zeros(layer.shape, dtype=_KINDS[kind][1])
    for i in range(layer.shape[0]):
        for j, weight in layer.row(i):
            dense[i, j] = _pattern(weight, kind)
    return _tensor(onnx, f"W{depth}", kind, list(layer.shape), dense.tobytes())


def _biases(onnx: Any, layer: Layer, depth: int, kind: str) -> Any:
    patterns = np.array([_pattern(bias, kind) for bias in layer.bias], dtype=_KINDS[kind][1])
    return _tensor(onnx, f"b{depth}", kind, [layer.shape[0]], patterns.tobytes())


def _tensor(onnx: Any, name: str, kind: str, shape: list[int], raw: bytes) -> Any:
    return onnx.TensorProto(name=name, data_type=_KINDS[kind][0], dims=shape, raw_data=raw)


def _pattern(number: Number, kind: str) -> int:
    pattern = encoded(number, LAYOUTS[kind])
    if pattern is None:
        raise UnsupportedError(f"expected numbers that {kind} can hold")
    return pattern
