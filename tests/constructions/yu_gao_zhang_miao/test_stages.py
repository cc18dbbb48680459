from fractions import Fraction
from itertools import pairwise

import pytest
from construction_tools import Values, case_holds, run_part
from hypothesis import given
from hypothesis import strategies as st

from memcert.blocks.part import Row
from memcert.constructions.yu_gao_zhang_miao.block_selection import SWITCH, in_series, side_by_side
from memcert.constructions.yu_gao_zhang_miao.comparison import HEIGHT, TENT, tent
from memcert.constructions.yu_gao_zhang_miao.decoding import PEEL, peel, rest
from memcert.constructions.yu_gao_zhang_miao.sizes import balanced_slots, slot_parameters
from memcert.constructions.yu_gao_zhang_miao.words import Ramp, Word

WORDS = [Word((3,), 3), Word((5,), 5), Word((4,), Fraction(9, 2))]
RAMPS = [Ramp(10, 11), Ramp(20, Fraction(41, 2))]


@pytest.mark.parametrize("build", [in_series, side_by_side])
@pytest.mark.parametrize(
    ("x", "word"),
    [
        (0, 3),
        (10, 3),
        (Fraction(21, 2), 4),
        (11, 5),
        (20, 5),
        (Fraction(41, 2), Fraction(9, 2)),
        (99, Fraction(9, 2)),
    ],
)
def test_a_value_gets_the_word_of_its_block(build, x: Fraction, word: Fraction) -> None:  # type: ignore[no-untyped-def]
    last = run_part(build(WORDS, RAMPS), {"x": x})[-1]
    assert (last["x"], last["v"]) == (x, word)


@given(st.integers(1, 9), st.integers(0, 9), st.data())
def test_peeling_every_bit_leaves_what_stands_behind_the_point(
    width: int, behind: int, draw: st.DataObject
) -> None:
    number = Fraction(draw.draw(st.integers(0, 2 ** (width + behind) - 1)), 2**behind)
    before: Values = {"v": number}
    source: Row = {"v": 1}
    for bit in range(width - 1, -1, -1):
        (before,) = run_part(peel("bit", source, 0, bit, behind), before)
        source = rest(bit, behind)
    left = sum(Fraction(weight) * before[name] for name, weight in source.items())
    assert left == number % 1


@given(st.fractions(0, 9), st.integers(0, 3), st.integers(0, 3))
def test_the_peel_contract_holds_wherever_its_cases_do(z: Fraction, bit: int, behind: int) -> None:
    (found,) = run_part(peel("bit", {"v": 1}, 0, bit, behind), {"v": z})
    values = {"r0": found["r0"], "step": found["r1"] - found["r2"]}
    parameters = {"a": Fraction(2**bit), "b": Fraction(1, 2**behind)}
    assert all(case_holds(PEEL, case, parameters, {"z": z}, values) for case in PEEL.cases)


def test_a_negative_bit_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        peel("bit", {"v": 1}, 0, -1, 0)


@given(st.fractions(-5, 5))
def test_the_tent_is_its_height_less_the_distance(u: Fraction) -> None:
    found = run_part(tent("t", {"x": 1, "key": -1}), {"x": u + 7, "key": 7})[-1]
    assert found["g"] == max(Fraction(0), HEIGHT - abs(u))
    assert all(case_holds(TENT, case, {"h": HEIGHT}, {"u": u}, found) for case in TENT.cases)


@given(st.fractions(0, 4), st.fractions(0, 4), st.integers(-3, 3))
def test_the_switch_contract_holds_wherever_its_cases_do(x: Fraction, v: Fraction, k: int) -> None:
    low, high = max(Fraction(0), x - 1), max(Fraction(0), x - 2)
    outputs = {"x2": x, "v2": max(Fraction(0), v + k * low - k * high)}
    parameters = {"s": Fraction(1), "e": Fraction(2), "k": Fraction(k)}
    assert all(case_holds(SWITCH, case, parameters, {"x": x, "v": v}, outputs) for case in SWITCH.cases)


@given(st.integers(1, 400), st.integers(1, 40), st.booleans())
def test_the_number_of_slots_is_the_best_of_all(keys: int, width: int, wide: bool) -> None:
    def cost(slots: int) -> int:
        words = -(-keys // slots)
        ramps = (6 if wide else 10) * (words - 1) + 3 * wide if words > 1 else -2
        return slots * slot_parameters(width) + ramps

    assert cost(balanced_slots(keys, width, wide)) == min(map(cost, range(1, keys + 1)))


def test_no_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        balanced_slots(0, 3, wide=False)


@given(st.integers(1, 50))
def test_the_printed_count_of_parameters_is_not_the_papers_own(n: int) -> None:
    """The paper counts n + 8 for the widths (n, 1, 2, 1); its sum n_i (n_{i+1} + 1) gives 2 n + 7."""
    widths = [n, 1, 2, 1]
    assert sum(a * (b + 1) for a, b in pairwise(widths)) == 2 * n + 7
    assert sum(b * (a + 1) for a, b in pairwise(widths)) == n + 8
