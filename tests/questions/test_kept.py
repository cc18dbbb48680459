"""Answers are found once, in order, and what ends a search loses none."""

from collections.abc import Iterator

import pytest

from memcert.questions.kept import Kept


class Squares:
    """Yields squares, and remembers for which numbers it was asked; is interrupted once at some."""

    def __init__(self, interrupted: int | None = None) -> None:
        self.asked: list[int] = []
        self.interrupted, self.ended = interrupted, False

    def __call__(self, first: int) -> Iterator[int]:
        """Yield the squares of the numbers from the first to 4."""
        for number in range(first, 5):
            self.asked.append(number)
            if number == self.interrupted:
                self.interrupted = None
                raise KeyboardInterrupt
            yield number * number
        self.ended = True


def test_each_answer_is_found_when_it_is_asked_for_and_never_again() -> None:
    squares = Squares()
    kept = Kept(squares, 5)
    assert (len(kept), squares.asked) == (5, [])
    assert kept[1] == 1
    assert squares.asked == [0, 1]
    assert list(kept) == [0, 1, 4, 9, 16]
    assert (kept[-1], kept[1:4], kept[::2]) == (16, (1, 4, 9), (0, 4, 16))
    assert list(kept) == [0, 1, 4, 9, 16]
    assert squares.asked == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("place", [5, -6])
def test_a_place_that_is_not_there_is_an_error_and_finds_nothing(place: int) -> None:
    squares = Squares()
    with pytest.raises(IndexError):
        Kept(squares, 5)[place]
    assert squares.asked == []


def test_after_an_interruption_the_search_goes_on_where_it_was() -> None:
    squares = Squares(interrupted=2)
    kept = Kept(squares, 5)
    with pytest.raises(KeyboardInterrupt):
        list(kept)
    assert repr(kept) == "Kept(5 rows, 2 found)"
    assert list(kept) == [0, 1, 4, 9, 16]
    assert squares.asked == [0, 1, 2, 2, 3, 4]


def test_with_the_last_answer_the_search_has_ended() -> None:
    squares = Squares()
    kept = Kept(squares, 5)
    assert (kept[3], squares.ended) == (9, False)
    assert (kept[4], squares.ended) == (16, True)
