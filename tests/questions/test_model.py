"""What more can be asked of a verified model from Python: regions, boxes, floats, the certificate."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored

import memcert
from memcert.cli import main
from memcert.errors import DatasetError, UsageError
from memcert.questions import regions
from memcert.questions.model import VerifiedModel


def data(folder: Path, *rows: str, head: str = "x,label") -> Path:
    path = folder / "rows.csv"
    path.write_text(f"{head}\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def sides(folder: Path, *rows: str) -> VerifiedModel:
    """F = (relu(x), relu(2 - x)), after x/10: a tie where x = 10; neurons are 0 at 0 and 20."""
    weights = [stored("w", [[1, -1]]), stored("b", [0, 2]), stored("v", [[1, 0], [0, 1]])]
    nodes = [
        node("Gemm", ["x", "w", "b"], ["h"]),
        node("Relu", ["h"], ["r"]),
        node("MatMul", ["r", "v"], ["y"]),
    ]
    path = saved(model(nodes, weights, 1), folder)
    return memcert.verify(path, data(folder, *rows), "argmax", preprocess="x/10")


def test_regions_have_exact_walls_and_points_on_them(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0", "5,1", "18,0", "13,1")
    first, second, third, wrong = found.regions()
    x = found.rows.dataset.point(0)
    assert (first.row, first.holds) == (0, True)
    assert first.neuron is not None and first.label is not None
    # Neuron 1 is 0 at 20, 7 away; the outputs tie at 10, 3 away.
    assert (first.neuron.radius, first.neuron.layer, first.neuron.index) == (7, 0, 1)
    assert first.neuron.point(x) == (20,)
    assert (first.label.radius, first.label.layer, first.label.strict) == (3, None, True)
    assert first.label.point(x) == (10,)
    assert first.nearest == first.label
    assert second.nearest == second.label and second.neuron is not None
    assert (second.neuron.radius, second.neuron.index) == (5, 0)
    assert third.nearest == third.neuron
    assert (wrong.holds, wrong.label) == (False, None)


def test_regions_are_found_from_any_row_on_whatever_is_held_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sides(tmp_path, "13,0", "5,1", "18,0", "1,1", "19,0")
    monkeypatch.setattr(regions, "ROWS_AT_ONCE", 2)
    # The nearest of 0 and 20, where neurons end, and of 10, the tie.
    radii = [3, 5, 2, 1, 1]
    for first in range(5):
        rest = list(regions.regions_of(found.network, found.rows, first))
        assert [region.row for region in rest] == list(range(first, 5))
        assert [region.nearest.radius for region in rest if region.nearest] == radii[first:]


def test_the_summary_has_the_radius_that_a_certificate_claims_and_prove_confirms(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0", "5,1", "18,0")
    summary = found.regions().summary()
    assert (summary.by_neuron, summary.by_label, summary.median, summary.box_radius) == (1, 2, 3, 2)
    memcert.write(found.certificate(box_radius=summary.box_radius), tmp_path / "c.json")
    assert memcert.read(tmp_path / "c.json").claim.box_radius == 2
    assert memcert.prove(tmp_path / "c.json").verdict == "proved"
    assert memcert.prove(found.certificate(box_radius=3)).verdict == "refuted"


def test_a_radius_that_is_claimed_is_a_number_or_the_text_of_one(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0", "5,1")
    made = tmp_path / "c.json"
    for radius, verdict in (("1/2", "proved"), (Fraction(1, 2), "proved"), ("100", "refuted")):
        memcert.write(found.certificate(box_radius=radius), made)
        memcert.check(made)
        assert memcert.prove(made).verdict == verdict
    for wrong in ("far", "-1", -1, 0.5):
        with pytest.raises(UsageError, match="box_radius: expected"):
            found.certificate(box_radius=wrong)  # type: ignore[arg-type]


def test_an_unknown_rule_and_no_process_at_all_are_usage_errors(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0", "5,1")
    one = saved(model([node("Relu", ["x"], ["y"])], [], 1), tmp_path, "one.onnx")
    rows = data(tmp_path, "3,0", "0,0")
    with pytest.raises(UsageError, match="rule: expected one of argmax, sign, equal, within, got 'Equal'"):
        memcert.verify(one, rows, "Equal")
    for ask in (memcert.verify, lambda *_, jobs: found.boxes("1/2", jobs=jobs)):
        with pytest.raises(UsageError, match="jobs: expected at least 1 process, got 0"):
            ask(one, rows, "equal", jobs=0)
    with pytest.raises(UsageError, match="jobs: expected at least 1 process, got 0"):
        found.semantics("float32", jobs=0)


def test_the_file_of_regions_is_the_one_that_the_command_writes(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0", "5,1", "18,1")
    (gradient, constant), *_ = found.regions().maps()
    assert (gradient, constant) == (((Fraction(1, 10),), (Fraction(-1, 10),)), (0, 2))
    found.regions().write(tmp_path / "walls.jsonl", maps=True)
    words = ["verify", str(found.reading.source), str(tmp_path / "rows.csv"), "--rule", "argmax"]
    asked = ["--preprocess", "x/10", "--regions", "--region-maps", "--region-file", f"{tmp_path}/again.jsonl"]
    assert main([*words, *asked]) == 1
    text = (tmp_path / "walls.jsonl").read_text(encoding="utf-8")
    assert text == (tmp_path / "again.jsonl").read_text(encoding="utf-8")
    assert json.loads(text.splitlines()[0])["map"] == {
        "gradient": [["1/10"], ["-1/10"]],
        "constant": [0, 2],
    }


def test_boxes_are_proved_or_refuted_at_a_point_and_their_file_is_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = sides(tmp_path, "13,0", "6,1", "9,1")
    boxes = found.boxes("5/2")
    assert [(one.index, one.verdict) for one in boxes] == [(0, "proved"), (1, "proved"), (2, "refuted")]
    refuted = boxes[2]
    assert refuted.point is not None
    (x,) = refuted.point
    # F1 - F0 = 2 - x/5 on the box from 6.5 to 11.5.
    assert 10 <= x <= Fraction(23, 2)
    assert refuted.margin == 2 - Fraction(x) / 5
    assert boxes[0].point is None
    assert boxes.counts() == {"proved": 2, "refuted": 1}
    made, beside = tmp_path / "c.json", tmp_path / "c.boxes.json.gz"
    memcert.write(found.certificate(), made)
    boxes.write(beside)
    capsys.readouterr()
    assert main(["check", str(made), "--boxes", str(beside), "--json"]) == 1
    replayed = json.loads(capsys.readouterr().out)["boxes"]
    assert (replayed["proved"], replayed["refuted"], replayed["epsilon"]) == ([0, 1], [2], "5/2")


def test_boxes_are_asked_about_some_rows_and_by_several_processes(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0", "6,1", "9,1", "11,0")
    some = found.boxes(Fraction(5, 2), rows=[2, 0, 0], jobs=2)
    assert len(some) == 2
    assert [(one.index, one.verdict) for one in some] == [(0, "proved"), (2, "refuted")]


def test_a_row_whose_time_ran_out_is_undecided_and_says_why(tmp_path: Path) -> None:
    # F = (|u| + 1/8, 0), u = x/10 - 5/4 from -7/20 to 9/20: lines of slope 1 and 0 give u + 1/8, below 0.
    weights = [stored("w", [[1, -1]]), stored("b", [-1.25, 1.25])]
    weights += [stored("v", [[1, 0], [1, 0]]), stored("c", [0.125, 0])]
    nodes = [node("Gemm", ["x", "w", "b"], ["h"]), node("Relu", ["h"], ["r"])]
    path = saved(model([*nodes, node("Gemm", ["r", "v", "c"], ["y"])], weights, 1), tmp_path)
    found = memcert.verify(path, data(tmp_path, "13,0"), "argmax", preprocess="x/10")
    assert found.boxes(4)[0].verdict == "proved"
    (late,) = found.boxes(4, timeout=0)
    assert (late.verdict, late.why) == ("undecided", "the time of the row ran out")


def test_a_domain_cuts_boxes_and_refuses_rows_outside_of_it(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0", "25,0")
    assert found.boxes(4).counts() == {"proved": 1, "refuted": 1}
    for domain in (("21/2", 25), [("10.5", "25")]):
        assert found.boxes(4, domain=domain).counts() == {"proved": 2}
    with pytest.raises(DatasetError, match=r"row 1 \(line 3\), coordinate 0: .* from 0 to 24, got 25"):
        found.boxes(4, domain=(0, 24))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"radius": 0.1}, "radius: expected an integer, a Fraction, or text"),
        ({"radius": "-1/2"}, "expected a radius of at least 0, got -1/2"),
        ({"domain": (9, 1)}, r"domain\[0\]: expected LO <= HI, got \[9, 1\]"),
        ({"domain": (1, 2, 3)}, r"domain\[0\]: expected \(LO, HI\), got"),
        ({"domain": [(0, 9), (0, 9)]}, "domain: expected .* one for each of 1 coordinates"),
        ({"domain": (0, 0.5)}, r"domain\[0\]: expected an integer"),
        ({"rows": [1]}, "rows: expected rows from 0 to 0"),
    ],
)
def test_what_does_not_fit_is_a_usage_error(options: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        sides(tmp_path, "13,0").boxes(**{"radius": 1, **options})  # type: ignore[arg-type]


def test_floats_are_counted_and_the_rows_that_differ_are_named(tmp_path: Path) -> None:
    # The first output is large if 1000 a + 1e17 b - 1e17 c is; row 0 loses its 1000 in float32 alone.
    weights = [stored("w", [[1e3], [1e17], [-1e17]]), stored("v", [[1 / 512, -1 / 512]])]
    tail = [node("Relu", ["h"], ["r"]), node("Gemm", ["r", "v", "c"], ["y"])]
    proto = model([node("Gemm", ["x", "w"], ["h"]), *tail], [*weights, stored("c", [-0.5, 1.5])], 3)
    rows = data(tmp_path, "1,1,1,0", "4,0,0,0", "0,0,0,0", head="a,b,c,label")
    lines, listed = tmp_path / "floats.jsonl", tmp_path / "rows.jsonl"
    found = memcert.verify(saved(proto, tmp_path), rows, "argmax", per_row=listed)
    holds = [json.loads(line)["holds"] for line in listed.read_text("utf-8").splitlines()]
    assert holds == [True, True, False]
    told = found.semantics("exact", "float32", "float64", "any-order", per_row=lines)
    assert list(told) == ["float32", "float64", "any-order"]
    counts = {name: (one.holds, one.fails, one.unsure, list(one.named)) for name, one in told.items()}
    assert counts == {"float32": (1, 2, 0, [0]), "float64": (2, 1, 0, []), "any-order": (1, 1, 1, [0])}
    assert list(told["float32"].failing(found.rows.excepted)) == [0, 2]
    first, *_, last = map(json.loads, lines.read_text("utf-8").splitlines())
    assert (first["float32"], first["any-order"], last["float64"]) == ("fails", "may differ", "fails")
    for names in ((), ("float16",), ("float32", "float32")):
        with pytest.raises(UsageError, match="expected some of exact, float32, float64, any-order"):
            found.semantics(*names)


def test_a_network_of_scikit_learn_is_judged_in_floats_unless_it_was_changed(tmp_path: Path) -> None:
    network = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    fitted = network.MLPClassifier(hidden_layer_sizes=(2,), max_iter=1)
    with pytest.warns(match="hasn't converged"):
        fitted.fit(np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 2]))
    # F = (1/3 x, 1, -1): in float32 and float64, 1/3 is another number, and so is its product with 3.
    fitted.coefs_ = [np.array([[1.0, -1.0]]), np.array([[1 / 3, 0, 0], [0, 0, 0]])]
    fitted.intercepts_ = [np.zeros(2), np.array([0.0, 1.0, -1.0])]
    found = memcert.verify(fitted, data(tmp_path, "4,0", "3,1", "1,0"), "argmax")
    # Stored 1/3 lies below 1/3, so that at 3 the exact sum is below 1; rounded to floats it is 1, a tie.
    assert list(found.rows.excepted) == [2]
    told = found.semantics("float64", "float32", "any-order")
    assert list(told["float64"].named) == [1]
    assert list(told["any-order"].named) == [1]
    fitted.coefs_[0][0, 0] = 5.0
    with pytest.raises(UsageError, match="the model was changed"):
        found.semantics("float64")


def test_a_file_that_was_changed_since_is_not_judged_in_floats(tmp_path: Path) -> None:
    found = sides(tmp_path, "13,0")
    Path(str(found.reading.source)).write_bytes(
        Path(saved(model([node("Relu", ["x"], ["y"])], [], 1), tmp_path, "other.onnx")).read_bytes()
    )
    with pytest.raises(UsageError, match="changed while it was read"):
        found.semantics("float32")


def test_the_examples_of_the_document_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # F = (relu(x), relu(1 - x)), after x/16: label 1 up to 8, where the outputs tie.
    weights = [stored("w", [[1, -1]]), stored("b", [0, 1])]
    nodes = [node("Gemm", ["x", "w", "b"], ["h"]), node("Relu", ["h"], ["y"])]
    saved(model(nodes, weights, 1), tmp_path)
    points = [f"{x}.5,{int(x < 8)}" for x in range(16)] * 7
    data(tmp_path, *points).rename(tmp_path / "digits.csv")
    text = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    join, short, long = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(short + long, names)  # noqa: S102 - our own document
    assert names["boxes"].counts() == {"proved": 100}
    # Boxes of 0.25 around 7.5 and 8.5 end before 8, where their regions end.
    assert names["summary"].smallest[0][1].radius == Fraction(1, 2)
    names["found"].regions().write("walls.jsonl")
    memcert.verify("model.onnx", "digits.csv", "argmax", preprocess="x/16", per_row="rows.jsonl")
    exec(join, names)  # noqa: S102 - our own document
    assert names["row"]["verdict"]["row"] == names["row"]["region"]["row"] == 111
    assert names["row"]["floats"]["any-order"] == "holds"
    assert memcert.prove("verified.json").verdict == "proved"
    assert main(["check", "verified.json", "--boxes", "verified.boxes.json"]) == 0


def test_the_rows_are_written_over_nothing_that_is_read(tmp_path: Path) -> None:
    path = saved(model([node("Relu", ["x"], ["y"])], [], 2), tmp_path)
    rows = data(tmp_path, "1,2,1", "4,3,0", head="x,z,label")
    before = [Path(path).read_bytes(), rows.read_bytes()]
    (tmp_path / "link.csv").symlink_to(rows)
    for taken in (path, rows, tmp_path / "link.csv"):
        with pytest.raises(UsageError, match=r"per_row: expected another file than '.*', which is read"):
            memcert.verify(path, rows, "argmax", per_row=taken)
    assert [Path(path).read_bytes(), rows.read_bytes()] == before
    assert memcert.verify(path, rows, "argmax", per_row=tmp_path / "new.jsonl").accuracy == 1
