from dataclasses import replace
from fractions import Fraction

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

from memcert.constructions.assemble import build
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError
from memcert.kernel.certificate import Certificate
from memcert.proofs.prove import prove

NAME = "robust-boxes"


def smallest_opposite(data: Dataset) -> Fraction:
    """The distance lambda by its definition."""
    rows = list(data.rows())
    return min(
        max(abs(Fraction(a) - Fraction(b)) for a, b in zip(x, z, strict=True))
        for i, (x, own) in enumerate(rows)
        for z, other in rows[:i]
        if own != other
    )


@pytest.mark.parametrize("name", ODD)
def test_odd_but_honest_data_are_memorized_as_predicted(name: str) -> None:
    accepted(NAME, odd(name))


@settings(max_examples=25, deadline=None)
@given(datasets(max_size=10, max_dimension=4, classes=4), st.sampled_from(["equal", "argmax"]))
def test_random_data_have_boxes_of_the_default_radius(data: Dataset, rule: str) -> None:
    data = contradiction_free(data)
    if len(set(data.labels)) == 1:
        if rule == "equal":
            assert accepted(NAME, data, rule).claim.box_radius == "unbounded"
        return
    certificate = accepted(NAME, data, rule)
    assert certificate.claim.box_radius == smallest_opposite(data) / 3
    assert corners_wrong(certificate) == []


@settings(max_examples=15, deadline=None)
@given(datasets(max_size=8, max_dimension=3, classes=3), st.integers(1, 999))
def test_any_radius_below_half_the_distance_is_proved_and_no_larger_one(data: Dataset, share: int) -> None:
    data = contradiction_free(data)
    if len(set(data.labels)) == 1:
        return
    half = smallest_opposite(data) / 2
    certificate = accepted(NAME, data, radius=str(half * share / 1000))
    radius = Fraction(certificate.claim.box_radius or 0)
    assert radius == half * share / 1000
    assert min(r for r in prove(certificate).radii if not isinstance(r, str | None)) == radius
    larger = replace(certificate.claim, box_radius=radius * Fraction(1001, 1000))
    assert prove(replace(certificate, claim=larger)).verdict == "refuted"


@pytest.mark.parametrize("radius", ["5/2", "2.5", "3", "1000"])
def test_boxes_that_would_meet_are_refused_naming_the_pair_and_half_the_distance(radius: str) -> None:
    data = dataset([(0, 0), (90, 3), (7, 9), (5, 5)], (0, 1, 0, 1))
    with pytest.raises(BuildError) as refusal:
        build(data, NAME, radius=radius)
    message = str(refusal.value)
    assert "radius must be less than lambda/2 = 2, got" in message
    assert "row 2 and row 3" in message
    assert "lambda = 4 apart" in message


def test_the_radius_lambda_half_itself_is_refused() -> None:
    data = dataset([(Fraction(1, 3), 0), (1, 0)], ("a", "b"))
    with pytest.raises(BuildError, match="less than lambda/2 = 1/3, got 1/3: row 0 and row 1"):
        build(data, NAME, radius="1/3")
    accepted(NAME, data, radius="0.333")


@pytest.mark.parametrize("radius", ["0", "-1", "-1/3"])
def test_a_radius_that_is_not_above_0_is_refused(radius: str) -> None:
    with pytest.raises(BuildError, match=f"radius must be above 0, got {radius}"):
        build(odd("two points"), NAME, radius=radius)


@pytest.mark.parametrize(
    ("count", "dimension", "classes", "rule", "tolerance"),
    [
        (30, 3, 2, "sign", None),
        (40, 1, 5, "equal", None),
        (25, 2, 9, "within", "1/3"),
        (40, 6, 3, "argmax", None),
    ],
)
def test_a_grid_of_sizes_and_rules(
    count: int, dimension: int, classes: int, rule: str, tolerance: str | None
) -> None:
    certificate = accepted(NAME, random_data(count, dimension, classes), rule, tolerance=tolerance)
    assert corners_wrong(certificate) == []


def test_the_formula_of_the_sizes_holds_where_the_first_label_is_the_most_frequent() -> None:
    for boxes, dimension in ((1, 3), (4, 1), (9, 5)):
        points = [tuple(10 * i + j + 3 for j in range(dimension)) for i in range(2 * boxes + 1)]
        claim = accepted(NAME, dataset(points, (0,) * (boxes + 1) + (1,) * boxes)).claim
        assert claim.parameters == (8 * dimension + 5) * boxes + dimension - 3
        assert claim.depth == 2 * boxes + 1
        assert claim.width == 3 * dimension + (boxes > 1)


def test_vanishing_biases_and_the_first_level_are_counted() -> None:
    # The only box is [0, 4] x [-2, 2]: one of its ends is 0; the shifts are 6 and 3.
    data = dataset([(-3, 0), (2, 0), (8, 0), (8, 6)], (1, 0, 1, 1))
    claim = accepted(NAME, data, radius="2").claim
    # Label 1 is the most frequent, and the bias of the read-out.
    assert claim.parameters == (8 * 2 + 5) + 2 - 3 - 1 + 1


def test_points_of_the_most_frequent_label_need_no_box() -> None:
    certificate = accepted(NAME, odd("one point of its class"))
    assert certificate.annotations["boxes"] == "1"
    assert certificate.claim.depth == 3
    assert accepted(NAME, odd("all but one")).claim.depth == 3


def test_the_boxes_of_one_label_may_overlap() -> None:
    points = [(0, 0), (1, 1), (0, 1), (2, 2), (30, 30), (31, 30), (32, 31), (60, 0), (61, 0)]
    certificate = accepted(NAME, dataset(points, (1, 1, 1, 1, 2, 2, 2, 0, 0)), radius="10")
    assert certificate.claim.box_radius == 10
    assert corners_wrong(certificate) == []


def test_784_dimensions_are_memorized() -> None:
    accepted(NAME, random_data(6, 784, 2, span=256), "sign")


@pytest.mark.parametrize("classes", [2, 3])
def test_what_a_changed_weight_breaks_is_refuted(classes: int) -> None:
    found = changed_weights(build(random_data(20, 2, classes), NAME), 10)
    assert found["proved, wrong"] == 0


def test_obligations_do_not_grow_with_the_samples() -> None:
    few, many = (prove(build(random_data(count, 2, 3), NAME)) for count in (12, 120))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations
    assert not many.regions


def test_the_probe_tells_the_box_and_level_of_every_sample() -> None:
    certificate: Certificate = build(dataset([(0,), (9,), (20,), (30,), (9,)], (2, 0, 2, 1, 0)), NAME)
    (probe,) = certificate.witness.probes
    assert (probe.name, probe.values) == ("level", (0, 1, 2))
    assert certificate.witness.partitions["box"] == (2, 0, 2, 1, 0)
