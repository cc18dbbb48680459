"""Every variant: built, predicted, checked twice, proved, and refuted when a weight changes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memorizer_tools import (
    ODD,
    accepted,
    changed_weights,
    contradiction_free,
    corners_wrong,
    dense,
    odd,
    random_data,
)
from strategies import datasets

from memcert.constructions.assemble import build
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError
from memcert.kernel.certificate import Certificate
from memcert.proofs.prove import prove

NAME = "two-layer"
ALONG_A_LINE: dict[str, dict[str, Any]] = {
    "zhang": {"variant": "zhang"},
    "zhang, literal": {"variant": "zhang", "projection": "literal"},
    "merged": {"variant": "merged"},
    "merged, literal": {"variant": "merged", "projection": "literal"},
    "merged, flat": {"variant": "merged", "hinges": "flat"},
    "merged, points": {"variant": "merged", "hinges": "points", "directions": 4},
}
ADAPTIVE: dict[str, dict[str, Any]] = {
    "bubeck": {"variant": "bubeck", "groups": "adaptive"},
    "baum": {"variant": "baum", "groups": "adaptive"},
}
EVERY = {**ALONG_A_LINE, **ADAPTIVE}


def hidden(certificate: Certificate) -> int:
    """Return the neurons of the last hidden layer."""
    return certificate.network.layers[-2].shape[0]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("variant", EVERY)
def test_odd_but_honest_data_are_memorized_as_predicted_or_have_too_many_labels(
    name: str, variant: str
) -> None:
    data = odd(name)
    if variant == "baum" and len(set(data.labels)) > 2:
        with pytest.raises(BuildError, match="two labels"):
            build(data, NAME, **EVERY[variant])
        return
    accepted(NAME, data, **EVERY[variant])


@settings(max_examples=60, deadline=None)
@given(
    datasets(max_size=12, max_dimension=4, classes=4), st.sampled_from(["equal", "argmax"]), st.sampled_from(
        [name for name in EVERY if name != "baum"]
    )
)  # fmt: skip
def test_random_data_are_memorized_as_predicted(data: Dataset, rule: str, variant: str) -> None:
    data = contradiction_free(data)
    if rule == "argmax" and len(set(data.labels)) == 1:
        return
    accepted(NAME, data, rule, **EVERY[variant])


@settings(max_examples=30, deadline=None)
@given(datasets(max_size=12, max_dimension=4, classes=2), st.sampled_from(["equal", "sign"]))
def test_random_data_of_two_labels_are_met_by_thresholds(data: Dataset, rule: str) -> None:
    accepted(NAME, contradiction_free(data), rule, **EVERY["baum"])


@pytest.mark.parametrize("variant", EVERY)
@pytest.mark.parametrize(("count", "dimension"), [(30, 1), (60, 3), (90, 2)])
def test_a_grid_of_sizes_is_as_predicted(variant: str, count: int, dimension: int) -> None:
    accepted(NAME, random_data(count, dimension, 2), "sign", **EVERY[variant])


@pytest.mark.parametrize(("rule", "tolerance", "classes"), [("argmax", None, 4), ("within", "2/3", 9)])
@pytest.mark.parametrize("variant", ["zhang", "merged", "merged, literal", "merged, flat", "bubeck"])
def test_largest_outputs_and_numbers_within_a_tolerance_are_met(
    rule: str, tolerance: str | None, classes: int, variant: str
) -> None:
    accepted(NAME, random_data(25, 2, classes), rule, tolerance=tolerance, **EVERY[variant])


@pytest.mark.parametrize(
    ("variant", "rule", "classes"),
    [
        ("merged, flat", "equal", 5),
        ("merged", "sign", 2),
        ("merged, literal", "argmax", 3),
        ("bubeck", "sign", 2),
        ("baum", "equal", 2),
    ],
)
def test_boxes_of_the_claimed_radius_have_the_label(variant: str, rule: str, classes: int) -> None:
    assert corners_wrong(accepted(NAME, random_data(50, 3, classes), rule, **EVERY[variant])) == []


@pytest.mark.parametrize("variant", EVERY)
def test_what_a_changed_weight_breaks_is_refuted(variant: str) -> None:
    found = changed_weights(build(random_data(14, 2, 2), NAME, **EVERY[variant]), 20)
    assert found["proved, wrong"] == 0
    assert found["refuted, wrong"] > 0


@pytest.mark.parametrize("variant", EVERY)
def test_obligations_do_not_grow_with_the_samples(variant: str) -> None:
    few, many = (prove(build(random_data(count, 2, 2), NAME, **EVERY[variant])) for count in (40, 160))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations <= 13


@pytest.mark.parametrize(
    ("variant", "regions"),
    [("zhang", True), ("merged", False), ("merged, flat", False), ("bubeck", False), ("baum", False)],
)
def test_only_forward_substitution_is_proved_by_executing_regions(variant: str, regions: bool) -> None:
    assert prove(build(random_data(30, 2, 2), NAME, **EVERY[variant])).regions is regions


@pytest.mark.parametrize(("variant", "depth"), [("zhang", 3), ("zhang, literal", 2)])
def test_the_count_of_the_paper_leaves_weights_out(variant: str, depth: int) -> None:
    count, dimension = 40, 5
    certificate = build(random_data(count, dimension, 40), NAME, **EVERY[variant])
    assert certificate.claim.depth == depth
    assert hidden(certificate) == count
    shared, literal = dimension + 1 + 3 * count, count * (dimension + 2)
    # Hinges at 0, slopes that stay: a few of these numbers may vanish.
    assert 0 <= (shared if depth == 3 else literal) - certificate.claim.parameters <= 4
    assert certificate.claim.parameters > 2 * count + dimension


def test_bubeck_has_four_neurons_for_every_d_points_and_baum_for_the_rarer_label() -> None:
    data = random_data(50, 4, 2)
    rare = min(data.labels.count(label) for label in (0, 1))
    bubeck, baum = (build(data, NAME, variant=variant) for variant in ("bubeck", "baum"))
    assert hidden(bubeck) == 4 * 13
    assert hidden(baum) == 4 * -(-rare // 4)
    assert dense(bubeck.network) == 4 * 13 * (4 + 2) + 1


def test_data_in_no_general_position_are_refused_by_rows_and_met_by_adaptive_groups() -> None:
    data = odd("a grid")
    with pytest.raises(BuildError, match=r"rows 0, 1, 2.*adaptive"):
        build(data, NAME, variant="bubeck")
    accepted(NAME, data, variant="bubeck", groups="adaptive")


def test_slopes_that_are_too_long_together_are_refused_in_time() -> None:
    data = random_data(4000, 2, 2)
    with pytest.raises(BuildError, match=r"4000 slopes .* merged hinges"):
        build(data, NAME, variant="zhang", directions=4)


def test_the_projected_value_is_told_where_a_neuron_has_it() -> None:
    data = random_data(30, 2, 3)
    names = {
        variant: [probe.name for probe in build(data, NAME, **EVERY[variant]).witness.probes]
        for variant in ("merged", "merged, literal", "bubeck")
    }
    assert names == {"merged": ["projected"], "merged, literal": [], "bubeck": ["plates"]}


def test_784_dimensions_are_memorized() -> None:
    for variant in ("merged", "baum"):
        accepted(NAME, random_data(20, 784, 2, span=256), **EVERY[variant])
