"""How long ONNX models take to be lowered, beside the digest of the network that comes out.

`python benchmarks/lowering.py` makes its own models from seeds, lowers each, and prints seconds of
processor time, nonzero weights, and the ratio to the time that the kernel takes for the network's digest,
which reads every weight once. Needs the extra `onnx`.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from memcert.interop.onnx_model import read_onnx
from memcert.interop.preprocessing import affine
from memcert.kernel.data import network_digest

RNG = np.random.default_rng(0)


def node(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> Any:
    """Return a node."""
    return onnx.helper.make_node(operator, list(inputs), [output], **attributes)


def model(nodes: Sequence[Any], shapes: dict[str, tuple[int, ...]], size: Sequence[int]) -> Any:
    """Return a model with normally distributed float32 weights of these shapes."""
    drawn = {name: RNG.normal(size=shape).astype("f4") for name, shape in shapes.items()}
    drawn |= {name: np.abs(drawn[name]) + 1 for name in drawn if name.startswith("var")}
    stored = [onnx.numpy_helper.from_array(values, name) for name, values in drawn.items()]
    given = onnx.helper.make_tensor_value_info("x", 1, ["N", *size])
    made = onnx.helper.make_tensor_value_info("y", 1, None)
    graph = onnx.helper.make_graph(list(nodes), "g", [given], [made], stored)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])


def dense() -> Any:
    """Return the network 784-256-256-10."""
    sizes = (784, 256, 256, 10)
    shapes: dict[str, tuple[int, ...]] = {}
    nodes, name = [], "x"
    for k in range(3):
        shapes |= {f"w{k}": (sizes[k], sizes[k + 1]), f"b{k}": (sizes[k + 1],)}
        nodes.append(node("Gemm", [name, f"w{k}", f"b{k}"], "y" if k == 2 else f"g{k}"))
        if k < 2:
            nodes.append(node("Relu", [f"g{k}"], f"r{k}"))
        name = f"r{k}"
    return model(nodes, shapes, [784])


def convolution(*middle: str) -> Any:
    """Return two convolutions of 16 channels on 28 x 28 and a dense layer; `middle` is what else it has."""
    size = 14 * 14 if "pool" in middle else 28 * 28
    shapes: dict[str, tuple[int, ...]] = {"a": (16, 1, 3, 3), "b": (16, 16, 3, 3), "d": (16 * size, 10)}
    nodes = [node("Conv", ["x", "a"], "c", pads=[1] * 4)]
    last = "c"
    if "normal" in middle:
        shapes |= dict.fromkeys(("scale", "shift", "mean", "var"), (16,))
        nodes.append(node("BatchNormalization", [last, "scale", "shift", "mean", "var"], "n"))
        last = "n"
    nodes += [node("Relu", [last], "r"), node("Conv", ["r", "b"], "e", pads=[1] * 4)]
    name = "e"
    if "residual" in middle:
        nodes.append(node("Add", ["e", last], "s"))
        name = "s"
    nodes.append(node("Relu", [name], "t"))
    if "pool" in middle:
        nodes.append(node("MaxPool", ["t"], "p", kernel_shape=[2, 2], strides=[2, 2]))
    nodes += [node("Flatten", ["p" if "pool" in middle else "t"], "f"), node("Gemm", ["f", "d"], "y")]
    return model(nodes, shapes, [1, 28, 28])


WORK: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "784-256-256-10": (dense, {}),
    "the same, x/255": (dense, {"preprocess": affine("x/255")}),
    "convolution": (convolution, {}),
    "with MaxPool": (partial(convolution, "pool"), {}),
    "with BatchNormalization, folded": (partial(convolution, "normal"), {"fold_batchnorm": "float32"}),
    "residual": (partial(convolution, "residual"), {}),
}


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds of processor time, and the result."""
    start = time.process_time()
    found = act()
    return time.process_time() - start, found


def main() -> None:
    """Print a line a model."""
    print("| model | lowered (s) | nonzero weights | layers | to the digest |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        for name, (make, options) in WORK.items():
            path.write_bytes(make().SerializeToString())
            seconds, found = timed(partial(read_onnx, str(path), "argmax", **options))
            network = found.network
            digest, _ = timed(partial(network_digest, network))
            count = sum(len(layer.data) for layer in network.layers)
            ratio = seconds / max(digest, 1e-9)
            print(f"| {name} | {seconds:.2f} | {count:,} | {len(network.layers)} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
