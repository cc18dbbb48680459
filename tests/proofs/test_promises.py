"""Promises by hand: networks of one input, pieces of the line, and what must be refused."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate
from proof_tools import by_neurons, net
from strategies import number

from memcert.kernel.certificate import Certificate, Promise
from memcert.kernel.network import Network
from memcert.kernel.verdict import Malformed, Unsupported
from memcert.proofs.prove import prove
from memcert.proofs.result import ProofResult

# F(u) = 1/2 - relu(1 - relu(u - 3) - relu(3 - u)): negative on (5/2, 7/2) only.
TENT = net(1, ["x0"], ["x0 - 3", "-x0 + 3"], ["-x0 - x1 + 1"], ["-x0 + 1/2"])
HELD = by_neurons(TENT, [[3], [0]], [-1, 1], rule="sign")


def promising(certificate: Certificate, **values: Any) -> Certificate:
    promise = Promise("sign_outside", {"sign": 1, "length": 1, "range": 3, **values})
    return replace(certificate, claim=replace(certificate.claim, promises=(promise,)))


def refuted(certificate: Certificate) -> ProofResult:
    result = prove(certificate)
    assert result.verdict == "refuted"
    assert result.refutation is not None
    assert result.refutation.rule == "promise"
    return result


def test_the_sign_outside_of_an_interval_is_proved_by_regions() -> None:
    assert prove(promising(HELD)).verdict == "proved"
    assert prove(promising(HELD, length=5)).verdict == "proved"


def test_a_length_that_is_too_short_is_refuted_with_the_one_that_is_shown() -> None:
    result = refuted(promising(HELD, length=Fraction(99, 100)))
    assert result.refutation is not None
    assert dict(result.refutation.values) == {"length": 1}
    assert "total length 1 only" in result.refutation.got


def test_the_other_sign_is_refuted() -> None:
    refuted(promising(HELD, sign=-1))


def test_a_sign_that_changes_far_beyond_the_samples_is_refuted() -> None:
    # Positive up to 1000, negative from there on, where no length would do.
    falls = net(1, ["x0"], ["x0 - 1000", "x0"], ["-x0 + 1"])
    result = refuted(promising(by_neurons(falls, [[3], [0]], [1, 1], rule="sign"), length=10**9))
    assert result.refutation is not None
    assert "not shown beyond" in result.refutation.got


def test_a_wrong_sign_at_zero_is_refuted_as_it_holds_for_all_below() -> None:
    rises = net(1, ["x0"], ["x0"], ["x0 - 1"])
    result = refuted(promising(by_neurons(rises, [[3], [2]], [1, 1], rule="sign"), range=1, length=10**9))
    assert result.refutation is not None
    assert "nowhere below" in result.refutation.got


def test_a_wrong_range_is_refuted() -> None:
    result = refuted(promising(HELD, range=4))
    assert result.refutation is not None
    assert dict(result.refutation.values) == {"range": 3}


def test_the_range_counts_along_the_projection() -> None:
    scaled = net(2, ["2*x0 - x1 + 1"], ["x0 - 3", "-x0 + 3"], ["-x0 - x1 + 1"], ["-x0 + 1/2"])
    made = by_neurons(scaled, [[1, 0], [0, 1]], [-1, 1], rule="sign")
    assert prove(promising(made)).verdict == "proved"
    refuted(promising(made, range=2))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-6, 6)), min_size=1, max_size=3),
    st.lists(st.integers(-3, 3), min_size=3, max_size=3),
    st.integers(0, 6),
)
def test_what_is_proved_of_random_networks_is_true(
    rows: list[tuple[int, int]], out: list[int], length: int
) -> None:
    words = [f"{w}*x0 {'+' if b >= 0 else '-'} {abs(b)}" for w, b in rows]
    last = " + ".join(f"{c}*x{k}" for k, c in enumerate(out[: len(rows)])).replace("+ -", "- ") + " + 1/2"
    made = by_neurons(net(1, ["x0"], words, [last]), [[0]], [1], rule="sign")
    if prove(promising(made, range=0, length=length)).verdict != "proved":
        return
    # In steps of 1/8 over [-8, 48]: F > 0 but for an interval or more of that total length.
    points = [Fraction(k, 8) for k in range(-64, 384)]
    wrong = sum(evaluate(made.network, (x,))[0] <= 0 for x in points)
    assert Fraction(wrong, 8) <= length + Fraction(len(rows) + 1, 4)


Tents = list[tuple[int, int, int]]
"""(centre, height, weight)."""


def tents_network(tents: Tents) -> Network:
    """1 - sum of weight * relu(height - |u - centre|)."""
    sides = [f"x0 - {k}" for k, _, _ in tents] + [f"-x0 + {k}" for k, _, _ in tents]
    count = len(tents)
    hats = [f"-x{i} - x{count + i} + {h}" for i, (_, h, _) in enumerate(tents)]
    out = " ".join(f"- {w}*x{i}" for i, (_, _, w) in enumerate(tents))
    return net(1, ["x0"], sides, hats, [f"{out} + 1"])


def length_below(tents: Tents) -> Fraction:
    """The length of {u : 1 - sum of tents <= 0}, from its breakpoints."""

    def value(u: Fraction) -> Fraction:
        return 1 - sum((w * max(Fraction(0), h - abs(u - k)) for k, h, w in tents), Fraction(0))

    places = sorted({Fraction(x) for k, h, _ in tents for x in (k - h, k, k + h)})
    total = Fraction(0)
    for low, high in pairwise(places):
        left, right = value(low), value(high)
        if left <= 0 and right <= 0:
            total += high - low
        elif (left < 0) != (right < 0):
            total += (high - low) * abs(min(left, right)) / abs(left - right)
    return total


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(6, 30), st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=4))
def test_exactly_the_length_below_zero_is_proved_and_no_less(tents: Tents) -> None:
    made = by_neurons(tents_network(tents), [[0]], [1], rule="sign")
    length = length_below(tents)
    assert prove(promising(made, range=0, length=number(length))).verdict == "proved"
    if length > 0:
        result = refuted(promising(made, range=0, length=number(length - Fraction(1, 10**6))))
        assert result.refutation is not None
        assert dict(result.refutation.values) == {"length": length}


# Refusals


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"sign": 0}, "claim.promises[0].values.sign"),
        ({"sign": Fraction(1, 2)}, "claim.promises[0].values.sign"),
        ({"length": -1}, "claim.promises[0].values.length"),
        ({"more": 1}, "claim.promises[0].values"),
    ],
)
def test_values_that_the_kind_does_not_have_are_malformed(values: dict[str, Any], at: str) -> None:
    with pytest.raises(Malformed) as caught:
        prove(promising(HELD, **values))
    assert (caught.value.rule, caught.value.at) == ("promise", at)


def test_an_unknown_kind_is_unsupported_even_after_a_known_one() -> None:
    known = promising(HELD).claim.promises
    made = replace(HELD, claim=replace(HELD.claim, promises=(*known, Promise("sign", {}))))
    with pytest.raises(Unsupported) as caught:
        prove(made)
    assert (caught.value.status, caught.value.at) == (5, "claim.promises[1]")


@pytest.mark.parametrize(
    "network",
    [
        net(1, ["x0", "-x0"], ["x0 + x1 + 1"]),
        net(1, ["x0 + 1"]),
        net(1, ["x0"], ["x0 + 1", "x0 + 2"]),
        net(1, ["1"], ["x0 + 1"]),
    ],
)
def test_networks_that_are_no_function_of_one_projection_are_unsupported(network: Any) -> None:
    made = by_neurons(
        network, [[3], [0]], [1, 1], rule="sign" if network.layers[-1].shape[0] == 1 else "argmax"
    )
    with pytest.raises(Unsupported):
        prove(promising(made))
