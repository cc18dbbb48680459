"""Paths cover every case exactly if they are those of a binary tree, whatever their order."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.boxes.covering import check_cover, cut
from memcert.boxes.document import Cut, Fixed
from memcert.kernel.verdict import Rejected

Path = tuple[Fixed, ...]


@st.composite
def trees(draw: st.DrawFn, prefix: Path = (), depth: int = 0) -> list[Path]:
    """The leaves of a binary tree that fixes a neuron at most once on a path."""
    free = [n for n in range(4) if n not in {step.neuron for step in prefix}]
    if depth == 3 or not free or draw(st.booleans()):
        return [prefix]
    neuron = draw(st.sampled_from(free))
    return [leaf for on in (True, False) for leaf in draw(trees((*prefix, Fixed(0, neuron, on)), depth + 1))]


def met(paths: list[Path]) -> bool:
    """Whether each of the 16 assignments of signs meets exactly one path, by looking at all of them."""
    return all(
        sum(all(signs[step.neuron] == step.on for step in path) for path in paths) == 1
        for signs in product((True, False), repeat=4)
    )


@given(trees(), st.randoms())
def test_the_leaves_of_a_tree_cover_in_any_order(paths: list[Path], random: object) -> None:
    random.shuffle(paths)  # type: ignore[attr-defined] # a random.Random, which hypothesis controls
    check_cover(paths, "here")
    assert met(paths)


@given(trees(), st.data())
def test_one_leaf_less_or_changed_is_rejected(paths: list[Path], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(paths) - 1))
    for other in (paths[:place] + paths[place + 1 :], [*paths, paths[place]]):
        with pytest.raises(Rejected, match="cover at here"):
            check_cover(other, "here")


@given(
    st.lists(st.lists(st.builds(Fixed, st.just(0), st.integers(0, 3), st.booleans()), max_size=3), max_size=5)
)
def test_whatever_is_let_through_meets_every_assignment(paths: list[list[Fixed]]) -> None:
    try:
        check_cover(paths, "here")
    except Rejected:
        return
    for signs in product((True, False), repeat=4):
        # A path that fixes a neuron both ways is the case z = 0: its own leaf, beside the others.
        assert any(all(signs[step.neuron] == step.on for step in path) for path in paths)


def test_cuts_make_a_part_one_after_another_and_go_through_what_is_left() -> None:
    box = ((0, 0), (4, 4))
    low, high = cut(box, [Cut(0, 2, True), Cut(1, 1, False), Cut(0, 3, False)], "part")
    assert (list(low), list(high)) == ([2, 0], [3, 1])
    for step in (Cut(0, 2, True), Cut(0, 1, False), Cut(0, 4, True)):
        with pytest.raises(Rejected, match=r"cut at part\.cuts\[1\]: expected between 2 and 4, got"):
            cut(box, [Cut(0, 2, True), step], "part")
