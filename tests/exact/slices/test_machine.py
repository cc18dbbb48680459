"""The test of this machine's products: it passes here, and fails for products that are not binary64's."""

from typing import Any

import numpy as np
import pytest

from memcert.exact.slices import machine
from memcert.exact.slices.digits import UnprovedError

Array = np.ndarray[Any, Any]


def test_products_of_this_machine_are_exact() -> None:
    machine.require_exact_products()
    assert machine.products_are_exact(np.matmul)


def _narrow(a: Array, b: Array) -> Array:
    return (a.astype(np.float32) @ b.astype(np.float32)).astype(np.float64)


def _split(a: Array, b: Array) -> Array:
    # Accelerators that add up three products of halves, and drop the fourth.
    high_a, high_b = a.astype(np.float32).astype(np.float64), b.astype(np.float32).astype(np.float64)
    return np.asarray(high_a @ high_b + (a - high_a) @ high_b + high_a @ (b - high_b))


def _strassen(a: Array, b: Array) -> Array:
    # Sums before products, as fast matrix multiplication has them: an addend of the size of the sums.
    return np.asarray((a @ b + 2.0**54) - 2.0**54)


@pytest.mark.parametrize("product", [_narrow, _split, _strassen])
def test_products_with_fewer_bits_are_found(product: Any) -> None:
    assert not machine.products_are_exact(product)


@pytest.mark.parametrize("rounding", [np.floor, np.ceil, np.trunc, lambda x: np.floor(x + 0.5)])
def test_roundings_that_are_not_to_nearest_even_are_found(rounding: Any) -> None:
    assert not machine.roundings_are_exact(rounding)


def test_where_a_test_fails_nothing_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "products_are_exact", lambda _: False)
    machine.require_exact_products.cache_clear()
    with pytest.raises(UnprovedError, match="not exact where binary64 is"):
        machine.require_exact_products()
    monkeypatch.undo()
    machine.require_exact_products()
