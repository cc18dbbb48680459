"""Chains of layers in floats: the order of each format; what libraries compute lies within the bound."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import model_files as files
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from semantics_tools import program_at, sequential_outputs
from strategies import dataset

from memcert.errors import UsageError
from memcert.interop.import_options import ImportOptions
from memcert.interop.models import read_model
from memcert.semantics.any_order import AnyOrder
from memcert.semantics.bounds import Bound
from memcert.semantics.chains import chained
from memcert.semantics.models import read_program
from memcert.semantics.precision import FLOAT32, FLOAT64, Array, Precision
from memcert.semantics.program import Program
from memcert.semantics.rows import enclosed
from memcert.semantics.second_stage import all_finite, target_errors

Parts = list[tuple[Array, Array]]
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
FORMATS = ((FLOAT32, "f4"), (FLOAT64, "f8"))


def within(program: Program, precision: Precision, x: Array, exact: Sequence[Any], found: Array) -> None:
    """Assert that float outputs lie within the bounds of both stages around the exact ones."""
    points = [[Fraction(v) for v in row] for row in x.tolist()]
    rows = enclosed(dataset(points, [0] * len(points)), precision)
    engine = AnyOrder(program, precision)
    for place, (values, wanted) in enumerate(zip(found.tolist(), exact, strict=True)):
        row = Bound(*(part[place : place + 1] for part in rows))
        bound, overflows, kept = engine.run(row, keep=True)
        if overflows[0]:
            continue
        errors = [bound.error[0].tolist()]
        if all_finite(kept):
            errors.append(target_errors(engine, kept, np.eye(len(wanted))).tolist())
        for stage in errors:
            for value, number, most in zip(values, wanted, stage, strict=True):
                assert abs(Fraction(value) - number) <= Fraction(most)


def _plain(value: Any) -> Fraction:
    return Fraction(float(value))


def _nnet(folder: Path, draw: Any) -> tuple[Path, list[Any], list[list[str]]]:
    def spelled(shape: tuple[int, ...]) -> Any:
        return (
            [f"{v:.5f}" for v in draw.normal(size=shape)]
            if len(shape) == 1
            else [spelled(shape[1:]) for _ in range(shape[0])]
        )

    layers = [(spelled((4, 3)), spelled((4,))), (spelled((2, 4)), spelled((2,)))]
    scales = [["-1.5"] * 3, ["1.25"] * 3, spelled((4,)), ["0.3", "7.1", "3", "1.7"]]
    path = folder / "n.nnet"
    path.write_text(files.nnet_text(layers, *scales), encoding="utf-8")
    return path, layers, scales


def _sum(products: list[Any], bias: Any) -> Any:
    total = products[0]
    for product in products[1:]:
        total = total + product
    return total + bias


@pytest.mark.parametrize(("precision", "kind"), FORMATS)
def test_an_nnet_file_clips_subtracts_divides_and_in_the_end_multiplies_and_adds(
    precision: Precision, kind: str, tmp_path: Path
) -> None:
    draw = np.random.default_rng(4)
    path, layers, (lows, highs, means, ranges) = _nnet(tmp_path, draw)
    program = program_at(str(path))
    real = np.dtype(kind).type
    for _ in range(20):
        point = [Fraction(int(n), 1000) for n in draw.integers(-2000, 2000, 3)]
        # The formula of the format, one rounded operation after the other; float32 has numbers of few digits.
        x = [
            min(max(real(str(float(v))), real(a)), real(b))
            for v, a, b in zip(point, lows, highs, strict=True)
        ]
        x = [(v - real(m)) / real(r) for v, m, r in zip(x, means[:3], ranges[:3], strict=True)]
        for depth, (weights, biases) in enumerate(layers):
            x = [max(v, real(0)) for v in x] if depth else x
            x = [
                _sum([v * real(w) for v, w in zip(x, row, strict=True)], real(b))
                for row, b in zip(weights, biases, strict=True)
            ]
        expected = [v * real(ranges[3]) + real(means[3]) for v in x]
        assert sequential_outputs(program, point, precision) == [_plain(v) for v in expected]


def test_options_of_an_nnet_file_leave_out_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "n.nnet"
    text = files.nnet_text([([["2"]], ["1"])], ["0"], ["1"], ["0.5", "3"], ["0.25", "10"])
    path.write_text(text, encoding="utf-8")
    found = {}
    for name, options in (
        ("all", ImportOptions()),
        ("not clipped", ImportOptions(clip=False)),
        ("bare", ImportOptions(normalize=False)),
        ("first halved", ImportOptions(preprocess="x/4")),
    ):
        found[name] = sequential_outputs(program_at(str(path), options), [2], FLOAT32)
    # 2 (1 - 0.5) / 0.25 + 1 = 5, by 10 and plus 3; 2 (2 - 0.5) / 0.25 + 1 = 13; 2 * 2 + 1; 2 * 0 + 1.
    assert found == {"all": [53], "not clipped": [133], "bare": [5], "first halved": [13]}


def test_activations_of_a_layer_list(tmp_path: Path) -> None:
    path = files.torch_file(tmp_path / "m.pt", {"0.weight": np.eye(3, dtype="f4")})
    for item, expected in (
        ("relu", [0, 1, 9]),
        ("relu6", [0, 1, 6]),
        ("hardtanh", [-1, 1, 1]),
        ("leaky_relu(0.25)", [-2, 1, 9]),
        ("dropout", [-8, 1, 9]),
    ):
        program = program_at(path, ImportOptions(layers=f"linear,{item}"))
        assert sequential_outputs(program, [-8, 1, 9], FLOAT32) == expected
    slope = program_at(path, ImportOptions(layers="linear,leaky_relu(0.1)"))
    # The nearest float32 to a tenth, times three, rounded.
    assert sequential_outputs(slope, [-3, 0, 0], FLOAT32)[0] == _plain(np.float32(0.1) * np.float32(-3))


def test_weights_in_float64_become_the_nearest_float32(tmp_path: Path) -> None:
    path = files.torch_file(tmp_path / "m.pt", {"0.weight": np.array([[0.1]]), "0.bias": np.array([0.7])})
    program = program_at(path)
    assert program.stored == ("float64",)
    assert sequential_outputs(program, [1], FLOAT32) == [_plain(np.float32(0.1) + np.float32(0.7))]
    assert sequential_outputs(program, [1], FLOAT64) == [_plain(0.1 + 0.7)]


def _parts(seed: int, kind: str) -> Parts:
    """Return layers of odd sizes: some with weights of many magnitudes, with zeros, with sums that cancel."""
    draw = np.random.default_rng(seed)
    sizes = draw.choice([1, 3, 7, 16, 33, 64, 200], int(draw.integers(2, 5))).tolist()
    scale, parts = float(draw.choice([1, 1, 1e3, 1e-12, 1e-20])), []
    for before, after in pairwise(sizes):
        weights = draw.normal(size=(after, before)) * scale
        if draw.random() < 0.3:
            weights *= 10.0 ** draw.integers(-6, 6, size=weights.shape)
        if draw.random() < 0.3:
            weights[draw.random(weights.shape) < 0.7] = 0
        if draw.random() < 0.3:
            weights[:, -1] = -weights[:, 0]
        parts.append(
            (weights.astype(kind), (draw.normal(size=after) * draw.choice([0, 1, 1e4])).astype(kind))
        )
    return parts


def _state(parts: Parts) -> dict[str, Array]:
    named = [(f"{2 * k}.weight", f"{2 * k}.bias", *part) for k, part in enumerate(parts)]
    return {name: value for w, b, weight, bias in named for name, value in ((w, weight), (b, bias))}


def _exact(parts: Parts, x: Array) -> list[list[Fraction]]:
    weights = [(files.exact(w), files.exact(b)) for w, b in parts]
    return [files.dense(weights, [Fraction(v) for v in row]) for row in x.tolist()]


def _numpy(parts: Parts, x: Array) -> Array:
    for depth, (weights, bias) in enumerate(parts):
        x = (np.maximum(x, 0) if depth else x) @ weights.T + bias
    return x


def _torch(parts: Parts, x: Array) -> list[Array]:
    torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed")
    modules: list[Any] = []
    for weights, bias in parts:
        layer = torch.nn.Linear(weights.shape[1], weights.shape[0])
        layer.weight.data, layer.bias.data = torch.tensor(weights), torch.tensor(bias)
        modules += [layer, torch.nn.ReLU()]
    network = torch.nn.Sequential(*modules[:-1])
    with torch.no_grad():
        # All rows at once, and each as a vector: two kernels.
        return [network(torch.tensor(x)).numpy(), np.stack([network(torch.tensor(row)).numpy() for row in x])]


def _onnxruntime(parts: Parts, x: Array) -> Array:
    pytest.importorskip("onnx", reason="onnx is not installed")
    runtime: Any = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    from onnx_models import model, node, stored

    nodes, weights, source = [], [], "x"
    for depth, (weight, bias) in enumerate(parts):
        weights += [stored(f"w{depth}", weight.T), stored(f"b{depth}", bias)]
        nodes += [node("Gemm", [source, f"w{depth}", f"b{depth}"], [f"h{depth}"])]
        nodes += [node("Relu", [f"h{depth}"], [f"r{depth}"])]
        source = f"r{depth}"
    nodes[-1] = node("Identity", [f"h{len(parts) - 1}"], ["y"])
    proto = model(nodes, weights, x.shape[1])
    proto.ir_version = 10
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = runtime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


@settings(max_examples=8, suppress_health_check=QUIET, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["f4", "f8"]), tiny=st.booleans())
@pytest.mark.parametrize("runtime", ["torch", "numpy", "onnxruntime"])
def test_what_a_runtime_computes_lies_within_the_bound_of_every_order(
    runtime: str, tmp_path: Path, seed: int, kind: str, tiny: bool
) -> None:
    kind = "f4" if runtime == "onnxruntime" else kind
    parts = _parts(seed, kind)
    x = np.random.default_rng(seed + 1).normal(size=(3, parts[0][0].shape[1])) * (1e-36 if tiny else 1)
    x = x.astype(kind)
    path = files.torch_file(tmp_path / "m.pt", _state(parts))
    program = program_at(path, ImportOptions(layers=",relu,".join(["linear"] * len(parts))))
    run = {
        "torch": _torch,
        "numpy": lambda *given: [_numpy(*given)],
        "onnxruntime": lambda *given: [_onnxruntime(*given)],
    }
    for found in run[runtime](parts, x):
        within(program, FLOAT32 if kind == "f4" else FLOAT64, x, _exact(parts, x), found)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("precision", "kind"), FORMATS)
def test_a_pipeline_of_scikit_learn_lies_within_the_bound_of_every_order(
    precision: Precision, kind: str
) -> None:
    learn = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    from memcert.interop.sklearn_mlp import fitted_of

    draw = np.random.default_rng(8)
    rows = draw.normal(size=(60, 20)) * 1000 + 300
    low, standard = MinMaxScaler(), StandardScaler()
    network = learn.MLPRegressor(hidden_layer_sizes=(30, 20), max_iter=20, random_state=0)
    model = make_pipeline(low, standard, network).fit(rows, rows[:, 0])
    x = rows[:8].astype(kind)
    chain = fitted_of(model).chain
    weights = [
        (files.exact(w.T), files.exact(b)) for w, b in zip(network.coefs_, network.intercepts_, strict=True)
    ]
    exact = []
    for row in x.tolist():
        values = [
            Fraction(v) * s + m
            for v, s, m in zip(row, files.exact(low.scale_), files.exact(low.min_), strict=True)
        ]
        scales = zip(values, files.exact(standard.mean_), files.exact(standard.scale_), strict=True)
        exact.append(files.dense(weights, [(v - m) / s for v, m, s in scales]))
    # Of float32 rows, scikit-learn scales in float32 and multiplies by float64: more digits are within, too.
    within(chained(chain, None), precision, x, exact, model.predict(x)[:, np.newaxis])
    assert chain.stored == ("float64",)


def test_a_chain_that_changes_between_the_verdicts_and_the_semantics_is_not_judged(tmp_path: Path) -> None:
    path = files.torch_file(tmp_path / "m.pt", {"0.weight": np.eye(2)})
    found = read_model(path, None, ImportOptions())
    files.torch_file(tmp_path / "m.pt", {"0.weight": -np.eye(2)})
    with pytest.raises(UsageError, match=r"'m\.pt': changed while it was read"):
        read_program(path, found.model, ImportOptions())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_skops_file_has_the_program_of_its_coefficients(tmp_path: Path) -> None:
    learn = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    skops: Any = pytest.importorskip("skops.io", reason="skops is not installed")
    rows = np.random.default_rng(2).integers(0, 9, (40, 3))
    model = learn.MLPClassifier((5,), max_iter=20, random_state=0).fit(rows, rows.sum(axis=1) % 3)
    skops.dump(model, tmp_path / "m.skops")
    program = program_at(str(tmp_path / "m.skops"))
    (first, second), (b, c) = model.coefs_, model.intercepts_
    for row in rows[:5].tolist():
        hidden = [
            max(_sum([x * w for x, w in zip(row, first[:, k].tolist(), strict=True)], b[k]), 0.0)
            for k in range(5)
        ]
        expected = [
            _sum([x * w for x, w in zip(hidden, second[:, k].tolist(), strict=True)], c[k]) for k in range(3)
        ]
        assert sequential_outputs(program, row, FLOAT64) == [_plain(v) for v in expected]
