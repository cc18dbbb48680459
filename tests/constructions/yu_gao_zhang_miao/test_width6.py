from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import failing_rows, layers, memorizes
from proof_tools import with_weight
from strategies import dataset, datasets, number
from two_label_tools import (
    assert_predicted,
    random_data,
    refuted_and_harmless,
    with_network,
    without_contradictions,
)

from memcert.constructions.assemble import build, prepare
from memcert.constructions.yu_gao_zhang_miao import width6
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError, DatasetError
from memcert.exact.check import fast_check
from memcert.kernel.certificate import Certificate
from memcert.kernel.check import check
from memcert.kernel.verdict import Rejected
from memcert.proofs.prove import prove
from memcert.proofs.result import ProofResult

NAME = "yu-gao-zhang-miao-width6"
FEW: dict[str, Any] = {"directions": 12}


def certificate(data: Dataset, **options: Any) -> Certificate:
    return build(data, NAME, **{**FEW, **options})


@settings(max_examples=40, deadline=None)
@given(
    datasets(max_size=10, max_dimension=4, classes=2),
    st.sampled_from(["minority", "majority", "positive", "negative"]),
)
def test_random_data_are_memorized_checked_and_of_the_predicted_size(data: Dataset, store: str) -> None:
    data = without_contradictions(data)
    made = certificate(data, store=store)
    assert memorizes(made)
    check(made)
    assert_predicted(data, made)


@settings(max_examples=12, deadline=None)
@given(datasets(max_size=8, max_dimension=3, classes=2))
def test_random_data_are_proved(data: Dataset) -> None:
    assert prove(certificate(without_contradictions(data))).verdict == "proved"


