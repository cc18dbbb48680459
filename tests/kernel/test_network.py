from fractions import Fraction
from math import prod

import naive_evaluator
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import layer, network, networks, points, wild_rationals

import memcert.kernel.network as kernel
from memcert.kernel.network import Layer, Network, apply, common, stages, values_of
from memcert.kernel.verdict import LimitReached


def test_a_row_is_its_nonzero_weights() -> None:
    made = Layer((2, 3), (0, 2, 2), (0, 2), (5, Fraction(1, 2)), (0, 1), True)
    assert made.row(0) == ((0, 5), (2, Fraction(1, 2)))
    assert made.row(1) == ()


def test_points_are_brought_to_one_denominator() -> None:
    values = values_of([(Fraction(1, 2), 3), (Fraction(-1, 3), 0)], 2)
    assert (values.columns, values.denominator) == (([3, -2], [18, 0]), 6)


def test_a_layer_by_hand() -> None:
    # relu(x/2 - y + 1/3) and relu(-1), at (1, 0) and (0, 1).
    made = layer([[Fraction(1, 2), -1], [0, 0]], [Fraction(1, 3), -1], relu=True)
    after = apply(made, values_of([(1, 0), (0, 1)], 2), 2)
    assert [[Fraction(x, after.denominator) for x in column] for column in after.columns] == [
        [Fraction(5, 6), 0],
        [0, 0],
    ]


def test_a_layer_without_relu_keeps_negative_values() -> None:
    after = apply(layer([[-2]], [0], relu=False), values_of([(3,)], 1), 1)
    assert (after.columns, after.denominator) == (([-6],), 1)


def test_stages_are_the_input_and_every_layer() -> None:
    made = network(([[1], [-1]], [0, 0]), ([[1, 1]], [Fraction(1, 2)]))
    found = [(values.columns, values.denominator) for values in stages(made, [(-3,)])]
    assert found == [(([-3],), 1), (([0], [3]), 1), (([7],), 2)]


@given(st.data())
def test_stages_are_those_of_the_naive_evaluator(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3))
    made = data.draw(networks(size, outputs=2, weights=wild_rationals()))
    given_points = data.draw(points(3, size, wild_rationals()))
    found = [
        [
            tuple(Fraction(column[i], v.denominator) for column in v.columns)
            for v in stages(made, given_points)
        ]
        for i in range(3)
    ]
    assert found == [naive_evaluator.layers(made, point) for point in given_points]


def test_a_common_denominator_is_the_least() -> None:
    assert common([Fraction(1, 4), Fraction(1, 6), 5]) == 12
    assert common([]) == 1


def test_a_common_denominator_that_grows_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "MAX_VALUE_BITS", 10)
    primes = [2, 3, 5, 7, 11]
    assert prod(primes[:4]).bit_length() == 8
    assert common(Fraction(1, p) for p in primes[:4]) == 210
    with pytest.raises(LimitReached, match="value_bits at a denominator: expected at most 10, got more"):
        common(Fraction(1, p) for p in primes)


def _tower(height: int, weight: int | Fraction) -> Network:
    return network(*[([[weight]], [0])] * height)


@pytest.mark.parametrize("weight", [2**100, Fraction(1, 2**100)])
def test_values_that_grow_without_bound_end_the_work(
    weight: int | Fraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "MAX_VALUE_BITS", 1000)
    # The value 1 has one bit, its denominator one bit more, or the other way round: 902 in all.
    assert len(list(stages(_tower(9, weight), [(1,)]))) == 10
    with pytest.raises(LimitReached, match="value_bits at neuron 0: expected at most 1000, got 1002"):
        list(stages(_tower(10, weight), [(1,)]))


def test_a_layer_that_takes_much_memory_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "MAX_BATCH_BITS", 4000)
    # A neuron takes 2 * (288 + 2) bits at two points: six fit, a seventh does not.
    assert len(list(stages(network(([[1]] * 6, [0] * 6)), [(1,), (1,)]))) == 2
    with pytest.raises(LimitReached, match="layer_bits at neuron 6: expected at most 4000, got 4060"):
        list(stages(network(([[1]] * 7, [0] * 7)), [(1,), (1,)]))
