"""The gate on a sample repository: it passes, and each kind of damage fails at its line."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gate_tools import edit, gate, line_of, replace

from memcert.cli import main


def test_the_sample_repository_passes(sample: Path) -> None:
    run = gate()
    assert run.status == 0, run.out
    assert "passed: 4 of 4 passed" in run.out
    assert sample.is_dir()


def test_a_changed_label_in_the_data_is_a_mismatch_at_its_line(sample: Path) -> None:
    data = sample / "data/flowers.csv"
    replace(data, "7,0.5,iris", "7,0.5,rose")
    run = gate("--json", "certificates/flowers.json")
    assert run.status == 4
    step = run.step("certificates/flowers.json", "check-kernel")
    (place,) = step["places"]
    # The first and third rows hold a quoted line feed: the fifth stands on line 8 of the file.
    assert (place["file"], place["line"], place["row"]) == ("data/flowers.csv", 8, 4)
    assert line_of(data, "7,0.5,rose") == 8
    assert "'iris'" in place["message"]


def test_a_row_that_is_no_number_is_malformed_at_its_line(sample: Path) -> None:
    replace(sample / "data/flowers.csv", "-2,5", "-2,five")
    run = gate("certificates/flowers.json")
    assert run.status == 3
    assert "data/flowers.csv:4" in run.out


def test_data_that_are_gone_are_a_usage_error(sample: Path) -> None:
    (sample / "data/ramp.csv").unlink()
    run = gate("certificates/ramp.json")
    assert run.status == 2
    assert "data/ramp.csv" in run.out


def test_a_forged_certificate_with_right_digests_is_rejected_at_every_row_that_fails(sample: Path) -> None:
    path = sample / "certificates/distance.json"
    layers = json.loads(path.read_text(encoding="utf-8"))["network"]["layers"]
    layers[-1]["data"] = [-x for x in layers[-1]["data"]]
    edit(path, "network", "layers", value=layers)
    run = gate("--json", "certificates/distance.json")
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
    run = gate("certificates/flowers.json")
    assert run.status == 1
    line = line_of(path, f'"width": {width + 1}')
    assert f"certificates/flowers.json:{line} /claim/width" in run.out


def test_a_damaged_certificate_is_malformed_at_its_line(sample: Path) -> None:
    path = sample / "certificates/ramp.json"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:6], "?", *lines[6:]]), encoding="utf-8")
    run = gate("certificates/ramp.json")
    assert run.status == 3
    assert "certificates/ramp.json:7" in run.out


def test_a_weight_changed_under_an_old_digest_is_told_by_what_it_does(sample: Path) -> None:
    path = sample / "certificates/distance.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    layer = whole["network"]["layers"][-1]
    layer["data"] = [-x for x in layer["data"]]
    path.write_text(json.dumps(whole), encoding="utf-8")
    run = gate("--json", "certificates/distance.json")
    digest, effect = run.step("certificates/distance.json", "check")["places"]
    assert (run.status, digest["pointer"]) == (1, "/digests/network")
    assert "argmax at samples[0]" in effect["message"]


def test_half_a_certificate_is_still_one(sample: Path) -> None:
    path = sample / "certificates/ramp.json"
    path.write_bytes(path.read_bytes()[:300])
    assert gate("certificates/ramp.json").status == 3


def test_a_model_with_another_weight_is_a_mismatch(sample: Path) -> None:
    replace(sample / "models/distance.nnet", "1.0,\n-1.0,\n0.0", "1.5,\n-1.0,\n0.0")
    run = gate("--json", "certificates/distance.json")
    assert run.status == 4
    step = run.step("certificates/distance.json", "model")
    assert step["places"][0]["file"] == "models/distance.nnet"
    assert "layer " in step["message"]
    assert "in the certificate, " in step["message"]
    assert step["at"] == "model.files[0].digest"


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
    run = gate("--json", "certificates/distance.json")
    step = run.step("certificates/distance.json", "model")
    assert (step["status"], step["at"]) == (4, "network, lowered from the model"), run.out


def test_a_network_that_was_built_is_bound_to_the_model_that_was_exported(sample: Path) -> None:
    pytest.importorskip("onnx")
    assert main(["export", "certificates/ramp.json", "-o", "models/ramp.onnx", "-q"]) == 0
    rule = '[[rules]]\nname = "ramp"\nfiles = "**/ramp.json"\nmodel = "models/{stem}.onnx"\n'
    (sample / "memcert.toml").write_text(f'models = "models/ramp.*"\n{rule}', encoding="utf-8")
    run = gate("--json", "certificates/ramp.json", "models")
    assert run.status == 0, run.out
    assert run.data["findings"][0]["files"].keys() == {"certificates/ramp.json", "models/ramp.onnx"}


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
    assert "usage error: certificates/pipe.json: certificate: " in run.out
    assert "cannot be opened: not a regular file" in run.out


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
    run = gate("certificates/ramp.json")
    assert run.status == 2
    assert "leads outside the repository" in run.out


def test_a_certificate_that_no_rule_covers_fails(sample: Path) -> None:
    (sample / "certificates/ramp.json").rename(sample / "certificates/other.json")
    run = gate("--json", "certificates/other.json")
    assert run.step("certificates/other.json", "policy")["rule"] == "covered"


def test_a_rule_that_covers_nothing_fails_unless_it_is_optional(sample: Path) -> None:
    (sample / "certificates/no-interval.json").unlink()
    run = gate()
    assert run.status == 2
    assert "rule impossible matches no certificate" in run.out
    assert f"memcert.toml:{line_of(sample / 'memcert.toml', 'impossible')}" in run.out
    replace(sample / "memcert.toml", 'name = "impossible"', 'name = "impossible"\noptional = true')
    assert gate().status == 0


def slow(path: Path) -> None:
    """Make a certificate the work of minutes: long numbers, squared layer after layer."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    for layer in whole["network"]["layers"]:
        layer["data"] = ["0x1" + "7" * 20_000] * len(layer["data"])
    whole["digests"] = {"dataset": None, "network": None}
    path.write_text(json.dumps(whole), encoding="utf-8")


