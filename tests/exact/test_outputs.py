"""Which engine evaluates a network, and that each gives what the kernel gives."""

import pickle
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from naive_evaluator import evaluate
from strategies import layer

from memcert.datasets.dataset import Dataset
from memcert.exact.engine import outputs
from memcert.exact.outputs import COLUMNS, INTEGERS, SLICES, Evaluator, chosen, output_columns, pays
from memcert.kernel.network import Network, stages


def _network(seed: int, widths: tuple[int, ...], denominators: tuple[int, ...] = (1, 2**20)) -> Network:
    generator = np.random.default_rng(seed)
    layers = []
    for depth, (inputs, width) in enumerate(pairwise(widths)):
        numbers = generator.integers(-999, 999, (width, inputs + 1)).tolist()
        rows = [[Fraction(n, denominators[n % len(denominators)]) for n in row] for row in numbers]
        layers.append(
            layer([row[1:] for row in rows], [row[0] for row in rows], relu=depth < len(widths) - 2)
        )
    return Network(widths[0], tuple(layers))


def _data(seed: int, size: int, dimension: int, denominator: int = 1) -> Dataset:
    points = np.random.default_rng(seed).integers(-99, 99, (size, dimension))
    return Dataset("d", None, points, denominator, tuple(range(size)))


def test_dense_layers_go_to_slices_and_thin_ones_to_columns() -> None:
    dense, thin = _network(0, (6, 8, 8, 2)), _network(1, (2, 2, 2))
    assert Evaluator(dense, _data(0, 5, 6)).engine == SLICES
    assert Evaluator(thin, _data(0, 5, 2)).engine == COLUMNS
    assert (pays(dense), pays(thin)) == (True, False)


@pytest.mark.parametrize("paranoid", [False, True])
@pytest.mark.parametrize("widths", [(6, 8, 8, 2), (2, 2, 2), (3, 1)])
def test_every_engine_gives_the_kernels_values(widths: tuple[int, ...], paranoid: bool) -> None:
    network, data = _network(2, widths, (1, 3, 255, 2**40)), _data(3, 40, widths[0], 7)
    found = Evaluator(network, data, paranoid=paranoid)(data)
    *_, values = stages(network, [data.point(row) for row in range(data.size)])
    for mine, theirs in zip(found.columns, values.columns, strict=True):
        assert [n * found.unit for n in mine] == [Fraction(n, values.denominator) for n in theirs]


def test_a_paranoid_evaluation_that_was_asked_for_its_batch_first_knows_the_denominator() -> None:
    network, data = _network(2, (6, 8, 8, 2), (1, 3)), _data(3, 40, 6, 7)
    evaluate = Evaluator(network, data, paranoid=True)
    assert evaluate.batch >= 1
    assert evaluate(data) == Evaluator(network, data)(data)


def test_without_a_plan_a_paranoid_evaluation_uses_no_floats() -> None:
    assert Evaluator(_network(1, (2, 2, 2)), _data(0, 5, 2), paranoid=True).engine == INTEGERS
    assert "2^31-1" in Evaluator(_network(0, (6, 8, 8, 2)), _data(0, 5, 6), paranoid=True).engine


def test_numbers_too_long_for_slices_are_left_to_columns() -> None:
    rows = [[Fraction(1, prime) for prime in _primes(40)] for _ in range(6)]
    rows += [[Fraction(1, prime**60) for prime in _primes(40)]]
    network = Network(40, (layer(rows, [0] * 7, relu=False),))
    data = _data(1, 3, 40)
    evaluator = Evaluator(network, data)
    assert evaluator.engine == COLUMNS
    found = evaluator(data)
    assert [column[2] * found.unit for column in found.columns] == list(evaluate(network, data.point(2)))


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


@pytest.mark.parametrize("denominators", [(1, 2**20), (1, 3, 2**5), (2**3,)])
@pytest.mark.parametrize("select", [None, [1, 5, 7]])
def test_columns_of_slices_are_those_of_the_column_engine(
    denominators: tuple[int, ...], select: list[int] | None
) -> None:
    network, data = _network(5, (6, 8, 3), denominators), _data(6, 30, 6, 9)
    mine, theirs = output_columns(network, data, select), outputs(network, data, select)
    for row in range(30 if select is None else 3):
        assert [part.at(row) for part in mine] == [part.at(part.partition.class_of(row)) for part in theirs]


def test_an_evaluator_that_was_used_can_be_sent_to_another_process() -> None:
    network, data = _network(0, (6, 8, 8, 2)), _data(0, 5, 6)
    evaluator = Evaluator(network, data)
    expected = evaluator(data)
    assert pickle.loads(pickle.dumps(evaluator))(data) == expected  # noqa: S301 - our own bytes


def test_rows_are_chosen_by_number_or_in_a_row() -> None:
    data = _data(0, 5, 2)
    assert chosen(data, [3, 1]).labels == (3, 1)
    assert chosen(data, slice(1, 3)).numerators.tolist() == data.numerators[1:3].tolist()
