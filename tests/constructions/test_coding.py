"""Codes and readings: every rule is met by an affine reading of the code."""

from fractions import Fraction

import pytest
from construction_tools import tasks
from hypothesis import given
from hypothesis import strategies as st
from strategies import dataset

from memcert.constructions.assemble import build, prepare
from memcert.constructions.coding import coding
from memcert.errors import UsageError
from memcert.kernel.check import check


def test_three_classes_are_read_as_lines_of_which_the_labels_is_the_largest() -> None:
    coded = coding(tasks([(0,), (1,), (2,)], [0, 1, 2], rule="argmax"))
    assert coded.readings == ((0, 0), (2, -1), (4, -4))
    for y in (0, 1, 2):
        values = [weight * y + bias for weight, bias in coded.readings]
        assert all(values[y] - value >= 1 for k, value in enumerate(values) if k != y)


def test_labels_two_apart_share_a_piece_of_length_two() -> None:
    task = prepare(dataset([(0,), (1,), (2,)], (10, 12, 13)), "within", "1")
    coded = coding(task)
    assert (coded.codes, coded.count, coded.readings) == ((0, 1, 1), 2, ((2, 11),))
    assert coded.margin == 0


def test_a_tolerance_of_zero_is_refused() -> None:
    with pytest.raises(UsageError, match="tolerance above 0, got 0"):
        coding(prepare(dataset([(0,)], (1,)), "within", "0"))


@given(
    labels=st.lists(st.fractions(min_value=-5, max_value=5, max_denominator=9), min_size=1, max_size=8),
    tolerance=st.fractions(min_value=Fraction(1, 9), max_value=7, max_denominator=9),
)
def test_every_real_label_is_read_within_the_tolerance(labels: list[Fraction], tolerance: Fraction) -> None:
    points = [(row,) for row in range(len(labels))]
    task = prepare(dataset(points, tuple(labels)), "within", str(tolerance))
    coded = coding(task)
    ((weight, bias),) = coded.readings
    slack = [tolerance - abs(weight * y + bias - label) for y, label in zip(coded.codes, labels, strict=True)]
    assert min(slack) == coded.margin
    assert coded.margin >= 0
    assert all(0 <= y < coded.count <= 1 << coded.bits for y in coded.codes)


def test_a_network_within_a_tolerance_is_accepted() -> None:
    data = dataset([(0, 3), (4, 1), (2, 2), (9, 9)], (Fraction(1, 3), -7, 2, Fraction(5, 2)))
    accepted = check(build(data, rule="within", tolerance="1/4"))
    assert (accepted.rule, accepted.tolerance, accepted.samples) == ("within", Fraction(1, 4), 4)
