"""What floats say of a bound is true of the exact replay: enclosures, reaches and stated bounds."""

from fractions import Fraction

import numpy as np
import pytest
from box_samples import random_network
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import network

from memcert.boxes import integers
from memcert.boxes.bounding import box_of
from memcert.boxes.document import Leaf, Neurons
from memcert.boxes.integers import Lengths, integer_layers
from memcert.boxes.replay import replay_of
from memcert.boxes.statements import Statement
from memcert.regions import descent
from memcert.regions.blocks import layouts
from memcert.regions.descent import descend, first_reach, float_box, next_reach, statement_forms
from memcert.regions.matrices import float_layers, nearest
from memcert.regions.relaxations import BITS, shortened, stated

ROOT = Leaf((), False, None, ())


def test_a_neuron_reaches_as_far_as_its_bound_says_even_where_its_inputs_give_less() -> None:
    net = network(([[Fraction(1, 4), 0]], [0]), ([[1]], [0]))
    box = box_of([-1, 0], [1, 0])
    said = (Neurons("*", ((-3, 2),)), Neurons("", ()))
    exact = replay_of(integer_layers(net), box, said).reaches[1]
    (first, _) = float_layers(net, layouts(net))
    found = next_reach(0, first, first_reach(float_box(np.array([-1.0, 0]), np.ones(2))), np.array([3.0]))
    assert exact.most == 3 <= Fraction(found.most) and exact.total == 3 <= Fraction(found.total)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.data())
def test_the_replays_bound_lies_in_the_enclosure_and_shows_what_is_stated(
    seed: int, data: st.DataObject
) -> None:
    kept = data.draw(st.sampled_from([Lengths(36, 30), Lengths(80, 60), Lengths(20, 12)]))
    scale = data.draw(st.sampled_from([0.01, 1.0, 100.0]))
    net = random_network(seed, [3, 7, 6, 5, 2], scale)
    middle = [data.draw(st.fractions(-3, 3, max_denominator=11)) for _ in range(3)]
    radius = data.draw(st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(1, 3)]))
    low, high = [x - radius for x in middle], [x + radius for x in middle]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(integers, "lengths", lambda *_: kept)
        patch.setattr(descent, "lengths", lambda *_: kept)
        known = stated(float_layers(net, layouts(net)), float_box(nearest(low), nearest(high)), lambda: 1)
        replayed = replay_of(integer_layers(net), box_of(low, high), known.neurons)
        replayed.bound_neurons("row")
        for floats, exact in zip(known.relaxed.reaches, replayed.reaches, strict=True):
            assert Fraction(floats.most) >= exact.most and Fraction(floats.total) >= exact.total
        forms = np.array([[1.0, -1.0], [0.0, 1.0], [0.0, 0.0]])
        found = descend(known.relaxed, statement_forms(forms, nearest([0, Fraction(1, 3), -1])))
        third = Fraction(1, 3)
        asked = [
            Statement((1, -1), 0, True, 0),
            Statement((0, 1), third, True, 0),
            Statement((0, 0), -1, True, 0),
        ]
        for k, statement in enumerate(asked):
            exact_least = replayed.least_of(ROOT, statement)
            assert Fraction(float(found.lower[k])) <= exact_least <= Fraction(float(found.upper[k]))


def test_stated_bounds_are_short_and_outside() -> None:
    numbers = np.array([1e-300, 0.1, 1.0, 1 + 2.0**-30, 3e200])
    found = shortened(numbers)
    assert (found >= numbers).all()
    for x, y in zip(numbers.tolist()[1:], found.tolist()[1:], strict=True):
        assert y <= x * (1 + 2.0 ** (1 - BITS))
        assert Fraction(y).numerator.bit_length() <= BITS or Fraction(y).denominator == 1
