"""The gate on a sample repository: it passes, and each kind of damage fails at its line."""

import json
import os
from pathlib import Path

import pytest
from gate_tools import edit, gate, line_of, replace


def test_the_sample_repository_passes(sample: Path) -> None:
    run = gate()
    assert run.status == 0, run.out
    assert "passed: 4 of 4 passed" in run.out
    assert sample.is_dir()


def test_a_changed_label_in_the_data_is_a_mismatch_at_its_line(sample: Path) -> None:
    data = sample / "data/flowers.csv"
    replace(data, "7,0.5,iris", "7,0.5,rose")
    run = gate("--json")
    assert run.status == 4
    step = run.step("certificates/flowers.json", "check-kernel")
    (place,) = step["places"]
    # The first and third rows hold a quoted line feed: the fifth stands on line 8 of the file.
    assert (place["file"], place["line"], place["row"]) == ("data/flowers.csv", 8, 4)
    assert line_of(data, "7,0.5,rose") == 8
    assert "'iris'" in place["message"]


def test_a_row_that_is_no_number_is_malformed_at_its_line(sample: Path) -> None:
    replace(sample / "data/flowers.csv", "-2,5", "-2,five")
    run = gate()
    assert run.status == 3
    assert "data/flowers.csv:4" in run.out


def test_data_that_are_gone_are_a_usage_error(sample: Path) -> None:
    (sample / "data/ramp.csv").unlink()
    run = gate()
    assert run.status == 2
    assert "data/ramp.csv" in run.out


def test_a_forged_certificate_with_right_digests_is_rejected_at_every_row_that_fails(sample: Path) -> None:
    path = sample / "certificates/distance.json"
    layers = json.loads(path.read_text(encoding="utf-8"))["network"]["layers"]
    layers[-1]["data"] = [-x for x in layers[-1]["data"]]
    edit(path, "network", "layers", value=layers)
    run = gate("--json")
    step = run.step("certificates/distance.json", "check")
    assert (step["status"], step["rule"]) == (1, "argmax")
    assert [(p["file"], p["line"]) for p in step["places"]] == [
        ("data/distance.csv", 2),
        ("data/distance.csv", 5),
    ]


def test_a_false_claim_is_rejected_at_its_line_of_the_certificate(sample: Path) -> None:
    path = sample / "certificates/flowers.json"
    width = json.loads(path.read_text(encoding="utf-8"))["claim"]["width"]
    replace(path, f'"width": {width}', f'"width": {width + 1}')
    run = gate()
    assert run.status == 1
    line = line_of(path, f'"width": {width + 1}')
    assert f"certificates/flowers.json:{line} /claim/width" in run.out


def test_a_damaged_certificate_is_malformed_at_its_line(sample: Path) -> None:
    path = sample / "certificates/ramp.json"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:6], "?", *lines[6:]]), encoding="utf-8")
    run = gate()
    assert run.status == 3
    assert "certificates/ramp.json:7" in run.out


def test_half_a_certificate_is_still_one(sample: Path) -> None:
    path = sample / "certificates/ramp.json"
    path.write_bytes(path.read_bytes()[:300])
    assert gate().status == 3


def test_a_model_with_another_weight_is_a_mismatch(sample: Path) -> None:
    replace(sample / "models/distance.nnet", "1.0,\n-1.0,\n0.0", "1.5,\n-1.0,\n0.0")
    run = gate("--json")
    assert run.status == 4
    step = run.step("certificates/distance.json", "model")
    assert step["places"][-1]["file"] == "models/distance.nnet"
    assert step["at"] == "model.files"


def test_a_certificate_of_another_network_is_a_mismatch_with_its_model(sample: Path) -> None:
    path = sample / "certificates/distance.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    last = whole["network"]["layers"][-1]
    last["bias"] = [0 if x == 0 else x for x in last["bias"]]
    # A true certificate of a network that is not the model's: all margins are scaled.
    last["data"] = [2 * x for x in last["data"]]
    last["bias"] = [2 * x for x in last["bias"]]
    whole["claim"]["margin"] = 2 * whole["claim"]["margin"]
    whole["digests"] = {"dataset": None, "network": None}
    path.write_text(json.dumps(whole), encoding="utf-8")
    run = gate("--json")
    step = run.step("certificates/distance.json", "model")
    assert (step["status"], step["at"]) == (4, "network"), run.out


