"""Bounds: below the least value on the box, equal to it where nothing is open, and sound when shortened."""

from fractions import Fraction

import naive_evaluator
import pytest
from box_samples import random_network
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import layer, network

from memcert.boxes import integers
from memcert.boxes.bounding import Form, Relaxation, box_of, reach_of, relaxed
from memcert.boxes.document import BOTH, OFF, ON, Leaf, Neurons
from memcert.boxes.integers import integer_layers
from memcert.boxes.replay import replay_of
from memcert.boxes.statements import Statement
from memcert.kernel.network import Network

ROOT = Leaf((), False, None, ())


def interval_neurons(net: Network, low: list[Fraction], high: list[Fraction]) -> tuple[Neurons, ...]:
    """Return signs and bounds by interval arithmetic: true, and found in another way."""
    found, ends = [], list(zip(low, high, strict=True))
    for rows, relu in naive_evaluator.prepared(net):
        after = []
        for edges, bias in rows:
            least = bias + sum((w * ends[k][w < 0] for k, w in edges), Fraction(0))
            most = bias + sum((w * ends[k][w > 0] for k, w in edges), Fraction(0))
            after.append((least, most))
        if relu:
            signs = "".join(ON if a >= 0 else OFF if b <= 0 else BOTH for a, b in after)
            found.append(Neurons(signs, tuple((a, b) for a, b in after if a < 0 < b)))
            after = [(max(a, Fraction(0)), max(b, Fraction(0))) for a, b in after]
        else:
            found.append(Neurons("", ()))
        ends = after
    return tuple(found)


def bound(net: Network, low: list[Fraction], high: list[Fraction], form: tuple[int, ...]) -> Fraction:
    layers = integer_layers(net)
    made = replay_of(layers, box_of(low, high), interval_neurons(net, low, high))
    return made.least_of(ROOT, Statement(form, 0, True, 0))


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.data())
def test_a_bound_is_below_the_form_at_every_point(seed: int, data: st.DataObject) -> None:
    net = random_network(seed, [3, 5, 4, 2], 1.5)
    middle = [data.draw(st.fractions(-2, 2, max_denominator=9)) for _ in range(3)]
    radius = data.draw(st.sampled_from([Fraction(0), Fraction(1, 7), Fraction(1, 2)]))
    low, high = [x - radius for x in middle], [x + radius for x in middle]
    found = bound(net, low, high, (1, -1))
    for _ in range(8):
        shares = [data.draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)])) for _ in range(3)]
        point = [a + s * (b - a) for a, b, s in zip(low, high, shares, strict=True)]
        first, second = naive_evaluator.evaluate(net, point)
        assert found <= first - second
        if radius == 0:
            assert found == first - second


def test_an_affine_network_has_its_least_value_at_a_corner() -> None:
    net = network(([[2, -3], [0, 1]], [1, 0]))
    assert bound(net, [Fraction(0), Fraction(0)], [Fraction(1), Fraction(2)], (1, -1)) == 1 - 4 * 2


@pytest.mark.parametrize(("long", "short"), [(20, 12), (30, 24), (40, 30)])
def test_shortened_numbers_give_a_bound_below_the_exact_one(
    long: int, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    low, high = [Fraction(-1, 3)] * 4, [Fraction(1, 2)] * 4
    for seed in range(6):
        net = random_network(seed, [4, 8, 8, 2], 1.5)
        monkeypatch.setattr(integers, "lengths", lambda *_: integers.Lengths(4000, 3000))
        exact = bound(net, low, high, (1, -1))
        monkeypatch.setattr(integers, "lengths", lambda *_: integers.Lengths(long, short))
        layers = integer_layers(net)
        assert long > 20 or all(part.shortened for part in layers)
        made = replay_of(layers, box_of(low, high), interval_neurons(net, low, high))
        found = made.least_of(ROOT, Statement((1, -1), 0, True, 0))
        assert exact - Fraction(2) ** (16 - short) < found < exact


def test_a_multiplier_is_subtracted_where_the_sign_is_fixed() -> None:
    # h = max(z, 0), z = x on [-1, 1]; the form is -h. With z <= 0 fixed it is 0, and z >= 0 with any m:
    # -z - m z is at least -(1 + m) on the box.
    (part,) = integer_layers(Network(1, (layer([[1]], [0], relu=True),)))
    box = box_of([-1], [1])
    for lines, multiple, expected in [
        ((0, 0, 0), Fraction(-1, 2), Fraction(-1, 2)),
        ((1, 1, 0), Fraction(1, 2), Fraction(-3, 2)),
        ((1, 1, 0), Fraction(0), Fraction(-1)),
    ]:
        from memcert.boxes.lines import Lines

        made = Relaxation([part], [relaxed([Lines(*lines)], [(0, multiple)])], [reach_of(box)] * 2, box)
        assert made.least(Form([-1], 0, 1)) == expected
