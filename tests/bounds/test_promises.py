"""What every registered construction's theorem promises, on whatever data it builds for.

No construction is named where all are meant; one that is added is tested by being registered.
"""

from fractions import Fraction
from typing import Any

import pytest
from memorizer_tools import ODD, odd, random_data
from strategies import dataset

from memcert.bounds.comparison import Comparison, Row, compare
from memcert.constructions.assemble import build
from memcert.constructions.registry import Construction, constructions
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError, DatasetError, NoNetworkError

REGISTERED = [made_by for made_by in constructions().values() if not made_by.portfolio]
GRID = [(2, 1, 2), (11, 1, 2), (40, 2, 2), (150, 3, 2), (40, 2, 5), (150, 1, 3)]


def compared(made_by: Construction, data: Dataset, **options: Any) -> Comparison | None:
    """The bounds, or None where the construction refuses the data."""
    if any(option.name == "sizing" for option in made_by.options):
        # Its theorem's own sizes; the balanced ones are others.
        options = {"sizing": "literal", **options}
    several = len(set(data.labels)) > 2
    rule = made_by.rules[-1] if several and made_by.rules[0] == "sign" else made_by.rules[0]
    try:
        return compare(build(data, made_by.name, rule, **options))
    except (BuildError, DatasetError, NoNetworkError):
        return None


def promised(found: Comparison) -> list[Row]:
    return [row for row in found.rows if row.kind == "promised"]


@pytest.mark.parametrize("made_by", REGISTERED, ids=lambda made_by: made_by.name)
def test_every_construction_says_what_its_theorem_promises(made_by: Construction) -> None:
    assert made_by.bounds is not None


@pytest.mark.parametrize("made_by", REGISTERED, ids=lambda made_by: made_by.name)
@pytest.mark.parametrize("name", ODD)
def test_odd_data_keep_what_is_promised(made_by: Construction, name: str) -> None:
    found = compared(made_by, odd(name))
    if found is not None:
        assert found.unpromised is None
        rows = promised(found)
        assert rows
        for row in rows:
            assert row.hypotheses
            if row.bound is None:
                assert not all(h.holds for h in row.hypotheses)
            else:
                assert all(h.holds for h in row.hypotheses)
                assert row.own <= row.bound, row


@pytest.mark.parametrize("made_by", REGISTERED, ids=lambda made_by: made_by.name)
@pytest.mark.parametrize(("count", "dimension", "classes"), GRID)
def test_random_data_keep_what_is_promised(
    made_by: Construction, count: int, dimension: int, classes: int
) -> None:
    found = compared(made_by, random_data(count, dimension, classes, span=10**4))
    for row in [] if found is None else promised(found):
        assert row.bound is None or row.own <= row.bound, row


VARIANTS = [
    {"variant": variant, "projection": projection, "hinges": hinges, "groups": groups}
    for variant, projection, hinges, groups in [
        ("zhang", "shared", "gaps", "fixed"),
        ("zhang", "literal", "gaps", "fixed"),
        ("merged", "literal", "flat", "fixed"),
        ("merged", "shared", "points", "fixed"),
        ("bubeck", "shared", "gaps", "fixed"),
        ("baum", "shared", "gaps", "fixed"),
        ("baum", "shared", "gaps", "adaptive"),
    ]
]


@pytest.mark.parametrize("options", VARIANTS, ids=lambda o: "-".join(o.values()))
def test_every_variant_of_one_hidden_layer_keeps_its_own_promise(options: dict[str, str]) -> None:
    found = compared(constructions()["two-layer"], random_data(60, 3, 2, span=10**4), **options)
    assert found is not None
    assert {row.measure for row in promised(found)} == {"width", "depth", "parameters", "dense"}
    assert all(row.bound is not None and row.own <= row.bound for row in promised(found))


def test_groups_that_are_in_no_general_position_leave_no_promise() -> None:
    # The third point lies on the line through the first two.
    data = dataset([(0, 0), (1, 1), (2, 2), (5, 1)], (0, 0, 1, 1))
    found = compared(constructions()["two-layer"], data, variant="bubeck", groups="adaptive")
    assert found is not None
    assert {row.bound for row in promised(found)} == {None}
    (failing,) = (h for h in promised(found)[0].hypotheses if not h.holds)
    assert "another row lies on" in failing.found or "rows" in failing.found


def test_a_theorem_about_a_distribution_promises_nothing_of_data() -> None:
    found = compared(constructions()["yu-gao-zhang-miao-misleading"], random_data(20, 2, 2))
    assert found is not None
    (row,) = promised(found)
    assert row.bound is None
    assert [h.found for h in row.hypotheses if not h.holds] == ["data do not tell it"]


def test_boxes_are_promised_for_a_radius_below_half_of_lambda() -> None:
    data = dataset([(0, 0), (4, 0), (9, 3)], (0, 1, 1))
    found = compared(constructions()["robust-boxes"], data, radius="3/2")
    assert found is not None
    bounds = {row.measure: row.bound for row in promised(found)}
    # d = 2, three boxes: 3d + 1, 2N + 1, (8d + 5) N + d - 1.
    assert (bounds["width"], bounds["depth"], bounds["parameters"]) == (7, 7, 64)
    assert promised(found)[0].hypotheses[-1].found == "mu = 3/2, lambda = 4"


def test_the_net_of_a_cover_is_bounded_by_cells_of_a_third_of_lambda() -> None:
    points = [(Fraction(i, 40), Fraction(j, 40)) for i in range(8) for j in range(8)]
    data = dataset(points + [(x + Fraction(3, 5), y) for x, y in points], [0] * 64 + [1] * 64)
    found = compared(constructions()["yu-gao-zhang-miao-cover"], data)
    assert found is not None
    bounds = {row.measure: row.bound for row in promised(found)}
    # lambda = 17/40 in a square of side 31/40: floor(93/17) + 1 = 6 cells a side.
    assert bounds["depth"] == 2 * 36 + 1


def test_nagler_langers_weights_behind_the_first_layer_are_promised_but_for_the_rule_within() -> None:
    made_by, data = constructions()["nagler-langer"], random_data(40, 2, 4)
    found = compare(build(data, made_by.name, "argmax", width=11))
    weights = {row.measure: row for row in promised(found)}["largest_later_weight"]
    assert weights.bound == 2 * 3**2
    assert weights.own <= 18
    within = compare(build(data, made_by.name, "within", "1/3", width=11))
    assert {row.measure: row.bound for row in promised(within)}["largest_later_weight"] is None
