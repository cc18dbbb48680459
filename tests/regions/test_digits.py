"""Digits: every integer comes back, products and sums are those of Python integers, bounds are kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import edge_integers

from memcert.kernel.verdict import LimitReached
from memcert.regions.blocks import Block
from memcert.regions.digits import (
    EXACT,
    MAX_PLANES,
    Digits,
    Sliced,
    digit_bits,
    digits_of,
    exact_product,
    integers_of,
    masked,
    row_sums,
    scattered,
    signs,
    sliced,
)

numbers = st.one_of(st.integers(-5, 5), edge_integers(), st.integers(-(2**150), 2**150))


def matrix(data: st.DataObject, height: int, width: int) -> np.ndarray:
    rows = [data.draw(st.lists(numbers, min_size=width, max_size=width)) for _ in range(height)]
    return np.array(rows, dtype=object).reshape(height, width)


def whole(digits: Digits) -> Sliced:
    height, width = digits.shape
    slices = sliced(digits, Block(np.arange(height), np.arange(width)))
    return Sliced((height, width), tuple(slices), digits.bits, height)


@settings(max_examples=60)
@given(st.data())
def test_products_of_digits_are_products_of_integers(data: st.DataObject) -> None:
    m, n, k = (data.draw(st.integers(1, 4)) for _ in range(3))
    left, right = matrix(data, m, n), matrix(data, n, k)
    bits = digit_bits(n, 16)
    found = exact_product(digits_of(left, bits), whole(digits_of(right, bits)))
    expected = left @ right
    assert (integers_of(found) == expected).all()
    assert (signs(found) == np.sign(expected.astype(object))).all()
    norms = row_sums(found, signs(found))
    assert norms == [sum(map(abs, row)) for row in expected.tolist()]


@settings(max_examples=60)
@given(st.data())
def test_integers_come_back_from_their_digits(data: st.DataObject) -> None:
    numbers_ = matrix(data, 3, 2)
    for bits in (4, 21, 24):
        found = digits_of(numbers_, bits)
        assert all(p is None or np.abs(p).max() <= 1 << (bits - 1) for p in found.planes)
        assert (integers_of(found) == numbers_).all()
        mask = np.array([[True, False], [False, True], [True, True]])
        assert (integers_of(masked(found, mask)) == numbers_ * mask).all()


def test_numbers_are_scattered_by_their_digits_and_the_rest_is_0() -> None:
    each = digits_of(np.array([2**30, -5, 0], dtype=object), 20)
    found = scattered(each, np.array([1, 0, 1]), (np.array([0, 1, 1]), np.array([2, 0, 1])), (2, 3))
    assert integers_of(found).tolist() == [[0, 0, -5], [2**30, -5, 0]]


def test_blocks_of_a_matrix_are_multiplied_like_the_matrix() -> None:
    generator = np.random.default_rng(5)
    left = generator.integers(-(2**40), 2**40, (3, 5)).astype(object)
    left[1, :2] = 0
    right = np.zeros((5, 6), dtype=object)
    blocks = [
        Block(np.array([0, 3]), np.array([1, 2, 5])),
        Block(np.array([1]), np.array([0])),
        Block(np.array([2, 4]), np.array([1, 4])),
    ]
    slices = []
    for block in blocks:
        part = generator.integers(-(2**50), 2**50, (len(block.rows), len(block.columns))).astype(object)
        right[np.ix_(*block)] = part
        slices += sliced(digits_of(part, 20), block)
    found = exact_product(digits_of(left, 20), Sliced((5, 6), tuple(slices), 20, 4))
    assert (integers_of(found) == left @ right).all()


def test_rows_and_columns_of_zeros_are_left_out_of_a_slice() -> None:
    digits = digits_of(np.array([[0, 2**30, 0], [0, 5, 0], [7, 0, 0]], dtype=object), 20)
    low, high = sliced(digits, Block(np.arange(3), np.arange(3)))
    assert (low.place, low.rows.tolist(), low.columns.tolist()) == (0, [1, 2], [0, 1])
    assert (high.place, high.rows.tolist(), high.columns.tolist()) == (1, [0], [1])
    assert high.digits.tolist() == [[2**10]]


def test_weighted_sums_leave_machine_integers_where_these_do_not_suffice() -> None:
    digits = digits_of(np.array([[2**40, -(2**60)]], dtype=object), 22)
    assert row_sums(digits, np.array([[2**62, 3]], dtype=np.int64)) == [2**102 - 3 * 2**60]


@pytest.mark.parametrize("terms", [1, 784, 2**20])
def test_the_bound_of_a_position_with_its_carry_is_at_most_2_to_the_53(terms: int) -> None:
    bits = digit_bits(terms, 3)
    assert (terms * 3 << 2 * (bits - 1)) + (EXACT >> (bits - 1)) <= EXACT
    assert bits == 24 or (terms * 3 << 2 * bits) + (EXACT >> bits) > EXACT


def test_the_largest_digits_at_the_bound_are_multiplied_exactly() -> None:
    terms = 100
    bits = digit_bits(terms, 1)
    most = 1 << (bits - 1)
    left = np.full((1, terms), most, dtype=object)
    found = exact_product(digits_of(left, bits), whole(digits_of(-left.T, bits)))
    assert integers_of(found).tolist() == [[-terms * most * most]]


@pytest.mark.parametrize("terms", [7, 127, 128, 511])
@pytest.mark.parametrize("planes", [1, 2, 8])
def test_so_they_are_in_every_plane_and_where_the_sum_is_odd(terms: int, planes: int) -> None:
    # Sums of powers of two are exact far beyond 2^53: one digit on either side is odd.
    bits = digit_bits(terms, planes)
    most = float(1 << (bits - 1))
    left = Digits((1, terms), tuple(np.full((1, terms), most) for _ in range(planes)), bits)
    right = Digits((terms, 1), tuple(np.full((terms, 1), -most) for _ in range(planes)), bits)
    for one in (left, right):
        for plane in one.planes:
            assert plane is not None
            plane[0, 0] -= np.sign(plane[0, 0])
    expected = integers_of(left) @ integers_of(right)
    assert integers_of(exact_product(left, whole(right))).tolist() == expected.tolist()


def test_a_product_whose_sums_might_round_is_refused() -> None:
    long = digits_of(np.full((1, 4096), 2**23 - 1, dtype=object), 24)
    with pytest.raises(LimitReached, match="terms at a product: expected sums below"):
        exact_product(long, whole(digits_of(np.full((4096, 1), 2**23 - 1, dtype=object), 24)))
    with pytest.raises(LimitReached, match="terms at a row"):
        digit_bits(2**50, 2)
    with pytest.raises(LimitReached, match="digits at weights"):
        digits_of(np.array([1 << (24 * MAX_PLANES)], dtype=object), 24)
