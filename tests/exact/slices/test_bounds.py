"""The bound under which float64 products are exact: met, exceeded by one, and carried."""

import pytest

from memcert.exact.slices.bounds import carried, digit_bounds, place_bounds
from memcert.exact.slices.digits import UnprovedError


def test_a_sum_of_exactly_two_to_the_53_is_allowed() -> None:
    # 2 * (2**52 - 1) + 2: a digit, a row of slices, and a bias.
    assert place_bounds({0: 2}, {0: 2**52 - 1}, {0: 2}, 22)[0] == 2**53


def test_a_sum_of_one_more_is_refused_at_its_place() -> None:
    with pytest.raises(UnprovedError, match=r"place 0 may reach 9007199254740993, more than 2\*\*53"):
        place_bounds({0: 2}, {0: 2**52 - 1}, {0: 3}, 22)


def test_the_carry_of_the_place_below_counts() -> None:
    # Place 0 carries at most (2**30 + 2**21) >> 22 = 256 to place 1.
    assert place_bounds({0: 1}, {0: 2**30, 1: 2**53 - 256}, {}, 22)[1] == 2**53
    with pytest.raises(UnprovedError, match="place 1"):
        place_bounds({0: 1}, {0: 2**30, 1: 2**53 - 255}, {}, 22)


def test_all_pairs_of_a_digit_and_a_slice_meet_at_their_place() -> None:
    # Places 0..2: 3*10, 3*20 + 5*10, 5*20; nothing is large enough to carry.
    assert place_bounds({0: 3, 1: 5}, {0: 10, 1: 20}, {}, 22) == {0: 30, 1: 110, 2: 100}


def test_places_go_on_until_no_carry_can_leave() -> None:
    found = place_bounds({0: 1}, {0: 2**53}, {}, 22)
    assert found == {0: 2**53, 1: 2**31, 2: 2**9}
    assert carried(found[2], 22) == 0


def test_gaps_between_places_are_filled() -> None:
    assert list(place_bounds({0: 1}, {0: 1, 3: 1}, {-2: 1}, 22)) == [-2, -1, 0, 1, 2, 3]


def test_too_many_places_are_left_to_another_engine() -> None:
    with pytest.raises(UnprovedError, match="more than 1024 places"):
        place_bounds({0: 1}, {0: 1, 2000: 1}, {}, 22)


def test_a_carry_is_the_rounded_quotient_at_most() -> None:
    # rint(x / 4) for |x| <= 5 is at most 1, for 6 it is 2 (1.5 to even), for 2 it is 0 (0.5 to even).
    assert [carried(x, 2) for x in (1, 2, 5, 6)] == [0, 1, 1, 2]


def test_a_digit_is_at_most_half_a_unit_of_the_next_place() -> None:
    assert digit_bounds([2**53, 100], 22) == (2**21, 100)
