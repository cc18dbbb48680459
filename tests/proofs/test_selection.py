import numpy as np
from strategies import dataset

from memcert.proofs.columns import Column, Space
from memcert.proofs.directions import points_of
from memcert.proofs.integers import integers
from memcert.proofs.masks import Mask, Masks
from memcert.proofs.partitions import Partition
from memcert.proofs.selection import Selector

SIZE = 6


def space() -> Space:
    return Space(points_of(dataset([[k] for k in range(SIZE)], [0] * SIZE)), 0)


def by_class(classes: list[int], values: list[int], denominator: int = 1) -> Column:
    partition = Partition(np.array(classes, dtype=np.int32), len(values))
    return Column(partition, denominator, integers(np.array(values, dtype=object)), (), None)


def values(column: Column) -> list[int]:
    return [int(x) for x in column.base.values[column.partition.classes]]


def samples(masks: Masks, *bits: int) -> Mask:
    return masks.of(None, np.array(bits, dtype=np.bool_))


def test_each_sample_takes_the_form_of_its_group() -> None:
    here = space()
    masks = Masks(here.partitions)
    left, right = by_class([0, 0, 1, 1, 2, 2], [10, 20, 30]), by_class([0, 1, 0, 1, 0, 1], [1, 2], 3)
    first, second = samples(masks, 1, 0, 1, 0, 1, 0), samples(masks, 0, 1, 0, 1, 0, 1)
    made = Selector(here, masks).select([left, right], [[first], [second]])
    assert made.denominator == 3
    assert values(made) == [30, 2, 60, 2, 90, 2]


def test_no_class_is_split_where_classes_choose_as_wholes() -> None:
    here = space()
    masks = Masks(here.partitions)
    interval = Partition(np.array([0, 0, 1, 1, 2, 2], dtype=np.int32), 3)
    words = Column(interval, 1, integers(np.array([5, 6, 7])), (), None)
    odd, even = Mask(interval, np.array([True, False, True])), Mask(interval, np.array([False, True, False]))
    made = Selector(here, masks).select([words, here.number(0)], [[odd], [even]])
    assert made.partition is interval
    assert values(made) == [5, 5, 0, 0, 7, 7]


def test_equal_forms_of_different_classes_stay_apart_on_their_partition() -> None:
    here = space()
    masks = Masks(here.partitions)
    interval = Partition(np.array([0, 0, 1, 1, 2, 2], dtype=np.int32), 3)
    odd, even = Mask(interval, np.array([True, False, True])), Mask(interval, np.array([False, True, False]))
    made = Selector(here, masks).select([here.number(1), here.number(0)], [[odd], [even]])
    assert made.partition is interval
    assert values(made) == [1, 1, 0, 0, 1, 1]


def test_parts_of_a_split_class_with_equal_forms_are_merged_again() -> None:
    here = space()
    masks = Masks(here.partitions)
    labels = by_class([0, 0, 1, 1, 2, 2], [0, 5, 0])
    opened, closed = samples(masks, 1, 0, 1, 0, 1, 0), samples(masks, 0, 1, 0, 1, 0, 1)
    made = Selector(here, masks).select([labels, here.number(0)], [[opened], [closed]])
    assert values(made) == [0, 0, 5, 0, 0, 0]
    # Only the class in the middle came apart.
    assert made.partition.count == 4


def test_masks_of_one_group_and_mixed_masks_divide_the_samples_together() -> None:
    here = space()
    masks = Masks(here.partitions)
    halves = Partition(np.array([0, 0, 0, 1, 1, 1], dtype=np.int32), 2)
    groups = [
        [Mask(halves, np.array([True, False])), samples(masks, 0, 0, 0, 1, 0, 0)],
        [samples(masks, 0, 0, 0, 0, 1, 1)],
    ]
    made = Selector(here, masks).select([here.number(1), here.number(2)], groups)
    assert values(made) == [1, 1, 1, 1, 2, 2]


def test_one_group_is_its_column_itself() -> None:
    here = space()
    masks = Masks(here.partitions)
    column = here.number(3)
    assert Selector(here, masks).select([column], [[masks.full]]) is column


def test_forms_with_directions_and_without_are_put_side_by_side() -> None:
    here = space()
    masks = Masks(here.partitions)
    moving = here.of_input({0: 2}, 1)
    low, high = samples(masks, 1, 1, 1, 0, 0, 0), samples(masks, 0, 0, 0, 1, 1, 1)
    made = Selector(here, masks).select([here.number(4), moving], [[low], [high]])
    assert made.factors is not None
    classes = made.partition.classes
    assert made.factors.values[0][classes].tolist() == [0, 0, 0, 2, 2, 2]
    assert values(made) == [4, 4, 4, 1, 1, 1]


def test_an_absent_bound_stays_with_those_who_chose_it() -> None:
    here = space()
    masks = Masks(here.partitions)
    low, high = samples(masks, 1, 1, 1, 0, 0, 0), samples(masks, 0, 0, 0, 1, 1, 1)
    made = Selector(here, masks).select([here.number(4), here.absence()], [[low], [high]])
    assert made.absent is not None
    assert made.absent[made.partition.classes].tolist() == [False] * 3 + [True] * 3


def test_masks_know_the_full_and_the_empty_set() -> None:
    here = space()
    masks = Masks(here.partitions)
    some, rest = samples(masks, 1, 0, 0, 0, 0, 0), samples(masks, 0, 1, 1, 1, 1, 1)
    assert masks.both(some, rest) is masks.empty
    assert masks.either(some, rest) is masks.full
    assert masks.without(masks.full, some).bits.tolist() == rest.bits.tolist()
    assert masks.without(some, masks.full) is masks.empty
    assert masks.both(some, masks.full) is some
    assert masks.both(some, rest) is masks.both(some, rest)
    assert masks.without(rest, some) is masks.without(rest, some)
    assert masks.first(rest) == 1
