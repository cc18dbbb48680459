from fractions import Fraction
from itertools import product
from math import ceil, log2, pi, sqrt

import numpy as np
import pytest
from construction_tools import tasks
from hypothesis import given
from hypothesis import strategies as st

from memcert.blocks.assembly import network
from memcert.constructions.vardi_yehudai_shamir import composition, copy_sizes, sizes
from memcert.constructions.vardi_yehudai_shamir.lookup import Fields
from memcert.constructions.vardi_yehudai_shamir.plan import Plan
from memcert.constructions.vardi_yehudai_shamir.projection import Projection
from memcert.constructions.vardi_yehudai_shamir.sizes import Shape, Split
from memcert.constructions.vardi_yehudai_shamir.tables import intervals
from memcert.errors import BuildError
from memcert.kernel.check import sizes as counted


def plan_of(
    count: int,
    slots: int,
    bits: tuple[int, int],
    *,
    wide: bool = False,
    weights: tuple[int, ...] = (1,),
    bias: int = 1,
    first: int = 1,
    labels: int | None = None,
) -> Plan:
    """A plan with made-up numbers: only their being zero or not counts here."""
    rho, c = bits
    keys = [first + (i % max(1, 2**rho - first)) for i in range(count)]
    values = [2**c - 1 if labels is None else labels] * count
    split = Split(-(-count // slots), slots)
    line = Projection(weights, bias, 3, tuple(range(count)), tuple(keys), 1, rho, Fraction(0))
    tables = intervals(sorted(keys), values, split, bits, wide)
    return Plan(line, split, Fields(slots, rho, c, wide), tables, ((1, 0),))


def built_sizes(plan: Plan) -> dict[str, int]:
    return counted(network(composition.compose(plan), len(plan.projection.weights)))


GRID = list(product([1, 4, 9, 10], [1, 2, 3, 4], [(1, 1), (2, 1), (5, 2), (4, 4), (7, 10), (1, 3)]))


@pytest.mark.parametrize(("count", "slots", "bits"), GRID)
@pytest.mark.parametrize("wide", [False, True])
def test_the_formulas_equal_the_built_network(
    count: int, slots: int, bits: tuple[int, int], wide: bool
) -> None:
    plan = plan_of(count, slots, bits, wide=wide)
    found = built_sizes(plan)
    widths = copy_sizes.layer_widths(plan.shapes, series=False)
    assert copy_sizes.parameters(plan.shapes, series=False) == found["parameters"]
    assert copy_sizes.edges(plan.shapes, series=False) == found["edges"]
    assert len(widths) - 1 == sizes.depth(plan.shapes[0]) == found["depth"]
    assert max(widths[1:-1]) == found["width"]
    assert plan.bits >= found["bit_complexity"]


@pytest.mark.parametrize(
    ("count", "slots", "bits"), [g for g in GRID if g[2][0] >= g[2][1] and g[2] != (1, 1)]
)
def test_the_papers_layout_has_the_size_of_the_written_formula(
    count: int, slots: int, bits: tuple[int, int]
) -> None:
    rho, c = bits
    m, n, d = -(-count // slots), slots, 3
    found = built_sizes(plan_of(count, slots, bits, weights=(1, -1, 2)))
    assert found["parameters"] == 37 * m + n * (33 * rho + 9 * c + 27) + d + 15
    assert found["edges"] == 27 * m + n * (31 * rho + 7 * c + 23) + d + 10
    assert found["depth"] == 3 * m + n * (3 * max(rho, c) + 3) + 5


@pytest.mark.parametrize(("rho", "c"), [(1, 3), (7, 10)])
def test_labels_longer_than_keys_have_their_own_formula(rho: int, c: int) -> None:
    found = built_sizes(plan_of(9, 2, (rho, c)))
    assert found["parameters"] == 37 * 5 + 2 * (33 * c + 9 * rho + 26) + 1 + 15
    assert found["edges"] == 27 * 5 + 2 * (31 * c + 7 * rho + 22) + 1 + 10


def test_one_bit_keys_and_labels_save_one_parameter_a_slot() -> None:
    found = built_sizes(plan_of(4, 2, (1, 1)))
    assert found["parameters"] == 37 * 2 + 2 * (33 + 9 + 27 - 1) + 1 + 15
    assert found["width"] == 10


def test_corrections_for_zeros_are_exact() -> None:
    whole = built_sizes(plan_of(9, 3, (5, 2), weights=(1, 1)))
    no_label = built_sizes(plan_of(9, 3, (5, 2), weights=(1, 1), labels=0))
    no_entry = built_sizes(plan_of(9, 3, (5, 2), weights=(1, 0)))
    no_bias = built_sizes(plan_of(9, 3, (5, 2), weights=(1, 1), bias=0))
    at_zero = built_sizes(plan_of(9, 3, (5, 2), weights=(1, 1), first=0))
    # Three words of labels are 0: 3 parameters and 2 edges each.
    assert whole["parameters"] - no_label["parameters"] == 9
    assert whole["edges"] - no_label["edges"] == 6
    assert whole["parameters"] - no_entry["parameters"] == whole["edges"] - no_entry["edges"] == 1
    assert whole["parameters"] - no_bias["parameters"] == 1
    # The first interval starts at 0: one bias in each of the two streams.
    assert whole["parameters"] - at_zero["parameters"] == 2


def test_wide_windows_cost_one_parameter_a_slot_and_no_edge() -> None:
    narrow, wide = built_sizes(plan_of(9, 3, (5, 2))), built_sizes(plan_of(9, 3, (5, 2), wide=True))
    assert wide["parameters"] - narrow["parameters"] == 3
    assert wide["edges"] == narrow["edges"]


@given(st.integers(1, 300), st.integers(1, 40), st.integers(1, 12), st.integers(0, 3))
def test_the_best_number_of_slots_is_the_best_of_all(count: int, rho: int, c: int, zeros: int) -> None:
    def zero_words(slots: int) -> int:
        return min(zeros, -(-count // slots))

    def cost(slots: int) -> int:
        split = Split(-(-count // slots), slots)
        return sizes.parameters(Shape(split, rho, c, 1, windows=True, zero_words=zero_words(slots)))

    found = copy_sizes.best_slots((count,), (rho, c), series=False, zero_words=zero_words)
    costs = [cost(slots) for slots in range(1, count + 1)]
    assert found == 1 + costs.index(min(costs))


@pytest.mark.parametrize(
    ("points", "split"),
    [
        (1, (1, 1)),
        (2, (2, 1)),
        (3, (3, 1)),
        (4, (3, 2)),
        (16, (8, 2)),
        (17, (9, 2)),
        (1000, (100, 10)),
        (65536, (1024, 64)),
    ],
)
def test_the_literal_split_is_ceil_sqrt_n_log_n(points: int, split: tuple[int, int]) -> None:
    found = sizes.literal_split(points)
    assert (found.intervals, found.slots) == split
    assert found.intervals == max(1, ceil(sqrt(points * log2(points)) - 1e-9))


def test_a_split_of_no_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        sizes.literal_split(0)


@pytest.mark.parametrize(
    ("classes", "bits"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (10, 4), (1024, 10), (1025, 11)]
)
def test_labels_take_ceil_log2_bits(classes: int, bits: int) -> None:
    assert sizes.label_bits(classes) == bits


def test_the_theorems_constants_for_a_hundred_points_by_hand() -> None:
    bounds = sizes.theorem_bounds(100, 4, 10, 25, Fraction(1, 4))
    root = sqrt(pi * 4)
    assert bounds.split == Split(26, 4)
    assert bounds.bias == 5
    assert bounds.scale == ceil(2 * 100**2 * root / 0.5) == 141797
    assert bounds.key_bits == ceil(log2(10 * 100**2 * 5 * root / 0.5 + 1)) == 22
    assert bounds.fraction_bits == ceil(log2(100**2 * 4 * sqrt(pi))) == 17
    assert (bounds.label_bits, bounds.width) == (4, 12)
    assert bounds.depth == 3 * 26 + 4 * (3 * 22 + 3) + 5
    assert bounds.parameters == 37 * 26 + 4 * (33 * 22 + 9 * 4 + 27) + 4 + 15
    assert bounds.bits == max(4 * 22 + 4, 2 * 17 + 2)


def test_large_distances_and_small_norms_count_as_one() -> None:
    far = sizes.theorem_bounds(10, 2, 2, Fraction(1, 9), 10**6)
    assert far == sizes.theorem_bounds(10, 2, 2, 1, 1)
    assert sizes.theorem_bounds(1, 2, 2, 4, None).scale == ceil(2 * sqrt(2 * pi))


BOUNDS_GRID = [
    (count, dimension, classes, ratio, delta)
    for count in (2, 5, 17, 60)
    for dimension in (1, 3, 8)
    for classes in (2, 3, 10)
    for ratio, delta in ((1, 1), (50, Fraction(1, 7)), (10**6, 1), (10**4, Fraction(1, 1000)))
    if classes <= count
]


@pytest.mark.parametrize(("count", "dimension", "classes", "ratio", "delta"), BOUNDS_GRID)
def test_a_literal_network_keeps_the_theorems_bounds(
    count: int, dimension: int, classes: int, ratio: int, delta: Fraction
) -> None:
    """Two points delta apart, the others further, norms up to about ratio * delta."""
    generator = np.random.Generator(np.random.PCG64(count * 1000 + dimension))
    reach = max(ratio, 4 * count)
    drawn = generator.integers(-reach, reach, size=(4 * count, dimension), endpoint=True)
    points = np.unique(np.concatenate([drawn * 2, [[0] * dimension, [1] + [0] * (dimension - 1)]]), axis=0)
    kept = np.concatenate([points[: count - 2], [[0] * dimension, [1] + [0] * (dimension - 1)]])
    kept = np.unique(kept, axis=0)
    exact_points = [[x * delta for x in row] for row in kept.tolist()]
    task = tasks(exact_points, [i % classes for i in range(len(kept))])
    built = composition.build(task, {"sizing": "literal", "directions": 0})
    found = counted(built.network)
    n_points, c = len(kept), max(1, ceil(log2(classes)))
    r = max(1.0, sqrt(max(sum(x * x for x in point) for point in exact_points)))
    root = sqrt(pi * dimension) / float(delta)
    rho = ceil(log2(10 * n_points**2 * r * root + 1))
    m = max(1, ceil(sqrt(n_points * log2(n_points)) - 1e-9))
    n = ceil(n_points / m)
    k = ceil(log2(n_points**2 * dimension * sqrt(pi)))
    longer = max(rho, c)
    assert found["width"] <= 12
    assert found["depth"] <= 3 * m + n * (3 * longer + 3) + 5
    assert found["parameters"] <= 37 * m + n * (33 * longer + 9 * min(rho, c) + 27) + dimension + 15
    scale = 2 * n_points**2 * root
    projection_bits = max(2 * k + 2, ceil(log2(r + 1)) + 2, ceil(log2(scale + 2)) + 1)
    assert found["bit_complexity"] <= max(n * longer + 4, projection_bits)


def test_a_prediction_of_argmax_with_one_class_is_refused() -> None:
    task = tasks([(1,), (2,)], [0, 0], rule="argmax")
    for function in (composition.predict, composition.build):
        with pytest.raises(BuildError, match="one class"):
            function(task, {"sizing": "balanced", "directions": 4})


def test_a_prediction_equals_the_built_network() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    points = np.unique(generator.integers(-500, 500, size=(120, 2)), axis=0).tolist()
    task = tasks(points, [i % 3 for i in range(len(points))])
    built = counted(composition.build(task, {"sizing": "balanced", "directions": 16}).network)
    size = composition.predict(task, {"sizing": "balanced", "directions": 16})
    assert (size.parameters, size.edges) == (built["parameters"], built["edges"])
    assert (size.width, size.depth) == (built["width"], built["depth"])
    assert size.bits >= built["bit_complexity"]
