from fractions import Fraction

import pytest
from construction_tools import broken_cases, met_cases, run_part
from hypothesis import given
from hypothesis import strategies as st
from strategies import rationals

from memcert.constructions.vardi_yehudai_shamir.sizes import Split
from memcert.constructions.vardi_yehudai_shamir.subset_selection import SELECT, select, subset_selection
from memcert.constructions.vardi_yehudai_shamir.tables import intervals


@given(
    st.integers(0, 20), st.integers(0, 9), st.integers(0, 2**40), rationals(6).map(abs), rationals(9).map(abs)
)
def test_the_contract_holds_at_random_points(
    start: int, length: int, word: int, x: Fraction, y: Fraction
) -> None:
    last = run_part(select("u", 0, (start, start + length), word), {"xu": x, "yu": y})[-1]
    parameters = {"a2": start, "b2": -start - length, "w": word}
    outputs = {"x3": last["xu"], "y3": last["yu"]}
    assert broken_cases(SELECT, parameters, {"x": x, "y": y}, outputs) == []
    near = min(abs(2 * x - start), abs(2 * x - start - length)) < 1
    assert near or len(met_cases(SELECT, parameters, {"x": x, "y": y})) == 1


@pytest.mark.parametrize(("wide", "gap"), [(False, 2), (True, 3)])
@given(data=st.data())
def test_every_sample_gets_the_words_of_its_interval(data: st.DataObject, wide: bool, gap: int) -> None:
    steps = data.draw(st.lists(st.fractions(0, 5, max_denominator=9), min_size=1, max_size=9))
    slots = data.draw(st.integers(1, 4))
    values: list[Fraction] = []
    value = Fraction(1 - gap)
    for step in steps:
        value = value + gap + step
        values.append(value)
    keys = [int(v) for v in values]
    labels = data.draw(st.lists(st.integers(0, 3), min_size=len(keys), max_size=len(keys)))
    cut = intervals(keys, labels, Split(-(-len(keys) // slots), slots), (12, 2), wide)
    part = subset_selection(cut)
    for place, x in enumerate(values):
        last = run_part(part, {"x": x, "xu": x, "yu": 0, "xw": x, "yw": 0})[-1]
        own = cut[place // slots]
        assert last == {"x": x, "xu": x, "yu": own.key_word, "xw": x, "yw": own.label_word}


def test_an_interval_costs_37_parameters_and_a_zero_word_3_less() -> None:
    def size(keys: list[int], labels: list[int]) -> int:
        part = subset_selection(intervals(keys, labels, Split(1, 2), (5, 1), True))
        return sum(len(n.row) + (n.bias != 0) for layer in part.layers for n in layer)

    assert size([3, 7], [0, 1]) == 37
    assert size([3, 7], [0, 0]) == 34


def test_a_negative_word_is_refused() -> None:
    with pytest.raises(ValueError, match="word >= 0"):
        select("u", 0, (0, 2), -1)
