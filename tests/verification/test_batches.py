"""Margins and decisions of a batch are those of the definitions."""

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from naive_evaluator import holds as naive_holds

from memcert.exact.outputs import Outputs
from memcert.kernel.certificate import Number
from memcert.kernel.check import holds, margin_of
from memcert.verification.batches import Batch, judged

UNITS = st.builds(Fraction, st.integers(1, 9), st.integers(1, 64))
SMALL = st.integers(-4, 4)
NUMBERS = st.one_of(SMALL, st.builds(Fraction, st.integers(-9, 9), st.integers(1, 6)))


def _agrees(
    batch: Batch, rule: str, rows: list[list[Fraction]], labels: Sequence[Number], tolerance: Number | None
) -> None:
    for place, (row, label) in enumerate(zip(rows, labels, strict=True)):
        expected = margin_of(rule, row, label, tolerance)
        assert batch.margins[place] * batch.unit == expected
        assert (batch.start + place in batch.failing) != holds(rule, expected)
        assert (batch.start + place in batch.failing) != naive_holds(rule, row, label, tolerance)


@given(st.data(), UNITS, st.integers(2, 4))
def test_argmax_is_won_by_the_strictly_largest(data: st.DataObject, unit: Fraction, outputs: int) -> None:
    rows = data.draw(st.lists(st.lists(SMALL, min_size=outputs, max_size=outputs), min_size=1, max_size=6))
    labels = data.draw(st.lists(st.integers(0, outputs - 1), min_size=len(rows), max_size=len(rows)))
    columns = [list(column) for column in zip(*rows, strict=True)]
    batch = judged("argmax", None, labels, Outputs(columns, unit), 10)
    _agrees(batch, "argmax", [[x * unit for x in row] for row in rows], labels, None)
    for row, decision in zip(rows, batch.decisions, strict=True):
        best = [k for k, x in enumerate(row) if x == max(row)]
        assert decision == (best[0] if len(best) == 1 else None)


@given(st.lists(SMALL, min_size=1, max_size=6), UNITS, st.data())
def test_a_sign_that_is_0_fails(values: list[int], unit: Fraction, data: st.DataObject) -> None:
    labels = data.draw(st.lists(st.sampled_from([-1, 1]), min_size=len(values), max_size=len(values)))
    batch = judged("sign", None, labels, Outputs([values], unit), 0)
    _agrees(batch, "sign", [[x * unit] for x in values], labels, None)
    assert batch.decisions == [None if x == 0 else 1 if x > 0 else -1 for x in values]


@given(
    st.lists(SMALL, min_size=1, max_size=6), UNITS, st.data(), st.sampled_from([None, 0, 2, Fraction(1, 3)])
)
def test_values_are_near_within_the_tolerance_and_equal_without(
    values: list[int], unit: Fraction, data: st.DataObject, tolerance: int | Fraction | None
) -> None:
    rule = "equal" if tolerance is None else "within"
    labels = data.draw(st.lists(NUMBERS, min_size=len(values), max_size=len(values)))
    batch = judged(rule, tolerance, labels, Outputs([values], unit), 3)
    _agrees(batch, rule, [[x * unit] for x in values], labels, tolerance)
