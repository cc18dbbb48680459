"""Lemma G.5: width 2 and depth 2 on the line iff the labels change at most twice, at any scale."""

from fractions import Fraction
from itertools import groupby

import pytest
from construction_tools import tasks
from hypothesis import given, settings
from hypothesis import strategies as st
from memorizer_tools import accepted, changed_weights, corners_wrong
from strategies import dataset, rationals

from memcert.constructions.assemble import build
from memcert.constructions.yu_gao_zhang_miao import interval
from memcert.constructions.yu_gao_zhang_miao.hat import HAT, Hat
from memcert.contracts.mechanisms import linear, neuron
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError
from memcert.evidence.check import check as check_evidence
from memcert.evidence.document import EvidenceError
from memcert.kernel.data import Table
from memcert.proofs.obligations import obligations
from memcert.proofs.prove import prove
from memcert.proofs.solvers import discharge

TINY = Fraction(1, 10**9)
Line = list[tuple[Fraction, int]]
lines = st.lists(
    st.tuples(rationals(10), st.integers(0, 1)), min_size=1, max_size=9, unique_by=lambda pair: pair[0]
)


def data_of(line: Line) -> Dataset:
    return dataset([(x,) for x, _ in line], tuple(label for _, label in line))


def runs(line: Line) -> int:
    return len(list(groupby(label for _, label in sorted(line))))


@settings(max_examples=120, deadline=None)
@given(lines)
def test_there_is_a_proved_network_iff_the_labels_change_at_most_twice(line: Line) -> None:
    data = data_of(line)
    if runs(line) <= 3:
        made = accepted("interval", data)
        assert made.claim.width <= 2
        assert made.claim.depth == 2
        assert made.claim.box_radius == "unbounded" or corners_wrong(made) == []
        return
    with pytest.raises(EvidenceError) as raised:
        build(data, "interval")
    document = raised.value.document
    assert document.kind == "alternating"
    assert check_evidence(document, Table(data.size, 1, None, list(data.rows()))).given


SCALES: dict[str, Line] = {
    "1e-9 beside 1e9": [(TINY, 0), (2 * TINY, 1), (3 * TINY, 1), (Fraction(10**9), 0)],
    "1e9 beside 1e-9": [(Fraction(-(10**9)), 0), (Fraction(0), 1), (TINY, 0), (2 * TINY, 0)],
    "a single point inside": [(Fraction(0), 1), (Fraction(1), 0), (Fraction(2), 1)],
    "zero in the middle of the gaps": [(Fraction(-1), 0), (Fraction(1), 1), (Fraction(3), 0)],
    "the other gap": [(Fraction(-3), 0), (Fraction(-1), 1), (Fraction(1), 0)],
    "two runs about zero": [(Fraction(-1), 1), (Fraction(1), 0)],
    "two runs": [(Fraction(3), 0), (Fraction(4), 0), (Fraction(9, 2), 1)],
    "one run": [(Fraction(3), 0), (Fraction(4), 0)],
    "one point": [(Fraction(-7), 3)],
    "sixty digits": [(Fraction(10**60), 0), (Fraction(10**60 + 1), 1), (Fraction(-(10**60)), 1)],
}


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_has_its_network(name: str) -> None:
    accepted("interval", data_of(SCALES[name]))


@pytest.mark.parametrize(
    ("before", "first", "last", "after", "wrong"),
    [(0, 100, 200, 400, True), (Fraction(1, 10), Fraction(2, 10), Fraction(3, 10), Fraction(4, 10), False)],
)
def test_the_printed_slope_fails_beyond_the_unit_interval(
    before: Fraction, first: Fraction, last: Fraction, after: Fraction, wrong: bool
) -> None:
    hat = Hat(Fraction(before), Fraction(first), Fraction(last), Fraction(after))

    def value(slope: Fraction, x: Fraction) -> Fraction:
        return max(x - hat.low, Fraction(0)) - slope * max(x - hat.high, Fraction(0)) - hat.level

    printed = 8 / (hat.after - hat.last)
    assert (value(printed, hat.after) >= 0) == wrong
    assert value(hat.slope, hat.after) < 0
    assert min(value(hat.slope, hat.first), value(hat.slope, hat.last)) == hat.level


def test_every_case_of_the_contracts_is_proved() -> None:
    outcomes = discharge(obligations((HAT, neuron(), linear())))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * 6


def test_the_network_of_three_runs_is_the_lemmas() -> None:
    made = build(
        data_of([(Fraction(0), 0), (Fraction(2), 1), (Fraction(4), 1), (Fraction(8), 0)]), "interval"
    )
    hidden, last = made.network.layers
    # l = 1, r = 6, k = 4 (8 - 1)/(8 - 4) = 7, c = 1/2.
    assert (hidden.data, hidden.bias) == ((1, 1), (-1, -6))
    assert (last.data, last.bias) == ((1, -7), (Fraction(-1, 2),))
    # The left end of the interval may move by c, the point at 8 by (7 + 1/2)/6.
    assert made.claim.margin == Fraction(1, 2)
    assert made.claim.box_radius == Fraction(1023, 2048)


@pytest.mark.parametrize("name", ["a single point inside", "1e9 beside 1e-9", "two runs"])
def test_the_claimed_radius_is_just_below_the_proved_limit(name: str) -> None:
    made = build(data_of(SCALES[name]), "interval")
    limits = [limit for limit in prove(made).radii if not isinstance(limit, str | None)]
    assert min(limits) * Fraction(1023, 1024) == made.claim.box_radius


def test_four_rows_that_alternate_are_quoted_in_ascending_order() -> None:
    data = dataset([(5,), (1,), (2,), (4,), (3,)], (0, 0, 0, 1, 1))
    accepted("interval", data)
    with pytest.raises(EvidenceError) as raised:
        build(dataset([(5,), (1,), (2,), (4,), (3,), (0,)], (0, 0, 0, 1, 0, 1)), "interval")
    assert [row.index for row in raised.value.document.rows] == [5, 1, 3, 0]


def test_more_than_one_coordinate_is_refused_with_a_row() -> None:
    with pytest.raises(BuildError, match=r"expected points on the line, of one coordinate, got 2: row 0 is"):
        build(dataset([(0, 1), (1, 1)], (0, 1)), "interval")


def test_three_labels_are_refused() -> None:
    with pytest.raises(BuildError, match="at most two classes"):
        build(dataset([(0,), (1,), (2,)], (0, 1, 2)), "interval")


def test_a_size_is_not_predicted_where_there_is_no_network() -> None:
    with pytest.raises(BuildError, match=r"change more than twice, as rows \[0, 1, 2, 3\] show"):
        interval.predict(tasks([(0,), (1,), (2,), (3,)], [0, 1, 0, 1], "sign"), {})


@pytest.mark.parametrize("name", ["1e9 beside 1e-9", "two runs"])
def test_single_weights_changed_are_refuted_or_harmless(name: str) -> None:
    assert changed_weights(build(data_of(SCALES[name]), "interval"), 10)["refuted"] == 10
