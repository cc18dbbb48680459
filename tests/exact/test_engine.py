import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import structured_networks
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate as naive
from naive_evaluator import layers as naive_layers
from strategies import dataset, datasets, integers, network, networks, rationals, wild_rationals

from memcert.datasets.dataset import Dataset, exact
from memcert.exact import columns, dense, engine, products
from memcert.exact.engine import evaluate, inputs, numbers, outputs, trace
from memcert.exact.partitions import Joins, Partition
from memcert.kernel.certificate import Number
from memcert.kernel.network import Network, stages
from memcert.kernel.verdict import LimitReached

WEIGHTS = [integers(2), rationals(3), wild_rationals()]


def kernel(made: Network, data: Dataset) -> list[tuple[Number, ...]]:
    points = [data.point(row) for row in range(data.size)]
    *_, last = stages(made, points)
    return list(zip(*[[exact(x, last.denominator) for x in part] for part in last.columns], strict=True))


def agree(made: Network, data: Dataset) -> None:
    found = evaluate(made, data)
    assert found == [naive(made, data.point(row)) for row in range(data.size)]
    assert found == kernel(made, data)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Network, Dataset]:
    entries = draw(st.sampled_from([integers(1), rationals(6), wild_rationals()]))
    data = draw(datasets(max_size=12, max_dimension=3, entries=entries))
    made = draw(networks(data.dimension, outputs=2, weights=draw(st.sampled_from(WEIGHTS))))
    return made, data


