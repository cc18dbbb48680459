from itertools import product

import pytest

from memcert.constructions.nagler_langer.sizes import Shape, digits_of, layers, parameters


def test_digits_are_as_many_as_the_width_has_room_for() -> None:
    for width in range(7, 300):
        n = digits_of(width)
        assert 2 ** (n + 1) + 3 <= width < 2 ** (n + 2) + 3
    assert [digits_of(width) for width in (0, 3, 6)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("width", "blocks", "slots", "kappa", "lam"),
    list(product([7, 11, 35], [1, 2, 9, 40], [1, 2, 3, 5], [2, 5], [1, 3])),
)
def test_the_written_formula_is_the_sum_over_the_layers(
    width: int, blocks: int, slots: int, kappa: int, lam: int
) -> None:
    shape = Shape(width, blocks, slots, kappa, lam, line_edges=4, outputs=3, read_edges=2, read_biases=3)
    n, hinge_layers = digits_of(width), -(-(blocks - 1) // ((width - 2) // 2))
    slot = 8 * kappa * 2**n + lam * (8 * 2**n + 2) + 4
    trimmed = 4 * kappa + 4 * lam + 2 ** (n + 1) - 1
    written = 4 + 1 + 6 * (blocks - 1) + 2 * hinge_layers + 2 * kappa + 2 + slots * slot - trimmed
    assert parameters(shape) == written + 1 + 5
    assert parameters(shape) == sum(edges + biases for _, edges, biases in layers(shape))
    assert len(layers(shape)) == hinge_layers + kappa + 2 * slots * (kappa + lam) + 5


@pytest.mark.parametrize(("width", "blocks", "slots", "kappa", "lam"), [(7, 9, 3, 5, 2), (35, 4, 1, 2, 1)])
def test_no_layer_is_wider_than_allowed(width: int, blocks: int, slots: int, kappa: int, lam: int) -> None:
    assert max(neurons for neurons, _, _ in layers(Shape(width, blocks, slots, kappa, lam))) <= width
