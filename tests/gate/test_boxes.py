"""Box files in a repository: replayed beside their certificate, demanded by a rule, never passed over."""

import dataclasses
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from gate_tools import gate, git, replace

from memcert import api
from memcert.boxes.check import check
from memcert.cli import main
from memcert.findings import Finding, from_json
from memcert.gate import boxes
from memcert.gate.examination import examine
from memcert.gate.policy import Rule
from memcert.gate.rules import joined
from memcert.regions import replaying
from memcert.regions.replaying import ManyAtOnce

CERTIFICATE = "certificates/distance.json"
BOXES = "certificates/distance.boxes.json"
NUMPY = "exact arithmetic on the box files (memcert.boxes, memcert.regions, numpy)"
RULE = f'[[rules]]\nname = "boxed"\nfiles = "{CERTIFICATE}"\nboxes = "certificates/{{stem}}.boxes.json"\n'


def verify(*words: str) -> None:
    """Write the sample's certificate of a model anew, with the boxes that are asked for."""
    model = ["models/distance.nnet", "data/distance.csv", "--rule", "argmax", "--classes", "far,near"]
    main(["verify", *model, "-o", CERTIFICATE, "-q", *words])


def policy(sample: Path, rule: str) -> None:
    """Let the sample have one rule."""
    (sample / "memcert.toml").write_text(rule, encoding="utf-8")


def test_a_rule_has_the_boxes_replayed_and_their_radius_compared(sample: Path) -> None:
    verify("--box", "1/100")
    policy(sample, RULE + 'min-box-radius = "1/100"\n')
    run = gate("--json", CERTIFICATE)
    assert (run.status, run.step(CERTIFICATE, "boxes")["verdict"]) == (0, "replayed")
    (finding,) = run.data["findings"]
    assert BOXES in finding["files"]
    assert finding["facts"]["boxes"]["epsilon"] == "1/100"
    policy(sample, RULE + 'min-box-radius = "1/99"\n')
    run = gate("--json", CERTIFICATE)
    step = run.step(CERTIFICATE, "min-box-radius")
    assert (run.status, step["rule"], step["places"][0]["file"]) == (1, "min-box-radius", BOXES)


def test_boxes_around_which_the_rule_fails_fail_at_their_rows(sample: Path) -> None:
    verify("--box", "100")
    policy(sample, RULE)
    run = gate("--json", CERTIFICATE)
    step = run.step(CERTIFICATE, "boxes")
    assert (run.status, step["rule"]) == (1, "boxes")
    assert "point of the box at which the rule fails" in step["message"]
    assert step["places"][0]["row"] is not None


def test_rows_that_the_file_does_not_speak_of_fail(sample: Path) -> None:
    verify("--box", "1/100", "--box-rows", "0")
    policy(sample, RULE)
    run = gate("--json", CERTIFICATE)
    step = run.step(CERTIFICATE, "boxes")
    assert (run.status, step["places"][0]["row"]) == (1, 1)
    assert "does not speak of the row" in step["message"]


def test_rows_that_the_file_leaves_undecided_are_undecided(sample: Path) -> None:
    verify("--box", "1/100")
    path = sample / BOXES
    edited = path.read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = (k for k, line in enumerate(edited) if '"index":0' in line.replace(" ", ""))
    comma = "," if edited[at].rstrip().endswith(",") else ""
    edited[at] = f'{{"index": 0, "verdict": "undecided", "point": null, "parts": []}}{comma}\n'
    path.write_text("".join(edited), encoding="utf-8")
    policy(sample, RULE)
    run = gate("--json", CERTIFICATE)
    assert (run.status, run.step(CERTIFICATE, "boxes")["verdict"]) == (6, "undecided"), run.out


def test_a_forged_radius_is_rejected_by_the_replay(sample: Path) -> None:
    verify("--box", "1/100")
    policy(sample, RULE)
    replace(sample / BOXES, '"1/100"', '"201/2"')
    run = gate("--json", CERTIFICATE)
    assert run.status == 1
    assert run.step(CERTIFICATE, "boxes")["places"][0]["file"] == BOXES


def test_boxes_of_another_network_are_a_mismatch(sample: Path) -> None:
    verify("--box", "1/100")
    policy(sample, RULE)
    kept = (sample / BOXES).read_bytes()
    verify("--box", "1/100", "--preprocess", "x/2")
    (sample / BOXES).write_bytes(kept)
    run = gate("--json", CERTIFICATE)
    assert (run.status, run.step(CERTIFICATE, "boxes")["rule"]) == (4, "digest")


@pytest.mark.parametrize(
    ("domain", "demand", "status"),
    [
        ("-100,100", 'box-domain = ["-50", "50"]', 0),
        ("-100,100", 'box-domain = ["-50", "101"]', 1),
        ("-100,100", 'min-box-radius = "1/100"', 1),
        ("-100,100", "", 0),
    ],
)
def test_boxes_may_be_cut_only_where_a_rule_says_so(
    sample: Path, domain: str, demand: str, status: int
) -> None:
    verify("--box", "1/100", f"--domain={domain}")
    policy(sample, RULE + demand + "\n")
    run = gate("--json", CERTIFICATE)
    assert run.status == status, run.out
    if status:
        assert run.step(CERTIFICATE, "boxes")["rule"] == "box-domain"


