"""`memcert verify` from a trained network to a certificate that check and prove accept."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

import onnx
from onnx_models import model, node, saved, stored

from memcert.cli import main


def _told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main([*map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


def _csv(folder: Path, text: str) -> Path:
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def two(tmp_path: Path) -> str:
    """Two outputs: relu(x0 - x1) and relu(x1 - x0)."""
    weights = [stored("w", [[1, -1], [-1, 1]])]
    return saved(model([node("Gemm", ["x", "w"], ["g"]), node("Relu", ["g"], ["y"])], weights, 2), tmp_path)


def test_a_network_trained_by_scikit_learn_is_verified_checked_and_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    rows, labels = digits.data[:60].astype(int), digits.target[:60]
    trained = learn.MLPClassifier((8,), max_iter=25, random_state=0).fit(rows / 16, labels)
    (w0, w1), (b0, b1) = trained.coefs_, trained.intercepts_
    weights = [stored(n, v) for n, v in {"w0": w0, "b0": b0, "w1": w1, "b1": b1}.items()]
    nodes = [node("Gemm", ["x", "w0", "b0"], ["h"]), node("Relu", ["h"], ["r"])]
    nodes += [node("Gemm", ["r", "w1", "b1"], ["z"]), node("Softmax", ["z"], ["y"])]
    path = saved(model(nodes, weights, 64), tmp_path)
    lines = [",".join(map(str, [*row, label])) for row, label in zip(rows, labels, strict=True)]
    data = _csv(tmp_path, "\n".join([",".join([*(f"p{i}" for i in range(64)), "label"]), *lines]) + "\n")
    made = tmp_path / "verified.json"
    words = ("verify", path, data, "--rule", "argmax", "--preprocess", "x/16", "-o", made)
    told = _told(capsys, *words, "--min-accuracy", "0")
    assert told["verdict"] == "verified", told
    held = int((trained.predict(rows / 16) == labels).sum())
    assert told["accuracy"] == f"{held}/60"
    assert 0 < held < 60
    assert told["verdict"] == "verified"
    assert _told(capsys, *words)["status"] == 1
    assert sum(entry["rows"] for entry in told["confusion"]) == 60
    assert "dropped" in told["notes"][0]
    for engine in ("kernel", "fast"):
        assert _told(capsys, "check", made, "--engine", engine)["status"] == 1
        assert (
            _told(capsys, "check", made, "--engine", engine, "--allow-except", "--dataset", data)["status"]
            == 0
        )
    value = json.loads(made.read_text(encoding="utf-8"))
    assert value["claim"]["except"] == told["failing"]
    assert value["model"]["options"] == {"preprocess": "x/16"}
    assert value["model"]["lowering"] == 1
    proved = _told(capsys, "prove", made)
    assert proved["verdict"] == "proved", proved


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_binary_classifier_of_skl2onnx_is_verified_by_sign_checked_and_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    skl2onnx = pytest.importorskip("skl2onnx", reason="skl2onnx is not installed")
    x, y = pytest.importorskip("sklearn.datasets").load_iris(return_X_y=True)
    # The two kinds that overlap; tenths of centimetres are decimals, which no float holds.
    rows, labels = x[50:], ["versicolor", "virginica"]
    trained = learn.MLPClassifier((6,), max_iter=300, random_state=1).fit(rows, y[50:])
    proto = skl2onnx.to_onnx(trained, rows[:1].astype("f4"), options={"zipmap": False})
    path, made = saved(proto, tmp_path), tmp_path / "c.json"
    lines = [f"{','.join(map(str, row))},{labels[k - 1]}" for row, k in zip(rows, y[50:], strict=True)]
    data = _csv(tmp_path, "\n".join(["a,b,c,d,kind", *lines]) + "\n")
    asked = ("--rule", "sign", "--output", "probabilities")
    told = _told(capsys, "verify", path, data, *asked, "-o", made, "--min-accuracy", "0")
    wrong = [place for place, k in enumerate(trained.predict(rows)) if k != y[50 + place]]
    assert 0 < len(wrong) < 20
    assert (told["verdict"], told["failing"]) == ("verified", wrong)
    assert "dropped, as they change no decision of sign: " in told["notes"][-1]
    excepting = ("--allow-except", "--dataset", data)
    for engine in ("kernel", "fast"):
        assert _told(capsys, "check", made, "--engine", engine, "--model", path, *excepting)["status"] == 0
    assert _told(capsys, "prove", made, "--model", path)["verdict"] == "proved"
    # The same network with one bias changed is another file and another network.
    (bias,) = (held for held in proto.graph.initializer if held.name == "intercepts1")
    bias.CopyFrom(stored("intercepts1", [[0.5]]))
    other = saved(proto, tmp_path, "other.onnx")
    assert _told(capsys, "check", made, "--model", other, *excepting)["status"] == 4


def test_margins_are_exact_and_a_tie_fails(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, "a,b,label\n0.1,0,0\n0,1/3,1\n2,2,0\n0,1,0\n")
    told = _told(capsys, "verify", two, data, "--rule", "argmax")
    assert told["margins"] == ["1/10", "1/3", 0, -1]
    assert (told["failing"], told["accuracy"]) == ([2, 3], "2/4")
    assert [entry["row"] for entry in told["smallest"]] == [0, 1]
    assert {"label": 0, "decision": "tie", "rows": 1} in told["confusion"]
    assert _told(capsys, "verify", two, data, "--rule", "argmax", "--min-accuracy", "1/2")["status"] == 0
    assert _told(capsys, "verify", two, data, "--rule", "argmax", "--min-accuracy", "2/3")["status"] == 1


def test_classes_name_the_outputs_in_order(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, "a,b,label\n1,0,up\n0,1,down\n")
    made = tmp_path / "c.json"
    words = ("verify", two, data, "--rule", "argmax")
    assert _told(capsys, *words, "--classes", "up,down", "-o", made)["status"] == 0
    assert _told(capsys, "check", made, "--dataset", data)["status"] == 0
    assert _told(capsys, *words, "--classes", "down,up")["status"] == 1
    assert _told(capsys, *words, "--classes", "up,down,left")["status"] == 2
    assert _told(capsys, *words, "--classes", "up,left")["status"] == 3
    told = _told(capsys, *words)
    assert told["status"] == 3
    assert "--classes names the outputs" in told["message"]


def test_indices_may_be_spelled_as_pandas_writes_integers_beside_a_gap(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, made = _csv(tmp_path, "a,b,label\n1,0,0.0\n0,1,1.0\n0,2,1\n"), tmp_path / "c.json"
    told = _told(capsys, "verify", two, data, "--rule", "argmax", "-o", made)
    assert (told["status"], told["margins"]) == (0, [1, 1, 2])
    assert {entry["label"] for entry in told["confusion"]} == {0, 1}
    for engine in ("kernel", "fast"):
        assert _told(capsys, "check", made, "--dataset", data, "--engine", engine)["status"] == 0
    for label in ("0.5", "2.0", "-1.0", "one"):
        data = _csv(tmp_path, f"a,b,label\n1,0,0.0\n0,1,{label}\n")
        told = _told(capsys, "verify", two, data, "--rule", "argmax")
        expected = f"row 1 (line 3): expected the index of an output, 0 to 1, got {label!r}; --classes names"
        assert (told["status"], expected in told["message"]) == (3, True)


@pytest.fixture
def first(tmp_path: Path) -> str:
    """A network of one output, its first input."""
    return saved(model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1], [0]])], 2), tmp_path)


@pytest.mark.parametrize("labels", [("+1", "-1", "+1"), ("1.0", "-1.0", "1"), ("+1", "-1.0", "1e0")])
def test_plus_1_is_the_positive_sign_however_it_is_spelled(
    first: str, labels: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "a,b,label\n" + "".join(f"{x},0,{y}\n" for x, y in zip((1, -1, 2), labels, strict=True))
    data, made = _csv(tmp_path, text), tmp_path / "c.json"
    told = _told(capsys, "verify", first, data, "--rule", "sign", "-o", made)
    assert (told["status"], told["margins"]) == (0, [1, 1, 2])
    for engine in ("kernel", "fast"):
        assert _told(capsys, "check", made, "--dataset", data, "--engine", engine)["status"] == 0


@pytest.mark.parametrize("labels", [("10.0", "2.0"), ("+1", "0"), ("-1.0", "-2.0"), ("2.0", "2")])
def test_labels_that_sort_otherwise_as_numbers_say_no_sign(
    first: str, labels: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, f"a,b,label\n1,0,{labels[0]}\n-1,0,{labels[1]}\n")
    told = _told(capsys, "verify", first, data, "--rule", "sign")
    assert told["status"] == 3
    assert "of which none is clearly the negative one" in told["message"]
    plain = _csv(tmp_path, "a,b,label\n1,0,10\n-1,0,2\n")
    assert _told(capsys, "verify", first, plain, "--rule", "sign")["status"] == 0


def test_no_output_takes_the_place_of_external_data_or_of_the_domain(
    two: str, rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proto = onnx.load(two)
    apart = tmp_path / "apart.onnx"
    onnx.save(proto, apart, save_as_external_data=True, location="w.bin", size_threshold=0)
    domain = tmp_path / "domain.txt"
    domain.write_text("-99,99\n-99,99\n", encoding="utf-8")
    kept = {path: path.read_bytes() for path in (tmp_path / "w.bin", domain)}
    words = ("verify", apart, rows, "--rule", "argmax", "--regions", "--semantics", "float32")
    for option in ("-o", "--per-row", "--semantics-file", "--region-file"):
        for path, content in kept.items():
            told = _told(capsys, *words, "--box", "0", "--domain", domain, option, path)
            assert (told["status"], f"{option}: expected another file" in told["message"]) == (2, True)
            assert path.read_bytes() == content
    made = tmp_path / "c.json"
    main([*map(str, words[:5]), "-o", str(made)])
    told = _told(capsys, "prove", made, "--model", apart, "-o", tmp_path / "w.bin")
    assert (told["status"], "--output: expected another file" in told["message"]) == (2, True)
    assert (tmp_path / "w.bin").read_bytes() == kept[tmp_path / "w.bin"]


def test_a_class_that_is_spelled_as_another_number_is_told_how_to_write_it(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, "a,b,label\n1,0,7\n0,1,8.0\n")
    told = _told(capsys, "verify", two, data, "--rule", "argmax", "--classes", "7,8")
    assert told["status"] == 3
    assert told["message"].endswith(
        "row 1 (line 3): expected one of the classes ['7', '8'], got '8.0'; write 8"
    )


@pytest.mark.parametrize(
    ("rule", "labels", "status"),
    [
        (["sign"], (1, -1), 0),
        (["sign"], ("yes", "no"), 0),
        (["sign"], (0, 1), 1),
        (["sign"], ("yes", "yes"), 2),
        (["equal"], (2, -3), 0),
        (["equal"], (2, 3), 1),
        (["equal"], ("a", "b"), 3),
        (["equal"], ("2.0", "-3.0"), 0),
        (["equal"], ("2.5", "-3"), 3),
        (["within", "--tolerance", "1/2"], ("2.5", "-3.5"), 0),
        (["within", "--tolerance", "0.4"], ("2.5", "-3.5"), 1),
        (["within"], (2, -3), 2),
        (["sign", "--tolerance", "1"], (1, -1), 2),
        (["argmax"], (0, 0), 2),
    ],
)
def test_every_rule_judges_one_output(
    rule: list[str],
    labels: tuple[object, object],
    status: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1]])], 1)
    data, made = _csv(tmp_path, f"a,label\n2,{labels[0]}\n-3,{labels[1]}\n"), tmp_path / "c.json"
    words: tuple[str | Path, ...] = ("verify", saved(proto, tmp_path), data, "--rule", *rule, "-o", made)
    assert _told(capsys, *words)["status"] == status
    assert made.exists() == (status < 2)
    if made.exists():
        assert _told(capsys, "check", made, "--dataset", data, "--allow-except")["status"] == 0


def test_the_other_sign_of_a_single_label_0_is_called_by_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1]])], 1)
    data, made = _csv(tmp_path, "a,label\n2,0\n-3,0\n0,0\n"), tmp_path / "c.json"
    words = ("--rule", "sign", "-o", made, "--per-row", tmp_path / "rows.jsonl")
    told = _told(capsys, "verify", saved(proto, tmp_path), data, *words)
    assert (told["status"], told["failing"]) == (1, [0, 2])
    lines = (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["decision"] for line in lines] == [1, 0, "tie"]
    assert _told(capsys, "check", made, "--dataset", data, "--allow-except")["status"] == 0


def test_what_does_not_fit_ends_with_its_own_status(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _csv(tmp_path, "a,label\n1,0\n")
    assert _told(capsys, "verify", two, data, "--rule", "argmax")["status"] == 3
    tanh = saved(model([node("Tanh", ["x"], ["y"])], [], 2), tmp_path, "tanh.onnx")
    assert _told(capsys, "verify", tanh, data, "--rule", "argmax")["status"] == 5
    assert _told(capsys, "verify", tmp_path / "none.onnx", data, "--rule", "argmax")["status"] == 2
    assert _told(capsys, "verify", data, data, "--rule", "argmax")["status"] == 3


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Five rows for `two`; the fourth fails, the third is a tie."""
    return _csv(tmp_path, "a,b,label\n0.1,0,0\n0,1/3,1\n2,2,0\n0,1,0\n7,0,0\n")


