from dataclasses import replace
from fractions import Fraction

from memcert.exact.check import FastAccepted
from memcert.reports.verdict import as_data, lines

WHOLE = FastAccepted("equal", None, 1500, 1500, 0, 3, "sha256:d", "sha256:n", ("contracts",))


def test_the_line_names_rule_tolerance_size_classes_digests_and_engine() -> None:
    assert lines(WHOLE, "fast engine") == (
        "accepted (fast engine): rule equal, tolerance none, N = 1,500 samples, 3 classes, "
        "data sha256:d, network sha256:n",
        "not examined: contracts",
    )


def test_one_class_no_classes_and_a_tolerance() -> None:
    assert "N = 1 sample, 1 class," in lines(replace(WHOLE, samples=1, examined=1, classes=1), "kernel")[0]
    line = lines(replace(WHOLE, rule="within", tolerance=Fraction(1, 3), classes=None), "kernel")[0]
    assert "rule within, tolerance 1/3, N = 1,500 samples, no classes," in line


def test_excepted_rows_are_said_first() -> None:
    line = lines(replace(WHOLE, excepted=48), "kernel")[0]
    assert line.startswith("accepted (kernel): holds on 1,452 of 1,500 rows, rule equal")


def test_a_part_is_never_called_the_whole() -> None:
    part = replace(WHOLE, examined=3, excepted=1, not_examined=())
    told = lines(part, "kernel")
    assert told[0].startswith("accepted for 3 of 1,500 samples (kernel): holds on 2 of 3 rows, rule equal")
    assert told[1] == "not examined: nothing"
    assert as_data(part, "kernel")["whole"] is False
    assert as_data(WHOLE, "kernel")["whole"] is True


def test_numbers_of_the_json_are_spelled_exactly() -> None:
    assert as_data(replace(WHOLE, tolerance=Fraction(1, 3)), "kernel")["tolerance"] == "1/3"
