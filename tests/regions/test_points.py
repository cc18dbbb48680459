"""Outputs at single points are those of the naive evaluator, whatever the numbers look like."""

from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import naive_evaluator
import numpy as np
import pytest
from box_samples import decided, own_labels, random_network, table
from convolution_samples import convolution_network
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import network, networks, wild_rationals

from memcert.boxes.check import check
from memcert.boxes.document import BoxRow
from memcert.boxes.integers import integer_layers
from memcert.boxes.replay import PLAIN
from memcert.kernel import network as kernel_network
from memcert.kernel.network import Network
from memcert.kernel.verdict import LimitReached, Rejected
from memcert.regions import boxes as deciding
from memcert.regions import points, replaying
from memcert.regions.points import Points
from memcert.regions.replaying import ManyAtOnce


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluate small networks, too, by arrays."""
    monkeypatch.setattr(points, "WORTH", 0)


def arrays_alone(patch: pytest.MonkeyPatch) -> None:
    """Let no evaluation be left to Python's integers."""

    class Absent:
        def outputs(self, *_: Any) -> Any:
            raise AssertionError("left to Python's integers")

    patch.setattr(points, "PLAIN", Absent())


@settings(max_examples=80, deadline=None)
@given(networks(3, outputs=2), st.tuples(*[st.fractions(-9, 9, max_denominator=40)] * 3))
def test_outputs_are_those_of_the_naive_evaluator(net: Network, point: tuple[Fraction, ...]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        arrays_alone(patch)
        assert Points(net).outputs(point) == naive_evaluator.evaluate(net, point)


@settings(max_examples=40, deadline=None)
@given(networks(2, weights=wild_rationals()), st.tuples(wild_rationals(), wild_rationals()))
def test_so_they_are_of_long_numbers_and_odd_denominators(net: Network, point: tuple[Any, ...]) -> None:
    assert Points(net).outputs(point) == naive_evaluator.evaluate(net, point)


def test_so_they_are_of_convolutions_and_of_one_network_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrays_alone(monkeypatch)
    net, generator = convolution_network(3, (1, 3, 2), 6), np.random.default_rng(1)
    evaluated = Points(net)
    for divisor in (1, 7, 2**40):
        point = [Fraction(int(x), divisor) for x in generator.integers(-99, 99, net.input_size)]
        assert evaluated.outputs(point) == naive_evaluator.evaluate(net, point)


def test_full_digits_in_long_rows_do_not_leave_the_machines_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every digit of weights and values is as large as it can be, and of one sign.
    arrays_alone(monkeypatch)
    for terms in (1, 63, 64, 4095, 4096):
        bits = (points.MACHINE - terms.bit_length()) // 2 + 1
        most = sum(1 << (bits * k + bits - 1) for k in range(4))
        net = network(([[most] * terms], [1]))
        assert Points(net).outputs([-most] * terms) == (Fraction(1 - terms * most * most),)


def test_neurons_without_weights_have_their_bias(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays_alone(monkeypatch)
    first: list[list[int | Fraction]] = [[0, 0], [2, Fraction(1, 3)], [0, 0], [0, 0]]
    net = network((first, [Fraction(1, 2), 0, -1, 5]), ([[1, 1, 1, 1], [0, 0, 0, 0]], [0, Fraction(7, 2)]))
    # 1/2 + (2 + 1/3) + 0 + 5, and a bias alone.
    assert Points(net).outputs([1, 1]) == (Fraction(47, 6), Fraction(7, 2))


def test_numbers_with_too_many_digits_are_left_to_pythons_integers() -> None:
    net = network(([[Fraction(1, 3**20000)]], [1]))
    assert Points(net).outputs([2]) == (Fraction(2, 3**20000) + 1,)


def test_short_values_over_long_denominators_are_refused_where_the_kernel_refuses_them() -> None:
    # One weight 2^-600000 after another: the value is 1 over 2^1200000, and only the denominator is long.
    long = ([[Fraction(1, 2**600000)]], [0])
    for found in (Points(network(long, long)).outputs, partial(PLAIN.outputs, network(long, long))):
        with pytest.raises(LimitReached, match="value_bits at neuron 0: expected at most 1048576"):
            found([1])
    assert Points(network(long)).outputs([1]) == (Fraction(1, 2**600000),)


def test_so_are_layers_that_the_kernel_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    # A value 3 over 1 takes 288 + 2 + 1 bits: four are 1164.
    net = network(([[3]] * 4, [0] * 4))
    for most, fits in ((1164, True), (1163, False)):
        for module in (points, kernel_network):
            monkeypatch.setattr(module, "MAX_BATCH_BITS", most)
        if fits:
            assert Points(net).outputs([1]) == (Fraction(3),) * 4
            continue
        with pytest.raises(LimitReached, match="layer_bits at neuron 3: expected at most 1163, got 1164"):
            Points(net).outputs([1])


def test_both_ways_accept_a_true_counterexample_and_refuse_a_false_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replaying, "WORTH", 0)
    arrays_alone(monkeypatch)
    net = random_network(5, [2, 6, 3])
    rows = own_labels(net, [(Fraction(1, 3), Fraction(-1, 2)), (1, 2)])
    certificate, file, _, _ = decided(net, rows, Fraction(3))
    refuted = [row for row in file.rows if row.verdict == "refuted"]
    assert refuted
    for engine in (None, ManyAtOnce):
        found = check(file, certificate, table(rows), engine)
        assert list(found.refuted) == [row.index for row in refuted]
    # At the row itself the rule holds: its label is the network's own.
    forged = BoxRow(0, "refuted", rows.point(0), ())
    other = replace(file, rows=(forged, *file.rows[1:]))
    told = []
    for engine in (None, ManyAtOnce):
        with pytest.raises(Rejected) as caught:
            check(other, certificate, table(rows), engine)
        told.append(str(caught.value))
    assert caught.value.rule == "counterexample"
    assert told[0] == told[1]


def test_the_decider_and_the_fast_replay_evaluate_by_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    class Told(Points):
        def outputs(self, point: Any) -> Any:
            asked.append(caller)
            return super().outputs(point)

    for module in (deciding, replaying):
        monkeypatch.setattr(module, "Points", Told)
    net = random_network(5, [2, 6, 3])
    rows = own_labels(net, [(Fraction(1, 3), Fraction(-1, 2))])
    caller = "decider"
    certificate, file, _, _ = decided(net, rows, Fraction(3))
    caller = "replay"
    check(file, certificate, table(rows), ManyAtOnce)
    assert {"decider", "replay"} == set(asked)
    caller = "plain"
    check(file, certificate, table(rows))
    assert "plain" not in asked


def test_of_another_network_the_outputs_are_its_own() -> None:
    one, other = network(([[1]], [0])), network(([[2]], [0]))
    many = ManyAtOnce(one, integer_layers(one))
    assert many.outputs(other, [3]) == PLAIN.outputs(other, [3]) == (Fraction(6),)
    assert many.outputs(one, [3]) == (Fraction(3),)
