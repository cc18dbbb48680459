"""JUnit, as a reader of JUnit sees it."""

from typing import Any

import pytest
from finding_samples import HOSTILE, ended, passed, rejected

from memcert.findings import Place
from memcert.reports.junit import junit

junitparser = pytest.importorskip("junitparser")


def read(text: str) -> Any:
    """Return what junitparser reads."""
    return junitparser.JUnitXml.fromstring(text.encode())


def test_a_certificate_is_a_suite_and_a_demand_a_case() -> None:
    (suite,) = read(junit([passed()]))
    assert (suite.name, suite.tests, suite.failures, suite.errors) == ("certificates/a.json", 2, 0, 0)
    assert [case.name for case in suite] == ["certificate", "check"]
    assert suite.time == 1.234


@pytest.mark.parametrize(("status", "kind"), [(1, "Failure"), (4, "Failure")])
def test_what_does_not_hold_is_a_failure(status: int, kind: str) -> None:
    (suite,) = read(junit([ended(status, "rejected")]))
    results = {case.name: [type(result).__name__ for result in case.result] for case in suite}
    assert results == {"certificate": [], "check": [kind], "prove": ["Error"]}


@pytest.mark.parametrize("status", [2, 3, 5, 6, 70, 130])
def test_what_has_no_answer_is_an_error_and_never_skipped(status: int) -> None:
    text = junit([ended(status, "undecided")])
    (suite,) = read(text)
    assert (suite.errors, suite.failures, suite.skipped) == (2, 0, 0)
    assert "<skipped" not in text


def test_the_places_stand_in_the_text_and_the_first_in_the_case() -> None:
    places = [Place("data/a.csv", line, f"/dataset/points/{line}", line, "label 1, F = 2") for line in (5, 9)]
    text = junit([rejected(*places)])
    assert 'file="data/a.csv" line="5"' in text
    assert "data/a.csv:5 row 5: label 1, F = 2" in text
    assert "data/a.csv:9 row 9" in text


def test_of_many_places_twenty_are_listed_and_the_rest_is_counted() -> None:
    text = junit([rejected(*(Place("data/a.csv", line, None, line) for line in range(1, 101)))])
    assert text.count("data/a.csv:") == 20
    assert "and 80 more" in text


def test_control_characters_and_markup_in_names_are_text() -> None:
    (suite,) = read(junit([rejected(Place(HOSTILE, 1, None, None, HOSTILE), subject=HOSTILE)]))
    assert "\\x1b[2J" in suite.name
    assert len(list(suite)) == 3
