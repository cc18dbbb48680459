"""The whole of `prove`: what it binds, what it asks, and how it ends."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from proof_tools import (
    block,
    by_neurons,
    cert,
    contract,
    net,
    proved,
    refutation,
    values_of,
    with_weight,
)
from strategies import dataset

from memcert.contracts.mechanisms import carry, linear, neuron
from memcert.contracts.notation import case
from memcert.errors import UsageError
from memcert.kernel.certificate import Certificate, Digests, Promise
from memcert.kernel.verdict import LimitReached, Malformed, Mismatch, Rejected, Unsupported
from memcert.proofs import prove as prove_module
from memcert.proofs.prove import prove
from memcert.proofs.solvers import Outcome

NETWORK = net(1, ["x0"], ["x0"])
GOOD = by_neurons(NETWORK, [[1], [2]], [1, 2])
OUT = block("out", "linear", 1)


def test_a_proof_says_what_it_is_about_and_what_it_rests_on() -> None:
    result = proved(GOOD)
    assert (result.rule, result.samples, result.blocks, result.contracts) == ("equal", 2, 2, 2)
    assert result.obligations == 3
    assert result.concrete_blocks == 0
    assert result.dataset_digest.startswith("sha256:")
    assert (result.solver, bool(result.solver_version)) == ("z3", True)
    assert any("z3" in words and "3 answers" in words for words in result.assumptions)
    assert "margin" in result.not_examined
    assert "box_radius" not in result.not_examined
    assert result.seconds > 0


def test_a_refuted_proof_rests_on_nothing() -> None:
    result = prove(by_neurons(NETWORK, [[1], [2]], [1, 3]))
    assert (result.verdict, result.assumptions, result.radii) == ("refuted", (), ())


# The contracts themselves (P5, P8, P10)


def through(*cases: Any, rows: str = "v = u", point: int = 5, label: int = 5) -> Certificate:
    made = contract("unit", [[rows]], "u = v", "v", *cases)
    return cert(NETWORK, [made, linear()], [block("b", "unit", 0), OUT], [[point]], [label])


def test_a_false_promise_is_refuted_at_an_exact_input() -> None:
    found = refutation(through(case("on", "u >= -1", "v = u")))
    assert (found.rule, found.contract, found.case) == ("ensures", "unit", "on")
    assert found.at == "contracts[0].cases[0]"
    values = values_of(found)
    assert -1 <= values["u"] < 0
    assert values["v"] == 0
    assert found.samples_wrong is False


def test_a_case_that_no_sample_uses_is_proved_too() -> None:
    found = refutation(through(case("on", "u >= 0", "v = u"), case("off", "u <= 0", "v = u")))
    assert (found.contract, found.case) == ("unit", "off")


def test_a_contract_that_no_block_uses_is_proved_too() -> None:
    lying = contract("lying", [["v = u"]], "u = v", "v", case("all", "", "v = u"))
    found = refutation(replace(GOOD, contracts=(*GOOD.contracts, lying)))
    assert found.contract == "lying"


def test_contradictory_requirements_prove_nothing_and_are_told() -> None:
    result = proved(through(case("on", "u >= 0", "v = u"), case("never", "u >= 1, u <= 0", "v = 99")))
    assert [(u.case, u.possible) for u in result.unused] == [("never", False)]


def test_contradictory_side_conditions_match_no_block() -> None:
    made = contract(
        "unit",
        [["v = u + c"]],
        "u ~ v",
        "v",
        case("on", "", "v = 99"),
        bound=[("c", "v", None)],
        assumes="c >= 1, c <= 0",
    )
    certificate = cert(NETWORK, [made, linear()], [block("b", "unit", 0), OUT], [[5]], [99])
    found = refutation(certificate)
    assert found.block == "b"


def test_a_promise_that_is_true_of_nothing_is_refuted() -> None:
    found = refutation(through(case("on", "u >= 0", "v >= u + 1"), label=6))
    assert found.rule in ("equal", "ensures")


def test_obligations_that_differ_only_in_strictness_are_two() -> None:
    def made(name: str, assumes: str) -> Any:
        return contract(
            name,
            [["v = k*u"]],
            "u = 1/2*v",
            "v",
            case("on", "u >= 0", "v = k*u"),
            bound=[("k", "v", "u")],
            assumes=assumes,
        )

    contracts = (made("weak", "k >= 0"), made("strict", "k > 0"))
    certificate = replace(GOOD, contracts=(*GOOD.contracts, *contracts))
    assert proved(certificate).obligations == 5


ANSWERS = ["unknown", "crash", "nothing", "unconfirmed", "short"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_is_no_unsat_is_undecided(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def discharge(obligations: Sequence[object], *_: object) -> tuple[Outcome, ...]:
        fine = [Outcome("unsat", None, "", 0, "z3", "test") for _ in obligations]
        fine[1] = {
            "unknown": Outcome("undecided", None, "unknown", 0, "z3", "test"),
            "crash": Outcome("undecided", None, "the process died", 0, "z3", "test"),
            "nothing": Outcome("undecided", None, "", 0, "z3", "test"),
            # neuron.off at u = 5: not even its requirement holds there.
            "unconfirmed": Outcome("sat", (5,), "", 0, "z3", "test"),
            "short": fine[1],
        }[answer]
        return tuple(fine[:-1] if answer == "short" else fine)

    monkeypatch.setattr(prove_module, "discharge", discharge)
    result = prove(GOOD)
    assert (result.verdict, result.status, result.radii) == ("undecided", 6, ())
    missing = "linear" if answer == "short" else "neuron"
    assert [found.contract for found in result.open] == [missing]
    assert result.open[0].reason
    assert result.assumptions == ()


def test_a_solver_that_raises_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    from memcert.proofs import solvers

    def crash(*_: object) -> Any:
        raise RuntimeError("z3 fell over")

    broken = replace(solvers.SOLVERS["z3"], solve=crash)
    monkeypatch.setattr(solvers, "SOLVERS", {"z3": broken})
    result = prove(GOOD)
    assert (result.verdict, result.status, len(result.open)) == ("undecided", 6, 3)
    assert "z3 fell over" in result.open[0].reason


def test_a_block_of_its_own_that_the_solver_leaves_open_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    from memcert.proofs import solvers
    from memcert.proofs.answers import undecided

    silent = replace(solvers.SOLVERS["z3"], solve=lambda *_: undecided("unknown"))
    monkeypatch.setattr(solvers, "SOLVERS", {"z3": silent})
    pair = contract("pair", [["a = u", "b = u"]], "u = a", "a, b", case("on", "u >= 0", "a = u, b = u"))
    network = net(1, ["x0", "2*x0"], ["x0 + x1"])
    result = prove(cert(network, [pair, linear()], [block("p", "pair", 0), OUT], [[1]], [3]))
    assert (result.verdict, result.concrete_blocks) == ("undecided", 1)
    assert result.open[0].block == "p"


def test_solver_and_limits_are_the_users() -> None:
    for wrong in ({"solver": "vampire"}, {"timeout": 0.0}, {"jobs": 0}):
        with pytest.raises(UsageError):
            prove(GOOD, **wrong)


def test_jobs_change_no_answer() -> None:
    alone, together = prove(GOOD), prove(GOOD, jobs=2)
    assert replace(alone, seconds=0) == replace(together, seconds=0)


# What is claimed (P9)


def test_a_promise_that_no_proof_knows_is_unsupported() -> None:
    promising = replace(GOOD, claim=replace(GOOD.claim, promises=(Promise("no such kind", {"r": 1}),)))
    with pytest.raises(Unsupported) as caught:
        prove(promising)
    assert (caught.value.status, caught.value.at) == (5, "claim.promises[0]")


def test_digests_are_recomputed() -> None:
    result = proved(GOOD)
    right = replace(GOOD, digests=Digests(result.dataset_digest, result.network_digest))
    assert proved(right).network_digest == result.network_digest
    for field in ("dataset", "network"):
        wrong = replace(GOOD, digests=replace(Digests(None, None), **{field: "sha256:" + "0" * 64}))
        with pytest.raises(Rejected) as caught:
            prove(wrong)
        assert (caught.value.rule, caught.value.at) == ("digest", f"digests.{field}")


def test_what_a_proof_does_not_examine_changes_nothing() -> None:
    boasting = replace(
        GOOD, claim=replace(GOOD.claim, width=99, margin=Fraction(1, 2), data_radius_squared=7)
    )
    assert replace(prove(boasting), seconds=0) == replace(prove(GOOD), seconds=0)


def test_the_users_own_data_are_proved() -> None:
    mine = dataset([[1], [2]], [1, 2])
    assert prove(GOOD, dataset=mine).dataset_digest == proved(GOOD).dataset_digest


@pytest.mark.parametrize(
    "other",
    [
        dataset([[1], [2]], [1, 3]),
        dataset([[2], [1]], [2, 1]),
        dataset([[1], [3]], [1, 2]),
        dataset([[1], [2], [3]], [1, 2, 3]),
        dataset([[1, 0], [2, 0]], [1, 2]),
        dataset([[1], [2]], [1, 2], columns=("x",)),
    ],
)
def test_other_data_are_a_mismatch(other: Any) -> None:
    with pytest.raises(Mismatch) as caught:
        prove(GOOD, dataset=other)
    assert caught.value.status == 4


def detached() -> Certificate:
    digests = Digests(proved(GOOD).dataset_digest, None)
    return replace(GOOD, dataset=replace(GOOD.dataset, points=None, labels=None), digests=digests)


def test_detached_data_are_needed_and_bound_by_their_digest() -> None:
    with pytest.raises(LimitReached) as caught:
        prove(detached())
    assert caught.value.status == 6
    assert prove(detached(), dataset=dataset([[1], [2]], [1, 2])).verdict == "proved"
    with pytest.raises(Mismatch):
        prove(detached(), dataset=dataset([[1], [2]], [1, 4]))


def test_labels_are_numbered_by_the_classes() -> None:
    classes = replace(GOOD.dataset, classes=("ant", "bee", "cow"), labels=(1, 2))
    named = replace(GOOD, dataset=classes)
    assert proved(named).classes == 3
    assert prove(named, dataset=dataset([[1], [2]], ["bee", "cow"])).verdict == "proved"
    with pytest.raises(Mismatch):
        prove(named, dataset=dataset([[1], [2]], ["bee", "ant"]))


def test_detached_labels_that_are_of_no_class_are_refused() -> None:
    mine = dataset([[1], [2]], ["bee", "cow"])
    named = replace(GOOD, dataset=replace(GOOD.dataset, classes=("ant", "bee", "cow"), labels=(1, 2)))
    digests = Digests(proved(named).dataset_digest, None)
    for classes in (("bee", "dog"), None):
        samples = replace(named.dataset, classes=classes, points=None, labels=None)
        with pytest.raises(Rejected) as caught:
            prove(replace(named, dataset=samples, digests=digests), dataset=mine)
        assert caught.value.rule == "label"


# Lies (attacks)


def test_one_label_changed_and_all_else_intact_is_refuted() -> None:
    found = refutation(replace(GOOD, dataset=replace(GOOD.dataset, labels=(1, 3))))
    assert (found.rule, found.sample, found.samples_wrong) == ("equal", 1, True)


def test_an_input_that_reads_direction_zero_cannot_tell_samples_apart() -> None:
    network = net(1, ["0"], ["x0"])
    found = refutation(by_neurons(network, [[1], [2]], [1, 2]))
    assert (found.sample, found.got) == (0, "F in 0")


def test_boxes_of_different_labels_that_overlap_are_refuted() -> None:
    network = net(1, ["x0 - 1", "x0 - 2"], ["x0 - x1"])
    made = by_neurons(network, [[1], [2]], [0, 1], rule="within", tolerance=Fraction(1, 4))
    proved(made)
    assert refutation(replace(made, claim=replace(made.claim, box_radius=1))).rule == "box_radius"


def test_a_claimed_radius_may_be_the_smallest_and_no_more() -> None:
    network = net(1, ["x0"], ["x0"])
    made = by_neurons(network, [[3], [5]], [1, 1], rule="within", tolerance=5)
    assert proved(made).smallest_radius == 1
    for radius, verdict in ((1, "proved"), (Fraction(1000001, 1000000), "refuted")):
        assert prove(replace(made, claim=replace(made.claim, box_radius=radius))).verdict == verdict


def test_an_outline_of_another_network_is_refused() -> None:
    other = by_neurons(net(1, ["x0", "x0"], ["x0"]), [[1]], [1])
    with pytest.raises(Malformed):
        prove(replace(GOOD, network=other.network))
    with pytest.raises(Malformed):
        prove(replace(other, network=GOOD.network))


def test_a_number_that_grows_without_bound_is_undecided() -> None:
    network = net(1, *[["x0"]] * 20, ["x0"])
    for k in range(20):
        network = with_weight(network, k, 0, 0, 2**60000)
    points = [[0], [3]]
    blocks = [*(block(f"c{k}", "neuron", k) for k in range(20)), block("out", "linear", 20)]
    with pytest.raises(LimitReached) as caught:
        prove(cert(network, [neuron(), linear()], blocks, points, [0, 0]))
    assert caught.value.status == 6


def test_carry_alone_proves_only_what_is_not_negative() -> None:
    blocks = [block("c", "carry", 0), OUT]
    proved(cert(NETWORK, [carry(), linear()], blocks, [[0]], [0]))
    found = refutation(cert(NETWORK, [carry(), linear()], blocks, [[1], [-1]], [1, 0]))
    assert (found.rule, found.sample, found.samples_wrong) == ("requires", 1, False)
    assert values_of(found) == {"least_u": -1, "largest_u": -1}
