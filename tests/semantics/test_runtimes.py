"""What onnxruntime computes lies within the float32 bound of every order: one more implementation."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from onnx_evaluator import evaluate
from onnx_graphs import graphs
from onnx_models import model, node, stored
from semantics_tools import program_of
from strategies import dataset

from memcert.semantics.any_order import AnyOrder
from memcert.semantics.precision import FLOAT32
from memcert.semantics.rows import enclosed

onnxruntime: Any = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


def _run(proto: Any, x: Any, level: str) -> Any:
    # It reads older files than onnx writes.
    proto.ir_version = min(proto.ir_version, 10)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


def _within(proto: Any, shape: tuple[int, ...], x: Any, level: str, folder: Path) -> None:
    program = program_of(proto, folder)
    points = [[Fraction(float(v)) for v in row.ravel()] for row in x]
    bound, overflows, _ = AnyOrder(program, FLOAT32).run(
        enclosed(dataset(points, [0] * len(points)), FLOAT32)
    )
    found = _run(proto, x, level)
    for row, exact in enumerate(evaluate(proto, points, shape)):
        if overflows[row]:
            continue
        for value, wanted, error in zip(
            found[row].ravel().tolist(),
            exact,
            np.broadcast_to(bound.error, (len(points), len(exact)))[row],
            strict=True,
        ):
            assert abs(Fraction(value) - wanted) <= Fraction(float(error))


@settings(max_examples=60, suppress_health_check=QUIET, deadline=None)
@given(data=st.data())
def test_random_graphs_stay_within_their_bounds(tmp_path: Path, data: st.DataObject) -> None:
    proto, shape = data.draw(graphs())
    # The runtime knows fewer opsets, has no doubles for some operators, and folds what is not asked about.
    proto.opset_import[0].version = min(proto.opset_import[0].version, 21)
    assume(not any(one.op_type in ("Cast", "BatchNormalization") for one in proto.graph.node))
    x = np.random.default_rng(data.draw(st.integers(0, 2**32))).normal(size=(2, *shape)).astype("f4")
    try:
        _run(proto, x, "ORT_DISABLE_ALL")
    except Exception:  # the runtime's exceptions have no base in common
        ran = False
    else:
        ran = True
    assume(ran)
    _within(proto, shape, x, "ORT_DISABLE_ALL", tmp_path)


def _residual(seed: int) -> Any:
    """Return a residual convolution of 2 channels of 8 x 8 with large and small parts, with 3 outputs."""
    draw = np.random.default_rng(seed).normal
    weights = {
        "a": draw(size=(4, 2, 3, 3)),
        "b": draw(size=(4, 4, 3, 3)) / 64,
        "bias": draw(size=4) * 16,
        "d": draw(size=(256, 3)),
        "e": draw(size=3),
    }
    nodes = [
        node("Conv", ["x", "a", "bias"], ["c"], pads=[1, 1, 1, 1]),
        node("Relu", ["c"], ["r"]),
        node("Conv", ["r", "b"], ["s"], pads=[1, 1, 1, 1]),
        node("Add", ["s", "r"], ["t"]),
        node("Relu", ["t"], ["q"]),
        node("Flatten", ["q"], ["f"]),
        node("MatMul", ["f", "d"], ["g"]),
        node("Add", ["g", "e"], ["y"]),
    ]
    return model(nodes, [stored(name, values) for name, values in weights.items()], (2, 8, 8))


@pytest.mark.parametrize("level", ["ORT_DISABLE_ALL", "ORT_ENABLE_ALL"])
def test_a_residual_convolution_stays_within_its_bounds_fused_or_not(level: str, tmp_path: Path) -> None:
    x = np.random.default_rng(7).normal(size=(2, 2, 8, 8)).astype("f4")
    _within(_residual(3), (2, 8, 8), x, level, tmp_path)


@pytest.mark.parametrize("level", ["ORT_DISABLE_ALL", "ORT_ENABLE_ALL"])
def test_a_normalization_stays_within_its_bounds(level: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(5).normal
    parts = {"s": draw(size=3), "b": draw(size=3), "m": draw(size=3) * 1000, "v": [8.75, 3.75, 2.0]}
    nodes = [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], epsilon=0.25)]
    x = (draw(size=(4, 3)) + np.array([parts["m"]])).astype("f4")
    _within(model(nodes, [stored(k, v) for k, v in parts.items()], 3), (3,), x, level, tmp_path)


@pytest.mark.parametrize("level", ["ORT_DISABLE_ALL", "ORT_ENABLE_ALL"])
def test_a_wide_network_of_three_layers_stays_within_its_bounds(level: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(11).normal
    nodes, weights, source = [], [], "x"
    for depth, (before, after) in enumerate(((200, 60), (60, 60), (60, 5))):
        weights += [stored(f"w{depth}", draw(size=(before, after))), stored(f"b{depth}", draw(size=after))]
        nodes.append(node("Gemm", [source, f"w{depth}", f"b{depth}"], [f"h{depth}"]))
        source = f"r{depth}"
        nodes.append(node("Relu", [f"h{depth}"], [source]))
    nodes[-1] = node("Identity", ["h2"], ["y"])
    x = draw(size=(3, 200)).astype("f4")
    _within(model(nodes, weights, 200), (200,), x, level, tmp_path)
