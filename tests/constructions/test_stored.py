from collections.abc import Sequence
from fractions import Fraction

import pytest
from construction_tools import tasks
from hypothesis import given
from hypothesis import strategies as st

from memcert.constructions.coding import Coding, coding
from memcert.constructions.line import Line
from memcert.constructions.stored import balanced, beside_ramps, blocks_of, rarer, read_out


@pytest.mark.parametrize("rule", ["equal", "sign", "argmax"])
@pytest.mark.parametrize("labels", [[0, 1, 1], [0, 0, 1], [0, 1], [0, 1, 1, 1, 0]])
def test_the_rarer_of_two_codes_is_one_and_reads_the_same(rule: str, labels: Sequence[int]) -> None:
    task = tasks([(k,) for k in range(len(labels))], list(labels), rule)
    before, after = coding(task), rarer(coding(task))
    assert 2 * sum(after.codes) <= len(labels)

    def read(coded: Coding) -> list[list[object]]:
        return [[weight * code + bias for weight, bias in coded.readings] for code in coded.codes]

    assert read(before) == read(after)


def test_three_codes_stay_as_they_are() -> None:
    coded = coding(tasks([(k,) for k in range(5)], [0, 1, 2, 2, 2]))
    assert rarer(coded) is coded


def test_the_output_layer_has_a_neuron_a_reading() -> None:
    (layer,) = read_out(Coding((0,), 3, ((0, 0), (2, -1), (4, -4)), 1), "s").layers
    assert [(n.row, n.bias) for n in layer] == [((), 0), ((("y", 2),), -1), ((("y", 4),), -4)]


@given(st.integers(1, 300), st.integers(1, 40), st.integers(1, 9))
def test_no_other_number_of_slots_costs_less(points: int, slot: int, block: int) -> None:
    def cost(slots: int) -> int:
        return block * -(-points // slots) + slot * slots

    chosen = balanced(points, cost, slot)
    costs = [cost(slots) for slots in range(1, points + 1)]
    assert cost(chosen) == min(costs)
    assert costs.index(min(costs)) == chosen - 1


def test_the_block_of_a_place_is_the_last_that_begins_at_or_below_it() -> None:
    # Two slots a block: blocks begin at the places 1, 4 and 8; what is below the first is in block 0.
    assert blocks_of(10, [1, 3, 4, 6, 8], 2) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert blocks_of(3, [0], 5) == [0, 0, 0]


def test_values_beside_a_ramp_are_measured_to_its_ends() -> None:
    # Halves: 2, 5 1/2, 9. The ramp before 5 1/2 climbs on [7/2, 9/2], the one before 9 on [15/2, 17/2].
    line = Line((1,), Fraction(1), Fraction(0), (0, 1, 2), (4, 11, 18), 2)
    assert beside_ramps(line, [1]) == 1
    assert beside_ramps(line, [2]) == Fraction(1, 2)
    assert beside_ramps(line, [1, 2]) == Fraction(1, 2)
    assert beside_ramps(line, []) is None
