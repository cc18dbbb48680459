"""Rows that a model of an integer type takes, and where another number stands."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from memcert.datasets.dataset import Dataset
from memcert.datasets.whole_rows import WholeRows
from memcert.errors import DatasetError

BYTES = WholeRows("uint8", 0, 255, [(1, 0), (1, 0)])


def rows(numerators: Any, denominator: int = 1) -> Dataset:
    size = len(numerators)
    kind = np.int64 if max(abs(n) for row in numerators for n in row) < 1 << 62 else object
    points = np.array(numerators, dtype=kind)
    return Dataset("d.csv", ("a", "b"), points, denominator, (0,) * size, tuple(range(2, size + 2)))


@pytest.mark.parametrize(
    ("data", "place", "got"),
    [
        (rows([[0, 255], [256, 0]]), "row 1 (line 3), column 'a'", "256"),
        (rows([[0, 255], [0, -1]]), "row 1 (line 3), column 'b'", "-1"),
        (rows([[0, 510], [3, 2]], 2), "row 1 (line 3), column 'a'", "3/2"),
        (rows([[1 << 70, 0]]), "row 0 (line 2), column 'a'", str(1 << 70)),
        (rows([[1, 10**30]], 10**30), "row 0 (line 2), column 'a'", str(Fraction(1, 10**30))),
    ],
)
def test_a_number_that_the_type_does_not_have_is_refused_with_its_place(
    data: Dataset, place: str, got: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        BYTES.confirm(data, data, 0)
    expected = f"'d.csv': {place}: expected an integer from 0 to 255, as the model takes (uint8), got {got}"
    assert str(caught.value) == expected


@pytest.mark.parametrize("data", [rows([[0, 255]]), rows([[0, 510]], 2), rows([[0, 255 * 10**30]], 10**30)])
def test_whole_numbers_over_any_denominator_are_taken(data: Dataset) -> None:
    BYTES.confirm(data, data, 0)


def test_what_counts_is_the_number_after_the_preprocessing() -> None:
    moved = WholeRows("uint8", 0, 255, [(2, 0), (1, -10)])
    data = rows([[255, 21], [255, 20]], 2)
    moved.confirm(rows([[255, 20]], 2), data, 1)
    with pytest.raises(DatasetError, match=r"column 'b': .*, got 21/2, which --preprocess makes 1/2"):
        moved.confirm(data, data, 0)
    with pytest.raises(DatasetError, match=r"row 1 .*column 'a': .*, got 128, which --preprocess makes 256"):
        moved.confirm(rows([[256, 20]], 2), data, 1)


def test_bounds_of_64_bits_are_exact() -> None:
    long = WholeRows("uint64", 0, 2**64 - 1, [(1, 0)] * 2)
    top = rows([[2**64 - 1, 0]])
    long.confirm(top, top, 0)
    with pytest.raises(DatasetError, match="got 18446744073709551616"):
        long.confirm(rows([[2**64, 0]]), top, 0)