ODD: dict[str, tuple[Sequence[Sequence[int | Fraction]], str]] = {
    "one point": ([(7,)], "a"),
    "one class": ([(1, 2), (3, 4), (-5, 6)], "aaa"),
    "two points": ([(0,), (1,)], "ab"),
    "equal points": ([(1, 1), (2, 1), (1, 1), (2, 1)], "abab"),
    "tiny beside huge": ([(10**9, Fraction(1, 10**9)), (10**9, Fraction(2, 10**9)), (-(10**9), 0)], "aba"),
    "negative": ([(-5,), (-3,), (-4,), (-100,)], "baba"),
    "decimals": ([(Fraction(k * k % 17, 10), Fraction(k, 100)) for k in range(12)], "aabbabababba"),
    "a grid": ([(a, b) for a in range(4) for b in range(4)], "abab" * 2 + "bbaa" * 2),
    "one of each of many": ([(k,) for k in range(30)], "ab" * 15),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_honest_data_are_memorized_and_proved(name: str) -> None:
    points, labels = ODD[name]
    data = dataset(points, tuple(labels))
    made = certificate(data)
    assert memorizes(made)
    check(made)
    fast_check(made)
    assert prove(made).verdict == "proved"
    assert_predicted(data, made)


def test_784_dimensions_are_memorized() -> None:
    data = random_data(30, 784, most=255)
    made = certificate(data)
    fast_check(made)
    assert_predicted(data, made)


def test_labels_are_signs_in_sorted_order_and_keep_their_names() -> None:
    made = certificate(dataset([(1,), (2,), (5,)], ("tea", "coffee", "tea")))
    assert made.dataset.classes == ("coffee", "tea")
    assert made.dataset.labels == (1, -1, 1)


def test_three_labels_are_refused() -> None:
    with pytest.raises(BuildError, match="two classes"):
        certificate(dataset([(1,), (2,), (5,)], ("a", "b", "c")))
    task = replace(prepare(random_data(5, 1), "sign"), class_count=3)
    data = replace(task.dataset, labels=("a", "b", "a", "c", "b"))
    with pytest.raises(
        BuildError, match=r"two labels are needed, the data have 3: row 3 has a third one, 'c'"
    ):
        width6.build(replace(task, dataset=data), {"store": "minority", **FEW})


def test_equal_points_of_different_labels_are_refused() -> None:
    with pytest.raises(DatasetError):
        certificate(dataset([(1, 1), (1, 1)], ("a", "b")))


# Size: |v|_0 + 1 + 10 (m - 1) + n (14 w + 16) - w - 8.


@cache
def large() -> Certificate:
    return certificate(random_data(300, 3))


def figures(made: Certificate) -> tuple[int, int, int]:
    m, n, w = (int(made.annotations[name]) for name in ("words", "slots", "key_bits"))
    return m, n, w


@pytest.mark.parametrize(("count", "dimension"), [(40, 2), (300, 3), (700, 1)])
def test_the_written_formula_is_the_size(count: int, dimension: int) -> None:
    made = certificate(random_data(count, dimension, most=10**6))
    m, n, w = figures(made)
    direction = len(made.network.layers[0].data)
    assert made.claim.parameters == direction + 1 + 10 * (m - 1) + n * (14 * w + 16) - w - 8
    assert made.claim.edges == direction + 8 * (m - 1) + n * (12 * w + 15) - w - 9
    assert made.claim.depth == 2 * m + n * (w + 2)
    assert made.claim.width == (6 if n > 1 else 5)


def test_a_single_word_needs_two_parameters_less() -> None:
    made = certificate(dataset([(0,), (5,), (9,)], ("a", "b", "a")))
    m, n, w = figures(made)
    assert (m, n) == (1, 1)
    assert made.claim.parameters == 1 + 1 + n * (14 * w + 16) - w - 8 - 2


def test_sizes_of_all_small_key_sets_are_exact() -> None:
    # Every choice of stored points among 0, 4, ..., 20, so that keys, words and zeros of all kinds occur.
    for labels in product("ab", repeat=6):
        if len(set(labels)) == 2:
            data = dataset([(4 * k,) for k in range(6)], labels)
            made = certificate(data, store="positive", directions=0)
            assert_predicted(data, made)


def test_equal_labels_may_be_arbitrarily_close() -> None:
    tiny = Fraction(1, 10**30)
    data = dataset([(0,), (tiny,), (2 * tiny,), (1,), (1 + tiny,), (2,)], ("a", "a", "a", "b", "b", "a"))
    made = certificate(data, store="positive")
    check(made)
    assert made.annotations["keys"] == "1"


def test_fewer_than_n_parameters_at_ten_thousand_points() -> None:
    made = certificate(random_data(10_000, 4))
    assert made.claim.parameters < 10_000
    fast_check(made)
    assert prove(made).verdict == "proved"


# Proof


def proofs() -> tuple[ProofResult, ProofResult]:
    return prove(certificate(random_data(60, 2))), prove(large())


def test_obligations_do_not_grow_with_the_samples_and_blocks_match_their_patterns() -> None:
    small, big = proofs()
    assert small.verdict == big.verdict == "proved"
    assert big.obligations <= 12
    assert big.concrete_blocks == 0
    assert not big.regions


def test_the_claimed_radius_is_positive_and_a_larger_one_is_refuted() -> None:
    made = large()
    radius = made.claim.box_radius
    assert isinstance(radius, int | Fraction)
    assert radius > 0
    assert prove(made).smallest_radius == radius
    more = number(Fraction(radius) * Fraction(1001, 1000))
    assert prove(replace(made, claim=replace(made.claim, box_radius=more))).verdict == "refuted"


def test_the_probes_tell_projection_words_and_keys() -> None:
    made = large()
    slots = int(made.annotations["slots"])
    assert slots > 1
    names = [probe.name for probe in made.witness.probes]
    assert names == ["projected", "words", *(f"key_{j}" for j in range(slots))]
    check(made)


def test_changed_weights_are_refuted_or_harmless() -> None:
    made = certificate(random_data(40, 2))
    refuted, _ = refuted_and_harmless(made, 20)
    assert refuted == 20


# Lemma B.4 as printed: the ramp on the right of a.


def printed(made: Certificate) -> Certificate:
    """Return the same network with every ramp of the decoder at [a, a + b] instead of [a - b, a]."""
    network = made.network
    for block in made.blocks:
        if block.contract == "peel":
            at = block.first_layer
            r1, r2 = [
                k
                for item in (block.neurons or ())[0]
                for k in (range(*item) if isinstance(item, tuple) else [item])
            ][1:]
            low, high = (Fraction(network.layers[at].bias[r]) for r in (r1, r2))
            unit = low - high
            network = with_weight(network, at, r1, None, number(low - unit))
            network = with_weight(network, at, r2, None, number(high - unit))
    return replace(made, network=network)


def fields(made: Certificate, row: int) -> list[Fraction]:
    values = layers(made.network, (made.dataset.points or ())[row])
    return [
        sum(
            (Fraction(c) * values[p.after_layer][i] for c, i in zip(p.coefficients, p.neurons, strict=True)),
            Fraction(0),
        )
        for p in made.witness.probes
        if p.name.startswith("key_")
    ]


def test_the_printed_decoder_loses_the_last_field_and_the_corrected_one_does_not() -> None:
    made = large()
    as_printed = printed(made)
    slots = int(made.annotations["slots"])
    assert slots > 1
    for row in range(0, made.dataset.size, 29):
        right, wrong = fields(made, row), fields(as_printed, row)
        assert wrong[:-1] == right[:-1]
        # Nothing follows: the lowest bit that is set is not taken off, and 1 is left of it.
        assert wrong[-1] == right[-1] - 1


def test_the_printed_decoder_is_wrong_on_a_set_of_four_points() -> None:
    # On the line these are 0, 4, 4 + 3/4 and 12. With 1 lost, 4 + 3/4 is too far from the key.
    data = dataset([(0,), (1,), (Fraction(19, 16),), (3,)], ("a", "b", "b", "a"))
    made = certificate(data, directions=0, store="positive")
    as_printed = with_network(made, printed(made).network)
    assert failing_rows(made) == []
    assert failing_rows(as_printed) == [2]
    with pytest.raises(Rejected) as caught:
        check(as_printed)
    assert (caught.value.rule, caught.value.at) == ("sign", "samples[2]")
    assert prove(as_printed).verdict == "refuted"
