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
from memcert.constructions.park_lee_yun_shin.composition import CONTRACTS
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError
from memcert.kernel.certificate import Contract
from memcert.proofs.obligations import obligations
from memcert.proofs.prove import prove
from memcert.proofs.solvers import discharge

NAME = "park-lee-yun-shin"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("directions", [0, 16])
def test_odd_but_honest_data_are_memorized_as_predicted(name: str, directions: int) -> None:
    accepted(NAME, odd(name), directions=directions)


def test_a_border_may_be_the_longest_number() -> None:
    points = [(9, 4), (3, 7), (5, 5), (2, 10), (4, 2), (1, 9), (2, 6), (7, 10), (2, 2), (7, 6)]
    data = dataset(
        [(Fraction(a, 1000), Fraction(b, 1000)) for a, b in points], (0, 0, 0, 0, 1, 1, 1, 1, 1, 0)
    )
    certificate = accepted(NAME, data, directions=8)
    # -300061/7704 in the first layer of a round: 19 and 13 bits.
    assert certificate.claim.bit_complexity == 32


@settings(max_examples=20, deadline=None)
@given(datasets(max_size=12, max_dimension=4, classes=4), st.sampled_from(["equal", "argmax"]))
def test_random_data_are_memorized_as_predicted(data: Dataset, rule: str) -> None:
    data = contradiction_free(data)
    if rule == "argmax" and len(set(data.labels)) == 1:
        with pytest.raises(BuildError, match="one class"):
            build(data, NAME, rule)
        return
    accepted(NAME, data, rule, directions=8)


@pytest.mark.parametrize(("count", "classes"), [(40, 2), (60, 3), (150, 10)])
@pytest.mark.parametrize("dimension", [1, 3])
def test_a_grid_of_sizes_is_as_predicted_with_boxes_that_hold(
    count: int, dimension: int, classes: int
) -> None:
    certificate = accepted(NAME, random_data(count, dimension, classes), directions=16)
    assert corners_wrong(certificate) == []


def test_the_claimed_radius_is_the_smallest_that_is_proved() -> None:
    certificate = build(random_data(90, 3, 4), NAME)
    assert prove(certificate).smallest_radius == certificate.claim.box_radius


@pytest.mark.parametrize(("rule", "tolerance", "classes"), [("sign", None, 2), ("within", "1/3", 9)])
def test_signs_and_numbers_within_a_tolerance_are_met(rule: str, tolerance: str, classes: int) -> None:
    accepted(NAME, random_data(25, 2, classes), rule, tolerance=tolerance, directions=8)


def test_784_dimensions_are_memorized() -> None:
    accepted(NAME, random_data(30, 784, 10, span=256), directions=4)


@pytest.mark.parametrize("classes", [2, 5])
def test_what_a_changed_weight_breaks_is_refuted(classes: int) -> None:
    certificate = build(random_data(20, 2, classes), NAME)
    found = changed_weights(certificate, 20)
    assert found["proved, wrong"] == 0
    assert found["refuted, wrong"] > 0


def test_obligations_do_not_grow_with_the_samples() -> None:
    few, many = (prove(build(random_data(count, 2, 3), NAME)) for count in (60, 600))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations


def test_the_size_grows_more_slowly_than_the_samples() -> None:
    few, many = (build(random_data(count, 3, 2), NAME).claim.parameters for count in (100, 800))
    # 8^(2/3) = 4; keys are short enough for both.
    assert many < 6 * few


def test_the_probes_tell_values_words_places_and_code() -> None:
    certificate = build(random_data(60, 2, 10), NAME)
    names = [probe.name for probe in certificate.witness.probes]
    assert names == ["projected", "shifted", "place", "words", "code"]