def test_several_kinds_of_damage_end_with_the_first_status_of_the_table(sample: Path) -> None:
    replace(sample / "certificates/ramp.json", '"width"', '"weight"')
    replace(sample / "data/flowers.csv", "7,0.5,iris", "7,0.5,rose")
    run = gate("--json")
    assert run.status == 3
    assert {f["status"] for f in run.data["findings"]} == {0, 3, 4}


@pytest.mark.usefixtures("sample")
def test_an_empty_selection_is_a_usage_error() -> None:
    run = gate("data")
    assert run.status == 2
    assert "no certificate was found" in run.err


@pytest.mark.usefixtures("sample")
def test_a_path_that_is_not_there_is_a_usage_error() -> None:
    assert gate("certificates/none.json").status == 2


@pytest.mark.parametrize("path", ["..", "/", "certificates/../.."])
@pytest.mark.usefixtures("sample")
def test_a_path_outside_the_repository_is_refused(path: str) -> None:
    run = gate(path)
    assert run.status == 2
    assert "inside the repository" in run.err


def test_a_pipe_as_a_certificate_is_refused_and_not_waited_for(sample: Path) -> None:
    os.mkfifo(sample / "certificates/pipe.json")
    run = gate()
    assert run.status == 2
    assert "certificates/pipe.json: certificate: not a regular file" in run.out


def test_a_circle_of_links_as_a_certificate_is_refused(sample: Path) -> None:
    (sample / "certificates/a.json").symlink_to("b.json")
    (sample / "certificates/b.json").symlink_to("a.json")
    (sample / "certificates/circle").symlink_to(".")
    run = gate()
    assert run.status == 2
    assert "certificates/a.json" in run.out


def test_a_link_that_leads_outside_is_refused(sample: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    (sample / "certificates/ramp.json").rename(outside)
    (sample / "certificates/ramp.json").symlink_to(outside)
    run = gate()
    assert run.status == 2
    assert "leads outside the repository" in run.out


def test_a_certificate_that_no_rule_covers_fails(sample: Path) -> None:
    (sample / "certificates/ramp.json").rename(sample / "certificates/other.json")
    run = gate("--json")
    assert run.step("certificates/other.json", "policy")["rule"] == "covered"


def test_a_rule_that_covers_nothing_fails_unless_it_is_optional(sample: Path) -> None:
    (sample / "certificates/no-interval.json").unlink()
    run = gate()
    assert run.status == 2
    assert "rule impossible matches no certificate" in run.out
    replace(sample / "memcert.toml", 'name = "impossible"', 'name = "impossible"\noptional = true')
    assert gate().status == 0


def test_more_than_the_time_is_undecided_and_does_not_pass(sample: Path) -> None:
    replace(sample / "memcert.toml", "timeout = 300", "timeout = 1")
    # Numbers of 2^20 bits, squared again and again: far more than a second of work.
    path = sample / "certificates/flowers.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    for layer in whole["network"]["layers"]:
        layer["data"] = ["0x1" + "7" * 20_000] * len(layer["data"])
    whole["digests"] = {"dataset": None, "network": None}
    path.write_text(json.dumps(whole), encoding="utf-8")
    run = gate("--json", "certificates/flowers.json")
    assert run.status == 6, run.out


@pytest.mark.usefixtures("sample")
def test_the_limits_of_the_command_line_count_beside_the_policys() -> None:
    assert gate("--max-memory", "63MB").status == 2
    run = gate("--max-memory", "70MB", "certificates/flowers.json")
    assert run.status == 6, run.out
    assert "memory" in run.out


@pytest.mark.usefixtures("sample")
def test_where_memory_cannot_be_limited_max_memory_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert gate("--max-memory", "1GiB").status == 5
