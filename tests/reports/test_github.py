"""GitHub's summary and annotations: hostile names are text there too."""

import re

from finding_samples import HOSTILE, passed, rejected

from memcert.findings import Finding, Place, Step
from memcert.reports.github import annotations, summary_of


def test_failures_come_first_with_their_places() -> None:
    failed = rejected(Place("data/a.csv", 8, None, 4, "label 1"), subject="certificates/b.json")
    text = summary_of([passed(), failed], "rejected", ["kernel"])
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows[1].startswith("| rejected | certificates/b&#46;json | check")
    assert "data/a&#46;csv&#58;8" in rows[1]
    assert rows[2].startswith("| passed | certificates/a&#46;json |")
    assert "The verdicts rest on: kernel." in text


def test_what_nobody_established_rests_on_nothing() -> None:
    assert "rest on: nothing: no verdict was reached." in summary_of([rejected()], "rejected", [])


def test_a_hostile_name_neither_ends_its_cell_nor_starts_markup() -> None:
    text = summary_of(
        [rejected(Place(HOSTILE, 1, None, None, HOSTILE), subject=HOSTILE)], "rejected", [HOSTILE]
    )
    (row,) = [line for line in text.splitlines() if line.startswith("| rejected")]
    assert row.count("|") == 4
    assert re.findall(r"<[^>]*>", row) == ["<br>"]
    assert "\x1b" not in text
    assert "::error::x" not in text


def test_a_summary_stays_below_what_github_takes() -> None:
    place = Place("data/a.csv", 1, None, None, "[" * 3000)
    many = [rejected(*[place] * 9, subject=f"certificates/{number}.json") for number in range(300)]
    text = summary_of(many, "rejected", [])
    assert len(text.encode()) < 1 << 20
    listed = text.count("| rejected |")
    assert 0 < listed < 200
    assert f"and {300 - listed} more" in text


def test_an_annotation_marks_the_line() -> None:
    (line,) = annotations([passed(), rejected(Place("data/a.csv", 8, None, 4, "label 1"))])
    assert line.startswith(
        "::error file=data/a.csv,line=8,title=check%3A rejected::certificates/a.json: equal at"
    )


def test_a_finding_about_no_file_names_none() -> None:
    (line,) = annotations(
        [Finding("a", "rule", (Step("matches", 2, "usage error", "rule a covers nothing"),))]
    )
    assert line == "::error title=matches%3A usage error::a: rule a covers nothing"


def test_hostile_names_stay_within_their_annotation() -> None:
    (line,) = annotations([rejected(Place(HOSTILE, 3, None, None, HOSTILE), subject=HOSTILE)])
    assert "\n" not in line
    head = line.split("::")[1]
    assert re.fullmatch(r"error file=[^,:]*,line=3,title=[^,:]*", head)
    assert line.count("::") == 2


def test_no_more_annotations_than_are_shown() -> None:
    many = [rejected(*(Place("data/a.csv", n) for n in range(1, 50)))]
    assert len(list(annotations(many))) == 10
