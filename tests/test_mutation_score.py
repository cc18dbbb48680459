"""A part of the mutation score in every run; `python benchmarks/mutation.py` does the whole."""

import json
from collections.abc import Callable
from random import Random

import pytest
from mutation_tools import (
    NUMBERS,
    Edit,
    Score,
    base,
    column_of,
    drawn,
    judged,
    makers,
    proved,
    run,
    run_proofs,
)

from memcert.constructions.registry import constructions
from memcert.kernel.check import check
from memcert.proofs.prove import prove

CHOOSERS = {"smallest"}
"""It builds one of the others, whose name the certificate has."""


def test_every_construction_and_networks_made_elsewhere_are_edited() -> None:
    made = [base(name).certificate.construction for name in makers()]
    assert set(constructions()) - CHOOSERS <= {found.name for found in made if found is not None}
    assert len([found for found in made if found is None]) >= 3


@pytest.mark.parametrize("name", makers())
def test_what_is_edited_is_accepted_and_proved_before(name: str) -> None:
    assert check(base(name).certificate).whole
    assert prove(base(name).certificate).verdict == "proved"


def test_no_edit_is_accepted_and_false_and_none_crashes() -> None:
    score = run(list(makers()), 10**6, 2_000)
    assert score.wrong == []
    assert score.tried == 2_000 == sum(score.outcomes.values()) == sum(score.stale.values())
    assert score.outcomes["rejected"] > 200
    assert score.outcomes["malformed"] > 200
    assert score.outcomes["accepted, true"] > 50
    # Under the old digests what changed data or weights is refused for that alone.
    assert score.stale["rejected"] > score.outcomes["rejected"]


def test_no_edit_is_proved_that_a_check_rejects() -> None:
    score = run_proofs(list(makers()), 10**6, 120)
    assert score.wrong == []
    assert score.outcomes["refuted"] > 10
    assert score.outcomes["proved, accepted by a check"] > 5


def test_a_change_of_a_weight_is_counted_as_rejected_by_its_rule() -> None:
    score = Score()
    judged(base("by hand, tent"), Edit(("network", "layers", 1, "bias", 0), "plus one", 3), score)
    assert score.outcomes == {"rejected": 1}
    assert score.rules == {"rejected: equal": 1}
    assert score.stale == {"rejected": 1}


def test_an_unexamined_edit_is_in_a_column_of_its_own() -> None:
    score = Score()
    judged(base("by hand, tent"), Edit(("annotations", "made"), "text", "by a machine"), score)
    judged(base("by hand, tent"), Edit(("blocks", 0, "contract"), "text", "linear"), score)
    assert score.outcomes == {"accepted, no meaning": 1, "accepted, left to a proof": 1}
    assert column_of(("blocks", 0, "name")) == "no meaning"
    assert column_of(("claim", "box_radius")) == "left to a proof"
    assert column_of(("claim", "margin")) == "true"


def test_the_score_finds_a_checker_that_believes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mutation_tools.check", lambda _: None)
    score = Score()
    judged(base("by hand, tent"), Edit(("network", "layers", 1, "bias", 0), "plus one", 3), score)
    assert score.outcomes == {"accepted, false": 1}
    assert len(score.wrong) == 2  # under new digests and under the old ones


def test_the_score_finds_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    score = Score()
    monkeypatch.setattr("mutation_tools.check", broken)
    judged(base("by hand, tent"), Edit(("network", "layers", 1, "bias", 0), "plus one", 3), score)
    assert score.outcomes == {"crashed": 1}
    monkeypatch.setattr("mutation_tools.prove", lambda *_, **__: broken(0))
    proved(base("by hand, tent"), Edit(("network", "layers", 1, "bias", 0), "plus one", 3), score, Random(0))  # noqa: S311 - not used
    assert score.outcomes == {"crashed": 2}


@pytest.mark.parametrize("act", [run, run_proofs])
def test_a_seed_makes_the_same_edits_again(act: Callable[[list[str], int, int], Score]) -> None:
    names = ["by hand, sign", "by hand, argmax"]
    first, second = act(names, 7, 40), act(names, 7, 40)
    assert (first.outcomes, first.rules, first.kinds) == (second.outcomes, second.rules, second.kinds)


def test_an_edit_always_changes_something() -> None:
    chance, value = Random(4), base("by hand, tent").value  # noqa: S311 - the same edits in every run
    kinds = set()
    for _ in range(600):
        edit = drawn(chance, value)
        assert json.dumps(edit.applied(value)) != json.dumps(value)
        kinds.add(edit.kind)
    assert set(NUMBERS) | {"swapped", "deleted", "inserted", "copied", "flag", "text", "key deleted"} <= kinds
