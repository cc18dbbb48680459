"""A layer in integers, powers of two and one odd scale is the layer of its rationals."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import layer

from memcert.exact.slices.digits import SMALL, Dyadics, UnprovedError
from memcert.exact.slices.scaled import MAX_SCALE_BITS, scaled

NUMBERS = st.one_of(
    st.sampled_from([0, 1, -6, Fraction(-1, 2), SMALL, 1 - SMALL, Fraction(SMALL - 1, 3), 2**90, -(2**63)]),
    st.fractions(-5, 5, max_denominator=300),
    st.builds(lambda n, p: n * Fraction(2) ** p, st.integers(-(2**24), 2**24), st.integers(-149, 20)),
)


def values(numbers: Dyadics) -> list[Fraction]:
    """The numbers as they are meant; every numerator is odd."""
    assert all(odd % 2 for odd in numbers.odd.tolist())
    return [
        int(odd) * Fraction(2) ** power
        for odd, power in zip(numbers.odd.tolist(), numbers.power.tolist(), strict=True)
    ]


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=4), st.sampled_from([1, 3, 255]))
def test_weights_and_biases_are_those_of_the_layer_times_the_scale(
    rows: list[tuple[int | Fraction, int | Fraction, int | Fraction]], before: int
) -> None:
    found = scaled(layer([row[:2] for row in rows], [row[2] for row in rows], True), before)
    assert found.scale > 0
    assert found.scale % 2 == 1
    weights = {
        (i, j): weight * Fraction(found.scale, before)
        for i, row in enumerate(rows)
        for j, weight in enumerate(row[:2])
    }
    places = zip(found.rows.tolist(), found.columns.tolist(), strict=True)
    assert dict(zip(places, values(found.weights), strict=True)) == {k: w for k, w in weights.items() if w}
    biases = {i: row[2] * found.scale for i, row in enumerate(rows)}
    assert dict(zip(found.bias_rows.tolist(), values(found.biases), strict=True)) == {
        i: bias for i, bias in biases.items() if bias
    }


def test_a_weight_that_is_0_and_kept_is_left_out() -> None:
    kept = layer([[Fraction(1, 3), 5]], [0], True)
    found = scaled(
        type(kept)(kept.shape, kept.indptr, kept.indices, (Fraction(0), 5), kept.bias, kept.relu), 1
    )
    assert (found.rows.tolist(), found.columns.tolist(), found.scale) == ([0], [1], 1)
    assert values(found.weights) == [5]


def test_a_common_denominator_that_is_too_long_is_left_to_another_engine() -> None:
    longest = 3**MAX_SCALE_BITS  # 6,491 bits
    with pytest.raises(UnprovedError, match="a common denominator has more than 4096 bits"):
        scaled(layer([[Fraction(1, longest)]], [0], True), 1)
