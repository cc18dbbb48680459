"""The search's evaluations: in integers equal to the kernel's, in floats near them."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate
from strategies import layer, networks, rationals

from memcert.kernel.network import Network
from memcert.kernel.verdict import LimitReached
from memcert.witnesses.guesses import guessed
from memcert.witnesses.prepared import Prepared, fixed, outputs


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_integers_give_the_exact_outputs(data: Any) -> None:
    size = data.draw(st.integers(1, 4))
    network = data.draw(networks(size, outputs=2))
    point = data.draw(st.lists(rationals(), min_size=size, max_size=size))
    found = outputs(Prepared(network).integers, fixed(point))
    exact = [Fraction(n, found.denominator) for n in found.numerators]
    assert exact == list(evaluate(network, point))


def test_a_value_that_grows_too_long_is_a_limit() -> None:
    network = Network(
        1, (layer([[1 << 1_000_000]], [0], relu=False), layer([[1 << 1_000_000]], [0], relu=False))
    )
    with pytest.raises(LimitReached, match="value_bits"):
        outputs(Prepared(network).integers, fixed([1]))


def test_floats_go_forward_and_backward_through_a_layer() -> None:
    (made,) = Prepared(
        Network(2, (layer([[1, 2], [0, -3], [0, 0]], [0, Fraction(1, 2), 7], relu=True),))
    ).floats
    assert made.forward(np.array([1.0, 10.0])).tolist() == [21.0, -29.5, 7.0]
    assert made.backward(np.array([1.0, 1.0, 5.0])).tolist() == [1.0, -1.0]


def test_a_weight_beyond_the_floats_is_no_guess() -> None:
    huge = Prepared(Network(1, (layer([[10**400]], [0], relu=False),)))
    assert guessed(lambda: huge.floats) is None
