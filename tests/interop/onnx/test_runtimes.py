"""Networks trained by scikit-learn, exported by skl2onnx, run by onnxruntime: agreement, never the judge."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, onnx, outputs, saved, stored

from memcert.errors import UnsupportedError
from memcert.interop.onnx_model import read_onnx

Array = np.ndarray[Any, Any]


def runtime(proto: Any, x: Array) -> list[Any]:
    """Return what onnxruntime makes of a batch."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    # It reads older files than onnx writes.
    proto.ir_version = min(proto.ir_version, 10)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    found: list[Any] = session.run(None, {session.get_inputs()[0].name: x})
    return found


def convolution(seed: int) -> Any:
    """Return a residual convolution of 2 channels of 6 x 6, batch normalized, pooled, with 3 outputs."""
    draw = np.random.default_rng(seed).normal
    weights = {
        "a": draw(size=(4, 2, 3, 3)),
        "b": draw(size=(4, 2, 3, 3)),
        **{name: np.abs(draw(size=4)) + 0.1 for name in ("scale", "shift", "mean", "var")},
        "d": draw(size=(36, 3)),
        "e": draw(size=3),
    }
    nodes = [
        node("Conv", ["x", "a"], ["c"], pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["c", "scale", "shift", "mean", "var"], ["n"]),
        node("LeakyRelu", ["n"], ["r"], alpha=0.1),
        node("Conv", ["r", "b"], ["s"], group=2, auto_pad="SAME_LOWER"),
        node("Add", ["s", "n"], ["t"]),
        node("MaxPool", ["t"], ["p"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Clip", ["p", "", "six"], ["q"]),
        node("Flatten", ["q"], ["f"]),
        node("Gemm", ["f", "d", "e"], ["y"]),
    ]
    tensors = [stored(name, values) for name, values in weights.items()]
    return model(nodes, [*tensors, stored("six", 6.0)], (2, 6, 6))


def test_a_residual_convolution_agrees_with_onnxruntime_within_float_error(tmp_path: Path) -> None:
    proto = convolution(3)
    x = np.random.default_rng(1).integers(-8, 9, size=(3, 2, 6, 6)).astype("f4") / 4
    expected = runtime(proto, x)[0]
    for row, wanted in zip(x, expected, strict=True):
        point = [Fraction(float(v)) for v in row.ravel()]
        found = outputs(proto, point, tmp_path, "argmax", fold_batchnorm="float32")
        assert np.allclose([float(v) for v in found], wanted, rtol=1e-4, atol=1e-3)


def trained(kind: str, target: Array, *before: Any) -> tuple[Any, Any, Array]:
    """Return a small network trained on the irises, and the file that skl2onnx makes of it."""
    neural_network = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    skl2onnx = pytest.importorskip("skl2onnx", reason="skl2onnx is not installed")
    from sklearn.pipeline import make_pipeline

    data = irises()[0]
    network = getattr(neural_network, kind)(hidden_layer_sizes=(6,), max_iter=150, random_state=0)
    pipeline = make_pipeline(*before, network).fit(data, target)
    options = {id(pipeline): {"zipmap": False}} if kind == "MLPClassifier" else None
    proto = skl2onnx.to_onnx(pipeline, data[:1], options=options)
    return pipeline, proto, data


def irises() -> tuple[Array, Array]:
    """Return the irises."""
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    x, y = datasets.load_iris(return_X_y=True)
    return x.astype("f4"), y


def decisions(proto: Any, data: Array, folder: Path, rule: str) -> list[Any]:
    """Return the exact outputs of every seventh row."""
    rows = [[Fraction(float(v)) for v in row] for row in data[::7]]
    return [outputs(proto, row, folder, rule, output="probabilities") for row in rows]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("scaler", [None, "StandardScaler", "MinMaxScaler"])
def test_a_classifier_decides_as_scikit_learn_does(scaler: str | None, tmp_path: Path) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="scikit-learn is not installed")
    before = [] if scaler is None else [getattr(preprocessing, scaler)()]
    pipeline, proto, data = trained("MLPClassifier", irises()[1], *before)
    found = decisions(proto, data, tmp_path, "argmax")
    assert [logits.index(max(logits)) for logits in found] == pipeline.predict(data[::7]).tolist()
    names = [value.name for value in proto.graph.output]
    expected = runtime(proto, data[::7])[names.index("probabilities")]
    for logits, wanted in zip(found, expected, strict=True):
        powers = np.exp([float(v - max(logits)) for v in logits])
        assert np.allclose(powers / powers.sum(), wanted, atol=1e-4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_binary_classifier_decides_by_sign_as_scikit_learn_does(tmp_path: Path) -> None:
    pipeline, proto, data = trained("MLPClassifier", irises()[1] > 1)
    found = decisions(proto, data, tmp_path, "sign")
    assert [value > 0 for (value,) in found] == pipeline.predict(data[::7]).tolist()
    with pytest.raises(UnsupportedError, match="--rule sign"):
        read_onnx(saved(proto, tmp_path), "argmax", output="probabilities")
    with pytest.raises(
        UnsupportedError, match=r"'ArrayFeatureExtractor'.*--output names the output of the prob"
    ):
        read_onnx(saved(proto, tmp_path), "sign", output="label")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_regressor_computes_what_scikit_learn_does_within_float_error(tmp_path: Path) -> None:
    pipeline, proto, data = trained("MLPRegressor", irises()[1].astype("f4"))
    for row, wanted in zip(data[::15], pipeline.predict(data[::15]), strict=True):
        (found,) = outputs(proto, [Fraction(float(v)) for v in row], tmp_path, "within")
        assert abs(float(found) - wanted) < 1e-4


def test_zipmap_names_its_way_out(tmp_path: Path) -> None:
    nodes = [node("Softmax", ["x"], ["probabilities"], axis=1)]
    names = {"domain": "ai.onnx.ml", "classlabels_int64s": [0, 1]}
    nodes.append(onnx.helper.make_node("ZipMap", ["probabilities"], ["y"], **names))
    proto = model(nodes, [], 2)
    proto.opset_import.append(onnx.helper.make_opsetid("ai.onnx.ml", 1))
    with pytest.raises(UnsupportedError, match=r'ZipMap.*export again with options=\{"zipmap": False\}'):
        read_onnx(saved(proto, tmp_path), "argmax")
