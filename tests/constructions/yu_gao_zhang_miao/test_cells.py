from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from construction_tools import broken_cases, met_cases, run_part
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
from naive_evaluator import layers
from strategies import dataset, datasets

from memcert.constructions.assemble import build, prepare
from memcert.constructions.registry import construction
from memcert.constructions.yu_gao_zhang_miao.cells import CONTRACTS, LARGEST
from memcert.constructions.yu_gao_zhang_miao.half_spaces import PAIR, half_spaces
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError
from memcert.kernel.certificate import Contract, Number, Promise
from memcert.proofs.obligations import obligations
from memcert.proofs.prove import prove
from memcert.proofs.solvers import discharge

NAME = "yu-gao-zhang-miao-cells"
TWO_LABELS = [name for name, (_, labels) in ODD.items() if len(set(labels)) <= 2]


def s(x: tuple[Number, ...], own: tuple[Number, ...], other: tuple[Number, ...]) -> Fraction:
    """S_ij(x) as the theorem defines it."""
    share = Fraction(51, 100)
    pairs = zip(x, own, other, strict=True)
    return sum(((a - b) * (z - share * a - (1 - share) * b) for z, a, b in pairs), Fraction(0))


def squared(x: tuple[Number, ...], z: tuple[Number, ...]) -> Fraction:
    """|x - z|^2."""
    return sum(((Fraction(a) - b) * (Fraction(a) - b) for a, b in zip(x, z, strict=True)), Fraction(0))


def by_definition(data: Dataset, x: tuple[Number, ...]) -> Fraction:
    """F(x) as the theorem defines it, for labels 0 and 1."""
    rows = list(data.rows())
    opposite = [(i, j) for i, (_, a) in enumerate(rows) for j, (_, b) in enumerate(rows) if a != b]
    square = min(squared(rows[i][0], rows[j][0]) for i, j in opposite)
    total = Fraction(0)
    for i, (point, label) in enumerate(rows):
        outside = sum(
            (max(-s(x, point, rows[j][0]), Fraction(0)) for k, j in opposite if k == i), Fraction(0)
        )
        inside = max(square / 100 - outside, Fraction(0))
        total += inside if label else -inside
    return total


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.id)
def test_every_case_of_every_contract_is_proved(contract: Contract) -> None:
    outcomes = discharge(obligations((contract,)))
    assert [outcome.status for outcome in outcomes] == ["unsat"] * len(contract.cases)


def test_the_misprinted_side_of_the_proof_is_refuted() -> None:
    # P2's proof prints relu(-S_ij) >= 2r where x is in C_i; it is relu(-S_ji).
    first = replace(
        PAIR.cases[0],
        ensures=tuple(e._replace(relation=">=", term=((1, ("c",)),)) for e in PAIR.cases[0].ensures),
    )
    (printed,) = (e for e in first.ensures if e.output == "s")
    (meant,) = (e for e in first.ensures if e.output == "t")
    other = next(e for e in PAIR.cases[5].ensures if e.output == "t")
    for claim, status in ((printed, "sat"), (meant, "unsat")):
        rest = other if claim.output == "s" else other._replace(output="s")
        (outcome,) = discharge(obligations((replace(PAIR, cases=(replace(first, ensures=(claim, rest)),)),)))
        assert outcome.status == status


@given(st.fractions(-9, 9, max_denominator=6), st.fractions(-9, 9), st.fractions(Fraction(1, 9), 9))
def test_the_sides_of_a_pair_keep_their_promise(x: Fraction, bias: Fraction, width: Fraction) -> None:
    (found,) = run_part(half_spaces("p", ("s", "t"), {"in0": 2}, (bias, width - bias)), {"in0": x})
    u = 2 * x + bias
    assert (found["s"], found["t"]) == (max(u, 0), max(width - u, 0))
    assert met_cases(PAIR, {"c": width}, {"u": u})
    assert broken_cases(PAIR, {"c": width}, {"u": u}, found) == []


def test_a_pair_whose_sides_do_not_overlap_is_refused() -> None:
    with pytest.raises(ValueError, match="positive sum"):
        half_spaces("p", ("s", "t"), {"in0": 1}, (1, -1))


@pytest.mark.parametrize("name", TWO_LABELS)
def test_odd_but_honest_data_are_memorized_as_predicted(name: str) -> None:
    accepted(NAME, odd(name))