def test_a_line_for_each_row_is_written(
    two: str, rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listing = tmp_path / "rows.jsonl"
    told = _told(capsys, "verify", two, rows, "--rule", "argmax", "--per-row", listing)
    found = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    assert found == [
        {"row": 0, "label": 0, "holds": True, "margin": "1/10", "decision": 0},
        {"row": 1, "label": 1, "holds": True, "margin": "1/3", "decision": 1},
        {"row": 2, "label": 0, "holds": False, "margin": 0, "decision": "tie"},
        {"row": 3, "label": 0, "holds": False, "margin": -1, "decision": 1},
        {"row": 4, "label": 0, "holds": True, "margin": 7, "decision": 0},
    ]
    assert told["failing"] == [2, 3]
    packed = tmp_path / "rows.jsonl.gz"
    _told(capsys, "verify", two, rows, "--rule", "argmax", "--per-row", packed)
    assert gzip.decompress(packed.read_bytes()) == listing.read_bytes()


def test_lines_of_values_have_no_decision_and_those_of_names_have_names(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listing = tmp_path / "rows.jsonl"
    data = _csv(tmp_path, "a,b,label\n1,0,up\n0,1,up\n")
    words = ("verify", two, data, "--rule", "argmax", "--classes", "up,down", "--per-row", listing)
    _told(capsys, *words)
    lines = listing.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["decision"] for line in lines] == ["up", "down"]
    one = saved(model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1]])], 1), tmp_path, "one.onnx")
    data = _csv(tmp_path, "a,label\n2,2.5\n")
    _told(capsys, "verify", one, data, "--rule", "within", "--tolerance", "1/2", "--per-row", listing)
    assert json.loads(listing.read_text(encoding="utf-8")) == {
        "row": 0,
        "label": "5/2",
        "holds": True,
        "margin": 0,
    }