def test_a_box_file_that_is_gone_is_told(sample: Path) -> None:
    policy(sample, RULE)
    run = gate("--json", CERTIFICATE)
    assert (run.status, run.step(CERTIFICATE, "boxes")["places"][0]["file"]) == (2, BOXES)


def test_a_box_file_that_no_rule_has_replayed_fails(sample: Path) -> None:
    verify("--box", "1/100")
    run = gate("--json")
    assert (run.status, run.step(BOXES, "covered")["rule"]) == (1, "covered")
    policy(sample, RULE)
    run = gate("--json", BOXES)
    assert run.status == 1


def test_without_a_policy_a_box_file_is_replayed_beside_the_certificate_of_its_name(sample: Path) -> None:
    verify("--box", "1/100")
    (sample / "memcert.toml").unlink()
    run = gate("--json")
    assert (run.status, run.step(CERTIFICATE, "boxes")["verdict"]) == (0, "replayed")
    (sample / f"{BOXES}.gz").write_bytes(gzip.compress((sample / BOXES).read_bytes()))
    (sample / BOXES).unlink()
    assert gate("--json").step(CERTIFICATE, "boxes")["verdict"] == "replayed"
    replace(sample / CERTIFICATE, '"format"', '"form"')
    assert gate("--json").step(f"{BOXES}.gz", "covered")["rule"] == "covered"


def test_a_box_file_that_the_base_had_may_not_vanish(sample: Path) -> None:
    verify("--box", "1/100")
    policy(sample, "")
    git(sample, "init", "-q")
    git(sample, "add", "-A")
    git(sample, "commit", "-qm", "base")
    git(sample, "rm", "-q", BOXES)
    run = gate("--json", "--policy-from", "HEAD")
    assert (run.status, run.step(BOXES, "removed")["rule"]) == (1, "removed")


@pytest.mark.parametrize(
    ("demand", "told"),
    [
        ('boxes = "../b.json"', "inside the repository"),
        ('boxes = "b.json"\nbox-domain = ["1", "0"]', "the smaller one first"),
        ('min-box-radius = "1"', "which is not given"),
        ('boxes = "b.json"\nbox-domain = ["0", "x"]', "a quoted number"),
    ],
)
def test_a_demand_on_boxes_that_means_nothing_is_a_usage_error(sample: Path, demand: str, told: str) -> None:
    policy(sample, f'[[rules]]\nname = "r"\nfiles = "**"\n{demand}\n')
    run = gate()
    assert run.status == 2
    assert told in run.err


def test_small_files_are_replayed_by_pythons_integers_and_the_report_says_so(sample: Path) -> None:
    verify("--box", "1/100")
    policy(sample, RULE)
    (finding,) = gate("--json", CERTIFICATE).data["findings"]
    assert "exact arithmetic on the box files (memcert.boxes)" in finding["rests_on"]
    assert not [name for name in finding["rests_on"] if "numpy" in name]


def examined(root: Path, **keys: Any) -> Finding:
    """Examine the certificate with its boxes within this process."""
    rule = Rule(name="a", files=("**",), boxes="certificates/{stem}.boxes.json", **keys)
    request = {
        "root": str(root),
        "certificate": CERTIFICATE,
        "demands": joined((rule,), CERTIFICATE).to_json(),
    }
    return from_json(json.loads(json.dumps(examine(request))))


def ending_of(finding: Finding) -> tuple[int, str]:
    """Return how the replay ended."""
    (step,) = (step for step in finding.steps if step.name == "boxes")
    return step.status, step.verdict


def test_the_engine_of_the_check_replays_the_boxes(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[object]()

    class Told(ManyAtOnce):
        def __init__(self, *parts: Any) -> None:
            made.append(parts)
            super().__init__(*parts)

    monkeypatch.setattr(replaying, "ManyAtOnce", Told)
    verify("--box", "1/100")
    assert ending_of(examined(sample)) == (0, "replayed")
    assert not made
    monkeypatch.setattr(api, "SMALL_WORK", 0)
    found = examined(sample)
    assert (ending_of(found), len(made)) == ((0, "replayed"), 1)
    assert NUMPY in found.rests_on
    assert "exact arithmetic on the box files (memcert.boxes)" not in found.rests_on


def test_where_both_engines_are_demanded_both_replay_and_must_agree(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify("--box", "1/100")
    found = examined(sample, require=("both-engines",))
    assert ending_of(found) == (0, "replayed")
    assert {"exact arithmetic on the box files (memcert.boxes)", NUMPY} <= set(found.rests_on)
    true = check

    def other(*parts: Any) -> Any:
        told = true(*parts)
        return told if parts[3] is None else dataclasses.replace(told, leaves=told.leaves + 1)

    monkeypatch.setattr(boxes, "check", other)
    assert ending_of(examined(sample, require=("both-engines",))) == (70, "internal error")
    assert ending_of(examined(sample)) == (0, "replayed")
