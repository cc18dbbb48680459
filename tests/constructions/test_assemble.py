from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import memorizes
from strategies import dataset, datasets

from memcert.constructions import assemble
from memcert.constructions.assemble import build, prepare, text_bytes
from memcert.datasets.dataset import Dataset
from memcert.datasets.labels import contradictions
from memcert.errors import BuildError, DatasetError, UsageError
from memcert.formats.certificates import encode
from memcert.kernel.check import check
from memcert.kernel.data import Table, data_line
from memcert.kernel.decode import decode

FIVE = dataset(
    [(0, 0), (Fraction(1, 2), 3), (-4, 1), (0, 0), (7, Fraction(-5, 3))], ("b", "a", "b", "b", "c")
)


@settings(max_examples=30, deadline=None)
@given(datasets(max_size=8), st.sampled_from(["balanced", "literal"]), st.integers(0, 3))
def test_every_certificate_is_accepted_by_the_kernel_and_memorizes_by_the_oracle(
    data: Dataset, sizing: str, seed: int
) -> None:
    if next(contradictions(data), None) is not None:
        with pytest.raises(DatasetError):
            build(data, sizing=sizing, seed=seed)
        return
    certificate = build(data, sizing=sizing, seed=seed)
    assert memorizes(certificate)
    assert check(decode(encode(certificate).encode())).examined == data.size


def test_the_claim_of_five_points_by_hand() -> None:
    claim = build(FIVE).claim
    assert (claim.rule, claim.tolerance, claim.excepted, claim.promises) == ("equal", None, (), ())
    assert claim.separation_squared == Fraction(37, 4)
    assert claim.separation_direction is None
    assert claim.data_radius_squared == 49 + Fraction(25, 9)


def test_labels_are_numbered_in_sorted_order_and_duplicates_kept_as_samples() -> None:
    certificate = build(FIVE)
    assert certificate.dataset.classes == ("a", "b", "c")
    assert certificate.dataset.labels == (1, 0, 1, 1, 2)
    assert certificate.dataset.size == 5
    assert [len(p.values) for p in certificate.witness.probes if p.partition is None] == [5]


def test_the_construction_records_its_options_and_the_seed() -> None:
    made_by = build(FIVE, directions="5", seed=7, separation="direction").construction
    assert made_by is not None
    assert made_by.name == "vardi-yehudai-shamir"
    assert made_by.options == {"sizing": "balanced", "directions": 5, "seed": 7, "separation": "direction"}


def test_a_separation_along_a_direction_is_a_true_lower_bound() -> None:
    claim = build(FIVE, separation="direction").claim
    assert claim.separation_direction is not None
    assert claim.separation_squared is not None
    assert 0 < claim.separation_squared <= Fraction(37, 4)
    assert check(build(FIVE, separation="direction")).examined == 5


def test_many_points_get_a_direction_and_few_the_exact_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "EXACT_POINTS", 3)
    assert build(FIVE).claim.separation_direction is not None
    assert build(FIVE, separation="exact").claim.separation_direction is None


def test_one_distinct_point_has_no_separation() -> None:
    claim = build(dataset([(3,), (3,)], (1, 1))).claim
    assert (claim.separation_squared, claim.separation_direction) == (None, None)


def test_many_points_of_one_class_are_separated_along_a_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "EXACT_POINTS", 1)
    certificate = build(dataset([(3, 1), (4, 1), (9, 9)], (1, 1, 1)))
    assert certificate.claim.separation_direction is not None
    assert check(certificate).classes == 1


def test_long_data_are_detached_and_checked_with_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "DETACHED_BYTES", text_bytes(FIVE) - 1)
    certificate = build(FIVE)
    assert certificate.dataset.points is None
    assert certificate.dataset.labels is None
    table = Table(FIVE.size, FIVE.dimension, FIVE.columns, list(FIVE.rows()))
    assert check(certificate, table).dataset_digest == certificate.digests.dataset
    monkeypatch.setattr(assemble, "DETACHED_BYTES", text_bytes(FIVE))
    assert build(FIVE).dataset.points is not None


@given(datasets(max_size=6))
def test_the_length_of_the_canonical_text_is_counted_exactly(data: Dataset) -> None:
    assert text_bytes(data) == sum(len(data_line(point, label)) for point, label in data.rows())


def test_equal_points_with_different_labels_are_refused() -> None:
    with pytest.raises(DatasetError, match="equal points"):
        build(dataset([(1, 2), (1, 2)], (0, 1)))


@pytest.mark.parametrize("rule", ["sign", "argmax"])
def test_other_rules_are_met_with_margin_one(rule: str) -> None:
    certificate = build(dataset([(1, 2), (5, 2), (4, 4)], ("no", "yes", "no")), rule=rule)
    assert certificate.claim.margin == 1
    assert check(certificate).rule == rule


def test_sign_with_three_classes_is_refused() -> None:
    with pytest.raises(BuildError, match="at most two classes"):
        build(FIVE, rule="sign")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rule": "nearest"}, "vardi-yehudai-shamir can meet equal, sign, argmax, within, got 'nearest'"),
        ({"tolerance": 1}, "the rule is equal"),
        ({"seed": -1}, "seed: expected an integer of at least 0, got -1"),
        ({"separation": "fast"}, "separation: expected exact or direction, got 'fast'"),
        ({"sizing": "tiny"}, "sizing: expected one of balanced, literal, got 'tiny'"),
        ({"directions": -1}, "directions: expected an integer of at least 0, got -1"),
        ({"colour": 3}, "no option 'colour'"),
        ({"construction": "none"}, "no construction 'none'"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(arguments: dict[str, str | int], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        build(FIVE, **arguments)  # type: ignore[arg-type]
    assert message in str(caught.value)


@pytest.mark.parametrize("tolerance", [None, "a third", "1/0", -1, "-1/2"])
def test_the_rule_within_needs_a_tolerance_of_at_least_zero(tolerance: str | int | None) -> None:
    with pytest.raises(UsageError, match="tolerance"):
        prepare(dataset([(1,), (2,)], (1, 2)), "within", tolerance)


def test_a_task_within_keeps_its_values_and_exact_tolerance() -> None:
    task = prepare(dataset([(1,), (2,), (1,)], (5, 7, 5)), "within", "0.25")
    assert (task.tolerance, task.labels, task.classes) == (Fraction(1, 4), (5, 7), None)
    assert (task.distinct, task.groups, task.class_count) == ((0, 1), (0, 1, 0), 2)


def test_a_seed_decides_the_direction_and_nothing_else_is_random() -> None:
    generator = np.random.Generator(np.random.PCG64(9))
    points = generator.integers(-99, 99, size=(60, 3)).tolist()
    data = dataset(points, tuple(i % 3 for i in range(60)))
    assert encode(build(data, seed=1)) == encode(build(data, seed=1))
    assert encode(build(data, seed=1)) != encode(build(data, seed=2))
