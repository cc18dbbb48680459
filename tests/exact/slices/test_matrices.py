"""Sparse matrices in whatever form they are multiplied: the products are those of integers."""

import numpy as np
import pytest

from memcert.exact.slices.matrices import Entries, matrix


def sparse(filled_rows: list[int], filled_columns: list[int], lone: int) -> np.ndarray:
    """A 64 x 96 matrix of zeros but some rows, some columns and lone entries."""
    generator = np.random.default_rng(lone)
    found = np.zeros((64, 96), dtype=np.int64)
    found[filled_rows] = generator.integers(-9, 10, (len(filled_rows), 96))
    found[:, filled_columns] = generator.integers(-9, 10, (64, len(filled_columns)))
    found[generator.integers(0, 64, lone), generator.integers(0, 96, lone)] = 7
    return found


@pytest.mark.parametrize(
    ("filled_rows", "filled_columns", "lone", "dense", "parts"),
    [
        ([], [], 40, 0, True),
        ([3, 60], [], 0, 1, False),
        ([3, 60], [], 40, 1, True),
        ([], [0, 40, 95], 40, 1, True),
        ([3, 60], [0, 40, 95], 40, 2, True),
        (list(range(40)), [5], 0, 1, False),
        (list(range(64)), [], 0, 1, False),
    ],
)
def test_each_entry_is_multiplied_once(
    filled_rows: list[int], filled_columns: list[int], lone: int, dense: int, parts: bool
) -> None:
    cells = sparse(filled_rows, filled_columns, lone)
    rows, columns = np.nonzero(cells)
    found = matrix(Entries(rows, columns, cells[rows, columns]), cells.shape)
    assert (len(found.dense), bool(found.parts)) == (dense, parts)
    digits = np.random.default_rng(0).integers(-9, 10, (96, 5))
    total = np.ones((64, 5))
    found.add_to(total, digits.astype(np.float64))
    assert (total == cells @ digits + 1).all()
