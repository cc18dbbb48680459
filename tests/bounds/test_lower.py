from dataclasses import replace
from itertools import combinations, product
from math import e, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.bounds.lower import Lower, lower_bounds
from memcert.bounds.measured import Measured
from memcert.bounds.rigorous import precision
from memcert.constructions.registry import Facts

SIZES = {"parameters": 50, "edges": 40, "dense": 90, "width": 5, "depth": 3, "bits": 6, "total_bits": 300}


def measured(points: int, labels: int = 2, rule: str = "equal", **changes: object) -> Measured:
    facts = Facts(points, 4, labels, 100, 1, rule)
    whole = Measured(facts, labels, 0, SIZES, (3, 5, 1), (15, 44, 50), 0)
    return replace(whole, **changes)  # type: ignore[arg-type]


def bounds(found: Measured) -> dict[tuple[str, str], Lower]:
    with precision():
        return {(b.measure, b.theorem): b for b in lower_bounds(found)}


def value(found: Measured, measure: str, theorem: str) -> int:
    told = bounds(found)[measure, theorem].value
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("points", "least"),
    [(10**2, 5), (10**3, 19), (10**4, 66), (10**5, 218), (10**6, 700), (10**7, 2228)],
)
def test_goldberg_and_jerrums_number_for_powers_of_ten(points: int, least: int) -> None:
    assert value(measured(points), "parameters", "Goldberg, Jerrum") == least


@given(st.integers(1, 10**7), st.integers(2, 1000))
def test_the_written_out_lemma_fails_just_below_its_number(points: int, labels: int) -> None:
    least = value(measured(points, labels), "parameters", "Lemma 4.1, written out")

    def slack(w: int) -> float:
        return w * (w + log2(8 * e * labels * points)) - points * log2(labels)

    assert slack(least) > -1e-6 * points
    assert least == 1 or slack(least - 1) < 1e-6 * points


def test_more_labels_or_more_points_never_need_less() -> None:
    for name in ("Lemma 4.1, written out", "Theorem 6.1, one wiring", "Theorem 6.1, any wiring"):
        found = [value(measured(n, c), "parameters", name) for c in (2, 3, 10) for n in (10, 100, 1000)]
        assert found[0:3] == sorted(found[0:3])
        assert found[2] <= found[5] <= found[8]


@pytest.mark.parametrize("bits", range(2, 7))
def test_so_many_fractions_have_at_most_so_many_bits(bits: int) -> None:
    from fractions import Fraction

    top = 1 << bits
    pairs = product(range(-top, top + 1), range(1, top + 1))
    values = {Fraction(p, q) for p, q in pairs}
    few = {v for v in values if abs(v.numerator).bit_length() + v.denominator.bit_length() <= bits}
    assert len(few) <= (bits - 2) * 2**bits + 3


def test_two_parameters_of_few_bits_are_counted_by_hand() -> None:
    # Pairs of nonzero fractions with T bits in all: the bound is 2^(T - 2) binomial(T, 4).
    found = measured(6, sizes={**SIZES, "parameters": 2})
    assert value(found, "total_bits", "counting, one wiring") == 6  # 2^4 * 15 >= 2^6, 2^3 * 5 < 2^6


def test_the_capacity_is_the_last_number_that_is_not_refuted() -> None:
    found = measured(10)
    most = value(found, "points", "Bartlett et al., proof of Theorem 7")

    def right(points: int) -> float:
        layers = [(3, 15, 1), (5, 44, 2), (1, 50, 3)]
        terms = [min(points * k, 1 + w * log2(2 * e * points * k * i / w)) for k, w, i in layers]
        return sum(terms)

    assert most <= right(most)
    assert most + 1 > right(most + 1)


def test_a_single_neuron_on_the_line_has_a_capacity_of_at_least_what_it_can_do() -> None:
    # sign(w x + b) realizes all four labellings of two points: the bound must not forbid it.
    found = measured(2, 2, "sign", units=(1,), reached=(2,))
    assert value(found, "points", "Bartlett et al., proof of Theorem 7") >= 2


def test_a_brute_force_family_never_beats_the_bound_on_bits() -> None:
    # One wiring, sign(w1 x + w2) with w in {-1, 0, 1}: bits at most 2, W = 2.
    points = [-2, -1, 1, 2]
    shattered = 0
    for size in range(1, 5):
        for chosen in combinations(points, size):
            signs = {tuple(w * x + b > 0 for x in chosen) for w, b in product((-1, 0, 1), repeat=2)}
            if len(signs) == 2**size:
                shattered = max(shattered, size)
    found = measured(shattered, 2, "sign", sizes={**SIZES, "parameters": 2, "bits": 2})
    assert value(found, "bits", "Theorem 6.1, one wiring") <= 2
    assert value(found, "parameters", "Theorem 6.1, one wiring") <= 2


def test_an_excepted_row_or_a_single_label_leaves_no_bound_of_memorization() -> None:
    for found in (measured(10, excepted=1), measured(10, 1)):
        told = [b for b in bounds(found).values() if b.theorem != "first layer"]
        assert [b.value for b in told] == [None] * len(told)
        assert all(any(not h.holds for h in b.hypotheses) for b in told)


def test_the_input_bounds_the_edges_only_if_it_is_read() -> None:
    assert value(measured(10), "edges", "first layer") == 4
    bound = bounds(measured(10, unread=1))["edges", "first layer"]
    assert bound.value is None
    assert [h.found for h in bound.hypotheses] == ["1 are not"]


def test_theorem_7_is_told_of_two_labels_only() -> None:
    whole = bounds(measured(10))["points", "Bartlett et al., Theorem 7"]
    ranks = 3 + 2 * 5 + 3
    assert whole.value is not None
    assert 0 <= whole.value - (3 + (15 + 44 + 50) * log2(4 * e * ranks * log2(2 * e * ranks))) < 1
    assert bounds(measured(10, 3))["points", "Bartlett et al., Theorem 7"].value is None


@pytest.mark.parametrize(("outputs", "tests"), [(2, 1), (10, 45)])
def test_argmax_is_decided_by_pairs_of_outputs(outputs: int, tests: int) -> None:
    found = measured(1000, outputs, "argmax", units=(3, 5, outputs))
    least = value(found, "parameters", "Lemma 4.1, written out")
    slack = least * (least + log2(8 * e * (1 + tests) * 1000)) - 1000 * log2(outputs)
    assert 0 <= slack < 1000
