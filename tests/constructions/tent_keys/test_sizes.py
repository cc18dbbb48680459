from itertools import product

import pytest

from memcert.constructions.tent_keys.sizes import Shape, layers, parameters


@pytest.mark.parametrize(
    ("m", "n", "rho", "c"), list(product([1, 2, 5], [1, 2, 3, 7], [3, 4, 9], [0, 1, 2, 4]))
)
def test_the_formula_is_the_sum_over_the_layers(m: int, n: int, rho: int, c: int) -> None:
    shape = Shape(m, n, rho, c, line_edges=4, outputs=2, read_edges=1, read_biases=2)
    assert parameters(shape) == sum(edges + biases for _, edges, biases in layers(shape))


@pytest.mark.parametrize(("n", "rho", "c"), [(2, 8, 0), (5, 20, 0), (3, 12, 4), (2, 3, 1)])
def test_the_written_formulas_hold_from_two_slots_and_blocks_on(n: int, rho: int, c: int) -> None:
    m, ends = 6, 4 + 1 + 1
    written = 6 * m + n * (7 * rho + 13 * c + 10) - 7 * rho - c - 3 + 2 - 1 - (c > 0)
    assert parameters(Shape(m, n, rho, c, line_edges=4)) == written + ends
