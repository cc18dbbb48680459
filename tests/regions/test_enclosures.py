"""Enclosures hold the exact numbers, subnormal and huge ones included; their ends are outside."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import layer

from memcert.kernel.network import Network
from memcert.regions.blocks import layouts
from memcert.regions.enclosures import Enclosure, plus, product, total
from memcert.regions.matrices import FloatLayer, float_layers, nearest

exacts = st.one_of(
    st.builds(Fraction, st.integers(-9, 9), st.integers(1, 9)),
    st.builds(
        lambda m, k: Fraction(m) * Fraction(2) ** k, st.integers(-(2**60), 2**60), st.integers(-1100, 60)
    ),
)


def floats(net: Network) -> tuple[FloatLayer, ...]:
    return float_layers(net, layouts(net))


def inside(found: Enclosure, exact: list[Fraction]) -> bool:
    pairs = zip(found.middle.ravel().tolist(), found.error.ravel().tolist(), exact, strict=True)
    return all(abs(Fraction(m) - x) <= Fraction(e) for m, e, x in pairs)


def missed(middle: np.ndarray, values: list[Fraction]) -> np.ndarray:
    """Return at least how far the floats are from the numbers."""
    pairs = zip(middle.tolist(), values, strict=True)
    return np.array([float(abs(Fraction(m) - x)) * 1.01 + 2.0**-1074 for m, x in pairs])


@settings(max_examples=150)
@given(st.lists(st.tuples(exacts, exacts), min_size=1, max_size=6), exacts)
def test_a_row_of_a_layer_lies_in_its_enclosure(
    pairs: list[tuple[Fraction, Fraction]], bias: Fraction
) -> None:
    weights, values = [w for w, _ in pairs], [x for _, x in pairs]
    (made,) = floats(Network(len(pairs), (layer([weights], [bias], relu=True),)))
    middle = nearest(values)[None]
    error = np.array(
        [
            [
                float(abs(Fraction(float(m)) - x)) * 1.01 + 2.0**-1074
                for m, x in zip(middle[0], values, strict=True)
            ]
        ]
    )
    found = product(Enclosure(middle, error), made.forth)
    exact = sum((w * x for w, x in pairs), Fraction(0))
    assert inside(found, [exact])
    whole = plus(found, made.bias)
    assert inside(whole, [exact + bias])
    assert Fraction(float(whole.lower[0, 0])) <= exact + bias <= Fraction(float(whole.upper[0, 0]))


@settings(max_examples=80)
@given(st.lists(exacts, min_size=1, max_size=8))
def test_a_sum_lies_in_its_enclosure(values: list[Fraction]) -> None:
    middle = nearest(values)
    error = np.array(
        [float(abs(Fraction(float(m)) - x)) * 1.01 + 2.0**-1074 for m, x in zip(middle, values, strict=True)]
    )
    assert inside(total(Enclosure(middle[None], error[None])), [sum(values, Fraction(0))])


def test_zeros_that_no_path_reaches_are_exact() -> None:
    (made,) = floats(Network(2, (layer([[0, 3], [Fraction(1, 4), 0]], [0, 0], relu=True),)))
    left = Enclosure(np.array([[5.0, 0.0]]), np.zeros((1, 2)))
    found = product(left, made.forth)
    assert found.middle.tolist() == [[0.0, 1.25]]
    assert found.error[0, 0] == 0 < found.error[0, 1]


def test_numbers_too_large_for_float64_are_infinite_and_only_zero_is_zero() -> None:
    assert nearest([Fraction(2**1100), -(2**1100), Fraction(1, 2**1100)]).tolist() == [
        np.inf, -np.inf, 2.0**-1074,
    ]  # fmt: skip
    assert nearest([0]).tolist() == [0.0]
