"""What cannot be meant as printed in other papers whose constructions memcert has."""

from fractions import Fraction

import pytest
from strategies import dataset

from memcert.constructions.assemble import build

UNEVEN = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]


@pytest.mark.parametrize("size", [4, 9, 12])
def test_zhangs_2n_plus_d_weights_leave_out_those_that_are_1_or_shared(size: int) -> None:
    """Theorem 1 of Zhang et al. 2017 chooses 2n + d numbers; its network has more weights."""
    d = 3
    points = [(Fraction(k * k), Fraction(2 * k + 1), Fraction(7 - k)) for k in range(size)]
    labels = [(UNEVEN[k] + k) * (-1) ** k for k in range(size)]
    made = build(dataset(points, labels), "two-layer", variant="zhang")
    assert made.claim.parameters > 2 * size + d
    # One shared unit along a, and three weights a hinge: its own, its threshold, its output.
    assert made.claim.parameters <= 3 * size + d + 1
    assert made.claim.depth == 3, "with the shared unit the network has three layers, not two"
    assert size * (d + 2) > 2 * size + d, "with two layers a is the row of each of n units"
