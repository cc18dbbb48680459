from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases, run_part
from hypothesis import given
from hypothesis import strategies as st
from strategies import rationals

from memcert.blocks.part import Part
from memcert.constructions.vardi_yehudai_shamir.lookup import GATE, Fields, lookup
from memcert.constructions.vardi_yehudai_shamir.sizes import slot_parameters
from memcert.constructions.vardi_yehudai_shamir.tables import packed


def nonzeros(part: Part) -> int:
    return sum(len(n.row) + (n.bias != 0) for layer in part.layers for n in layer)


def answer(fields: Fields, keys: list[int], labels: list[int], x: Fraction) -> Fraction:
    words = packed(keys, fields.key_bits), packed(labels, fields.label_bits)
    return run_part(lookup(fields), {"x": x, "yu": words[0], "yw": words[1]})[-1]["y"]


@st.composite
def tables(draw: st.DrawFn, wide: bool) -> tuple[Fields, list[int], list[int]]:
    """Keys far enough apart for the windows, with labels, in fields that just hold them."""
    steps = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    key, keys = 0, []
    for step in steps:
        key += (3 if wide else 2) + step
        keys.append(key)
    label_bits = draw(st.integers(1, 7))
    labels = [draw(st.integers(0, 2**label_bits - 1)) for _ in keys]
    return Fields(len(keys), key.bit_length(), label_bits, wide), keys, labels


@pytest.mark.parametrize("wide", [False, True])
@given(data=st.data())
def test_a_value_with_a_stored_key_gets_its_label_and_a_far_value_gets_zero(
    data: st.DataObject, wide: bool
) -> None:
    fields, keys, labels = data.draw(tables(wide))
    part = data.draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(99, 100)]))
    for key, label in zip(keys, labels, strict=True):
        assert answer(fields, keys, labels, key + part) == label
    assert answer(fields, keys, labels, Fraction(keys[-1] + 2)) == 0


def test_a_padded_slot_adds_nothing_wherever_x_stands() -> None:
    fields = Fields(3, 4, 2, wide=True)
    for x in (0, Fraction(1, 2), 1, Fraction(3, 2), 9):
        assert answer(fields, [9, 0, 0], [2, 0, 0], Fraction(x)) == (2 if x == 9 else 0)


@given(rationals(6), st.integers(0, 20), st.sampled_from([-4, -2, 0]), st.integers(1, 16))
def test_the_gates_contract_holds_at_random_points(v: Fraction, lab: int, e: int, g: int) -> None:
    near = sum((max(1 - max(side, Fraction(0)), Fraction(0)) for side in (v, e - v)), Fraction(0))
    gate = max(g * near + lab - 2 * g, Fraction(0))
    inputs: dict[str, int | Fraction] = {"v": v, "lab": lab}
    parameters = {"e": e, "g": g}
    assert broken_cases(GATE, parameters, inputs, {"gate": gate}) == []
    if lab <= g and (v <= e - 1 or e <= v <= 0 or v >= 1):
        assert met_cases(GATE, parameters, inputs)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("bits", [(1, 1), (1, 4), (2, 2), (3, 1), (5, 3), (3, 5)])
@pytest.mark.parametrize("slots", [1, 2, 5])
def test_width_depth_and_size_are_as_stated(slots: int, bits: tuple[int, int], wide: bool) -> None:
    part = lookup(Fields(slots, *bits, wide))
    assert part.depth == slots * (3 * max(bits) + 3) + 2
    assert max(map(len, part.layers)) == (10 if min(bits) == 1 else 12)
    assert nonzeros(part) == slots * slot_parameters(*bits, wide) + 10


def test_a_slot_of_five_key_and_three_label_bits_by_hand() -> None:
    # 33 * 5 + 9 * 3 + 27 for the first slot alone, 9 before it and 1 after it.
    assert nonzeros(lookup(Fields(1, 5, 3, wide=False))) == 219 + 10