def test_more_than_the_time_is_undecided_and_does_not_pass(sample: Path) -> None:
    replace(sample / "memcert.toml", "timeout = 300", "timeout = 1")
    slow(sample / "certificates/flowers.json")
    run = gate("--json", "certificates/flowers.json")
    assert run.status == 6, run.out
    assert "timeout: more than 1 seconds" in run.out


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


@pytest.mark.parametrize(("least", "status"), [("1023/4096", 0), ("1/4", 1), ("1/3", 1)])
def test_a_radius_is_attained_or_it_is_not_enough(sample: Path, least: str, status: int) -> None:
    # The proved radius is 1/4, and the label holds on every smaller box only.
    replace(sample / "memcert.toml", 'min-radius = "1/5"', f'min-radius = "{least}"')
    run = gate("--json", "certificates/ramp.json")
    assert run.status == status
    step = run.step("certificates/ramp.json", "min-radius")
    assert step["status"] == status
    if least == "1/4":
        assert "got 1/4, which is not attained" in step["message"]


DEMANDS = [
    ('min-margin = "11/10"', "min-margin", 1),
    ("min-margin = 1", "min-margin", 0),
    ('claims = "within"', "claims", 1),
    ("max-depth = 2", "max-depth", 1),
    ("max-depth = 3", "max-depth", 0),
    ("max-parameters = 3", "max-parameters", 1),
    ("max-edges = 3", "max-edges", 1),
    ("max-bit-complexity = 2", "max-bit-complexity", 1),
    ('max-bytes = "64MiB"', "max-bytes", 0),
    ("max-tolerance = 0", "max-tolerance", 0),
    (f'data-digest = "sha256:{"0" * 64}"', "data-digest", 4),
    (f'network-digest = "sha256:{"0" * 64}"', "network-digest", 4),
    (f'model-digest = "sha256:{"0" * 64}"', "model-digest", 4),
    (
        'model-digest = "sha256:c3084abaaf0e99106b87a2a5225120a63d8a56b4b789f02fb0d2458b084f586a"',
        "model-digest",
        0,
    ),
]


