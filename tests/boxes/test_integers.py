"""Sums of rows in long integers are the sums; a shortened layer differs by what it says."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import network, wild_rationals

from memcert.boxes.integers import LARGE, IntegerLayer, integer_layers, lengths

numbers = st.one_of(
    st.integers(-9, 9), st.integers(-(2**70), 2**70), st.sampled_from([0, 0, 0, 2**62, -(2**64)])
)


def made(rows: list[list[int]]) -> IntegerLayer:
    (found,) = integer_layers(network((rows, [0] * len(rows))))
    return found


def full(layer: IntegerLayer, factors: list[int], rows: list[int] | None = None) -> list[int]:
    found, columns = layer.combined(factors, rows)
    total = [0] * layer.columns
    for column, value in zip(range(layer.columns) if columns is None else columns, found, strict=True):
        total[column] = value
    return total


@settings(max_examples=80)
@given(st.data())
def test_combined_rows_are_the_sums_whether_packed_or_not(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 6))
    rows = [data.draw(st.lists(numbers, min_size=width, max_size=width)) for _ in range(height)]
    factors = data.draw(st.lists(numbers, min_size=height, max_size=height))
    part = made(rows)
    # What the layer holds is over its own denominator, which is 1 unless it was shortened.
    exact = [[0] * width for _ in range(height)]
    for line, row in zip(exact, part.rows, strict=True):
        for column, weight in row:
            line[column] = weight
    expected = [sum(f * line[j] for f, line in zip(factors, exact, strict=True)) for j in range(width)]
    assert full(part, factors) == expected
    assert full(part, [-f for f in factors]) == [-x for x in expected]
    some = data.draw(st.lists(st.sampled_from(range(height)), unique=True))
    kept = [f if i in some else 0 for i, f in enumerate(factors)]
    assert full(part, [factors[i] for i in some], some) == full(part, kept)


@settings(max_examples=25)
@given(st.lists(wild_rationals(), min_size=1, max_size=6), wild_rationals(), st.integers(0, 1))
def test_a_shortened_layer_is_within_half_a_unit_of_its_weights(
    weights: list[Fraction], bias: Fraction, depth: int
) -> None:
    if depth == 0:
        weights = weights * LARGE
    before = ([[1] * 1] * len(weights), [0] * len(weights))
    parts = [([weights], [bias])] if depth == 0 else [before, ([weights], [bias])]
    found = integer_layers(network(*parts))[depth]
    assert found.lengths == lengths(depth, len(weights))
    away = Fraction(1, 2) if found.shortened else 0
    exact = {column: w * found.denominator for column, w in enumerate(weights) if w}
    for column, weight in found.rows[0]:
        assert abs(weight - exact[column]) <= away
    assert abs(found.bias[0] - bias * found.denominator) <= away
    assert found.norms[0] >= sum(map(abs, exact.values()))
    if not found.shortened:
        assert found.norms[0] == sum(map(abs, exact.values()))


def test_no_factor_gives_zeros() -> None:
    assert full(made([[2**70, 1], [3, 4]]), [0, 0]) == [0, 0]


def test_a_layer_of_short_weights_is_exact() -> None:
    found = made([[1, -2], [3, 4]])
    assert not found.shortened
    assert (found.denominator, found.largest, found.norms) == (1, 4, (3, 7))
