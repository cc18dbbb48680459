from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memorizer_tools import (
    ODD,
    accepted,
    changed_weights,
    contradiction_free,
    corners_wrong,
    odd,
    random_data,
)
from strategies import dataset, datasets

from memcert.constructions.assemble import build, prepare
from memcert.constructions.registry import construction
from memcert.datasets.dataset import Dataset
from memcert.errors import DatasetError
from memcert.proofs.prove import prove

NAME = "yu-gao-zhang-miao-cover"


def two_squares(count: int) -> Dataset:
    """Two classes in [0, 1]^2, at l-infinity distance 0.4 from one another."""
    generator = np.random.Generator(np.random.PCG64(count))
    labels = np.arange(count) % 2
    first = generator.integers(0, 301, size=count) + 700 * labels
    points = np.stack([first, generator.integers(0, 1001, size=count)], axis=1)
    return Dataset("squares", None, points, 1000, tuple(labels.tolist()))


@pytest.mark.parametrize("name", ODD)
def test_odd_but_honest_data_are_memorized_as_predicted(name: str) -> None:
    accepted(NAME, odd(name))


@settings(max_examples=25, deadline=None)
@given(datasets(max_size=12, max_dimension=3, classes=4), st.sampled_from(["equal", "argmax"]))
def test_random_data_are_memorized_as_predicted(data: Dataset, rule: str) -> None:
    data = contradiction_free(data)
    if rule == "argmax" and len(set(data.labels)) == 1:
        return
    accepted(NAME, data, rule)


@pytest.mark.parametrize(
    ("count", "dimension", "classes", "rule", "tolerance"),
    [(40, 2, 2, "sign", None), (60, 1, 4, "equal", None), (30, 2, 9, "within", "3/2")],
)
def test_a_grid_of_sizes_and_rules(
    count: int, dimension: int, classes: int, rule: str, tolerance: str | None
) -> None:
    accepted(NAME, random_data(count, dimension, classes, span=200), rule, tolerance=tolerance)


def test_the_size_does_not_grow_with_the_samples_where_the_classes_are_far_apart() -> None:
    made_by = construction(NAME)
    sizes = [
        made_by.predict(prepare(two_squares(count), "sign"), {})
        for count in (25, 50, 100, 200, 400, 800, 1_600, 3_200)
    ]
    # Cells of side 2/15 hold one net point each: 3 columns of 8 for either class; half of them have boxes.
    assert max(size.depth for size in sizes) <= 2 * 24 + 1
    late = [size.parameters for size in sizes[4:]]
    assert max(late) < 2 * min(late)
    assert late[-1] < 300


def test_samples_outside_the_net_are_proved_by_the_box_of_a_net_point() -> None:
    certificate = accepted(NAME, two_squares(300))
    boxes = int(certificate.annotations["boxes"])
    assert int(certificate.annotations["net"]) < 30
    assert boxes < 20
    stored = [box for box in certificate.witness.partitions["box"] if box < boxes]
    assert set(stored) == set(range(boxes))
    assert len(stored) > 100
    radius = certificate.claim.box_radius
    assert min(r for r in prove(certificate).radii if not isinstance(r, str | None)) == radius
    assert corners_wrong(certificate) == []


def test_the_radius_is_what_the_nearest_box_leaves_to_the_farthest_sample() -> None:
    # lambda = 30, mu = 10; the net is 0, 11 and 60, 41; 8 is 3 from 11, and 52 is 8 from 60.
    data = dataset([(0,), (11,), (60,), (41,), (8,), (52,)], (0, 0, 1, 1, 0, 1))
    certificate = accepted(NAME, data)
    assert {"net": "4", "lambda": "30", "radius": "10"}.items() <= certificate.annotations.items()
    # Label 0 has as many net points: its samples need no box.
    assert certificate.claim.box_radius == 10 - 8


def test_a_sample_on_the_border_of_its_box_has_radius_0() -> None:
    data = dataset([(0,), (100,), (103,), (70,), (-Fraction(1, 2),), (60,), (50,)], (0, 1, 1, 1, 0, 1, 1))
    # lambda = 50, mu = 50/3: the net is 0, 100, 70, 50 with boxes for the rarer label only.
    assert accepted(NAME, data).claim.box_radius == Fraction(50, 3) - Fraction(1, 2)
    border = dataset([(0,), (10,), (40,), (80,), (120,)], (1, 1, 0, 0, 0))
    assert accepted(NAME, border).claim.box_radius == 0


def test_opposite_labels_that_coincide_are_refused() -> None:
    with pytest.raises(DatasetError, match=r"row 0 and row 2"):
        build(dataset([(1, 2), (3, 4), (1, 2)], (0, 1, 1)), NAME)


@pytest.mark.parametrize("classes", [2, 3])
def test_what_a_changed_weight_breaks_is_refuted(classes: int) -> None:
    found = changed_weights(build(random_data(20, 2, classes, span=20), NAME), 20)
    assert found["proved, wrong"] == 0


def test_obligations_do_not_grow_with_the_samples() -> None:
    few, many = (prove(build(two_squares(count), NAME)) for count in (30, 800))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations


def test_the_printed_bound_of_the_net_is_exceeded_and_the_corrected_one_holds() -> None:
    # In one dimension the unit ball has length 2: printed (1 + 2c/3)/(2 c/3), from balls of radius c/3
    # around points that are more than c/3 apart; those of radius c/6 are disjoint.
    points = [(Fraction(12 * k, 100),) for k in range(6)]
    certificate = accepted(NAME, dataset([*points, (Fraction(94, 100),)], (0,) * 6 + (1,)))
    c = Fraction(certificate.annotations["lambda"])
    assert c == Fraction(34, 100)
    net = int(certificate.annotations["net"])
    printed, corrected = (1 + 2 * c / 3) / (2 * c / 3), (1 + c / 3) / (2 * c / 6)
    assert printed < net == 7 <= corrected


def test_close_points_of_one_label_do_not_make_the_boxes_small() -> None:
    # Step One as printed takes the smallest distance of all pairs, here 1/1000.
    data = dataset([(0,), (Fraction(1, 1000),), (3,), (4,), (10,)], (0, 0, 0, 1, 1))
    assert accepted(NAME, data).annotations["lambda"] == "1"
