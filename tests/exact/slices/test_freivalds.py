"""Layers confirmed modulo a prime: right sums pass, one wrong digit does not."""

from fractions import Fraction

import numpy as np
import pytest
from strategies import layer

from memcert.errors import UndecidedError
from memcert.exact.slices.digits import dyadics, int64s
from memcert.exact.slices.freivalds import PRIME, Freivalds, residues
from memcert.exact.slices.places import Places
from memcert.exact.slices.plan import Plan, plan, scaled_layers
from memcert.exact.slices.run import Runner
from memcert.exact.slices.stage import Stage
from memcert.kernel.network import Network

DENOMINATOR = 10


@pytest.fixture
def network() -> Network:
    """Two layers of thirds, of weights with low places for few neurons, and a column that is never used."""
    generator = np.random.default_rng(3)
    rows = [[Fraction(x) for x in row] for row in generator.normal(0, 1, (12, 5)).astype(np.float32).tolist()]
    rows[4][1] = Fraction(1, 3 * 2**120)
    last = [[Fraction(x) for x in row] for row in generator.normal(0, 1, (3, 12)).tolist()]
    return Network(5, (layer(rows, [1, 0] * 6, relu=True), layer(last, [Fraction(1, 7), 0, 1], relu=False)))


@pytest.fixture
def points() -> np.ndarray:
    """Rows whose third coordinate is always 0."""
    points = np.random.default_rng(4).integers(-300, 300, (70, 5))
    points[:, 2] = 0
    return points


@pytest.fixture
def planned(network: Network, points: np.ndarray) -> Plan:
    return plan(network, np.abs(points).max(axis=0).tolist(), DENOMINATOR)


def test_right_sums_are_confirmed_and_change_nothing(
    network: Network, points: np.ndarray, planned: Plan
) -> None:
    assert any(stage.after.thin for stage in planned.stages)
    watch = Freivalds(planned, scaled_layers(network, DENOMINATOR)[0])
    assert Runner(planned, watch).outputs(points) == Runner(planned).outputs(points)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_one_digit_that_is_wrong_by_one_is_found(
    network: Network, points: np.ndarray, planned: Plan, number: int, place: int
) -> None:
    confirm = Freivalds(planned, scaled_layers(network, DENOMINATOR)[0])

    def damaged(layer_number: int, stage: Stage, before: Places, sums: Places) -> None:
        digits = sums.at(place)
        if layer_number == number and digits is not None:
            digits[0, 5] += 1
        confirm(layer_number, stage, before, sums)

    with pytest.raises(UndecidedError, match=f"layer {number}, neuron .* wrong modulo"):
        Runner(planned, damaged).outputs(points)


def test_residues_are_those_of_the_rationals() -> None:
    found = residues(dyadics(int64s([3, -(2**90) - 1, 7]), np.array([-5, 0, 40])))
    assert found.tolist() == [3 * pow(2, -5, PRIME) % PRIME, (-(2**90) - 1) % PRIME, 7 * 2**40 % PRIME]
