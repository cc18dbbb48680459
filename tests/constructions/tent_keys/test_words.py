from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.tent_keys.words import word


def tent(z: Fraction) -> Fraction:
    return min(2 * z, 2 - 2 * z)


@given(st.data(), st.integers(1, 6), st.integers(0, 4), st.integers(1, 5))
def test_the_orbit_passes_every_label_and_every_key(
    draw: st.DataObject, key_bits: int, label_bits: int, slots: int
) -> None:
    keys = draw.draw(st.lists(st.integers(0, 2**key_bits - 1), min_size=slots, max_size=slots))
    labels = draw.draw(st.lists(st.integers(0, 2**label_bits - 1), min_size=slots, max_size=slots))
    found = word(keys, labels, key_bits, label_bits)
    z = found.number
    assert z.denominator <= 2 ** (slots * (key_bits + label_bits) + 1)
    for s in range(slots):
        label = 0
        for _ in range(label_bits):
            label = 2 * label + (z > Fraction(1, 2))
            z = tent(z)
        assert label == labels[s]
        assert keys[s] < z * 2**key_bits < keys[s] + 1
        assert found.keys[s] == z * 2**key_bits
        for _ in range(key_bits):
            z = tent(z)


@pytest.mark.parametrize(("keys", "labels"), [([4], [0]), ([0], [2]), ([-1], [0])])
def test_fields_that_are_too_long_are_refused(keys: list[int], labels: list[int]) -> None:
    with pytest.raises(ValueError, match="bits"):
        word(keys, labels, 2, 1)
