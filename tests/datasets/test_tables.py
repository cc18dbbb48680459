from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from memcert.datasets.problems import Findings
from memcert.datasets.tables import Part, joined, part_of, side_by_side, typed_labels
from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number

numbers = strategies.wild_rationals()


def values(part: Part) -> list[Fraction]:
    return [Fraction(int(n), part.denominator) for n in part.numerators.ravel()]


@given(st.lists(st.lists(numbers, min_size=1, max_size=5), min_size=1, max_size=5))
def test_joined_parts_are_the_same_numbers_over_their_least_denominator(rows: list[list[Number]]) -> None:
    part = joined([part_of(row, Findings("f")) for row in rows], 1, Findings("f"))
    expected = [Fraction(x) for row in rows for x in row]
    assert values(part) == expected
    assert part.denominator == int(np.lcm.reduce(np.array([x.denominator for x in expected], dtype=object)))
    assert (part.numerators.dtype == object) == any(abs(x * part.denominator) >= 2**62 for x in expected)


def test_zeros_over_one_denominator_join_numbers_over_a_huge_one() -> None:
    parts = [Part(np.array([0]), 1), Part(np.array([1]), 2**70)]
    assert values(joined(parts, 1, Findings("f"))) == [0, Fraction(1, 2**70)]
    assert joined([Part(np.array([0, 0]), 2**70)], 2, Findings("f")).denominator == 1


def test_columns_side_by_side() -> None:
    part = side_by_side([Part(np.array([[1], [2]]), 2), Part(np.array([[3], [4]]), 3)], Findings("f"))
    assert [[Fraction(int(n), part.denominator) for n in row] for row in part.numerators] == [
        [Fraction(1, 2), 1],
        [1, Fraction(4, 3)],
    ]


def test_denominators_are_bounded_by_the_bits_of_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memcert.datasets.tables.MAX_TABLE_BITS", 6_000)
    assert part_of([Fraction(1, 3**50)] * 10, Findings("f")).denominator == 3**50
    with pytest.raises(UndecidedError, match=r"'f': expected numbers that need at most 6,000 bits"):
        part_of([Fraction(1, 3**50)] * 20, Findings("f"))


def test_labels_are_typed_as_a_column() -> None:
    assert typed_labels(["1", "-2", "1"]) == (1, -2, 1)
    assert typed_labels(["1", "x"]) == ("1", "x")


def test_long_numerators_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memcert.datasets.problems.MAX_TABLE_BITS", 6_000)
    findings = Findings("f")
    part_of([2**1_000] * 4, findings)
    with pytest.raises(UndecidedError, match=r"'f': expected numbers that need at most 6,000 bits in all"):
        part_of([2**1_000], findings)
