from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases, run_part
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.vardi_yehudai_shamir.bit_extraction import BIT, extract, heads


@pytest.mark.parametrize("length", range(1, 9))
def test_every_bit_of_every_word_is_read(length: int) -> None:
    scale, first, second = heads(length)
    for word in range(2**length):
        state = {"pu": word * scale + first, "qu": word * scale + second}
        bits = []
        for i in range(1, length + 1):
            last = run_part(extract("u", "b", 2 ** (length + 2 - i)), state)[-1]
            assert abs(last["pu"] - last["qu"]) == Fraction(2) ** (i - length - 2)
            bits.append(int(last["bitu"]))
            state = {"pu": last["pu"], "qu": last["qu"]}
        assert bits == [int(digit) for digit in format(word, f"0{length}b")]


@given(st.integers(1, 60), st.integers(0, 2**61), st.booleans(), st.booleans())
def test_the_contract_holds_at_random_points(bits: int, place: int, falling: bool, high: bool) -> None:
    k = 2**bits
    p = Fraction(place % (k // 2), k) + (Fraction(1, 2) if high else 0)
    q = p - Fraction(1, 2 * k) if falling else p + Fraction(1, 2 * k)
    last = run_part(extract("u", "b", k), {"pu": p, "qu": q})[-1] if min(p, q) >= 0 else None
    inputs = {"p": p, "q": q}
    if last is not None:
        outputs = {"p3": last["pu"], "q3": last["qu"], "bit": last["bitu"]}
        assert broken_cases(BIT, {"k": k}, inputs, outputs) == []
    if min(p, q) >= 0 and (min(p, q) >= Fraction(1, 2) or max(p, q) <= Fraction(1, 2)):
        assert met_cases(BIT, {"k": k}, inputs)


def test_each_case_is_met_by_some_word() -> None:
    k, seen = 8, set()
    for p in range(8):
        for sign in (1, -1):
            inputs = {"p": Fraction(p, 8), "q": Fraction(p, 8) + Fraction(sign, 16)}
            seen |= set(met_cases(BIT, {"k": k}, inputs))
    assert seen == {"low_zero", "low_one", "high_zero", "high_one"}


def test_a_step_has_14_parameters_in_layers_of_4_2_and_3() -> None:
    part = extract("w", "b", 16)
    assert [len(layer) for layer in part.layers] == [4, 2, 3]
    assert sum(len(n.row) + (n.bias != 0) for layer in part.layers for n in layer) == 14


def test_heads_are_the_scale_and_the_two_offsets_of_the_lemma() -> None:
    assert heads(3) == (Fraction(1, 8), Fraction(1, 16), Fraction(1, 32))


def test_words_without_bits_and_factors_below_two_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one bit"):
        heads(0)
    with pytest.raises(ValueError, match="factor >= 2"):
        extract("u", "b", 1)
