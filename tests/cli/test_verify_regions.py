"""`memcert verify --regions` and `--box`, to what prove confirms and check replays."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored

from memcert.cli import main
from memcert.cli.verify_boxes import box_path
from memcert.kernel.decode import decode
from memcert.regions.blocks import MAX_ENTRIES
from memcert.regions.boxes import FEW_INPUTS, Budget
from memcert.regions.claimed import BITS
from memcert.reports.regions import DEFINITION


def told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    status = main([*map(str, words), "--json"])
    value = dict(json.loads(capsys.readouterr().out))
    assert value["status"] == status
    return value


@pytest.fixture
def sides(tmp_path: Path) -> str:
    """F = (relu(x), relu(2 - x)), after x/10: a tie where x = 10; neurons are 0 at 0 and 20."""
    weights = [stored("w", [[1, -1]]), stored("b", [0, 2]), stored("v", [[1, 0], [0, 1]])]
    nodes = [
        node("Gemm", ["x", "w", "b"], ["h"]),
        node("Relu", ["h"], ["r"]),
        node("MatMul", ["r", "v"], ["y"]),
    ]
    return saved(model(nodes, weights, 1), tmp_path)


def data(folder: Path, *rows: str) -> Path:
    path = folder / "rows.csv"
    path.write_text("x,label\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


WORDS = ("--rule", "argmax", "--preprocess", "x/10")


def test_no_radius_is_told_where_no_row_holds(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", sides, str(data(tmp_path, "13,1", "5,0")), *WORDS, "--regions"]) == 1
    assert "one radius for all rows: none is told, as no row holds\n" in capsys.readouterr().out


def test_the_radius_of_all_rows_is_claimed_and_proved_and_no_larger_one_is(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, made, walls = data(tmp_path, "13,0", "5,1", "18,0"), tmp_path / "c.json", tmp_path / "walls.jsonl"
    found = told(capsys, "verify", sides, rows, *WORDS, "--regions", "--region-file", walls, "-o", made)
    assert (found["status"], found["verdict"]) == (0, "verified")
    regions = found["regions"]
    assert regions["definition"] == DEFINITION
    # Row 0: the tie at 10, 3 away; row 1: neuron 0 at 0, 5 away, and the tie too; row 2: neuron 1 at 20.
    assert [(e["row"], e["radius"], e["attained"]) for e in regions["smallest"]] == [
        (2, 2, True), (0, 3, False), (1, 5, False),
    ]  # fmt: skip
    assert (regions["ended_by_neuron"], regions["ended_by_label"], regions["box_radius"]) == (1, 2, 2)
    assert decode(made.read_bytes()).claim.box_radius == 2
    proved = told(capsys, "prove", made)
    assert (proved["verdict"], proved["claim"]["box_radius"]) == ("proved", 2)
    lie = json.loads(made.read_text(encoding="utf-8"))
    lie["claim"]["box_radius"] = "9/4"
    made.write_text(json.dumps(lie), encoding="utf-8")
    refused = told(capsys, "prove", made)
    assert (refused["status"], refused["refutation"]["rule"]) == (1, "box_radius")
    assert "at most 2" in refused["refutation"]["expected"]
    lines = [json.loads(line) for line in walls.read_text(encoding="utf-8").splitlines()]
    assert lines[2]["region"] == {"radius": 2, "attained": True, "layer": 0, "neuron": 1, "witness": "+"}
    assert lines[0]["label"] == {"radius": 3, "attained": False, "against": 1, "witness": "-"}
    # The outputs of row 2 tie at 10, 8 away, but nothing is shown beyond 20, 2 away.
    assert lines[2]["label"] == lines[2]["region"]
    assert "map" not in lines[0]


def test_a_label_is_shown_no_farther_than_the_region_and_not_at_all_where_the_rule_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # F = (1 - 10 relu(x - 1), 0): where x <= 1 it is (1, 0), which no neuron's slope ends; label 0 is
    # lost at 1.1.
    weights = [stored("w", [[1]]), stored("b", [-1]), stored("v", [[-10, 0]]), stored("c", [1, 0])]
    nodes = [
        node("Gemm", ["x", "w", "b"], ["h"]),
        node("Relu", ["h"], ["r"]),
        node("Gemm", ["r", "v", "c"], ["y"]),
    ]
    walls = tmp_path / "walls.jsonl"
    told(
        capsys,
        "verify",
        saved(model(nodes, weights, 1), tmp_path),
        data(tmp_path, "0,0", "0,1"),
        "--rule",
        "argmax",
        "--regions",
        "--region-file",
        walls,
    )
    first, second = [json.loads(line) for line in walls.read_text(encoding="utf-8").splitlines()]
    wall = {"radius": 1, "attained": True, "layer": 0, "neuron": 0, "witness": "+"}
    assert first == {"row": 0, "holds": True, "region": wall, "label": wall}
    assert second == {"row": 1, "holds": False, "region": wall, "label": None}


def test_a_label_radius_that_is_left_out_is_claimed_just_below_and_proved(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, made = data(tmp_path, "13,0", "6,1"), tmp_path / "c.json"
    found = told(capsys, "verify", sides, rows, *WORDS, "--regions", "-o", made)
    claimed = decode(made.read_bytes()).claim.box_radius
    assert isinstance(claimed, int | Fraction)
    assert 3 - Fraction(1, 2**20) < claimed < 3
    assert found["regions"]["smallest"][0] == {"row": 0, "radius": 3, "attained": False, "against": 1}
    assert told(capsys, "prove", made)["verdict"] == "proved"
    at_the_tie = json.loads(made.read_text(encoding="utf-8"))
    at_the_tie["claim"]["box_radius"] = 3
    made.write_text(json.dumps(at_the_tie), encoding="utf-8")
    refused = told(capsys, "prove", made)
    assert (refused["status"], refused["refutation"]["rule"]) == (1, "box_radius")
    assert "less than 3" in refused["refutation"]["expected"]


def test_rows_that_fail_do_not_spoil_the_claim(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, made = data(tmp_path, "13,0", "6,0"), tmp_path / "c.json"
    found = told(capsys, "verify", sides, rows, *WORDS, "--regions", "-o", made, "--min-accuracy", "1/2")
    assert (found["status"], found["regions"]["holding"]) == (0, 1)
    assert told(capsys, "prove", made)["verdict"] == "proved"


def test_a_neuron_at_exactly_zero_leaves_nothing_to_claim(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, made = data(tmp_path, "20,0", "6,1"), tmp_path / "c.json"
    found = told(capsys, "verify", sides, rows, *WORDS, "--regions", "-o", made)
    assert found["regions"]["smallest"][0]["radius"] == 0
    assert found["regions"]["box_radius"] is None
    assert decode(made.read_bytes()).claim.box_radius is None


def test_the_affine_maps_are_written_where_they_are_asked_for(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    walls = tmp_path / "walls.jsonl"
    words = ("--regions", "--region-file", walls, "--region-maps")
    told(capsys, "verify", sides, data(tmp_path, "25,0"), *WORDS, *words)
    (line,) = map(json.loads, walls.read_text(encoding="utf-8").splitlines())
    assert line["map"] == {"gradient": [["1/10"], [0]], "constant": [0, 0]}


def test_boxes_are_proved_written_and_replayed(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, made = data(tmp_path, "13,0", "6,1", "9,1"), tmp_path / "c.json"
    found = told(capsys, "verify", sides, rows, *WORDS, "--box", "2.5", "-o", made)
    assert (found["status"], found["verdict"]) == (1, "fails")
    boxes = found["boxes"]
    assert (boxes["epsilon"], boxes["proved"], boxes["refuted"], boxes["undecided"]) == ("5/2", 2, 1, 0)
    assert [row["verdict"] for row in boxes["rows"]] == ["proved", "proved", "refuted"]
    assert boxes["file"] == str(tmp_path / "c.boxes.json")
    replayed = told(capsys, "check", made, "--boxes", boxes["file"], "--dataset", rows)
    assert (replayed["status"], replayed["verdict"]) == (1, "accepted")
    assert (replayed["boxes"]["proved"], replayed["boxes"]["refuted"]) == ([0, 1], [2])
    few = told(capsys, "verify", sides, rows, *WORDS, "--box", "5/2", "--box-rows", "0-1", "-o", made)
    assert (few["status"], few["boxes"]["proved"]) == (0, 2)
    assert told(capsys, "check", made, "--boxes", boxes["file"])["status"] == 0
    both = [told(capsys, "check", made, "--boxes", boxes["file"], "--engine", e) for e in ("kernel", "fast")]
    by_kernel, by_numpy = (one["boxes"].pop("rests_on") for one in both)
    assert both[0]["boxes"] == both[1]["boxes"]
    assert "numpy" not in by_kernel and "numpy" in by_numpy


def test_boxes_of_other_data_or_another_network_are_a_mismatch(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, other = tmp_path / "c.json", tmp_path / "other.json"
    told(capsys, "verify", sides, data(tmp_path, "13,0", "6,1"), *WORDS, "--box", "1", "-o", made)
    told(capsys, "verify", sides, data(tmp_path, "13,0", "7,1"), *WORDS, "-o", other)
    changed = ("--rule", "argmax", "--preprocess", "x/11")
    beside = box_path(made)
    assert told(capsys, "check", other, "--boxes", beside)["status"] == 4
    told(capsys, "verify", sides, data(tmp_path, "13,0", "6,1"), *changed, "-o", other)
    failed = told(capsys, "check", other, "--boxes", beside)
    assert (failed["status"], failed["at"]) == (4, "boxes.network")
    assert told(capsys, "check", made, "--boxes", made)["status"] == 3
    alone = told(capsys, "check", beside)
    assert alone["status"] == 2
    assert "memcert check CERT --boxes FILE" in alone["message"]


def test_boxes_are_replayed_on_own_data_whose_labels_are_decimals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proto = model([node("MatMul", ["x", "w"], ["y"])], [stored("w", [[1]])], 1)
    rows, made = data(tmp_path, "2,2.25", "-1,-1/3"), tmp_path / "c.json"
    words = ("--rule", "within", "--tolerance", "1", "--box", "1/4", "-o", made)
    assert told(capsys, "verify", saved(proto, tmp_path), rows, *words)["status"] == 0
    replayed = told(capsys, "check", made, "--boxes", box_path(made), "--dataset", rows)
    assert (replayed["status"], replayed["boxes"]["proved"]) == (0, [0, 1])
    for command in (("bounds", made), ("prove", made), ("report", made, "-o", tmp_path / "c.html")):
        assert told(capsys, *command, "--dataset", rows)["status"] == 0


def test_a_forged_box_file_is_rejected_by_rule_and_place(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "c.json"
    told(capsys, "verify", sides, data(tmp_path, "13,0"), *WORDS, "--box", "1", "-o", made)
    beside = box_path(made)
    lie = json.loads(beside.read_text(encoding="utf-8"))
    lie["boxes"]["epsilon"] = 4
    beside.write_text(json.dumps(lie), encoding="utf-8")
    failed = told(capsys, "check", made, "--boxes", beside)
    assert (failed["status"], failed["rule"], failed["at"]) == (
        1,
        "leaf",
        "rows[0].parts[0].targets[0].leaves[0]",
    )


def test_a_domain_cuts_boxes_and_refuses_rows_outside_of_it(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = data(tmp_path, "13,0", "25,0")
    words = ("verify", sides, rows, *WORDS, "--box", "4")
    assert told(capsys, *words)["boxes"]["refuted"] == 1
    assert told(capsys, *words, "--domain", "21/2,25")["boxes"]["proved"] == 2
    limits = tmp_path / "limits.csv"
    limits.write_text("10.5,25\n", encoding="utf-8")
    assert told(capsys, *words, "--domain", limits)["boxes"]["domain"] == [["21/2", 25]]
    outside = told(capsys, *words, "--domain", "0,24")
    assert outside["status"] == 3
    assert (
        "row 1 (line 3), coordinate 0: expected a number of the domain, from 0 to 24, got 25"
        in outside["message"]
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--box", "-1"), "--box: expected a radius of at least 0, got -1"),
        (("--box", "1e3x"), "--box: expected a number such as"),
        (("--box", "1", "--domain", "9,1"), "--domain: expected LO <= HI, got [9, 1]"),
        (("--box", "1", "--domain", "nowhere.csv"), "--domain: expected LO,HI or a file"),
        (("--box", "1", "--box-rows", "5"), "--box-rows: expected rows from 0 to 0, got '5'"),
        (("--domain", "0,1"), "--domain: says something about boxes: give --box"),
        (("--region-maps",), "--region-maps: says something about regions: give --regions"),
        (("--regions", "--region-maps"), "--region-maps: needs --region-file"),
    ],
)
def test_options_out_of_range_are_usage_errors(
    words: tuple[str, ...], message: str, sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = told(capsys, "verify", sides, data(tmp_path, "13,0"), *WORDS, *words)
    assert failed["status"] == 2
    assert message in failed["message"]


def test_a_row_whose_time_ran_out_is_undecided_exit_6(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # F = (|u| + 1/8, 0), u = x/10 - 5/4 from -7/20 to 9/20: lines of slope 1 and 0 give u + 1/8, below 0.
    weights = [stored("w", [[1, -1]]), stored("b", [-1.25, 1.25])]
    weights += [stored("v", [[1, 0], [1, 0]]), stored("c", [0.125, 0])]
    nodes = [node("Gemm", ["x", "w", "b"], ["h"]), node("Relu", ["h"], ["r"])]
    path = saved(model([*nodes, node("Gemm", ["r", "v", "c"], ["y"])], weights, 1), tmp_path)
    made = tmp_path / "c.json"
    words = ("verify", path, data(tmp_path, "13,0"), *WORDS, "--box", "4", "-o", made)
    assert told(capsys, *words)["status"] == 0
    late = told(capsys, *words, "--box-timeout", "0")
    assert (late["status"], late["verdict"]) == (6, "undecided")
    assert late["boxes"]["rows"][0]["why"] == "the time of the row ran out"
    assert told(capsys, "check", made, "--boxes", box_path(made))["status"] == 6


def test_the_answer_for_people_names_the_definition_and_the_boxes(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = data(tmp_path, "13,0", "9,1")
    main(["verify", sides, str(rows), *WORDS, "--regions", "--box", "2"])
    out = capsys.readouterr().out
    assert DEFINITION in out
    assert "boxes of radius 2: 1 proved, 1 refuted, 0 undecided, of 2 rows" in out
    assert "row 1: the rule fails at a point of its box" in out


@pytest.mark.parametrize(
    ("name", "beside"),
    [("c.json", "c.boxes.json"), ("a.b.json.gz", "a.b.boxes.json.gz"), ("plain", "plain.boxes.json")],
)
def test_the_box_file_stands_beside_its_certificate(name: str, beside: str) -> None:
    assert box_path(Path("folder") / name) == Path("folder") / beside


def test_the_box_file_is_written_over_nothing_that_is_read_or_written(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, beside = data(tmp_path, "13,0"), tmp_path / "c.boxes.json"
    words = (*WORDS, "--box", "1", "-o", tmp_path / "c.json")
    lost = told(capsys, "verify", sides, rows, *words, "--per-row", beside)
    assert (lost["status"], lost["message"].startswith("--per-row: expected another file than")) == (2, True)
    beside.write_bytes(rows.read_bytes())
    lost = told(capsys, "verify", sides, beside, *words)
    assert (lost["status"], lost["message"].startswith("-o: expected another file than")) == (2, True)
    assert beside.read_bytes() == rows.read_bytes()


def test_several_processes_decide_what_one_does(
    sides: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = data(tmp_path, "13,0", "6,1", "9,1", "30,0", "2,1", "11,0", "12,0", "1,1")
    words = ("verify", sides, rows, *WORDS, "--box", "3/2")
    assert told(capsys, *words, "--jobs", "2")["boxes"] == told(capsys, *words)["boxes"]


DOCUMENT = (Path(__file__).parents[2] / "docs" / "regions.md").read_text(encoding="utf-8")


def test_the_document_states_the_definition_and_the_limits_that_there_are() -> None:
    assert f"> {DEFINITION}" in DOCUMENT
    assert MAX_ENTRIES == 2**26 and "up to 2^26 entries" in DOCUMENT
    assert f"of at most {FEW_INPUTS} coordinates" in DOCUMENT
    budget = Budget()
    assert (
        f"`--box-timeout` ({budget.seconds:.0f} seconds) and `--max-leaves` ({budget.leaves:,})" in DOCUMENT
    )
    assert f"{BITS} bits just below it" in DOCUMENT
