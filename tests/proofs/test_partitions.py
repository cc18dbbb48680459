import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from memcert.proofs.partitions import Partition, Partitions, Recent


def partition(labels: list[int]) -> Partition:
    found, classes = np.unique(np.array(labels), return_inverse=True)
    return Partition(classes.astype(np.int32), len(found))


Labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=20)


@given(Labels)
def test_a_join_tells_apart_what_either_side_does(labels: list[tuple[int, int, int]]) -> None:
    size = len(labels)
    left, right = partition([a for a, _, _ in labels]), partition([b for _, b, _ in labels])
    join = Partitions(size).join(left, right)
    pairs = [(a, b) for a, b, _ in labels]
    assert join.partition.count == len(set(pairs))
    for i in range(size):
        for j in range(size):
            same = join.partition.classes[i] == join.partition.classes[j]
            assert same == (pairs[i] == pairs[j])
    for side, maps in ((left, join.left), (right, join.right)):
        found = join.partition.classes if maps is None else maps[join.partition.classes]
        assert (found == side.classes).all()


@given(Labels)
def test_a_refinement_that_adds_nothing_is_the_finer_side_itself(labels: list[tuple[int, int, int]]) -> None:
    size = len(labels)
    fine, coarse = partition([a * 4 + b for a, b, _ in labels]), partition([a for a, _, _ in labels])
    partitions = Partitions(size)
    for joined in (partitions.join(fine, coarse).partition, partitions.join(coarse, fine).partition):
        # Where both have as many classes, either is as good.
        assert joined is fine or (joined is coarse and coarse.count == fine.count)
    assert partitions.join(fine, fine).partition is fine
    assert partitions.join(partitions.trivial, fine).partition is fine


def test_a_join_is_computed_once_while_it_is_used() -> None:
    partitions = Partitions(4)
    a, b = partition([0, 0, 1, 1]), partition([0, 1, 0, 1])
    first = partitions.join(a, b)
    partitions.turn()
    assert partitions.join(a, b) is first
    partitions.turn()
    partitions.turn()
    assert partitions.join(a, b) is not first


def test_codes_of_many_classes_do_not_wrap() -> None:
    # 60,000 classes on either side: a code needs 32 bits and more, and most codes do not occur.
    size = 60_000
    a = Partition(np.arange(size, dtype=np.int32), size)
    b = Partition(np.arange(size, dtype=np.int32)[::-1].copy(), size)
    assert Partitions(size).join(a, b).partition.count == size
    halves = Partition((np.arange(size) // 2).astype(np.int32), size // 2)
    shifted = Partition((np.r_[0, np.arange(size - 1) // 2 + 1]).astype(np.int32), size // 2 + 1)
    join = Partitions(size).join(halves, shifted)
    assert join.partition.count == size
    assert join.left is not None
    assert join.right is not None
    assert (join.left[join.partition.classes] == halves.classes).all()
    assert (join.right[join.partition.classes] == shifted.classes).all()


@given(Labels)
def test_a_representative_stands_in_its_class(labels: list[tuple[int, int, int]]) -> None:
    made = partition([a for a, _, _ in labels])
    found = Partitions(len(labels)).representatives(made)
    assert (made.classes[found] == np.arange(made.count)).all()


def test_a_cache_forgets_what_two_turns_have_not_seen() -> None:
    recent: Recent[str] = Recent()
    recent.put("a", "A")
    recent.put("b", "B")
    recent.turn()
    assert recent.get("a") == "A"
    recent.turn()
    assert recent.get("a") == "A"
    assert recent.get("b") is None
