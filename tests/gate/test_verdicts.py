"""Verdicts as steps: engines that disagree, solvers without an answer, and rows by the thousand."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from memcert import api
from memcert.findings import Finding, from_json, to_json
from memcert.gate.demands import Demands
from memcert.gate.examination import examine
from memcert.gate.policy import Rule
from memcert.gate.rules import joined

PATH = "certificates/ramp.json"


def demands(**keys: Any) -> Demands:
    """Demands of one rule."""
    return joined((Rule(name="a", files=("**",), **keys),), PATH)


def examined(root: Path, wanted: Demands, path: str = PATH) -> Finding:
    """Examine within this process."""
    request = {"root": str(root), "certificate": path, "demands": wanted.to_json()}
    return from_json(json.loads(json.dumps(examine(request))))


def test_engines_that_accept_different_things_are_a_fault(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check: Callable[..., Any] = api.check

    def other(*arguments: Any, engine: str) -> Any:
        found = check(*arguments, engine=engine)
        return (
            replace(found, samples=found.samples + 1, examined=found.samples + 1)
            if engine == "fast"
            else found
        )

    monkeypatch.setattr(api, "check", other)
    finding = examined(sample, demands(require=("both-engines",)))
    assert (finding.status, finding.decisive.name) == (70, "check-fast")


def test_a_fault_of_an_engine_is_not_a_verdict(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(api, "check", broken)
    finding = examined(sample, demands())
    assert (finding.status, [step.status for step in finding.steps]) == (70, [0, 70, 6])


def test_a_solver_without_an_answer_is_undecided(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = SimpleNamespace(contract="hinge", case="above", block=None, reason="unknown")
    result = SimpleNamespace(
        verdict="undecided", status=6, refutation=None, open=(missing,), solver="z3", solver_version="1"
    )
    monkeypatch.setattr(api, "prove", lambda *_, **__: result)
    finding = examined(sample, demands(**{"require": ("prove",), "min-radius": 0}))
    assert (finding.status, finding.decisive.name) == (6, "prove")
    assert "no answer for contract 'hinge': unknown" in finding.decisive.message
    assert [step.name for step in finding.steps if not step.holds] == ["prove", "accuracy", "min-radius"]


def test_a_refutation_leads_to_its_block(sample: Path) -> None:
    text = (sample / PATH).read_text(encoding="utf-8")
    radius = json.loads(text)["claim"]["box_radius"]
    line = text.splitlines().index(f'  "box_radius": "{radius}",') + 1
    (sample / PATH).write_text(text.replace(f'"box_radius": "{radius}"', '"box_radius": 1'), encoding="utf-8")
    finding = examined(sample, demands(require=("prove",)))
    assert (finding.status, finding.decisive.rule) == (1, "box_radius")
    assert finding.decisive.places[0].line in (line, 1)


def test_of_thirty_thousand_failing_rows_a_thousand_are_listed_and_all_are_counted(sample: Path) -> None:
    whole = json.loads((sample / PATH).read_text(encoding="utf-8"))
    size = 30_000
    # Far to the right the network is constant, and of the other sign.
    points, labels = whole["dataset"]["points"], whole["dataset"]["labels"]
    whole["dataset"]["points"] = points + [[10 + k] for k in range(size)]
    whole["dataset"]["labels"] = labels + [-labels[-1]] * size
    whole["dataset"]["size"] = len(labels) + size
    whole["digests"] = {"dataset": None, "network": None}
    for name in ("partitions", "probes"):
        whole["witness"][name] = {} if name == "partitions" else []
    (sample / PATH).write_text(json.dumps(whole, indent=0), encoding="utf-8")
    finding = examined(sample, demands())
    step = finding.decisive
    assert (step.status, step.at, step.failures, len(step.places)) == (
        1,
        f"samples[{len(labels)}]",
        size,
        1000,
    )
    first = (sample / PATH).read_text(encoding="utf-8").splitlines()
    assert step.places[0].line is not None
    assert first[step.places[0].line - 1 : step.places[0].line + 1] == ["[", "10"]


def test_files_that_change_under_examination_are_told(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check: Callable[..., Any] = api.check

    def slow(*arguments: Any, **options: Any) -> Any:
        found = check(*arguments, **options)
        (sample / PATH).write_text("{}", encoding="utf-8")
        return found

    monkeypatch.setattr(api, "check", slow)
    finding = examined(sample, demands())
    assert (finding.status, finding.decisive.name) == (2, "files")


def test_data_outside_the_repository_are_not_read(sample: Path) -> None:
    outside = sample.parent / "outside.csv"
    outside.write_text("secret,y\n1,2\n", encoding="utf-8")
    (sample / "data/link.csv").symlink_to(outside)
    finding = examined(sample, demands(data="data/link.csv"))
    assert finding.status == 2
    assert "leads outside" in finding.decisive.message
    assert "secret" not in json.dumps(to_json(finding))


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {
            "subject": "a",
            "kind": "certificate",
            "steps": [],
            "files": {},
            "facts": {},
            "rests_on": [],
            "rules": [],
        },
        {"subject": "a", "kind": "c", "steps": [{}], "files": {}, "facts": {}, "rests_on": [], "rules": []},
        {
            "subject": "a",
            "kind": "c",
            "steps": [{"name": "n", "status": None, "verdict": "accepted", "message": ""}],
            "files": {},
            "facts": {},
            "rests_on": [],
            "rules": [],
        },
        {
            "subject": "a",
            "kind": "c",
            "steps": [{"name": "n", "status": False, "verdict": "accepted", "message": ""}],
            "files": {},
            "facts": {},
            "rests_on": [],
            "rules": [],
        },
    ],
)
def test_what_is_no_finding_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="no finding"):
        from_json(value)
