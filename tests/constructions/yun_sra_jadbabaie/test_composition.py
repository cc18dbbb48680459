"""Three layers: built, predicted, checked twice, proved, and refuted when a weight changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memorizer_tools import ODD, accepted, changed_weights, contradiction_free, dense, odd, random_data
from strategies import datasets

from memcert.constructions.assemble import build
from memcert.constructions.yun_sra_jadbabaie.composition import dense as formula
from memcert.constructions.yun_sra_jadbabaie.composition import split
from memcert.datasets.dataset import Dataset
from memcert.proofs.prove import prove

NAME = "yun-sra-jadbabaie"


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("directions", [0, 16])
def test_odd_but_honest_data_are_memorized_as_predicted(name: str, directions: int) -> None:
    accepted(NAME, odd(name), directions=directions)


@settings(max_examples=30, deadline=None)
@given(datasets(max_size=14, max_dimension=4, classes=4), st.sampled_from(["equal", "argmax"]))
def test_random_data_are_memorized_as_predicted(data: Dataset, rule: str) -> None:
    data = contradiction_free(data)
    if rule == "argmax" and len(set(data.labels)) == 1:
        return
    accepted(NAME, data, rule, directions=8)


@pytest.mark.parametrize(
    ("rule", "tolerance", "classes"),
    [("equal", None, 10), ("sign", None, 2), ("argmax", None, 3), ("within", "1/3", 9)],
)
@pytest.mark.parametrize(("count", "dimension"), [(25, 1), (70, 3)])
def test_every_rule_is_met_on_a_grid_of_sizes(
    rule: str, tolerance: str | None, classes: int, count: int, dimension: int
) -> None:
    accepted(NAME, random_data(count, dimension, classes), rule, tolerance=tolerance)


@pytest.mark.parametrize(("count", "dimension", "outputs"), [(1, 1, 1), (10, 3, 1), (100, 4, 1), (90, 2, 5)])
def test_the_split_has_the_smallest_dense_count(count: int, dimension: int, outputs: int) -> None:
    groups, size = split(count, dimension, outputs)
    assert groups == -(-count // size)
    least = min(formula(dimension, -(-count // n), n, outputs) for n in range(1, count + 1))
    assert formula(dimension, groups, size, outputs) == least


def test_widths_are_2m_less_one_and_2n() -> None:
    certificate = build(random_data(100, 4, 2), NAME)
    groups, slots = int(certificate.annotations["groups"]), int(certificate.annotations["slots"])
    assert groups * slots >= 100
    assert [layer.shape[0] for layer in certificate.network.layers] == [2 * groups - 1, 2 * slots, 1]
    assert dense(certificate.network) == 5 * (2 * groups - 1) + 4 * groups * slots + 2 * slots + 1


def test_neurons_grow_like_the_root_of_the_samples() -> None:
    widths = [build(random_data(count, 2, 2), NAME).claim.width for count in (100, 400, 1600)]
    assert widths[1] <= 2.2 * widths[0]
    assert widths[2] <= 2.2 * widths[1]


def test_what_a_changed_weight_breaks_is_refuted() -> None:
    found = changed_weights(build(random_data(20, 2, 3), NAME), 20)
    assert found["proved, wrong"] == 0
    assert found["refuted, wrong"] > 0


def test_obligations_do_not_grow_with_the_samples() -> None:
    few, many = (prove(build(random_data(count, 2, 3), NAME)) for count in (60, 400))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations == 8
    assert not few.regions


def test_the_probes_tell_value_and_code_and_the_partitions_group_and_slot() -> None:
    witness = build(random_data(60, 2, 10), NAME).witness
    assert [probe.name for probe in witness.probes] == ["projected", "code"]
    assert set(witness.partitions) == {"group", "slot"}


def test_784_dimensions_are_memorized() -> None:
    accepted(NAME, random_data(25, 784, 10, span=256), directions=4)