@settings(max_examples=25, deadline=None)
@given(datasets(max_size=10, max_dimension=4, classes=2))
def test_random_data_have_the_margin_and_the_radius_that_are_claimed(data: Dataset) -> None:
    data = contradiction_free(data)
    certificate = accepted(NAME, data)
    if len(set(data.labels)) == 1:
        return
    rows = list(data.rows())
    opposite = [(x, z) for x, a in rows for z, b in rows if a != b]
    gaps = [[abs(Fraction(a) - b) for a, b in zip(x, z, strict=True)] for x, z in opposite]
    squares = [sum(gap * gap for gap in pair) for pair in gaps]
    promised = Promise("margin", {"margin": certificate.claim.promises[0].values["margin"]})
    assert certificate.claim.promises == (promised,)
    assert promised.values["margin"] == min(squares) / 100
    assert (certificate.claim.margin or 0) >= min(squares) / 100
    reach = min(square / sum(pair) for square, pair in zip(squares, gaps, strict=True))
    assert certificate.claim.box_radius == reach * Fraction(49, 100)
    assert (
        min(r for r in prove(certificate).radii if not isinstance(r, str | None))
        == certificate.claim.box_radius
    )
    assert corners_wrong(certificate) == []


def test_the_network_is_the_function_of_the_theorem() -> None:
    generator = np.random.Generator(np.random.PCG64(2))
    data = dataset(
        [(0, Fraction(1, 2)), (3, 1), (5, 5), (-2, 4), (1, 7), (4, Fraction(1, 3))], (0, 1, 1, 0, 0, 1)
    )
    network = build(data, NAME).network
    for _ in range(30):
        x = tuple(Fraction(int(v), 4) for v in generator.integers(-12, 32, size=2))
        assert layers(network, x)[-1] == (by_definition(data, x),)


@pytest.mark.parametrize(("count", "dimension"), [(12, 1), (30, 2), (25, 6)])
def test_a_grid_of_sizes(count: int, dimension: int) -> None:
    data = random_data(count, dimension, 2)
    certificate = accepted(NAME, data)
    positive = sum(map(int, data.labels))
    assert certificate.network.layers[0].shape[0] == 2 * positive * (count - positive)
    assert certificate.claim.depth == 3


def test_equal_coordinates_and_vanishing_biases_are_counted() -> None:
    equal = dataset([(1, 0), (1, 5), (-1, 0)], (0, 1, 1))
    # Two pairs with one differing coordinate each: 4 + 4 weights, 3 outputs; 4 + 3 biases.
    assert accepted(NAME, equal).claim.parameters == 4 + 4 + 3 + 4 + 3
    # The bias of -S_ij is a multiple of (51 x_i + 49 x_j)(x_i - x_j): 0 for 49, -51 and -49, 51.
    vanishing = dataset([(-51,), (49,), (-49,), (51,)], (0, 1, 1, 0))
    assert accepted(NAME, vanishing).claim.parameters == 8 + 8 + 4 + (8 - 2) + 4


def test_too_many_rows_are_refused_with_the_size_that_it_would_have() -> None:
    data = random_data(1_400, 4, 2)
    positive = sum(map(int, data.labels))
    neurons = 2 * positive * (1_400 - positive)
    with pytest.raises(BuildError) as refusal:
        build(data, NAME)
    assert f"= {neurons} neurons" in str(refusal.value)
    assert f"at most {LARGEST} are written" in str(refusal.value)
    size = construction(NAME).predict(prepare(data, "sign"), {})
    assert size.width == neurons
    assert size.parameters > LARGEST


def test_more_than_two_labels_are_refused() -> None:
    with pytest.raises(BuildError, match="at most two classes, got 3"):
        build(random_data(9, 2, 3), NAME)


def test_what_a_changed_weight_breaks_is_refuted() -> None:
    found = changed_weights(build(random_data(12, 2, 2), NAME), 10)
    assert found["proved, wrong"] == 0


def test_obligations_do_not_grow_with_the_samples() -> None:
    few, many = (prove(build(random_data(count, 2, 2), NAME)) for count in (8, 40))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations
    assert not many.regions


def test_the_probes_tell_what_the_cells_of_either_label_give() -> None:
    certificate = build(random_data(20, 2, 2), NAME)
    negative, positive = certificate.witness.probes
    assert (negative.name, positive.name) == ("negative_cells", "positive_cells")
    least = certificate.claim.promises[0].values["margin"]
    for label, low, high in zip(
        certificate.dataset.labels or (), negative.values, positive.values, strict=True
    ):
        own, other = (high, low) if label == 1 else (low, high)
        assert own >= least
        assert other == 0


def test_n_squared_d_counts_the_parameters_that_are_not_0_and_all_of_them_are_n_cubed() -> None:
    for count in (20, 40, 80):
        data = random_data(count, 3, 2)
        pairs = sum(map(int, data.labels)) * (count - sum(map(int, data.labels)))
        size = construction(NAME).predict(prepare(data, "sign"), {})
        assert size.parameters <= 2 * pairs * (3 + 2) + 2 * count
        assert size.dense == 2 * pairs * (3 + 1) + count * (2 * pairs + 1) + count + 1
