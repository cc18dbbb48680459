from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from memorizer_tools import dense, random_data
from strategies import dataset

from memcert.bounds.comparison import Comparison, compare
from memcert.bounds.measured import measure
from memcert.constructions.assemble import build
from memcert.errors import UsageError
from memcert.kernel.certificate import Certificate
from memcert.kernel.check import sizes
from memcert.kernel.decode import decode
from memcert.kernel.files import read_bytes
from memcert.kernel.verdict import Rejected
from memcert.reports.bounds import as_data, decimal, hypotheses, lines, missing

NAME = "vardi-yehudai-shamir"
IRIS = Path(__file__).parents[2] / "certificates" / "iris.json"


@pytest.fixture(scope="module")
def iris() -> Certificate:
    return decode(read_bytes(str(IRIS)))


def bound(found: Comparison, measure: str, theorem: str) -> int | None:
    (row,) = (row for row in found.rows if (row.measure, row.theorem) == (measure, theorem))
    return row.bound


def test_sizes_are_counted_and_not_taken_from_the_claim(iris: Certificate) -> None:
    found = measure(iris)
    counted = sizes(iris.network)
    assert found.sizes["parameters"] == counted["parameters"] == 3381
    assert found.sizes["dense"] == dense(iris.network)
    assert found.sizes["bits"] == counted["bit_complexity"]
    assert (found.facts.points, found.facts.class_count, found.labels_apart) == (149, 3, 3)
    assert found.reached[-1] == 3381
    assert len(found.units) == 290


def test_iris_has_the_bounds_of_three_labels_and_the_promises_of_theorem_31(iris: Certificate) -> None:
    found = compare(iris)
    assert bound(found, "parameters", "Goldberg, Jerrum") == 6
    assert bound(found, "width", "Theorem 3.1") == 12
    assert bound(found, "points", "Bartlett et al., Theorem 7") is None
    assert found.unpromised is None
    for row in found.rows:
        if row.bound is not None:
            assert all(h.holds for h in row.hypotheses)
            assert row.ratio is not None
            assert row.ratio >= 1 or row.kind == "promised"
        else:
            assert not all(h.holds for h in row.hypotheses)


def test_a_certificate_that_is_not_true_has_no_bounds(iris: Certificate) -> None:
    with pytest.raises(Rejected):
        compare(replace(iris, claim=replace(iris.claim, parameters=3380)))


@pytest.mark.parametrize(
    ("count", "options"),
    [
        (30, {}),
        (30, {"depth": 2}),
        (37, {"depth": 5}),
        (30, {"bits": 120, "split": "paper"}),
        (37, {"bits": 120, "split": "direct"}),
        (30, {"bits": 400, "split": "paper"}),
    ],
)
def test_a_literal_network_keeps_what_its_theorem_promises(count: int, options: dict[str, int]) -> None:
    made = build(random_data(count, 2, 3, span=30), NAME, sizing="literal", **options)  # type: ignore[arg-type]
    promised = [row for row in compare(made).rows if row.kind == "promised"]
    assert {row.measure for row in promised} == {"width", "depth", "parameters", "bits"}
    assert made.construction is not None
    for row in promised:
        assert row.theorem == made.construction.statement
        assert row.bound is not None
        assert row.own <= row.bound


def test_too_few_bits_for_the_theorems_key_leave_no_promise() -> None:
    made = build(random_data(30, 2, 3, span=30), NAME, bits=24, directions=8)
    promised = [row for row in compare(made).rows if row.kind == "promised"]
    assert [row.bound for row in promised] == [None] * 4
    assert "B = 24, they take 26" in promised[0].hypotheses[-1].found


def test_parameters_are_promised_for_one_plain_output_only() -> None:
    made = build(random_data(12, 2, 3), NAME, "argmax", directions=8)
    found = {row.measure: row.bound for row in compare(made).rows if row.kind == "promised"}
    assert found["parameters"] is None
    assert found["width"] == 12


def test_a_tolerance_merges_labels() -> None:
    data = dataset([(k,) for k in range(6)], (0, 1, 2, 10, 11, 30))
    made = build(data, NAME, "within", 1, directions=0)
    found = measure(made)
    # Pieces of length 2 cover [0, 30] in 15; 0, 10 and 30 are more than 2 apart, 2 and 11 are not far enough.
    assert (found.facts.class_count, found.labels_apart) == (15, 3)


def test_equal_points_count_once() -> None:
    made = build(dataset([(1,), (2,), (1,)], (0, 1, 0)), NAME, directions=0)
    assert measure(made).facts.points == 2


def test_detached_data_have_to_be_given(iris: Certificate) -> None:
    detached = replace(iris, dataset=replace(iris.dataset, points=None, labels=None))
    with pytest.raises(UsageError, match="--dataset"):
        measure(detached)


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        (None, {}, "names no construction"),
        ("nobodys", {}, "not registered"),
        ("smallest", {}, "has no bounds registered"),
        (NAME, {"sizing": "huge"}, "options are none of vardi-yehudai-shamir"),
    ],
)
def test_without_a_theorem_nothing_is_promised_and_that_is_said(
    iris: Certificate, name: str | None, options: dict[str, str], why: str
) -> None:
    assert iris.construction is not None
    origin = None if name is None else replace(iris.construction, name=name, options=options)
    found = compare(replace(iris, construction=origin))
    assert why in (found.unpromised or "")
    assert not [row for row in found.rows if row.kind == "promised"]
    assert list(missing(found))[-1].startswith("no promised sizes: ")


def test_the_report_has_a_line_for_every_bound_and_a_reason_for_every_missing_one(iris: Certificate) -> None:
    found = compare(iris)
    told, untold = list(lines(found)), list(missing(found))
    assert len(told) + len(untold) == len(found.rows)
    assert untold == ["no bound of points by Bartlett et al., Theorem 7: two labels: not so, C = 3"]
    assert dict(hypotheses(found))["distinct points at least delta > 0 apart"] == "N = 149, delta^2 = 1/100"
    data = as_data(found)
    assert isinstance(data["bounds"], list)
    assert len(data["bounds"]) == len(found.rows)


@pytest.mark.parametrize(
    ("ratio", "text"), [(None, ""), (Fraction(2, 3), "0.666"), (Fraction(12345678, 10), "1,234,567.800")]
)
def test_ratios_are_rounded_down(ratio: Fraction | None, text: str) -> None:
    assert decimal(ratio) == text