def test_every_demand_is_a_step_with_its_own_verdict(sample: Path) -> None:
    path = "certificates/distance.json"
    text = (sample / "memcert.toml").read_text(encoding="utf-8")
    rules = "".join(
        f'[[rules]]\nname = "r{number}"\nfiles = "{path}"\n{demand}\n{_model(demand)}\n'
        for number, (demand, _, status) in enumerate(DEMANDS)
        if status and "min-margin" not in demand
    )
    (sample / "memcert.toml").write_text(f"{text}\n{rules}", encoding="utf-8")
    run = gate("--json", path)
    assert run.status == 4
    for demand, name, status in DEMANDS:
        if status and "min-margin" not in demand:
            assert run.step(path, name)["status"] == status, demand


def _model(demand: str) -> str:
    return 'model = "models/{stem}.nnet"' if demand.startswith("model") else ""


@pytest.mark.parametrize(
    ("demand", "name", "status"), [d for d in DEMANDS if not d[2] or "min-margin" in d[0]]
)
def test_a_demand_is_met_or_it_is_not(sample: Path, demand: str, name: str, status: int) -> None:
    rule = f'[[rules]]\nname = "r"\nfiles = "certificates/distance.json"\n{demand}\n{_model(demand)}\n'
    (sample / "memcert.toml").write_text(rule, encoding="utf-8")
    run = gate("--json", "certificates/distance.json")
    assert run.step("certificates/distance.json", name)["status"] == status, run.out


def test_of_evidence_nothing_but_that_it_is_valid_can_be_demanded(sample: Path) -> None:
    path = "certificates/no-interval.json"
    assert gate(path).status == 0
    replace(sample / "memcert.toml", 'data = "data/steps.csv"', 'data = "data/steps.csv"\nrequire = "prove"')
    run = gate("--json", path)
    assert (run.status, run.step(path, "check")["rule"]) == (1, "expected_certificate")
    replace(sample / "memcert.toml", '\nrequire = "prove"', "")
    replace(sample / "data/steps.csv", "3,1", "3,0")
    assert gate(path).status in (1, 4)


def test_rows_that_the_claim_admits_to_miss_fail_unless_so_many_may(sample: Path) -> None:
    path = sample / "certificates/distance.json"
    replace(sample / "data/distance.csv", "2,far", "2,near")
    words = ["verify", "models/distance.nnet", "data/distance.csv", "--rule", "argmax"]
    main([*words, "--classes", "far,near", "--min-accuracy", "0", "-o", str(path), "-q"])
    run = gate("--json", "certificates/distance.json")
    step = run.step("certificates/distance.json", "accuracy")
    assert (run.status, step["rule"]) == (1, "min-accuracy")
    assert [(p["file"], p["line"]) for p in step["places"]] == [("data/distance.csv", 5)]
    replace(sample / "memcert.toml", "min-accuracy = 1", 'min-accuracy = "3/4"')
    # The policy's other demands, the margin among them, still hold.
    assert gate("certificates/distance.json").status == 0


def test_without_data_of_the_repositorys_own_the_verdict_says_on_whose_word_it_rests(sample: Path) -> None:
    (sample / "memcert.toml").write_text("", encoding="utf-8")
    run = gate("--json", "certificates/distance.json")
    assert run.status == 0
    assert "the samples that the certificate quotes, by its maker's word" in run.data["rests_on"]


def test_detached_data_must_be_named_by_a_rule(sample: Path) -> None:
    path = sample / "certificates/ramp.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole["dataset"]["points"] = whole["dataset"]["labels"] = None
    path.write_text(json.dumps(whole), encoding="utf-8")
    assert gate("certificates/ramp.json").status == 0
    (sample / "memcert.toml").write_text("", encoding="utf-8")
    assert gate("certificates/ramp.json").status == 2


