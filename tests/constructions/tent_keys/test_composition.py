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
from strategies import datasets

from memcert.constructions.assemble import build
from memcert.constructions.tent_keys.composition import CONTRACTS
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError
from memcert.kernel.certificate import Contract
from memcert.proofs.obligations import obligations
from memcert.proofs.prove import prove
from memcert.proofs.solvers import discharge

NAME = "tent-keys"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("directions", [0, 16])
def test_odd_but_honest_data_are_memorized_as_predicted(name: str, directions: int) -> None:
    accepted(NAME, odd(name), directions=directions)


@settings(max_examples=25, deadline=None)
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
    few, many = (prove(build(random_data(count, 2, 3), NAME)) for count in (250, 1000))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations


def test_the_rarer_of_two_labels_is_stored() -> None:
    notes = build(odd("one point of its class"), NAME).annotations
    assert notes["stored"] == "1"
    assert build(odd("all but one"), NAME).annotations["stored"] == "1"


def test_the_probes_tell_value_word_keys_labels_and_code() -> None:
    certificate = build(random_data(60, 2, 10), NAME)
    slots = int(certificate.annotations["slots"])
    names = [probe.name for probe in certificate.witness.probes]
    fields = [f"{field}_{s}" for s in range(slots) for field in ("key", "label")]
    assert names == ["projected", "words", *fields, "code"]
    assert slots > 1
