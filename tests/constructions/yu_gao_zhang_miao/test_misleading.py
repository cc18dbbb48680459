from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate, memorizes
from strategies import dataset, datasets, number
from two_label_tools import (
    assert_predicted,
    random_data,
    refuted_and_harmless,
    with_network,
    without_contradictions,
)

from memcert.constructions.assemble import build
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError, UsageError
from memcert.exact.check import fast_check
from memcert.kernel.certificate import Certificate, Promise
from memcert.kernel.check import check
from memcert.proofs.prove import prove

NAME = "yu-gao-zhang-miao-misleading"


def certificate(data: Dataset, **options: Any) -> Certificate:
    return build(data, NAME, **{"directions": 12, **options})


@cache
def small() -> Certificate:
    return certificate(random_data(40, 2))


def promised(made: Certificate) -> dict[str, Any]:
    (promise,) = made.claim.promises
    assert promise.kind == "sign_outside"
    return dict(promise.values)


def claiming(made: Certificate, **values: Any) -> Certificate:
    promise = Promise("sign_outside", {**promised(made), **values})
    return replace(made, claim=replace(made.claim, promises=(promise,)))


@settings(max_examples=25, deadline=None)
@given(
    datasets(max_size=9, max_dimension=3, classes=2),
    st.sampled_from(["majority", "positive", "negative"]),
    st.sampled_from(["1/100", "1/3", "1/1000000"]),
)
def test_random_data_are_memorized_and_the_promise_is_proved(data: Dataset, store: str, share: str) -> None:
    data = without_contradictions(data)
    if len(set(data.labels)) == 1:
        return
    made = certificate(data, store=store, share=share)
    assert memorizes(made)
    check(made)
    fast_check(made)
    assert_predicted(data, made)
    values = promised(made)
    assert values["length"] <= Fraction(share) * values["range"]
    result = prove(made)
    assert result.verdict == "proved", result.refutation


def test_the_majority_is_stored_unless_asked_otherwise() -> None:
    data = dataset([(k,) for k in range(9)], "abbbabbba")
    assert promised(certificate(data))["sign"] == -1
    assert promised(certificate(data, store="minority"))["sign"] == 1
    assert promised(certificate(data, store="negative"))["sign"] == 1


def test_a_tie_stores_the_positive_label() -> None:
    assert promised(certificate(dataset([(0,), (1,)], "ab")))["sign"] == -1


def test_one_label_is_refused_with_its_name() -> None:
    with pytest.raises(BuildError, match=r"needs two labels; the file has only 'tea'"):
        certificate(dataset([(1,), (2,)], ("tea", "tea")))


def test_three_labels_are_refused() -> None:
    with pytest.raises(BuildError, match="two classes"):
        certificate(dataset([(1,), (2,), (5,)], ("a", "b", "c")))


@pytest.mark.parametrize("share", ["0", "1", "-1/2", "2"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    with pytest.raises(UsageError, match="share"):
        certificate(dataset([(0,), (1,)], "ab"), share=share)


def test_sizes_with_one_and_with_many_words_are_as_written() -> None:
    one, many = certificate(dataset([(0,), (1,)], "ab")), small()
    for made in (one, many):
        m, n, w = (int(made.annotations[name]) for name in ("words", "slots", "key_bits"))
        ramps = 6 * (m - 1) + 3 if m > 1 else -2
        direction = len(made.network.layers[0].data)
        assert made.claim.parameters == direction + 1 + ramps + n * (14 * w + 16) - w - 8
        assert made.claim.depth == 2 + 2 * (m > 1) + n * (w + 2)


def test_points_anywhere_but_near_the_stored_ones_get_the_other_sign() -> None:
    made = small()
    values = promised(made)
    wrong = 0
    for k in range(200):
        point = (Fraction(997 * k % 1009), Fraction(31 * k * k % 1013) + Fraction(1, 3))
        (found,) = evaluate(made.network, point)
        wrong += (found > 0) != (values["sign"] > 0)
    # One hundredth of the line at most has the stored sign.
    assert wrong <= 10


# The promise is examined


def test_the_promise_is_proved_with_obligations_that_do_not_grow() -> None:
    result, larger = prove(small()), prove(certificate(random_data(300, 3)))
    assert result.verdict == larger.verdict == "proved"
    assert larger.obligations <= 12
    assert larger.concrete_blocks == 0


def test_the_stated_length_is_the_shortest_that_is_shown() -> None:
    made = small()
    length = Fraction(promised(made)["length"])
    result = prove(claiming(made, length=number(length - Fraction(1, 1000))))
    assert result.verdict == "refuted"
    assert result.refutation is not None
    assert (result.refutation.rule, result.refutation.at) == ("promise", "claim.promises[0]")
    assert dict(result.refutation.values)["length"] == length
    assert result.refutation.samples_wrong is False


@pytest.mark.parametrize("change", [{"length": 0}, {"sign": 1}, {"range": 7}])
def test_a_false_promise_is_refuted(change: dict[str, int]) -> None:
    assert promised(small())["sign"] == -1
    result = prove(claiming(small(), **change))
    assert result.verdict == "refuted"
    assert result.refutation is not None
    assert result.refutation.rule == "promise"


def test_a_network_that_is_right_on_the_samples_but_breaks_the_promise_is_refuted() -> None:
    # With the output's constant raised, points far from all others get the stored label's sign.
    made = small()
    last = made.network.layers[-1]
    network = replace(made.network, layers=(*made.network.layers[:-1], replace(last, bias=(1,))))
    result = prove(with_network(made, network))
    assert result.verdict == "refuted"


def test_changed_weights_are_refuted_or_harmless() -> None:
    refuted, _ = refuted_and_harmless(certificate(random_data(16, 2)), 20)
    assert refuted == 20


ODD: dict[str, tuple[Sequence[Sequence[int | Fraction]], str]] = {
    "two points": ([(0,), (1,)], "ab"),
    "equal points": ([(1, 1), (2, 1), (1, 1), (2, 1)], "abab"),
    "tiny beside huge": ([(10**9, Fraction(1, 10**9)), (10**9, Fraction(2, 10**9)), (-(10**9), 0)], "aba"),
    "negative": ([(-5,), (-3,), (-4,), (-100,)], "baba"),
    "decimals": ([(Fraction(k * k % 17, 10), Fraction(k, 100)) for k in range(12)], "aabbabababba"),
    "close together": ([(0,), (Fraction(1, 10**20),), (2 * Fraction(1, 10**20),), (1,)], "aaab"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_honest_data_are_memorized_and_proved(name: str) -> None:
    points, labels = ODD[name]
    data = dataset(points, tuple(labels))
    made = certificate(data)
    assert memorizes(made)
    check(made)
    assert_predicted(data, made)
    result = prove(made)
    assert result.verdict == "proved"
    assert result.promises == made.claim.promises


def test_784_dimensions_are_memorized_and_proved() -> None:
    data = random_data(20, 784, most=255)
    made = certificate(data)
    fast_check(made)
    assert_predicted(data, made)
    assert prove(made).verdict == "proved"