def test_ctrl_c_leaves_no_file(
    two: str,
    rows: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("memcert.cli.verify.Progress.__call__", interrupted)
    before = set(tmp_path.iterdir())
    words = ("verify", two, rows, "--rule", "argmax", "--per-row", tmp_path / "rows.jsonl")
    assert _told(capsys, *words, "-o", tmp_path / "c.json")["status"] == 130
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("option", ["--per-row", "-o"])
def test_a_file_that_cannot_be_written_is_found_before_the_work(
    option: str, two: str, rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, "verify", two, rows, "--rule", "argmax", option, tmp_path / "none" / "x.json")
    assert told["status"] == 2
    assert "folder that exists" in told["message"]


def test_detached_data_must_be_given_again(
    two: str, rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "c.json"
    words = ("verify", two, rows, "--rule", "argmax", "-o", made)
    assert _told(capsys, *words)["detached"] is False
    told = _told(capsys, *words, "--detach")
    assert told["detached"] is True
    assert json.loads(made.read_text(encoding="utf-8"))["dataset"]["points"] is None
    assert _told(capsys, "check", made)["status"] == 2
    for engine in ("kernel", "fast"):
        options = ("--engine", engine, "--dataset", rows)
        assert _told(capsys, "check", made, *options)["status"] == 1
        assert _told(capsys, "check", made, *options, "--min-accuracy", "3/5")["status"] == 0
        assert _told(capsys, "check", made, *options, "--min-accuracy", "4/5")["status"] == 1
    other = tmp_path / "other.csv"
    other.write_text(rows.read_text(encoding="utf-8").replace("7,0,0", "8,0,0"), encoding="utf-8")
    assert _told(capsys, "check", made, "--dataset", other)["status"] == 4


def test_data_of_more_than_16_megabytes_are_detached_unless_asked_for(
    two: str,
    rows: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from memcert.verification import certificate

    assert certificate.INLINE_BYTES == 16_000_000
    made = tmp_path / "c.json"
    words = ("verify", two, rows, "--rule", "argmax", "-o", made)
    text = "memcert-data/1 5 2\n" + 'columns ["a", "b"]\n' + "1/10 0 0\n0 1/3 1\n2 2 0\n0 1 0\n7 0 0\n"
    monkeypatch.setattr(certificate, "INLINE_BYTES", len(text))
    assert _told(capsys, *words)["detached"] is False
    monkeypatch.setattr(certificate, "INLINE_BYTES", len(text) - 1)
    assert _told(capsys, *words)["detached"] is True
    assert _told(capsys, *words, "--inline")["detached"] is False


def test_digests_of_model_network_and_data_are_told_and_claimed(
    two: str, rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "c.json"
    told = _told(capsys, "verify", two, rows, "--rule", "argmax", "-o", made)
    value = json.loads(made.read_text(encoding="utf-8"))
    assert told["digests"] == value["digests"]
    digest = f"sha256:{hashlib.sha256(Path(two).read_bytes()).hexdigest()}"
    assert told["model"] == {Path(two).name: digest}
    assert value["model"]["files"] == [{"name": Path(two).name, "digest": digest}]
    checked = _told(capsys, "check", made, "--allow-except")
    assert checked["digests"] == told["digests"]


def test_jobs_and_paranoia_change_no_answer(two: str, rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("verify", two, rows, "--rule", "argmax")
    plain = _told(capsys, *words)
    assert _told(capsys, *words, "--jobs", "2") == plain
    paranoid = _told(capsys, *words, "--paranoid")
    assert (paranoid.pop("engine"), plain.pop("engine")) == ("integers", "columns")
    assert paranoid == plain


def test_an_open_shape_and_a_folded_normalization_are_recorded_and_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = {"s": [1.0, 2.0], "b": [0.0, 0.5], "m": [0.5, 0.25], "v": [1.0, 2.0]}
    weights = [stored(name, values) for name, values in columns.items()]
    nodes = [node("BatchNormalization", ["x", *columns], ["n"]), node("GlobalMaxPool", ["n"], ["p"])]
    nodes.append(node("Flatten", ["p"], ["y"]))
    path = saved(model(nodes, weights, ["C", "L"]), tmp_path)
    data = _csv(tmp_path, "a,b,c,d,label\n3,1,0,1,0\n0,1,4,2,1\n")
    made = tmp_path / "verified.json"
    words = ("verify", path, data, "--rule", "argmax")
    assert _told(capsys, *words)["status"] == 5
    shaped = (*words, "--input-shape", "N,2,2")
    assert "--fold-batchnorm float32 or float64" in _told(capsys, *shaped)["message"]
    told = _told(capsys, *shaped, "--fold-batchnorm", "float32", "-o", made)
    assert told["status"] == 0, told
    assert told["notes"][0].startswith("this speaks of the folded network: 4 coefficients")
    value = json.loads(made.read_text(encoding="utf-8"))
    assert value["model"]["options"] == {"input_shape": "N,2,2", "fold_batchnorm": "float32"}
    assert _told(capsys, "check", made, "--model", path, "--dataset", data)["status"] == 0
    assert _told(capsys, *words, "--input-shape", "N,2")["status"] == 2
    assert _told(capsys, *words, "--input-shape", "N,two words")["status"] == 2
    assert _told(capsys, *shaped, "--fold-batchnorm", "float16")["status"] == 2


def test_help_groups_the_many_options_under_headings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--help"]) == 0
    told = capsys.readouterr().out
    headings = [
        "How the model is read",
        "How the data are read",
        "Boxes around the rows",
        "Activation regions",
        "What floats make of the rows",
        "What is written",
        "How the work is done",
    ]
    assert [heading for heading in headings if heading not in told] == []
    boxes = told[told.index("Boxes around the rows") :]
    assert boxes.index("--max-leaves") < boxes.index("What floats make of the rows")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--detach",), "--detach, --inline: say something about the certificate: give -o"),
        (("--max-leaves", "5"), "--max-leaves: says something about boxes: give --box"),
        (("--box-timeout", "5"), "--box-timeout: says something about boxes: give --box"),
        (("--semantics", "exact", "--semantics-file", "none.jsonl"), "--semantics-file: says something of"),
        (("--no-clip",), "--no-clip: is an option for .nnet, not for ONNX"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    two: str, tmp_path: Path, words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = str(_csv(tmp_path, "a,b,label\n2,1,0\n"))
    assert main(["verify", two, rows, "--rule", "argmax", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_certificate_that_excepts_rows_says_why_its_check_is_no_success(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, made = str(_csv(tmp_path, "a,b,label\n2,1,0\n2,1,1\n")), str(tmp_path / "c.json")
    main(["verify", two, rows, "--rule", "argmax", "-o", made])
    capsys.readouterr()
    assert main(["check", made]) == 1
    assert "--allow-except or --min-accuracy takes that for success" in capsys.readouterr().out
    assert main(["check", made, "--allow-except"]) == 0
    assert "takes that for success" not in capsys.readouterr().out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_rows_that_an_integer_input_cannot_take_are_refused_with_row_and_column(
    jobs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proto = model(
        [node("Cast", ["x"], ["f"], to=1), node("MatMul", ["f", "w"], ["y"])], [stored("w", [[1]])], 1
    )
    proto.graph.input[0].type.tensor_type.elem_type = 2
    path = saved(proto, tmp_path)
    words: tuple[str, ...] = ("--rule", "within", "--tolerance", "0", "--jobs", jobs)
    told = _told(capsys, "verify", path, _csv(tmp_path, "a,label\n255.0,255\n3,3\n"), *words)
    assert (told["status"], told["accuracy"]) == (0, "2/2")
    made, listing = tmp_path / "c.json", tmp_path / "rows.jsonl"
    words += ("-o", str(made), "--per-row", str(listing))
    told = _told(capsys, "verify", path, _csv(tmp_path, "a,label\n3,3\n300.5,300.5\n"), *words)
    assert (told["status"], made.exists(), listing.exists()) == (3, False, False)
    expected = (
        "row 1 (line 3), column 'a': expected an integer from 0 to 255, as the model takes (uint8), got 601/2"
    )
    assert expected in told["message"]