def test_packed_certificates_are_gated_too(sample: Path) -> None:
    path = sample / "certificates/distance.json"
    (sample / "certificates/distance.json.gz").write_bytes(gzip.compress(path.read_bytes()))
    replace(
        sample / "memcert.toml",
        'files = "certificates/distance.json"',
        'files = "certificates/distance.json*"',
    )
    assert gate("certificates/distance.json.gz").status == 0
    replace(path, '"margin": 1', '"margin": 2')
    (sample / "certificates/distance.json.gz").write_bytes(gzip.compress(path.read_bytes()))
    run = gate("--json", "certificates/distance.json.gz")
    (place,) = run.step("certificates/distance.json.gz", "check")["places"]
    assert (run.status, place["line"], place["pointer"]) == (1, None, "/claim/margin")


def test_a_model_without_a_certificate_fails(sample: Path) -> None:
    (sample / "models/other.nnet").write_bytes((sample / "models/distance.nnet").read_bytes())
    run = gate("--json", "models", "certificates/distance.json")
    assert run.status == 1
    assert run.step("models/other.nnet", "covered")["places"][0]["file"] == "models/other.nnet"


def test_names_that_are_markup_or_commands_are_printed_as_text(sample: Path) -> None:
    name = "[red][bold]\x1b[2J::error::x\n\u202e.json"
    (sample / "certificates" / name).write_bytes((sample / "certificates/ramp.json").read_bytes()[:100])
    (sample / "memcert.toml").write_text("", encoding="utf-8")
    run = gate("certificates", "--junit", "j.xml", "--sarif", "s.sarif", "--attest", "a")
    assert run.status == 3
    for stream in (run.out, run.err):
        assert all(character.isprintable() or character == "\n" for character in stream)
        assert "::" not in stream
    assert (sample / "j.xml").read_text(encoding="utf-8").isascii()


def test_outputs_are_written_also_where_the_gate_could_not_run(sample: Path) -> None:
    (sample / "memcert.toml").write_text("rules = 3\n", encoding="utf-8")
    run = gate("--junit", "j.xml", "--sarif", "s.sarif")
    assert run.status == 2
    assert 'errors="1"' in (sample / "j.xml").read_text(encoding="utf-8")
    assert json.loads((sample / "s.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]


def test_a_statement_of_an_earlier_run_that_is_true_no_more_is_taken_away(sample: Path) -> None:
    path = "certificates/distance.json"
    assert gate(path, "--attest", "a").status == 0
    (svr,) = (sample / "a").glob("*.svr.json")
    replace(sample / "data/distance.csv", "2,far", "2,near")
    assert gate(path, "--attest", "a").status == 4
    assert not svr.exists()
    (tested,) = (sample / "a").iterdir()
    assert json.loads(tested.read_text(encoding="utf-8"))["predicate"]["result"] == "FAILED"


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    "words",
    [("--junit", "none/j.xml"), ("--sarif", "data"), ("--attest", "memcert.toml"), ("--github-summary",)],
)
def test_outputs_that_cannot_be_written_are_refused_before_the_work(words: tuple[str, ...]) -> None:
    run = gate(*words)
    assert run.status == 2
    assert words[0] in run.err


def test_ctrl_c_ends_every_worker(sample: Path) -> None:
    slow(sample / "certificates/flowers.json")
    # Where the tests run in the background of a shell, SIGINT is ignored from the start.
    script = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from memcert.cli import main; sys.exit(main(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "gate", "certificates/flowers.json", "--no-cache"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    children = _wait_for_worker(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    for _ in range(100):
        if not any(Path(f"/proc/{child}/cmdline").exists() for child in children):
            break
        time.sleep(0.1)
    else:
        pytest.fail("a worker is still there")


def _wait_for_worker(parent: int) -> list[int]:
    for _ in range(300):
        task = Path(f"/proc/{parent}/task/{parent}/children")
        if not task.exists():
            pytest.skip("this system does not tell the children of a process")
        threads = Path(f"/proc/{parent}/task").glob("*/children")
        found = [int(child) for thread in threads for child in thread.read_text(encoding="utf-8").split()]
        if found:
            time.sleep(0.5)
            return found
        time.sleep(0.1)
    pytest.fail("no worker was started")
