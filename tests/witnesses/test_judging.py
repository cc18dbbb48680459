"""Whether a witness is a counterexample: every verdict, with figures that were computed by hand."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate
from strategies import networks
from witness_tools import box, declared, hat, judged, pairs

from memcert.witnesses.writing import spelling

UNIT = declared(2, 2) + box(("0", "1"), ("-1", "1"))


def test_a_witness_that_satisfies_every_assertion_is_exact(tmp_path: Path) -> None:
    _, found = judged(tmp_path, UNIT + "(assert (>= Y_0 1.5))", pairs("0.75", "0.75"), hat())
    assert (found.exact, found.kind) == (True, "exact")
    assert found.values == (Fraction(3, 4), Fraction(3, 4), Fraction(3, 2), 0)
    assert found.difference is None


def test_an_input_outside_is_told_with_its_distance_and_place(tmp_path: Path) -> None:
    _, found = judged(tmp_path, UNIT + "(assert (>= Y_0 1))", pairs("1.0000001", "0.5"), hat())
    assert found.kind == "outside"
    assert found.outside is not None
    assert found.outside.amount == Fraction(1, 10**7)
    assert (list(found.outside.atom.form.terms), found.outside.atom.line) == ([0], 6)


def test_a_property_that_is_not_violated_is_told_with_by_how_much(tmp_path: Path) -> None:
    _, found = judged(tmp_path, UNIT + "(assert (>= Y_0 1.5))", pairs("0.5", "1e-5"), hat())
    assert found.kind == "not violating"
    assert found.unviolated is not None
    assert found.unviolated.amount == 1 - Fraction(1, 10**5)


def test_both_are_told_where_both_hold(tmp_path: Path) -> None:
    _, found = judged(tmp_path, UNIT + "(assert (>= Y_0 9))", pairs("2", "3"), hat())
    assert found.kind == "outside, not violating"
    assert found.outside is not None
    assert found.unviolated is not None
    assert (found.outside.amount, found.unviolated.amount) == (Fraction(2), Fraction(4))


@pytest.mark.parametrize(("relation", "exact"), [("<=", True), ("<", False)])
def test_the_border_belongs_to_a_constraint_that_is_not_strict(
    relation: str, exact: bool, tmp_path: Path
) -> None:
    spec = declared(2, 2) + f"(assert ({relation} X_0 0.1))(assert ({relation} 0.2 Y_0))"
    _, found = judged(tmp_path, spec, pairs("0.1", "0.1"), hat())
    assert found.exact == exact
    if not exact:
        assert found.outside is not None
        assert found.unviolated is not None
        assert (found.outside.amount, found.unviolated.amount) == (Fraction(0), Fraction(0))


def test_for_a_disjunction_of_boxes_the_least_distance_counts(tmp_path: Path) -> None:
    boxes = [(0, 1, 5), (3, 4, "2.75"), (9, 10, 0)]
    parts = (f"(and (>= X_0 {a}) (<= X_0 {b}) (<= Y_1 {c}))" for a, b, c in boxes)
    spec = declared(2, 2) + f"(assert (or {' '.join(parts)}))"
    _, found = judged(tmp_path, spec, pairs("2.75", "0"), hat())
    assert found.outside is not None
    assert (found.outside.amount, found.unviolated) == (Fraction(1, 4), None)
    _, found = judged(tmp_path, spec, pairs("3.5", "0"), hat())
    assert found.outside is None
    assert found.unviolated is not None
    assert found.unviolated.amount == Fraction(3, 4)


def test_stored_outputs_are_compared_and_never_used(tmp_path: Path) -> None:
    spec = UNIT + "(assert (>= Y_0 1.5))"
    stated, found = judged(tmp_path, spec, pairs("0.5", "0", outputs=("2", "1/3")), hat())
    assert found.kind == "not violating"
    assert found.difference is not None
    assert stated.label(found.difference.variable) == "Y_0"
    assert found.difference.amount == Fraction(3, 2)


def test_a_constraint_of_inputs_and_outputs_is_judged_exactly(tmp_path: Path) -> None:
    spec = declared(2, 2) + "(assert (= (+ Y_0 (* -2 X_0)) (- (/ 1 3) 1)))"
    assert judged(tmp_path, spec, pairs("2/3", "0"), hat())[1].exact
    _, found = judged(tmp_path, spec, pairs("0.6666666666666666666666666667", "0"), hat())
    assert found.unviolated is not None
    assert found.unviolated.amount == Fraction(1, 3 * 10**28)


SIDES = st.lists(st.tuples(st.integers(-4, 0), st.integers(0, 4)), min_size=2, max_size=2)
POINTS = st.lists(st.fractions(-5, 5, max_denominator=4), min_size=2, max_size=2)


@given(networks(2, outputs=2), SIDES, POINTS, st.fractions(-20, 20, max_denominator=3))
@settings(max_examples=80, deadline=None)
def test_verdicts_and_figures_are_those_of_a_naive_evaluation(
    tmp_path_factory: Any, network: Any, sides: Any, point: Any, least: Fraction
) -> None:
    ends = [(str(low), str(high)) for low, high in sides]
    spec = declared(2, 2) + box(*ends) + f"(assert (>= (- Y_0 Y_1) {spelling(least)}))"
    folder = tmp_path_factory.getbasetemp()
    stated, found = judged(folder, spec, pairs(*map(spelling, point)), network)
    outputs = evaluate(network, point)
    outside = max(max(low - x, x - high, Fraction(0)) for x, (low, high) in zip(point, sides, strict=True))
    short = max(least - (outputs[0] - outputs[1]), Fraction(0))
    assert found.values == (*point, *outputs)
    assert (Fraction(0) if found.outside is None else found.outside.amount) == outside
    assert (Fraction(0) if found.unviolated is None else found.unviolated.amount) == short
    assert found.exact == (outside == short == 0)
    assert stated.size == 4
