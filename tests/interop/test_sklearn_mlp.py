"""Networks trained by scikit-learn, from Python and from skops files, against their own coefficients."""

import io
import json
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import model_files as files
import numpy as np
import pytest
from naive_evaluator import evaluate as naive_value

from memcert.cli import main
from memcert.errors import UnsupportedError, UsageError
from memcert.interop.models import ImportOptions, read_model
from memcert.interop.refusals import ModelError
from memcert.interop.sklearn_mlp import imported

learn = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
network_value: Any = naive_value
POINTS = np.random.default_rng(3).integers(0, 9, (40, 3))
THREE, TWO = POINTS.sum(axis=1) % 3, POINTS[:, 0] > POINTS[:, 1]
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def _classifier(labels: Any, **options: Any) -> Any:
    return learn.MLPClassifier((5, 4), max_iter=30, random_state=0, **options).fit(POINTS, labels)


def _value(model: Any, point: Any, activation: str = "relu") -> list[Fraction]:
    weights = [
        (files.exact(w.T), files.exact(b)) for w, b in zip(model.coefs_, model.intercepts_, strict=True)
    ]
    assert activation == "relu"
    return files.dense(weights, point)


def test_a_classifier_of_three_classes_is_its_exact_network_and_names_its_outputs() -> None:
    model = _classifier(np.array(["red", "blue", "green"])[THREE])
    found = imported(model, "argmax")
    assert found.classes == ("blue", "green", "red")
    assert found.model.files == ()
    assert "softmax" in found.model.notes[0]
    for point in POINTS[:5].tolist():
        assert list(network_value(found.network, point)) == _value(model, point)
    decided = [found.classes[int(np.argmax(network_value(found.network, p)))] for p in POINTS.tolist()]
    assert decided == model.predict(POINTS).tolist()


def test_two_classes_have_one_output_whose_sign_decides() -> None:
    model = _classifier(TWO.astype(int))
    found = imported(model, "sign")
    assert found.output_names(None, "sign") == ("0", "1")
    assert found.output_names(None, "equal") is None
    with pytest.raises(UsageError, match="--classes: names the outputs in order, for the rule argmax"):
        found.output_names(["a", "b"], "sign")
    assert imported(_classifier(TWO), "sign").classes is None
    assert found.classes == (0, 1)
    signs = [network_value(found.network, point)[0] > 0 for point in POINTS.tolist()]
    assert signs == model.predict(POINTS).tolist()
    with pytest.raises(UsageError, match="says which of two classes is sign"):
        imported(model, "argmax")


def test_a_regressor_and_float32_coefficients_are_exact() -> None:
    model = learn.MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0).fit(
        POINTS.astype("f4"), POINTS[:, 0].astype("f4")
    )
    assert model.coefs_[0].dtype == np.float32
    found = imported(model, "within")
    for point in POINTS[:5].tolist():
        assert list(network_value(found.network, point)) == _value(model, point)


def test_scalers_of_a_pipeline_are_exact_and_come_first() -> None:
    pipeline = pytest.importorskip("sklearn.pipeline")
    scale = pytest.importorskip("sklearn.preprocessing")
    model = pipeline.make_pipeline(
        scale.MinMaxScaler(), scale.StandardScaler(), learn.MLPClassifier((4,), max_iter=30, random_state=0)
    ).fit(POINTS, THREE)
    found = imported(model, "argmax")
    assert found.model.format == "scikit-learn MLPClassifier after StandardScaler after MinMaxScaler"
    low, standard, network = (step for _, step in model.steps)
    for point in POINTS[:5].tolist():
        x = [v * s + m for v, s, m in zip(point, files.exact(low.scale_), files.exact(low.min_), strict=True)]
        means, scales = files.exact(standard.mean_), files.exact(standard.scale_)
        x = [(v - m) / s for v, m, s in zip(x, means, scales, strict=True)]
        assert list(network_value(found.network, point)) == _value(network, x)


def test_what_is_not_piecewise_linear_or_not_a_network_is_unsupported() -> None:
    pipeline = pytest.importorskip("sklearn.pipeline")
    scale = pytest.importorskip("sklearn.preprocessing")
    tree = pytest.importorskip("sklearn.tree").DecisionTreeClassifier().fit(POINTS, THREE)
    several = learn.MLPClassifier((2,), max_iter=5).fit(POINTS, np.eye(3, dtype=int)[THREE])
    robust = pipeline.make_pipeline(scale.RobustScaler(), learn.MLPClassifier((2,), max_iter=5)).fit(
        POINTS, THREE
    )
    clipped = pipeline.make_pipeline(scale.MinMaxScaler(clip=True), learn.MLPClassifier((2,), max_iter=5))
    cases = [
        (_classifier(THREE, activation="tanh"), "activation 'tanh' is not piecewise linear"),
        (tree, "got 'DecisionTreeClassifier'"),
        (learn.MLPClassifier(), "got 'MLPClassifier', not fitted"),
        (several, "'logistic' of 3 outputs"),
        (robust, "step 'RobustScaler' of the Pipeline"),
        (clipped.fit(POINTS, THREE), "MinMaxScaler without clip"),
    ]
    for model, reason in cases:
        with pytest.raises(UnsupportedError, match=reason):
            imported(model, "argmax")


