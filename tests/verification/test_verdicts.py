"""Verdicts and margins against an independent evaluation."""

from fractions import Fraction

import numpy as np
import pytest
from naive_evaluator import evaluate as network_value

from memcert.formats.dataset import Dataset
from memcert.kernel.network import Layer, Network
from memcert.verification.verdicts import verify


@pytest.fixture
def two() -> Network:
    """Two outputs: relu(x0 - x1) and relu(x1 - x0)."""
    return Network(2, (Layer((2, 2), (0, 2, 4), (0, 1, 0, 1), (1, -1, -1, 1), (0, 0), True),))


def test_every_margin_is_that_of_a_naive_evaluation(two: Network) -> None:
    generator = np.random.default_rng(5)
    points = generator.integers(-9, 9, (40, 2))
    labels = tuple(int(a < b) for a, b in points.tolist())
    found = verify(two, Dataset("d", None, points * [1, 7], 7, labels), "argmax")
    assert found.excepted
    for row, ((a, b), label) in enumerate(zip(points.tolist(), labels, strict=True)):
        outputs = network_value(two, [Fraction(a, 7), b])
        assert found.margins[row] == outputs[label] - outputs[1 - label]
        assert (row in found.excepted) == (outputs[label] <= outputs[1 - label])
