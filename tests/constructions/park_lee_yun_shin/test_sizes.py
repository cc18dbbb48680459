from itertools import product

import pytest

from memcert.constructions.park_lee_yun_shin.sizes import Shape, layers, parameters


@pytest.mark.parametrize(
    ("h", "pieces", "words", "labels", "c"),
    list(product([0, 1, 3], [(), (2, 5)], [1, 5], [1, 2, 7], [1, 2, 5])),
)
def test_the_formula_is_the_sum_over_the_layers(
    h: int, pieces: tuple[int, ...], words: int, labels: int, c: int
) -> None:
    shape = Shape(h, pieces, words, labels, c, outputs=2, read_edges=1, read_biases=2)
    assert parameters(shape) == sum(edges + biases for _, edges, biases in layers(shape))


def test_the_written_formula_by_hand() -> None:
    """|v|_0 + [b] + 11h - 3 + sum (2 + 6s) + 8A - 6 - 2Z + [p_0] + (16c + 6)B - (10 + c) + read-out."""
    shape = Shape(2, (3, 4), 20, 9, 4, equal_words=5, first_word=1, line_edges=4)
    assert parameters(shape) == 4 + 1 + 19 + 20 + 26 + 154 - 10 + 1 + 70 * 9 - 14 + 1
    assert len(layers(shape)) == 1 + 3 + 4 + 36 + 4 + 1