@pytest.mark.parametrize("few", [0, 2, columns.FEW])
def test_fast_kernel_and_naive_evaluation_agree(few: int) -> None:
    @settings(max_examples=150, deadline=None)
    @given(cases())
    def holds(case: tuple[Network, Dataset]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            # Columns of few classes are lists; without that, arrays are tried on all of them.
            patch.setattr(columns, "FEW", few)
            patch.setattr(engine, "FEW", few)
            agree(*case)

    holds()


@given(cases())
def test_trace_gives_every_layer_at_one_point(case: tuple[Network, Dataset]) -> None:
    made, data = case
    assert trace(made, data.point(0)) == naive_layers(made, data.point(0))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_matrix_products_agree_with_naive_evaluation(draw: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "FEW", 0)
        patch.setattr(engine, "FEW", 0)
        patch.setattr(dense, "MANY", 1)
        patch.setattr(products, "CHUNK", 3)
        patch.setattr(dense, "LEAST_ROWS", 1)
        agree(*draw.draw(cases()))


@pytest.mark.parametrize("few", [0, 2, columns.FEW])
@pytest.mark.parametrize("many", [1, dense.MANY])
def test_networks_shaped_like_constructions_agree_layer_by_layer(few: int, many: int) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**64))
    def holds(seed: int) -> None:
        made, points = structured_networks.case(seed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(columns, "FEW", few)
            patch.setattr(engine, "FEW", few)
            patch.setattr(dense, "MANY", many)
            start = inputs(dataset(points, [0] * len(points)))
            for found, values in zip(engine.stages(made, start), stages(made, points), strict=True):
                for part, column in zip(found, values.columns, strict=True):
                    assert numbers(part, len(points)) == [exact(x, values.denominator) for x in column]
                    assert part.low <= min(part.values)
                    assert max(part.values) <= part.high

    holds()


def many(values: list[int], count: int = 200) -> Dataset:
    """One-dimensional points 0, 1, .. with the values in front: enough classes for arrays."""
    rest = [x for x in range(count) if x not in values]
    return dataset([(x,) for x in [*values, *rest]], [0] * (len(values) + len(rest)))


@pytest.mark.parametrize("edge", [2**53, 2**61, 2**62, 2**63, 2**64, 2**70])
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_weights_biases_and_inputs_beside_the_edges_of_machine_integers(edge: int, offset: int) -> None:
    weight = edge + offset
    data = many([edge + offset, -edge - offset, edge // 199])
    agree(network(([[1], [-1]], [weight, -weight]), ([[1, -1]], [0])), data)
    agree(network(([[weight], [-weight]], [0, 1]), ([[weight, -1]], [-weight])), data)
    agree(network(([[1]], [0]), ([[1]], [weight])), many([]))
    # The bound of the sum is met exactly, or missed by one, at the largest input, 199.
    agree(network(([[edge // 199]], [edge % 199 + offset]), ([[1]], [0])), many([]))


def test_zero_column_times_a_weight_beyond_a_word() -> None:
    # 2**70 is no int64, even where the other factor is known to be 0.
    made = network(([[-1], [1]], [0, 0]), ([[2**70, 1]], [0]))
    agree(made, many([]))
    agree(network(([[-1], [1]], [-1, 0]), ([[2**70, 1], [1, 2**63]], [0, 1])), many([]))


def test_zero_column_whose_bounds_do_not_show_it() -> None:
    # relu(x - y) is 0 at all samples, though x alone reaches 199 and y 1.
    odd = 2**70 + 1
    made = network(([[1, -1], [0, 1]], [0, 0]), ([[odd, 1], [odd, 0]], [0, 0]), ([[1, 3]], [2]))
    agree(made, dataset([(x, x + 1) for x in range(200)], [0] * 200))


def test_cancelling_sums_stay_exact() -> None:
    big = 2**61
    made = network(
        ([[1], [1], [1]], [0, 0, 1]),
        ([[big, -big, 1], [big, big, -2 * big]], [0, 2 * big]),
        ([[2**80, -1], [-(2**80), 1]], [0, 5]),
        ([[1, 1]], [Fraction(-1, 3)]),
    )
    agree(made, many([]))


def bits_network(count: int, combine: list[int]) -> Network:
    """Read `count` inputs, each through its own kink, and add them with those weights."""
    hidden = [[int(i == j) for j in range(count)] for i in range(count)]
    return network((hidden, [-1] * count), ([combine], [1]))


@pytest.mark.parametrize("parts", [5, 9])
def test_row_that_joins_five_or_more_partitions(parts: int) -> None:
    # Each hidden column takes 2 values on 300 samples, each on its own partition; their joint
    # codes without renumbering, and the sum's powers, exceed any one table.
    rows = np.random.default_rng(parts).integers(0, 3, (300, parts))
    data = dataset([tuple(int(x) for x in row) for row in rows], [0] * 300)
    weights = [2 ** (9 * i) for i in range(parts)]
    deep = network(
        ([[int(i == j) for j in range(parts)] for i in range(parts)], [-1] * parts),
        ([[(2**70 + i) * int(i == j) for j in range(parts)] for i in range(parts)], [1] * parts),
        ([weights, [-w for w in weights]], [0, 2**80]),
        ([[1, 1]], [0]),
    )
    agree(deep, data)
    agree(bits_network(parts, weights), data)


def test_joint_codes_of_wide_partitions_do_not_wrap() -> None:
    # Seven partitions of 1,024 classes each: a code over all of them needs 70 bits and would
    # merge samples that differ in the first alone. Long values keep the partitions apart.
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 1024, (1500, 7))
    rows[1] = rows[0]
    rows[1, 0] = (rows[0, 0] + 512) % 1024
    joins = Joins()
    parts = [Partition(*_dense(rows[:, k])) for k in range(7)]
    total = parts[0]
    for part in parts[1:]:
        total = joins.join(total, part).partition
    index = total.of_samples(np.arange(total.count))
    classes: dict[tuple[int, ...], int] = {}
    for row, found in zip(rows.tolist(), index.tolist(), strict=True):
        assert classes.setdefault(tuple(row), found) == found
    assert len(classes) == total.count
    assert index[0] != index[1]


def _dense(values: np.ndarray[Any, Any]) -> tuple[int, np.ndarray[Any, Any]]:
    found, index = np.unique(values, return_inverse=True)
    return len(found), index.astype(np.int32)


def test_denominators_of_all_kinds_meet_in_one_row() -> None:
    made = network(
        ([[Fraction(1, 3)], [Fraction(5, 2**70)], [Fraction(-7, 12)], [2**65]], [Fraction(1, 7), 0, 9, -1]),
        ([[Fraction(3, 5), 2**69, 1, Fraction(1, 2**66)]], [Fraction(-1, 11)]),
    )
    agree(made, many([]))
    data = dataset([(Fraction(x, 6),) for x in range(100)], [0] * 100)
    agree(made, data)


def test_layers_without_relu_keep_negative_values() -> None:
    made = network(([[1], [-1]], [-5, 0]), ([[1, 2]], [0]))
    linear = Network(1, tuple(replace(part, relu=False) for part in made.layers))
    agree(linear, many([-3, -200]))


def test_dead_and_constant_neurons() -> None:
    made = network(([[-1], [0], [0]], [-1, 3, -2]), ([[1, 2, 5], [0, 0, 1]], [1, 0]), ([[1, 1]], [0]))
    agree(made, many([]))
    assert evaluate(made, many([], 30)) == [(7,)] * 30


def test_one_sample_and_equal_samples() -> None:
    made = network(([[2], [-3]], [1, 7]), ([[Fraction(1, 2), 1]], [0]))
    agree(made, dataset([(5,)], [0]))
    agree(made, dataset([(5,)] * 40, [0] * 40))


def test_carried_values_are_the_same_column() -> None:
    made = network(([[1], [1]], [0, -5]), ([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0]))
    data = many([])
    passed = list(engine.stages(made, inputs(data)))
    assert passed[2][0] is passed[1][0] is passed[0][0]
    assert passed[2][1] is passed[1][1]


def test_selected_rows_are_evaluated_alone() -> None:
    made = network(([[2], [-3]], [1, 7]), ([[1, 1]], [0]))
    data = many([])
    (part,) = outputs(made, data, select=[3, 50, 7])
    assert numbers(part, 3) == [naive(made, data.point(row))[0] for row in (3, 50, 7)]


def test_long_words_are_held_once_per_distinct_value() -> None:
    # A step of 2**3000 at 100: two values, on 200 samples.
    step = ([[1], [1]], [-99, -100])
    (part,) = outputs(network(step, ([[2**3000 + 1, -(2**3000) - 1]], [0])), many([]))
    assert part.partition.count == 2
    assert set(numbers(part, 200)) == {0, 2**3000 + 1}


def test_growth_beyond_the_bound_is_a_limit_at_that_neuron() -> None:
    square = ([[1, 0], [0, 2**40000]], [0, 0])
    made = network(([[1], [1]], [0, 1]), *[square] * 60, ([[1, 1]], [0]))
    with pytest.raises(LimitReached) as caught:
        evaluate(made, many([]))
    assert (caught.value.rule, caught.value.at) == ("value_bits", "neuron 1")


def test_alignment_is_bounded_before_anything_is_shifted() -> None:
    tiny = Fraction(1, 2**30000)
    made = network(([[tiny]], [0]), *[([[tiny]], [0])] * 40, ([[1]], [1]))
    with pytest.raises(LimitReached):
        evaluate(made, many([]))


def test_bound_of_a_sum_counts_every_term() -> None:
    # Each product is below 2**62, their sum is not: int64 would wrap.
    made = network(([[1]] * 8, [0] * 8), ([[2**54 + 1] * 8], [0]), ([[1]], [-1]))
    agree(made, many([]))


@pytest.mark.parametrize("over", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("edge", [2**53, 2**62])
def test_dense_rows_at_the_bounds_of_exact_products(edge: int, over: int) -> None:
    # 20 inputs from 0 to 9; with the weights chosen so that the largest sum is edge + over.
    rng = np.random.default_rng(edge % 97 + over)
    rows = rng.integers(0, 10, (200, 20))
    rows[0] = 9
    quotient, rest = divmod(edge + over, 9)
    weights = [int(w) for w in rng.integers(1, quotient // 25, 19)]
    weights.append(quotient - sum(weights))
    negated = [-w for w in weights]
    mixed = [w if k % 2 else -w for k, w in enumerate(weights)]
    made = network(
        ([weights, negated, mixed, [1] * 20, weights], [rest, -rest, 0, -91, rest - 1]),
        ([[1, 2, 1, 1, -1]], [0]),
    )
    data = dataset([tuple(int(x) for x in row) for row in rows], [0] * 200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "CHUNK", 64)
        agree(made, data)


@pytest.mark.parametrize("factor_bits", [3, 25, 40, 61, 90])
@pytest.mark.parametrize("value_bits", [5, 26, 27, 52, 53, 61])
def test_long_factors_and_values_are_multiplied_digit_by_digit(factor_bits: int, value_bits: int) -> None:
    # Sums cancel, so that they are short though their bounds are long; the last row does not cancel.
    drawn = random.Random(factor_bits * 100 + value_bits)  # noqa: S311 - the same numbers in every run
    rows = [[drawn.randrange(-(2**value_bits) + 1, 2**value_bits) for _ in range(20)] for _ in range(60)]
    points = [(*row, *(x + drawn.randrange(-3, 4) for x in row)) for row in rows]
    weights = [drawn.randrange(-(2**factor_bits), 2**factor_bits) for _ in range(20)]
    cancelling = [*weights, *(-w for w in weights)]
    less = [-w for w in cancelling]
    made = network(
        ([cancelling, less, cancelling, less, [1] * 40], [0, 5, -7, 2**60, -1]),
        ([[1, 2, 3, 4, 5]], [0]),
    )
    data = dataset(points, [0] * len(points))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "CHUNK", 16)
        found = dense.dense_columns(made.layers[0], inputs(data))
        agree(made, data)
    for neuron, part in found.items():
        assert numbers(part, len(points)) == [naive_layers(made, point)[1][neuron] for point in points]
    if factor_bits + value_bits < 62:
        assert len(found) == 5


@pytest.mark.parametrize("zeros", [0, 1, 30, 40, 70])
@pytest.mark.parametrize("difference_bits", [1, 20, 39])
def test_sums_beyond_a_word_are_found_where_they_are_short_multiples_of_a_power_of_two(
    zeros: int, difference_bits: int
) -> None:
    # f x - f (x + t) = -f t, where f x is far beyond a word and f a multiple of 2**zeros.
    drawn = random.Random(zeros * 100 + difference_bits)  # noqa: S311 - the same numbers in every run
    factor = (2**20 - 3) << zeros
    start = [drawn.randrange(-(2**40), 2**40) for _ in range(50)]
    moved = [x + drawn.randrange(2**difference_bits) for x in start]
    factors, biases = [[factor, -factor], [-factor, factor], [factor, 0]], [5 << zeros, 0, 0]
    digit = products.digit_bits(2, factor, 2**41)
    assert digit is not None
    found = products.long_sums(factors, [np.array(start), np.array(moved)], biases, 2**41, digit)
    for row, bias, total in zip(factors, biases, found, strict=True):
        wanted = [row[0] * x + row[1] * y + bias for x, y in zip(start, moved, strict=True)]
        if total is None:
            assert zeros == 70
        else:
            assert [int(value) << total[1] for value in total[0]] == wanted
            assert total[1] == 0 or max(map(abs, wanted)) >= 2**61


def test_a_row_that_is_zero_nearly_everywhere_is_left_to_sums() -> None:
    count = 2 * dense.MANY * dense.FILLED
    row = [[int(k // dense.MANY == neuron) for k in range(count)] for neuron in range(count // dense.MANY)]
    made = network((row, [0] * len(row)), ([[1] * len(row)], [0]))
    data = dataset([tuple((i * k) % 7 for k in range(count)) for i in range(30)], [0] * 30)
    assert dense.dense_columns(made.layers[0], inputs(data)) == {}
    agree(made, data)


def test_ramps_of_different_long_heights_are_added_on_their_few_values() -> None:
    # Three ramps of slope 1 and the heights 3^60, -3^61 + 1 and 3^50, over a word of 2^90.
    ramps = [([[1]], [-place]) for place in (20, 21, 50, 51, 80, 81)]
    heights = [3**60, -(3**60), 1 - 3**61, 3**61 - 1, 3**50, -(3**50)]
    first = ([row[0] for row, _ in ramps], [bias[0] for _, bias in ramps])
    made = network(first, ([heights, heights], [2**90, -(2**90)]), ([[1, 1]], [0]))
    data = many([])
    agree(made, data)
    columns_ = list(engine.stages(made, inputs(data)))[2]
    assert [part.partition.count for part in columns_] == [4, 4]


def test_dense_layers_of_float32_weights_agree() -> None:
    rng = np.random.default_rng(11)

    def dense_part(inputs: int, outputs: int) -> tuple[list[list[Fraction]], list[Fraction]]:
        weights = rng.standard_normal((outputs, inputs)).astype(np.float32)
        return [[Fraction(float(w)) for w in row] for row in weights], [Fraction(0)] * outputs

    made = network(dense_part(30, 20), dense_part(20, 18), dense_part(18, 3))
    rows = rng.integers(0, 256, (40, 30))
    agree(made, dataset([tuple(int(x) for x in row) for row in rows], [0] * 40))
