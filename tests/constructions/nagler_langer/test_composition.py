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
from memcert.constructions.nagler_langer.composition import CONTRACTS
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError, UsageError
from memcert.kernel.certificate import Contract
from memcert.proofs.obligations import obligations
from memcert.proofs.prove import prove
from memcert.proofs.solvers import discharge

NAME = "nagler-langer"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(("width", "directions"), [(7, 16), (20, 0)])
def test_odd_but_honest_data_are_memorized_as_predicted(name: str, width: int, directions: int) -> None:
    accepted(NAME, odd(name), width=width, directions=directions)


@settings(max_examples=15, deadline=None)
@given(
    datasets(max_size=12, max_dimension=4, classes=4),
    st.sampled_from(["equal", "argmax"]),
    st.integers(7, 40),
)
def test_random_data_are_memorized_as_predicted(data: Dataset, rule: str, width: int) -> None:
    data = contradiction_free(data)
    if rule == "argmax" and len(set(data.labels)) == 1:
        with pytest.raises(BuildError, match="one class"):
            build(data, NAME, rule)
        return
    accepted(NAME, data, rule, width=width, directions=8)


@pytest.mark.parametrize(("count", "classes"), [(40, 2), (90, 10)])
@pytest.mark.parametrize("width", [7, 12, 35])
def test_a_grid_of_sizes_is_as_predicted_with_boxes_that_hold(count: int, classes: int, width: int) -> None:
    certificate = accepted(NAME, random_data(count, 2, classes), width=width, directions=16)
    assert certificate.claim.width <= width
    assert corners_wrong(certificate) == []


@pytest.mark.parametrize("width", [7, 11, 19, 35, 67])
@pytest.mark.parametrize(("rule", "classes"), [("equal", 40), ("argmax", 40), ("sign", 2)])
def test_weights_after_the_first_layer_are_bounded(width: int, rule: str, classes: int) -> None:
    network = build(random_data(80, 2, classes), NAME, rule, width=width).network
    n = max(k for k in range(1, 10) if 2 ** (k + 1) + 3 <= width)
    later = [x for layer in network.layers[1:] for x in (*layer.data, *layer.bias)]
    assert max(abs(Fraction(x)) for x in later) <= max(2 * 3**n, 8)


def test_the_lines_of_the_rule_argmax_are_divided_by_the_largest_coefficient() -> None:
    certificate = build(random_data(30, 2, 5), NAME, "argmax")
    # 2 k y - k^2 for k = 0, ..., 4, over 16.
    assert certificate.claim.margin == Fraction(1, 16)
    assert prove(certificate).verdict == "proved"


def crowded() -> Dataset:
    """Four hundred values 3 or 4 apart: some stand close to the leading groups of their neighbours' keys."""
    steps = [3 if k * k % 7 < 4 else 4 for k in range(400)]
    values = [sum(steps[:k]) for k in range(400)]
    return dataset([(x,) for x in values], tuple(k * k % 3 for k in range(400)))


@pytest.mark.parametrize("width", [7, 11])
def test_values_close_to_a_leading_group_of_a_key_in_their_block_are_proved(width: int) -> None:
    certificate = build(crowded(), NAME, width=width)
    assert int(certificate.annotations["slots"]) > 1
    radius = certificate.claim.box_radius
    assert isinstance(radius, int | Fraction)
    assert prove(certificate).smallest_radius == radius
    larger = replace(certificate, claim=replace(certificate.claim, box_radius=radius * Fraction(101, 100)))
    assert prove(larger).verdict == "refuted"


def test_a_width_below_seven_is_refused() -> None:
    with pytest.raises(UsageError, match="option width: expected an integer of at least 7, got 6"):
        build(random_data(5, 1, 2), NAME, width=6)


@pytest.mark.parametrize(("rule", "tolerance", "classes"), [("sign", None, 2), ("within", "1/3", 9)])
def test_signs_and_numbers_within_a_tolerance_are_met(rule: str, tolerance: str, classes: int) -> None:
    accepted(NAME, random_data(25, 2, classes), rule, tolerance=tolerance, directions=8)


def test_784_dimensions_are_memorized() -> None:
    accepted(NAME, random_data(30, 784, 10, span=256), directions=4)


@pytest.mark.parametrize("classes", [2, 5])
def test_what_a_changed_weight_breaks_is_refuted(classes: int) -> None:
    certificate = build(random_data(20, 2, classes), NAME, width=11)
    found = changed_weights(certificate, 20)
    assert found["proved, wrong"] == 0
    assert found["refuted, wrong"] > 0


def test_obligations_do_not_grow_with_the_samples() -> None:
    few, many = (prove(build(random_data(count, 2, 3), NAME)) for count in (200, 500))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations


def test_the_probes_tell_values_words_labels_and_code() -> None:
    certificate = build(random_data(300, 2, 10), NAME)
    slots = int(certificate.annotations["slots"])
    names = [probe.name for probe in certificate.witness.probes]
    assert names == ["projected", "words", *(f"label_{s}" for s in range(slots)), "code"]
    assert slots > 1