def test_an_infinite_coefficient_is_named_with_its_index() -> None:
    model = _classifier(THREE)
    model.coefs_[1][2, 3] = np.inf
    with pytest.raises(ModelError, match=r"'coefs_\[1\]': expected finite numbers, got infinity at index 11"):
        imported(model, "argmax")


def test_a_skops_file_is_verified_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skops = pytest.importorskip("skops.io", reason="skops is not installed")
    model = _classifier(np.array(["red", "blue", "green"])[THREE])
    path, data = tmp_path / "m.skops", tmp_path / "data.csv"
    skops.dump(model, path)
    names = model.predict(POINTS)
    data.write_text("".join(f"{a},{b},{c},{n}\n" for (a, b, c), n in zip(POINTS, names, strict=True)))
    status = main(["verify", str(path), str(data), "--no-header", "--rule", "argmax", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (status, told["accuracy"]) == (0, "40/40")


def _verified(
    model: Any, rows: str, folder: Path, capsys: pytest.CaptureFixture[str], *words: str
) -> dict[str, Any]:
    skops = pytest.importorskip("skops.io", reason="skops is not installed")
    path, data = folder / "m.skops", folder / "data.csv"
    skops.dump(model, path)
    data.write_text("a,b,c,label\n" + rows, encoding="utf-8")
    capsys.readouterr()
    main(["verify", str(path), str(data), "--rule", "sign", "--json", *words])
    return dict(json.loads(capsys.readouterr().out))


def _by_first_coordinate(*classes: object) -> Any:
    # Its one output is a - b + 0 c: positive where a > b, which is the second class.
    model = learn.MLPClassifier((1,), max_iter=1).fit(np.eye(3)[:2], np.array(classes))
    model.activation = "identity"
    model.coefs_ = [np.array([[1.0], [-1.0], [0.0]]), np.array([[1.0]])]
    model.intercepts_ = [np.zeros(1), np.zeros(1)]
    return model


def test_a_label_that_the_model_does_not_know_is_refused_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _by_first_coordinate("cat", "dog")
    told = _verified(model, "2,1,0,dog\n\n1,2,0,cow\n", tmp_path, capsys)
    assert told["status"] == 3
    expected = "'data.csv': row 1 (line 4): expected one of the classes ['cat', 'dog'], got 'cow'"
    assert told["message"] == expected


@pytest.mark.parametrize("classes", [("cat", "dog"), (0, 1), (1, 2), (-1, 1), (3, 10)])
@pytest.mark.parametrize("place", [0, 1])
def test_the_model_says_which_sign_the_only_class_of_the_rows_has(
    classes: tuple[object, object], place: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The first row is of the first class by the model, the second one of the second.
    rows = f"1,2,0,{classes[place]}\n2,1,0,{classes[place]}\n"
    told = _verified(_by_first_coordinate(*classes), rows, tmp_path, capsys)
    assert (told["status"], told["failing"]) == (1, [1 - place])
    confusion = {(entry["label"], entry["decision"]) for entry in told["confusion"]}
    assert confusion == {(classes[place], classes[0]), (classes[place], classes[1])}


@pytest.mark.parametrize(("classes", "place"), [(("cat", "dog"), 0), ((0, 1), 1), ((1, 2), 0), ((-1, 1), 1)])
def test_rows_of_one_class_have_a_certificate_that_check_accepts(
    classes: tuple[object, object], place: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, made = f"1,2,0,{classes[place]}\n2,1,0,{classes[place]}\n", tmp_path / "c.json"
    told = _verified(_by_first_coordinate(*classes), rows, tmp_path, capsys, "-o", str(made))
    assert told["status"] == 1
    for engine in ("kernel", "fast"):
        words = ["--dataset", str(tmp_path / "data.csv"), "--model", str(tmp_path / "m.skops")]
        assert main(["check", str(made), "--allow-except", "--engine", engine, *words]) == 0


def test_rows_of_a_positive_class_alone_are_judged_and_not_certified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "c.json"
    told = _verified(_by_first_coordinate("cat", "dog"), "2,1,0,dog\n", tmp_path, capsys, "-o", str(made))
    assert (told["status"], made.exists()) == (2, False)
    assert "expected rows of both classes for a certificate, got 'dog' alone" in told["message"]


def test_a_skops_file_that_holds_other_types_or_is_damaged_is_malformed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skops = pytest.importorskip("skops.io", reason="skops is not installed")
    monkeypatch.chdir(tmp_path)
    content = skops.dumps(_classifier(THREE))
    evil = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("schema.json"))
    call = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": "system"}
    evil["content"]["content"]["hidden_layer_sizes"] = {**call, "__id__": 1}
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            target.writestr(name, json.dumps(evil) if name == "schema.json" else source.read(name))
    for broken, reason in [
        (made.getvalue(), "network alone, got .*os.system"),
        (content[:-40], "undamaged zip"),
    ]:
        (tmp_path / "m.skops").write_bytes(broken)
        with pytest.raises(ModelError, match=reason):
            read_model(str(tmp_path / "m.skops"), "argmax", ImportOptions())
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as target:
        target.writestr("schema.json", "{}")
    (tmp_path / "m.skops").write_bytes(empty.getvalue())
    with pytest.raises(ModelError, match="expected a skops file"):
        read_model(str(tmp_path / "m.skops"), "argmax", ImportOptions())
