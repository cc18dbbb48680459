"""SARIF, held against the published schema."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from finding_samples import HOSTILE, ended, passed, rejected

from memcert.findings import Finding, Place
from memcert.reports.sarif import sarif

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "vendored/sarif/sarif-2.1.0.json").read_text(encoding="utf-8")
)


def run(findings: list[Finding], status: int = 1) -> dict[str, Any]:
    """Return the one run of a log that is valid."""
    log = json.loads(sarif(findings, status))
    jsonschema.Draft202012Validator(SCHEMA).validate(log)
    (found,) = log["runs"]
    return dict(found)


def test_the_schema_refuses_a_line_0() -> None:
    log = json.loads(sarif([rejected(Place("data/a.csv", 1))], 1))
    physical = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    physical["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError, match="0 is less than the minimum of 1"):
        jsonschema.Draft202012Validator(SCHEMA).validate(log)


def test_what_passes_has_no_result() -> None:
    found = run([passed()], 0)
    assert found["results"] == []
    assert found["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


@pytest.mark.parametrize("line", [None, 0, -1])
def test_a_line_that_is_none_makes_no_region(line: int | None) -> None:
    found = run([rejected(Place("data/a.npz", line, "/dataset/points/3", 3))])
    (location,) = found["results"][0]["locations"]
    assert "region" not in location["physicalLocation"]
    (logical,) = location["logicalLocations"]
    assert (logical["fullyQualifiedName"], logical["name"]) == ("/dataset/points/3", "3")


def test_a_row_of_the_data_has_its_line_and_leads_to_the_certificate_too() -> None:
    (result,) = run([rejected(Place("data/a.csv", 8, "/dataset/points/4", 4, "label 1"))])["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "data/a.csv", "uriBaseId": "SRCROOT"}
    assert physical["region"] == {"startLine": 8}
    related = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]
    assert related["uri"] == "certificates/a.json"


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 6, 70, 130])
def test_all_that_does_not_hold_is_an_error_undecided_too(status: int) -> None:
    results = run([ended(status, "undecided")], status)["results"]
    assert [(result["level"], result["kind"]) for result in results] == [("error", "fail")]


def test_of_thirty_thousand_failing_rows_a_thousand_are_results_and_the_rest_is_counted() -> None:
    places = tuple(Place("data/a.csv", line, None, line) for line in range(2, 1002))
    (first, check, last) = rejected(*places).steps
    many = Finding(
        "certificates/a.json",
        "certificate",
        (first, type(check)(**{**_fields(check), "failures": 30_000}), last),
    )
    found = run([many])
    assert len(found["results"]) == 1000
    assert found["properties"] == {"results": 30_000, "omitted": 29_000}
    (notification,) = found["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "29,000 of 30,000 results are not listed"


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_fingerprints_tell_findings_apart_and_forget_lines() -> None:
    def prints(*places: Place) -> list[str]:
        results = run([rejected(*places)])["results"]
        return [result["partialFingerprints"]["memcertFinding/v1"] for result in results]

    two = prints(Place("data/a.csv", 5, None, 3), Place("data/a.csv", 6, None, 4))
    moved = prints(Place("data/a.csv", 7, None, 3), Place("data/a.csv", 8, None, 4))
    assert two == moved
    assert len(set(two)) == 2


def test_hostile_names_are_relative_uris_and_text() -> None:
    found = run([rejected(Place(HOSTILE, 1, "/a/" + HOSTILE, None, HOSTILE), subject=HOSTILE)])
    uri = found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == HOSTILE
    assert not set(uri) & set("<>\0\x1b\n:[]{}")
    assert "{{0}}" in found["results"][0]["message"]["text"]


def test_each_result_names_its_rule_by_index() -> None:
    found = run([rejected()])
    rules = found["tool"]["driver"]["rules"]
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
