import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import edge_integers

from memcert.kernel.network import MAX_VALUE_BITS
from memcert.kernel.verdict import LimitReached
from memcert.proofs.integers import SAFE, Integers, combined, constant, integers, product, stacked

Numbers = st.lists(edge_integers(), min_size=3, max_size=3)

Parts = st.lists(st.tuples(edge_integers(), Numbers), min_size=1, max_size=4)


def made(values: list[int]) -> Integers:
    return integers(np.array(values, dtype=object))


def listed(found: Integers) -> list[int]:
    values = [int(x) for x in found.values.tolist()]
    assert found.values.dtype == (np.int64 if found.narrow else object)
    assert all(x.bit_length() <= found.bits for x in values)
    if found.bound is not None:
        assert max(map(abs, values), default=0) <= found.bound < SAFE
    else:
        assert all(type(x) is int for x in found.values.tolist())
    return values


@given(Parts, edge_integers())
def test_sums_are_exact_at_the_edges_of_a_machine_word(
    parts: list[tuple[int, list[int]]], shift: int
) -> None:
    found = combined([(factor, made(values)) for factor, values in parts], shift)
    expected = [shift + sum(f * values[k] for f, values in parts) for k in range(3)]
    assert listed(found) == expected


@given(Numbers, Numbers)
def test_products_are_exact_at_the_edges_of_a_machine_word(a: list[int], b: list[int]) -> None:
    assert listed(product(made(a), made(b))) == [x * y for x, y in zip(a, b, strict=True)]


@pytest.mark.parametrize("factor", [2**62, 2**63 - 1, 2**63, -(2**63), 2**64, 2**70])
def test_a_zero_array_takes_any_factor(factor: int) -> None:
    zero, one = made([0, 0]), made([1, 2])
    assert listed(combined([(factor, zero), (1, one)], 5)) == [6, 7]
    assert listed(combined([(factor, zero)], 0)) == [0, 0]
    assert listed(combined([(factor, zero)], 2**63)) == [2**63, 2**63]
    assert listed(combined([(0, made([2**70, 1])), (factor, zero)], 3)) == [3, 3]


def test_an_array_becomes_narrow_again_where_its_values_are() -> None:
    found = combined([(1, made([2**70, 2**70 + 3])), (-1, made([2**70, 2**70]))], 0)
    assert found.narrow
    assert listed(found) == [0, 3]


def test_arrays_of_the_machine_are_taken_as_they_are_or_made_wide() -> None:
    assert integers(np.array([1, -2], dtype=np.int32)).narrow
    wide = integers(np.array([SAFE, 0], dtype=np.int64))
    assert not wide.narrow
    assert listed(wide) == [SAFE, 0]
    assert listed(integers(np.array([-SAFE + 1], dtype=np.int64))) == [-SAFE + 1]
    assert listed(integers(np.zeros(0, dtype=object))) == []


def test_one_part_with_factor_one_is_the_part_itself() -> None:
    part = made([1, 2])
    assert combined([(1, part)], 0) is part


def test_constants_and_rows() -> None:
    assert listed(constant(7, (2,))) == [7, 7]
    assert listed(constant(2**80, (2,))) == [2**80, 2**80]
    both = stacked([made([1, 2]), made([2**80, 3])])
    assert both.values.tolist() == [[1, 2], [2**80, 3]]
    assert listed(both.row(1)) == [2**80, 3]
    assert stacked([made([4, 5])]).values.shape == (1, 2)
    assert listed(made([-4, 2**80]).magnitudes()) == [4, 2**80]


def test_a_number_longer_than_the_limit_is_undecided() -> None:
    part = made([0, 1 << MAX_VALUE_BITS - 1])
    assert listed(combined([(1, part)], 1))[0] == 1
    with pytest.raises(LimitReached):
        combined([(2, part), (1, made([1, 1]))], 0)
    with pytest.raises(LimitReached):
        product(part, made([2**64, 2**64]))
